"""Snapshots of what was streamed, as people read it.

A syrupy extension: ids, timestamps, fingerprints and timings stay out, so that recording the same
answer again changes no snapshot.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from syrupy.extensions.amber import AmberSnapshotExtension
from syrupy.extensions.amber.serializer import AmberDataSerializer, Repr

from groqtape.redaction.shown import gate
from groqtape.streams.chunk import GroqCallResponseChunk
from groqtape.streams.deltas import choice_deltas
from groqtape.streams.stream import GroqStream
from groqtape.streams.usage import counts_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syrupy.location import PyTestLocation
    from syrupy.types import SnapshotIndex

    from groqtape.streams.summary import ChoiceSummary

__all__ = ["GroqSnapshotExtension", "SnapshotBesideAnother"]

_SDKS = ("groq", "openai")
# What differs between two recordings of the same answer.
_VOLATILE = frozenset(
    {
        "id",
        "created",
        "object",
        "system_fingerprint",
        "x_groq",
        "service_tier",
        "usage_breakdown",
        "queue_time",
        "prompt_time",
        "completion_time",
        "total_time",
    }
)


class _View:
    """What a snapshot shows of an object: its title, and its fields in their order.

    No dataclass: syrupy 6 and later write these in their own way.
    """

    def __init__(self, title: str, fields: Mapping[str, Any]) -> None:
        self.title = title
        self.fields = fields


def _with_values(title: str, fields: Mapping[str, Any]) -> _View:
    """A view without the fields that have no value."""
    return _View(title, {field: value for field, value in fields.items() if value is not None})


def _view_of(data: _View | GroqStream | BaseModel) -> _View:
    if isinstance(data, _View):
        return data
    if isinstance(data, GroqStream):
        return _view_of_stream(data)
    if isinstance(data, GroqCallResponseChunk):
        return _view_of_chunk(data)
    name = type(data).__name__
    if name == "CompletionUsage":
        return _View("CompletionUsage", counts_of(data))
    fields = {field: value for field, value in data if not field.startswith("_")}
    if type(data).__module__.partition(".")[0] in _SDKS:
        volatile = _VOLATILE - {"id"} if name == "Model" else _VOLATILE  # its id is its name
        fields = {
            field: value for field, value in fields.items() if field not in volatile and value is not None
        }
    return _View(name, fields)


def _view_of_stream(stream: GroqStream) -> _View:
    of_several = any(choice.index for chunk in stream.chunks for choice in chunk.chunk.choices or ())
    choices = stream.summary().get("choices") if of_several else None
    answer: dict[str, Any] = (
        {"choices": [_choice(choice) for choice in choices]}
        if choices
        else {
            "content": stream.content,
            "reasoning": stream.reasoning or None,
            "tool_calls": [_tool_call(call) for call in stream.tool_calls] or None,
        }
    )
    fields = {
        "model": stream.model,
        "chunks": len(stream.chunks),
        **answer,
        "finish_reasons": Repr(str(list(stream.finish_reasons))),
        "usage": stream.usage,
        "error": Repr(f"{type(stream.error).__name__}({gate.redacted(str(stream.error))!r})")
        if stream.error
        else None,
    }
    return _with_values("GroqStream", fields)


def _choice(choice: ChoiceSummary) -> _View:
    """One of several choices; what it does not have is left out."""
    calls = [_View("ToolCall", {**call}) for call in choice["tool_calls"]]
    fields = {**choice, "reasoning": choice["reasoning"] or None, "tool_calls": calls or None}
    return _with_values("Choice", fields)


def _view_of_chunk(chunk: GroqCallResponseChunk) -> _View:
    choices = chunk.chunk.choices or ()
    if len(choices) > 1 or any(choice.index for choice in choices):
        added = [_View("Choice", {**delta}) for delta in choice_deltas(chunk)]
        return _with_values("GroqCallResponseChunk", {"choices": added, "usage": chunk.usage})
    delta = choices[0].delta if choices else None
    fields: dict[str, Any] = {
        "content": chunk.content,
        "reasoning": getattr(delta, "reasoning", None),
        "tool_calls": [_tool_call(call) for call in getattr(delta, "tool_calls", None) or ()] or None,
        "finish_reasons": Repr(str(chunk.finish_reasons)) if chunk.finish_reasons else None,
        "usage": chunk.usage,
    }
    return _with_values("GroqCallResponseChunk", fields)


def _tool_call(call: Any) -> _View:
    function = call.function
    return _View(
        "ToolCall",
        {"name": getattr(function, "name", None), "arguments": getattr(function, "arguments", None)},
    )


class _Serializer(AmberDataSerializer):
    """syrupy's text, with views."""

    @classmethod
    def serialize_unknown(cls, data: Any, **kwargs: Any) -> str:
        """Write an object that has a view; any other as syrupy does."""
        if dataclasses.is_dataclass(data):  # syrupy 6 and later do the same, without calling this method
            names = [field.name for field in dataclasses.fields(data)]
            view = _View(type(data).__name__, {name: getattr(data, name) for name in names})
        elif isinstance(data, _View | GroqStream | BaseModel):
            view = _view_of(data)
        else:
            return super().serialize_unknown(data, **kwargs)
        return cls.serialize_custom_iterable(
            data=view,
            resolve_entries=(
                list(view.fields),
                lambda shown, field: shown.fields[field],
                None,
            ),
            separator="=",
            **kwargs,
        )

    @classmethod
    def object_type(cls, data: Any) -> str:
        """The title of a view, or the name of a class."""
        return data.title if isinstance(data, _View) else super().object_type(data)

    @classmethod
    def serialize_string(cls, data: str, **kwargs: Any) -> str:
        """A text without secrets: as the replay of its cassette has it."""
        return super().serialize_string(gate.redacted(data), **kwargs)


class GroqSnapshotExtension(AmberSnapshotExtension):
    """Writes streams, chunks, usage and other models into syrupy's `.ambr` files."""

    serializer_class = _Serializer

    def serialize(self, data: Any, **kwargs: Any) -> Any:
        """Serialize data, without secrets also where they are not in a text of their own."""
        return gate.redacted(str(super().serialize(data, **kwargs)))


class SnapshotBesideAnother(GroqSnapshotExtension):
    """The same, in a test that uses syrupy's `snapshot` too: under names of its own."""

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: SnapshotIndex = 0) -> str:
        """A name that syrupy's own `snapshot` does not take."""
        return f"{super().get_snapshot_name(test_location=test_location, index=index)}[groq_snapshot]"
