"""PyYAML's two halves: libyaml, which not every Python and platform has, and the one in pure Python."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
import yaml

from groqtape.cassettes import reader, yaml_documents

if TYPE_CHECKING:
    from collections.abc import Iterator

HALVES = ("pure", "libyaml") if yaml.__with_libyaml__ else ("pure",)


@contextlib.contextmanager
def reading_with(half: str) -> Iterator[None]:
    """Read cassettes with this half of PyYAML alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml_documents, "_loader", yaml_documents.safe_loader(libyaml=half == "libyaml"))
        reader._frame.cache_clear()
        yield
    reader._frame.cache_clear()
