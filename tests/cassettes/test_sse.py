import re

import pytest
from effort import examples
from hypothesis import example, given
from hypothesis import strategies as st

from groqtape.cassettes.sse import Message, is_event_stream, is_last, parse_event, split_events

PIECES = [
    b"data: one\n",
    b"data:two\r\n",
    b"data\r",
    b"data: {}\n\n",
    b"data: [DONE]\n\n",
    b"event: error\n",
    b"id: 7\n",
    b"retry: 10\n",
    b": a comment\n\n",
    b"unknown: field\n",
    b"\n",
    b"\r",
    b"\r\n",
    b"\xff\xfe",
    b"\x00",
    "é\u2028\x85\ufeff".encode(),
]
BODIES = st.lists(st.sampled_from(PIECES) | st.binary(max_size=6), max_size=12).map(b"".join)


def messages_by_the_standard(body: bytes) -> list[Message]:
    """What a body says, read line by line as the HTML standard tells it."""
    messages, name, data = [], "", ""
    lines = re.split("\r\n|\n|\r", body.decode("utf-8", "replace"))
    for line in lines[:-1]:  # what follows the last line end is no line yet
        if line == "":
            if data:
                messages.append(Message(name, data[:-1]))
            name, data = "", ""
        elif not line.startswith(":"):
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "data":
                data += value + "\n"
            elif field == "event":
                name = value
    return messages


@examples(50)
@given(BODIES)
@example(b"")
@example(b"\n\n\n\n\n")
@example(b"data: a\r\n\r\ndata: b\r\r\n")
def test_pieces_joined_are_the_body_and_each_but_the_last_ends_with_an_empty_line(body: bytes) -> None:
    pieces = split_events(body)
    assert b"".join(pieces) == body
    assert all(pieces)
    for piece in pieces[:-1]:
        _, *lines, empty, after = re.split(rb"\r\n|\n|\r", piece)
        assert (empty, after) == (b"", b"")
        assert all(lines)


@examples(50)
@given(BODIES)
@example(b"data\n\n")
@example(b"data: a\r\n\r\ndata: b\r\r")
@example(b"event: x\ndata\ndata\n\nevent: y\n\ndata: z\n\n")
@example(b"data: cut off\n")
@example(b"data: a\rdata: b\n\n")
@example(b"data: a\revent: b\n\n")
@example(b"data: a\r\n\n")
@example(b"data: \n\n")
def test_events_say_what_the_standard_says(body: bytes) -> None:
    messages = [message for message in map(parse_event, split_events(body)) if message is not None]
    assert messages == messages_by_the_standard(body)


@pytest.mark.parametrize(
    ("body", "events"),
    [
        (b"", []),
        (b"data: a\n\ndata: b\n\n", [b"data: a\n\n", b"data: b\n\n"]),
        (b"data: a\n\ndata: b", [b"data: a\n\n", b"data: b"]),
        (b"data: a\n\ndata: b\n", [b"data: a\n\n", b"data: b\n"]),
        (b"data: a\r\n\r\ndata: b\r\n\r\n", [b"data: a\r\n\r\n", b"data: b\r\n\r\n"]),
        (b"data: a\r\rdata: b", [b"data: a\r\r", b"data: b"]),
        (b"data: a\n\r\ndata: b\r\n\n", [b"data: a\n\r\n", b"data: b\r\n\n"]),
        (b"data: a\r\ndata: b\r\n\r\n", [b"data: a\r\ndata: b\r\n\r\n"]),
        (b"\ndata: a\n\n", [b"\ndata: a\n\n"]),
    ],
)
def test_where_an_event_ends(body: bytes, events: list[bytes]) -> None:
    assert split_events(body) == events


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (b"data: {}\n\n", Message("", "{}")),
        (b"data:{}\n\n", Message("", "{}")),
        (b"data:  two spaces\n\n", Message("", " two spaces")),
        (b"data: a\ndata: b\n\n", Message("", "a\nb")),
        (b"event: error\ndata: {}\n\n", Message("error", "{}")),
        (b"event: error\r\ndata: {}\r\n\r\n", Message("error", "{}")),
        (b"id: 1\nretry: 5\n: comment\ndata: a:b\n\n", Message("", "a:b")),
        (b"data: \xff\n\n", Message("", "\ufffd")),
        ("data: a\u2028b\x85c\n\n".encode(), Message("", "a\u2028b\x85c")),
        (b"data:\n\n", Message("", "")),
        (b": comment\n\n", None),
        (b"event: error\n\n", None),
        (b"\n\n", None),
        (b"data: cut", None),
        (b"data: cut\n", None),
        (b"data: ", None),
        (b"data: a\rdata: b\n\n", Message("", "a\nb")),
        (b"", None),
    ],
)
def test_what_an_event_says(event: bytes, message: Message | None) -> None:
    assert parse_event(event) == message


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        ("text/event-stream", b"", True),
        ("text/event-stream; charset=utf-8", b"{}", True),
        ("TEXT/Event-Stream ;charset=utf-8", b"{}", True),
        ("application/json", b"data: {}\n\n", False),
        ("text/event-streams", b"data: {}\n\n", False),
        ("", b"data: {}\n\n", True),
        ("", b"event: error\n", True),
        ("", b"id: 1\n", True),
        ("", b"retry: 1\n", True),
        ("", b": comment\n", True),
        ("", b'{"data: ": 1}', False),
        ("", b"database: x", False),
        ("", b"", False),
    ],
)
def test_is_event_stream(content_type: str, body: bytes, *, expected: bool) -> None:
    assert is_event_stream(content_type, body) is expected


@pytest.mark.parametrize(
    ("event", "last"),
    [
        (b"data: [DONE]\n\n", True),
        (b"data:[DONE]\r\n\r\n", True),
        (b'event: error\ndata: {"error":{}}\n\n', True),
        (b'data: {"error":{}}\nevent: error\n\n', True),
        (b"event: error\n\n", False),
        (b"event: message\ndata: {}\n\n", False),
        (b'data: {"content":"[DONE]"}\n\n', False),
        (b": [DONE]\n\n", False),
        (b"data: [DONE]", False),
    ],
)
def test_is_last(event: bytes, *, last: bool) -> None:
    assert is_last(event) is last
