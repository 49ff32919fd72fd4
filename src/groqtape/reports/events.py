"""What one event of a stream adds to an answer."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from groqtape.cassettes.sse import parse_event
from groqtape.reports.responses_api import kind_of_type

__all__ = ["KINDS", "Event", "is_chunk", "kind_of"]

KINDS = (
    "role",
    "reasoning",
    "content",
    "tool call",
    "executed tool",
    "finish",
    "usage",
    "error",
    "done",
    "other",
)
"""What an event can be. `other` is what carries no chunk: a comment, a piece cut in the middle."""

_CHUNK = re.compile(rb'"object"\s*:\s*"chat\.completion\.chunk"')
# What a delta carries, in the order in which it is looked for.
_PARTS = (
    ("tool_calls", "tool call"),
    ("executed_tools", "executed tool"),
    ("content", "content"),
    ("reasoning", "reasoning"),
)


class Event(NamedTuple):
    """One event of a stream.

    Attributes:
        kind: One of `KINDS`.
        at: When it arrived, in milliseconds after the request was sent; None where that is not known.
        text: The words that it adds to the choice with index 0; a tool call's name and arguments.
        chunk: Its data where that is JSON; None where it is none.
        size: How many bytes it has.
    """

    kind: str
    at: float | None
    text: str
    chunk: dict[str, Any] | None
    size: int


def is_chunk(data: bytes) -> bool:
    """Whether an event is a chat chunk."""
    return _CHUNK.search(data) is not None


def kind_of(data: bytes, at: float | None) -> Event:
    """Read one event."""
    content = parse_event(data)
    if content is None:
        return Event("other", at, "", None, len(data))
    if content.data.startswith("[DONE]"):
        return Event("done", at, "", None, len(data))
    try:
        chunk = json.loads(content.data)
    except (ValueError, RecursionError):
        chunk = None
    if not isinstance(chunk, dict):
        return Event("other", at, "", None, len(data))
    if chunk.get("error"):
        return Event("error", at, _message_of(chunk["error"]), chunk, len(data))
    kind, text = kind_of_type(chunk) or _kind_of_chunk(chunk)
    return Event(kind, at, text, chunk, len(data))


def _message_of(error: Any) -> str:
    message = error.get("message") if isinstance(error, dict) else error
    return message if isinstance(message, str) else json.dumps(message, ensure_ascii=False)


def _kind_of_chunk(chunk: dict[str, Any]) -> tuple[str, str]:
    choices = chunk.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(choice, dict):
        return ("usage" if chunk.get("usage") else "other"), ""
    delta = choice.get("delta")
    delta = delta if isinstance(delta, dict) else {}
    for field, kind in _PARTS:
        value = delta.get(field)
        if value and choice.get("index"):
            return kind, ""  # words of another choice
        if value:
            return kind, value if isinstance(value, str) else _shown_calls(value)
    if choice.get("finish_reason"):
        return "finish", str(choice["finish_reason"])
    return ("role" if delta.get("role") else "other"), ""


def _shown_calls(calls: Any) -> str:
    """Tool calls as one reads them: names and arguments."""
    parts = []
    for call in calls if isinstance(calls, list) else []:
        function = call.get("function") if isinstance(call, dict) else None
        called = function if isinstance(function, dict) else call
        if isinstance(called, dict):
            name = called.get("name") or called.get("type") or ""
            parts.append(f"{name}({called.get('arguments') or ''})")
    return " ".join(parts)
