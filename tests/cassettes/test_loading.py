"""A stream out of a cassette ends where the SDK's stream ends, with the same error."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import groq
import httpx
import pytest
from loopback_groq import stream_body

from groqtape import GroqStream
from groqtape.cassettes.loading import stream_of, streams_in
from groqtape.cassettes.sse import split_events
from groqtape.errors import GroqtapeError

if TYPE_CHECKING:
    from collections.abc import Iterable

ROLE, HELLO, WORLD, FINISH, DONE = stream_body(["Hello", " world"], fixed=1)


def chunk(**changes: Any) -> bytes:
    data = {**json.loads(HELLO[6:]), **changes}
    compact = json.dumps(data, separators=(",", ":"))  # as Groq writes it
    return f"data: {compact}\n\n".encode()


def delta(**changes: Any) -> bytes:
    return chunk(choices=[{"index": 0, "delta": changes, "finish_reason": None}])


ODD: dict[str, bytes] = {
    "bad JSON": b'data: {"id":"chatcmpl-1",\n\n',
    "text": b"data: Hello\n\n",
    "empty data": b"data:\n\n",
    "empty data with a space": b"data: \n\n",
    "endless nesting": b"data: " + b"[" * 100_000 + b"\n\n",
    "an error": b'data: {"error":{"message":"Slow down","code":"x"}}\n\n',
    "an error event": b'event: error\ndata: {"error":{"message":"Slow down"}}\n\n',
    "an error without a message": b'data: {"error":{"message":5}}\n\n',
    "an error as text": b'data: {"error":"Slow down"}\n\n',
    "an error that is none": chunk(error=None),
    "a chunk with an error": chunk(error={"message": "Provider returned error", "code": 502}),
    "a chunk that speaks of an error": delta(content='no "error" here'),
    "no UTF-8": b'data: {"id":"\xff"}\n\n',
    "a comment": b": OPENROUTER PROCESSING\n\n",
    "a comment that is no UTF-8": b": \xff\n\n",
    "only a name": b"event: ping\n\n",
    "only an empty name": b"event:\n\n",
    "only a time to retry": b"retry: 10\n\n",
    "only a wrong time to retry": b"retry: soon\n\n",
    "only an id": b"id: 7\n\n",
    "only an empty id": b"id:\n\n",
    "an unknown field": b"field: 7\n\n",
    "an id with data": b"id: 7\n" + HELLO,
    "an id, then a comment": b"id: 7\n" + HELLO + b": a comment\n\n",
    "several lines of data": HELLO.replace(b",", b",\ndata: ", 1),
    "CRLF": HELLO.replace(b"\n", b"\r\n"),
    "the end": DONE,
    "the end and more": b"data: [DONE] of it\n\n",
    "cut": HELLO[:30],
    "no choices": chunk(choices=[]),
    "choices that are null": chunk(choices=None),
    "other types": chunk(created="now", model=5, id=None),
    "one choice more": chunk(choices=[{"index": 1, "delta": {"content": "other"}, "finish_reason": "stop"}]),
    "an error in x_groq": chunk(x_groq={"id": "req_1", "error": "no"}),
    "a named event": b'event: ping\ndata: {"a":1}\n\n',
    "a named event that has no mapping": b"event: ping\ndata: [1]\n\n",
    "a named event with an error": b'event: ping\ndata: {"error":{"message":"Slow down"}}\n\n',
    "an error event without an error": b'event: error\ndata: {"a":1}\n\n',
    "a mapping that is no chunk": b'data: {"a":1}\n\n',
    "an empty mapping": b"data: {}\n\n",
}


def as_the_sdk_reads(events: Iterable[bytes]) -> GroqStream:
    body = b"".join(events)
    answer = httpx.Response(200, headers={"content-type": "text/event-stream"}, content=body)
    client = groq.Groq(
        api_key="k",
        base_url="https://example.invalid",
        http_client=httpx.Client(transport=httpx.MockTransport(lambda request: answer)),
    )
    with client:
        stream = GroqStream(
            client.chat.completions.create(
                model="m", messages=[{"role": "user", "content": "Hi"}], stream=True
            )
        )
        try:
            for _ in stream:
                pass
        except Exception:
            assert stream.error
    return stream


def gist(stream: GroqStream | None) -> Any:
    """What an application sees of a stream."""
    if stream is None or not (stream.chunks or stream.error):
        return None
    error = stream.error
    return (
        [one.chunk.model_dump(warnings=False) for one in stream.chunks],
        stream.content,
        stream.finish_reasons,
        type(error),
        str(error),
        getattr(error, "body", None),
    )


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
@pytest.mark.parametrize("at", [0, 2, 4])
def test_a_stream_with_something_odd(odd: bytes, at: int) -> None:
    events = [ROLE, HELLO, WORLD, FINISH]
    events[at:at] = [odd]
    body = b"".join([*events, DONE])
    assert gist(stream_of(split_events(body))) == gist(as_the_sdk_reads([body]))


def test_an_event_that_was_cut_is_none() -> None:
    read = stream_of([ROLE, HELLO, WORLD[:30]], "ReadError", "gone")
    assert read is not None
    assert (read.content, type(read.error), str(read.error)) == ("Hello", httpx.ReadError, "gone")
    read = stream_of([ROLE, HELLO, WORLD[:30]], "closed")
    assert read is not None
    assert (read.content, read.error) == ("Hello", None)


def test_any_mixture() -> None:
    rng = random.Random(3)
    for _ in range(60):
        body = b"".join([ROLE, *rng.choices([HELLO, WORLD, *ODD.values()], k=4), DONE])
        assert gist(stream_of(split_events(body))) == gist(as_the_sdk_reads([body])), body


MISFITS: dict[str, tuple[bytes, str]] = {
    "content as a list": (
        delta(content=[{"type": "text", "text": "Hi"}]),
        "`choices[0].delta.content` as text, got [{",
    ),
    "reasoning as a mapping": (delta(reasoning={"a": 1}), "`choices[0].delta.reasoning` as text, got {"),
    "a tool call as text": (
        delta(tool_calls=["f"]),
        "`choices[0].delta.tool_calls[0]` as a mapping, got 'f'",
    ),
    "tool calls as a mapping": (delta(tool_calls={}), "`choices[0].delta.tool_calls` as a list, got {}"),
    "arguments as a mapping": (
        delta(tool_calls=[{"index": 0, "function": {"name": "f", "arguments": {"a": 1}}}]),
        "`choices[0].delta.tool_calls[0].function.arguments` as text, got {'a': 1}",
    ),
    "an index as text": (
        chunk(choices=[{"index": "0", "delta": {}}]),
        "`choices[0].index` as a whole number, got '0'",
    ),
    "a choice that is none": (chunk(choices=[None]), "`choices[0]`, got nothing"),
    "no mapping": (b"data: [1]\n\n", "a mapping, got [1]"),
    "nothing": (b"data: null\n\n", "a mapping, got None"),
    "choices as text": (chunk(choices="none"), "`choices` as a list, got 'none'"),
}


@pytest.mark.parametrize(("misfit", "expected"), MISFITS.values(), ids=MISFITS)
def test_a_chunk_that_can_t_be_read_is_named(misfit: bytes, expected: str) -> None:
    read = stream_of([ROLE, HELLO, misfit, WORLD, DONE])
    assert read is not None
    assert read.content == "Hello"
    assert isinstance(read.error, GroqtapeError)
    assert str(read.error).startswith(f"a chunk can't be read: expected {expected}")


@pytest.mark.parametrize("content_type", ["text/event-stream; charset=utf-8", "", "**REDACTED**", "REDACTED"])
def test_a_stream_is_one_whatever_a_filter_made_of_its_content_type(content_type: str) -> None:
    response = {
        "headers": {"Content-Type": [content_type]},
        "body": {"string": b"".join([ROLE, HELLO, WORLD, FINISH, DONE])},
    }
    (read,) = streams_in([response])
    assert read.content == "Hello world"


def test_what_is_no_stream_of_chunks_is_none() -> None:
    body = b'event: response.created\ndata: {"type":"response.created"}\n\ndata: [1]\n\ndata: 5\n\n'
    assert stream_of(split_events(body)) is None
    plain = {"headers": {"content-type": ["REDACTED"]}, "body": {"string": b'{"object":"chat.completion"}'}}
    assert streams_in([plain]) == []
