"""What makes pytest sessions within a test cheap, and alone: they start several hundred times."""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib.metadata
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def inner_session(*plugins: str) -> Iterator[None]:
    """Let pytest find only these plugins: it reads the metadata of all distributions twice in a session.

    No garbage is collected meanwhile: what an earlier test left unclosed would warn in this one, and fail it.
    """
    found = _distributions(plugins)
    gc.disable()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(importlib.metadata, "distributions", lambda: found)
            yield
    finally:
        gc.enable()


@functools.cache
def _distributions(names: tuple[str, ...]) -> list[importlib.metadata.Distribution]:
    return [
        each
        for each in importlib.metadata.distributions()
        if any(entry.group == "pytest11" and entry.name in names for entry in each.entry_points)
    ]
