"""Record live Groq streams to cassettes, replay them through the real SDK, and snapshot them.

Everything public is here. It is imported when it is first asked for, so that the pytest plugin
costs a suite that does not use it next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from groqtape._version import __version__
    from groqtape.cassettes import serializer
    from groqtape.cassettes.loading import load
    from groqtape.errors import (
        CassetteError,
        GroqtapeError,
        RefusedError,
        StreamCheckError,
        UnplayedError,
        UnplayedWarning,
    )
    from groqtape.pytest_plugin.snapshot import GroqSnapshotExtension
    from groqtape.recorder.cassette import Cassette
    from groqtape.recorder.use_cassette import use_cassette
    from groqtape.streams.base_chunk import BaseCallResponseChunk, FinishReason
    from groqtape.streams.chunk import GroqCallResponseChunk
    from groqtape.streams.cost import CostMetadata
    from groqtape.streams.deltas import Delta
    from groqtape.streams.shape import Shape
    from groqtape.streams.stream import GroqStream
    from groqtape.streams.summary import Summary

__all__ = [
    "BaseCallResponseChunk",
    "Cassette",
    "CassetteError",
    "CostMetadata",
    "Delta",
    "FinishReason",
    "GroqCallResponseChunk",
    "GroqSnapshotExtension",
    "GroqStream",
    "GroqtapeError",
    "RefusedError",
    "Shape",
    "StreamCheckError",
    "Summary",
    "UnplayedError",
    "UnplayedWarning",
    "__version__",
    "load",
    "serializer",
    "use_cassette",
]

_HOMES = {
    "BaseCallResponseChunk": "streams.base_chunk",
    "Cassette": "recorder.cassette",
    "CassetteError": "errors",
    "CostMetadata": "streams.cost",
    "Delta": "streams.deltas",
    "FinishReason": "streams.base_chunk",
    "GroqCallResponseChunk": "streams.chunk",
    "GroqSnapshotExtension": "pytest_plugin.snapshot",
    "GroqStream": "streams.stream",
    "GroqtapeError": "errors",
    "RefusedError": "errors",
    "Shape": "streams.shape",
    "StreamCheckError": "errors",
    "Summary": "streams.summary",
    "UnplayedError": "errors",
    "UnplayedWarning": "errors",
    "__version__": "_version",
    "load": "cassettes.loading",
    "use_cassette": "recorder.use_cassette",
}


if (
    not TYPE_CHECKING
):  # pragma: no branch  # a type checker knows the names from above, and is to say so of any other

    def __getattr__(name: str) -> Any:
        importlib.import_module("groqtape.redaction.shown")  # errors are shown by it
        if name == "serializer":
            return importlib.import_module("groqtape.cassettes.serializer")
        if name not in _HOMES:
            raise AttributeError(f"module 'groqtape' has no attribute {name!r}")
        return getattr(importlib.import_module(f"groqtape.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
