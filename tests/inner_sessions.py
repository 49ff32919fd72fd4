"""What makes pytest sessions within a test cheap: they start several hundred times."""

from __future__ import annotations

import contextlib
import functools
import importlib.metadata
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def plugins(*names: str) -> Iterator[None]:
    """Let pytest find only these plugins: it reads the metadata of all distributions twice in a session."""
    found = _distributions(names)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importlib.metadata, "distributions", lambda: found)
        yield


@functools.cache
def _distributions(names: tuple[str, ...]) -> list[importlib.metadata.Distribution]:
    return [
        each
        for each in importlib.metadata.distributions()
        if any(entry.group == "pytest11" and entry.name in names for entry in each.entry_points)
    ]
