"""The task that runs, under asyncio and trio alike."""

from __future__ import annotations

import asyncio
import math

import anyio

__all__ = ["current_task_id", "is_cancelled"]


def current_task_id() -> int:
    """A number that only the task which runs has."""
    return anyio.get_current_task().id


def is_cancelled() -> bool:
    """Whether the task that runs is being cancelled: by trio, anyio, or asyncio itself."""
    if anyio.current_effective_deadline() == -math.inf:
        return True
    try:
        task = asyncio.current_task()
    except RuntimeError:  # trio runs it
        return False
    return task is not None and task.cancelling() > 0
