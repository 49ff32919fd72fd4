"""Streams of Groq's Responses API (`/openai/v1/responses`): what an event adds, and how the stream ended.

They have no chat chunks and no `[DONE]`: the type of each event says what it is.
https://console.groq.com/docs/responses-api
"""

from __future__ import annotations

from typing import Any

__all__ = ["ENDS", "kind_of_type", "response_in"]

_KINDS = {
    "response.created": "role",
    "response.output_text.delta": "content",
    "response.refusal.delta": "content",
    "response.reasoning_text.delta": "reasoning",
    "response.reasoning_summary_text.delta": "reasoning",
    "response.function_call_arguments.delta": "tool call",
    "response.completed": "done",
    "response.incomplete": "done",
    "response.failed": "error",
}
"""The kinds of events (`events.KINDS`), by their types."""

ENDS = {"response.completed": True, "response.incomplete": True, "response.failed": False}
"""The types that end a stream, with whether it ended well."""


def kind_of_type(event: dict[str, Any]) -> tuple[str, str] | None:
    """The kind of an event and the text that it adds; None where it is none of the Responses API's."""
    name = event.get("type")
    if not isinstance(name, str) or not name.startswith("response."):
        return None
    kind = _KINDS.get(name, "other")
    if kind == "error":
        error = _mapping(_mapping(event.get("response")).get("error"))
        return kind, str(error.get("message") or "")
    delta = event.get("delta")
    if name.endswith(".delta"):
        return (kind, delta) if isinstance(delta, str) and delta else ("other", "")
    return kind, ""


def response_in(event: dict[str, Any] | None) -> dict[str, Any]:
    """The model, tool calls and usage of the response that an event has, in the words of chat completions."""
    response = _mapping((event or {}).get("response"))
    usage = _mapping(response.get("usage"))
    output = response.get("output")
    calls = [
        (str(item.get("name") or ""), str(item.get("arguments") or ""))
        for item in map(_mapping, output if isinstance(output, list) else [])
        if item.get("type") == "function_call"
    ]
    words = (("prompt", "input"), ("completion", "output"), ("total", "total"))
    return {
        "model": response.get("model") if isinstance(response.get("model"), str) else None,
        "tool_calls": tuple(calls),
        "usage": {f"{ours}_tokens": usage.get(f"{theirs}_tokens") for ours, theirs in words},
    }


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
