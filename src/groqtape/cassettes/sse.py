"""The bytes of a server-sent event stream: where an event ends, and its fields.

The rules are those of the HTML standard, section 9.2 ("Server-sent events").
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Message", "is_event_stream", "is_last", "is_whole", "lines_of", "parse_event", "split_events"]

# A line ends with LF, CRLF or a CR alone; an event ends with an empty line.
_LINE_END = rb"(?:\r\n|\n|\r(?!\n))"
_EVENT_END = re.compile(_LINE_END + rb"{2}")
_LINES = re.compile(rb"\r\n|\n|\r")
_FIELD = re.compile(rb"(?:data|event|id|retry)?:")


class Message(NamedTuple):
    """One event, parsed.

    Attributes:
        event: Its `event:` field; `""` where it has none.
        data: Its data lines, joined with LF.
    """

    event: str
    data: str


def split_events(body: bytes) -> list[bytes]:
    """Cut a body after each empty line; joined again, the pieces are the body.

    The last piece lacks its empty line when the body was cut in the middle of an event.
    """
    if b"\r" not in body:
        *whole, rest = body.split(b"\n\n")
        events = [event + b"\n\n" for event in whole]
        return [*events, rest] if rest else events
    events, start = [], 0
    for end in _EVENT_END.finditer(body):
        events.append(body[start : end.end()])
        start = end.end()
    return [*events, body[start:]] if start < len(body) else events


def parse_event(event: bytes) -> Message | None:
    """Read one event.

    Returns:
        Its fields; None where it has no data (only comments, or cut before its end).
    """
    whole = event.startswith(b"data: ") and event.endswith(b"\n\n")
    if whole and event.find(b"\n") == len(event) - 2 and b"\r" not in event:
        return Message("", event[6:-2].decode("utf-8", "replace"))  # as all of Groq's events are
    if not is_whole(event):
        return None
    name, data = "", []
    for raw in lines_of(event):
        field, _, value = raw.decode("utf-8", "replace").partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            data.append(value)
        elif field == "event":
            name = value
    return Message(name, "\n".join(data)) if data else None


def is_whole(event: bytes) -> bool:
    """Whether an event has the empty line that ends it."""
    return _EVENT_END.search(event) is not None


def lines_of(event: bytes) -> list[bytes]:
    """The lines of an event, without their ends."""
    return _LINES.split(event)


def is_last(event: bytes) -> bool:
    """Whether an event is Groq's last: `data: [DONE]` ends a stream, and so does an error event."""
    message = parse_event(event)
    return message is not None and (message.data.startswith("[DONE]") or message.event == "error")


def is_event_stream(content_type: str, body: bytes) -> bool:
    """Whether a response is a stream of events: by its content type, or by its body where that is none.

    A recorder's filter may have put another text in the place of the content type.
    """
    if "/" in content_type:
        return content_type.partition(";")[0].strip().lower() == "text/event-stream"
    return _FIELD.match(body) is not None
