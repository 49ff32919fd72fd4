"""Record live Groq streams to cassettes, replay them through the real SDK, and snapshot them.

Everything public is here. It is imported when it is first asked for, so that the pytest plugin
costs a suite that does not use it next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from groqtape._version import __version__

if TYPE_CHECKING:
    from groqtape import serializer
    from groqtape.cassette import Cassette
    from groqtape.chunk import BaseCallResponseChunk, CostMetadata, FinishReason, GroqCallResponseChunk
    from groqtape.errors import CassetteError, GroqtapeError, RefusedError, UnplayedError, UnplayedWarning
    from groqtape.loading import load
    from groqtape.recorder import use_cassette
    from groqtape.snapshot import GroqSnapshotExtension
    from groqtape.stream import GroqStream

__all__ = [
    "BaseCallResponseChunk",
    "Cassette",
    "CassetteError",
    "CostMetadata",
    "FinishReason",
    "GroqCallResponseChunk",
    "GroqSnapshotExtension",
    "GroqStream",
    "GroqtapeError",
    "RefusedError",
    "UnplayedError",
    "UnplayedWarning",
    "__version__",
    "load",
    "serializer",
    "use_cassette",
]

_HOMES = {
    "BaseCallResponseChunk": "chunk",
    "Cassette": "cassette",
    "CassetteError": "errors",
    "CostMetadata": "chunk",
    "FinishReason": "chunk",
    "GroqCallResponseChunk": "chunk",
    "GroqSnapshotExtension": "snapshot",
    "GroqStream": "stream",
    "GroqtapeError": "errors",
    "RefusedError": "errors",
    "UnplayedError": "errors",
    "UnplayedWarning": "errors",
    "load": "loading",
    "use_cassette": "recorder",
}


if (
    not TYPE_CHECKING
):  # pragma: no branch  # a type checker knows the names from above, and is to say so of any other

    def __getattr__(name: str) -> Any:
        if name == "serializer":
            return importlib.import_module("groqtape.serializer")
        if name not in _HOMES:
            raise AttributeError(f"module 'groqtape' has no attribute {name!r}")
        return getattr(importlib.import_module(f"groqtape.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
