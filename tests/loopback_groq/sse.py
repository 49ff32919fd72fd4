"""Groq's JSON and its server-sent events, as bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DONE = b"data: [DONE]\n\n"
"""The event that ends a stream that ends well."""

TOOL_USE_FAILED: Mapping[str, Any] = {
    "message": "Failed to call a function. Please adjust your prompt. "
    "See 'failed_generation' for more details.",
    "type": "invalid_request_error",
    "code": "tool_use_failed",
    "failed_generation": "",
    "status_code": 400,
}
"""The error that Groq most often sends inside a stream."""

_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def compact(value: Any) -> bytes:
    """JSON as Groq writes it: no spaces, raw UTF-8, and the three characters of HTML escaped."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES).encode()


def event(value: Any, *, name: str | None = None) -> bytes:
    """One server-sent event with JSON for its data."""
    head = f"event: {name}\n".encode() if name else b""
    return head + b"data: " + compact(value) + b"\n\n"


def error_event(error: Mapping[str, Any]) -> bytes:
    """The event that breaks a stream off after the status 200 was sent."""
    return event({"error": dict(error)}, name="error")


def inside(text: str) -> Callable[[bytes], list[int]]:
    """For `tear=`: cut in the middle of each `text` in the body, be it one character or a piece of JSON."""
    needle = text.encode()
    if len(needle) < 2:
        raise ValueError(f"{text!r} is a single byte: it has no inside")

    def offsets(body: bytes) -> list[int]:
        found, at = [], body.find(needle)
        while at >= 0:
            found.append(at + len(needle) // 2)
            at = body.find(needle, at + len(needle))
        if not found:
            raise ValueError(f"{text!r} is not in the body, so nothing can be torn there")
        return found

    return offsets
