"""What a snapshot shows of streams, chunks, usage and the SDK's other models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from syrupy.extensions.amber.serializer import Repr

from groqtape.redaction.shown import gate
from groqtape.streams.chunk import GroqCallResponseChunk
from groqtape.streams.deltas import choice_deltas
from groqtape.streams.stream import GroqStream
from groqtape.streams.usage import counts_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

    from groqtape.streams.summary import ChoiceSummary

__all__ = ["View", "view_of"]

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


class View:
    """What a snapshot shows of an object: its title, and its fields in their order.

    No dataclass: syrupy 6 and later write these in their own way.
    """

    def __init__(self, title: str, fields: Mapping[str, Any]) -> None:
        self.title = title
        self.fields = fields


def _with_values(title: str, fields: Mapping[str, Any]) -> View:
    """A view without the fields that have no value."""
    return View(title, {field: value for field, value in fields.items() if value is not None})


def view_of(data: View | GroqStream | BaseModel) -> View:
    """What a snapshot shows of an object."""
    if isinstance(data, View):
        return data
    if isinstance(data, GroqStream):
        return _view_of_stream(data)
    if isinstance(data, GroqCallResponseChunk):
        return _view_of_chunk(data)
    name = type(data).__name__
    if name == "CompletionUsage":
        return View("CompletionUsage", counts_of(data))
    fields = {field: value for field, value in data if not field.startswith("_")}
    if type(data).__module__.partition(".")[0] in _SDKS:
        volatile = _VOLATILE - {"id"} if name == "Model" else _VOLATILE  # its id is its name
        fields = {
            field: value for field, value in fields.items() if field not in volatile and value is not None
        }
    return View(name, fields)


def _view_of_stream(stream: GroqStream) -> View:
    if stream.end == "unfinished" or (stream.end == "closed" and not stream.chunks):
        from groqtape.pytest_plugin.unread_streams import fail_unread

        fail_unread(stream)
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
        "end": Repr("closed") if stream.end == "closed" else None,
        "error": Repr(f"{type(stream.error).__name__}({gate.redacted(str(stream.error))!r})")
        if stream.error
        else None,
    }
    return _with_values("GroqStream", fields)


def _choice(choice: ChoiceSummary) -> View:
    """One of several choices; what it does not have is left out."""
    calls = [View("ToolCall", {**call}) for call in choice["tool_calls"]]
    fields = {**choice, "reasoning": choice["reasoning"] or None, "tool_calls": calls or None}
    return _with_values("Choice", fields)


def _view_of_chunk(chunk: GroqCallResponseChunk) -> View:
    choices = chunk.chunk.choices or ()
    if len(choices) > 1 or any(choice.index for choice in choices):
        added = [View("Choice", {**delta}) for delta in choice_deltas(chunk)]
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


def _tool_call(call: Any) -> View:
    function = call.function
    return View(
        "ToolCall",
        {"name": getattr(function, "name", None), "arguments": getattr(function, "arguments", None)},
    )
