"""A recorded response in memory.

It is vcrpy's dict, with one more key where it was a stream or did not end well (vcrpy carries the key along,
and its own serializers ignore it)::

    "stream": {"end": "complete", "sizes": (n, …), "times": (milliseconds, …)}

A call that got no answer has a made-up status (see `UNANSWERED`). A response that was just read from a file
still has its events as a transcript, and an empty body: most are never used.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from groqtape.cassettes.gaps import times_of
from groqtape.cassettes.sse import split_events
from groqtape.cassettes.transcript import expand

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "GAPS",
    "TRANSCRIPT",
    "UNANSWERED",
    "as_text",
    "body_of",
    "events_of",
    "untimed_events_of",
    "with_body",
]

TRANSCRIPT = "transcript"
"""The key in `stream` of the transcript of the events, in place of sizes and times."""

GAPS = "gaps"
"""The key in `stream` of the gaps between the events of a transcript, where the file has any: see gaps.py."""

UNANSWERED = "unanswered"
"""The key in `stream` that marks a call that got no answer."""


def events_of(response: Mapping[str, Any]) -> tuple[list[bytes], Sequence[float | None]]:
    """The events of a response in memory, and when each arrived (milliseconds after the request was sent).

    A body that was changed since (its sizes don't add up) is cut anew, and has no times.
    """
    stream = response.get("stream") or {}
    if TRANSCRIPT in stream:
        events, in_lines = expand(stream[TRANSCRIPT])
        if GAPS not in stream:
            return events, in_lines
        apart = times_of(stream[GAPS], len(events))
        return events, [other if own is None else own for own, other in zip(in_lines, apart, strict=True)]
    body = body_of(response)
    sizes: Sequence[int] = stream.get("sizes", ())
    times: Sequence[float | None] = stream.get("times", ())
    if sum(sizes) != len(body) or len(sizes) != len(times):
        events = split_events(body)
        return events, [None] * len(events)
    events, start = [], 0
    for size in sizes:
        events.append(body[start : start + size])
        start += size
    return events, times


def untimed_events_of(response: Mapping[str, Any]) -> list[bytes]:
    """The events of a response in memory, where their times don't matter."""
    stream = response.get("stream") or {}
    return expand(stream[TRANSCRIPT])[0] if TRANSCRIPT in stream else events_of(response)[0]


def body_of(response: Mapping[str, Any]) -> bytes:
    """The body of a response in memory."""
    stream = response.get("stream") or {}
    if TRANSCRIPT in stream:
        return b"".join(untimed_events_of(response))
    string = (response.get("body") or {}).get("string") or b""
    return string.encode("utf-8", "surrogateescape") if isinstance(string, str) else bytes(string)


def with_body(response: Mapping[str, Any]) -> dict[str, Any]:
    """A response with its events in its body, where vcrpy expects them, in place of a transcript."""
    if TRANSCRIPT not in (response.get("stream") or {}):
        return dict(response)
    events, times = events_of(response)
    ending = {key: value for key, value in response["stream"].items() if key not in (TRANSCRIPT, GAPS)}
    sizes = tuple(len(event) for event in events)
    return {
        **response,
        "body": {"string": b"".join(events)},
        "stream": {**ending, "sizes": sizes, "times": tuple(times)},
    }


def as_text(body: Any) -> Any:
    """A body as text, as vcrpy writes it to files; bytes that are no UTF-8 unchanged."""
    if isinstance(body, bytes):
        with contextlib.suppress(UnicodeDecodeError):
            return body.decode()
    return body
