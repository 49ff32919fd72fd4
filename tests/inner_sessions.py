"""What makes pytest sessions within a test cheap, and alone: they start several hundred times."""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib.metadata
from typing import TYPE_CHECKING, Any

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


class _ReadOnce(importlib.metadata.Distribution):
    """A distribution whose metadata are parsed once, and not some five times in each session."""

    def __init__(self, genuine: importlib.metadata.Distribution) -> None:
        self._genuine = genuine

    @functools.cached_property
    def metadata(self) -> Any:
        return self._genuine.metadata

    @functools.cached_property
    def entry_points(self) -> Any:
        return self._genuine.entry_points

    @functools.cached_property
    def files(self) -> Any:
        return self._genuine.files

    def read_text(self, filename: str) -> str | None:
        return self._genuine.read_text(filename)

    def locate_file(self, path: Any) -> Any:
        return self._genuine.locate_file(path)


@functools.cache
def _distributions(names: tuple[str, ...]) -> list[importlib.metadata.Distribution]:
    return [
        _ReadOnce(each)
        for each in importlib.metadata.distributions()
        if any(entry.group == "pytest11" and entry.name in names for entry in each.entry_points)
    ]
