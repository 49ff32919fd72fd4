import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import groq
import httpx
import pytest
import trio
from groq.types.chat import ChatCompletion, ChatCompletionChunk
from hypothesis import given
from hypothesis import strategies as st

from groqtape.streams.cost import CostMetadata
from groqtape.streams.stream import GroqStream

USAGE = {"prompt_tokens": 40, "completion_tokens": 7, "total_tokens": 47}
LATER = {**USAGE, "prompt_tokens_details": {"cached_tokens": 32}}
ERROR = groq.APIError("Failed to call a function", httpx.Request("POST", "https://api.groq.com"), body=None)


def choice(index: int = 0, finish: str | None = None, **delta: Any) -> dict[str, Any]:
    return {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}


def chunk(*choices: dict[str, Any], **more: Any) -> ChatCompletionChunk:
    data = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "openai/gpt-oss-20b",
        "choices": list(choices),
        **more,
    }
    return ChatCompletionChunk.model_construct(**data)


def call(name: str, arguments: str | None = "{}", index: int = 0) -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return {"index": index, "id": f"call_{name}", "type": "function", "function": function}


ROLE = chunk(choice(role="assistant", content=""), x_groq={"id": "req_1"})
FINISH = chunk(choice(finish="stop"), usage=USAGE, x_groq={"id": "req_1", "usage": USAGE})
USAGE_ONLY = chunk(usage=USAGE)


def text(*parts: str) -> list[ChatCompletionChunk]:
    return [ROLE, *(chunk(choice(content=part)) for part in parts), FINISH, USAGE_ONLY]


class Source:
    """A stream that can raise an error and be closed."""

    def __init__(self, *items: ChatCompletionChunk | BaseException) -> None:
        self.items = iter(items)
        self.closed = 0

    def __iter__(self) -> Iterator[ChatCompletionChunk]:
        return self

    def __next__(self) -> ChatCompletionChunk:
        item = next(self.items)
        if isinstance(item, BaseException):
            raise item
        return item

    def close(self) -> None:
        self.closed += 1


class AsyncSource:
    """The async version, with the close method of groq.AsyncStream."""

    def __init__(self, *items: ChatCompletionChunk | BaseException) -> None:
        self.inner = Source(*items)

    def __aiter__(self) -> AsyncIterator[ChatCompletionChunk]:
        return self

    async def __anext__(self) -> ChatCompletionChunk:
        await asyncio.sleep(0)
        try:
            return next(self.inner)
        except StopIteration:
            raise StopAsyncIteration from None

    async def close(self) -> None:
        self.inner.close()


async def drip(*items: ChatCompletionChunk | BaseException) -> AsyncIterator[ChatCompletionChunk]:
    for item in Source(*items):
        await asyncio.sleep(0)
        yield item


def read(*chunks: ChatCompletionChunk) -> GroqStream:
    stream = GroqStream(chunks)
    list(stream)
    return stream


async def consume(stream: GroqStream) -> list[str]:
    return [wrapped.content async for wrapped, _ in stream]


def called(stream: Any) -> list[str | None]:
    return [tool_call and tool_call.function.name for _, tool_call in stream]


def test_content() -> None:
    chunks = text("Once", " upon", "")
    stream = GroqStream(chunks)
    pairs = list(stream)
    assert [wrapped.chunk for wrapped, _ in pairs] == chunks
    assert all(wrapped.chunk is given for (wrapped, _), given in zip(pairs, chunks, strict=True))
    assert stream.chunks == [wrapped for wrapped, _ in pairs]
    assert stream.content == "Once upon"
    assert stream.reasoning == ""
    assert stream.tool_calls == []
    assert stream.finish_reasons == ["stop"]
    assert (stream.model, stream.id, stream.error) == ("openai/gpt-oss-20b", "chatcmpl-1", None)


def test_before_the_first_chunk() -> None:
    stream = GroqStream(text("Hi"))
    assert (stream.chunks, stream.content, stream.reasoning) == ([], "", "")
    assert (stream.tool_calls, stream.finish_reasons) == ([], [])
    assert (stream.model, stream.id, stream.usage, stream.error) == (None, None, None, None)
    assert (stream.input_tokens, stream.cached_tokens, stream.output_tokens) == (None, None, None)
    assert stream.cost_metadata == CostMetadata()


def test_an_empty_stream() -> None:
    stream = GroqStream([])
    assert list(stream) == []
    assert (stream.content, stream.model, stream.error) == ("", None, None)


def test_it_accumulates_as_it_goes() -> None:
    stream = GroqStream(text("a", "b"))
    seen = [(len(stream.chunks), stream.content, stream.finish_reasons) for _ in stream]
    assert seen == [(1, "", []), (2, "a", []), (3, "ab", []), (4, "ab", ["stop"]), (5, "ab", ["stop"])]


def test_reasoning() -> None:
    deltas = [choice(reasoning="Let me", channel="analysis"), choice(reasoning=" see", channel="analysis")]
    stream = read(ROLE, *map(chunk, deltas), chunk(choice(content="Yes")), FINISH)
    assert (stream.reasoning, stream.content) == ("Let me see", "Yes")
    alone = read(ROLE, *map(chunk, deltas), chunk(choice(finish="length")))
    assert (alone.reasoning, alone.content, alone.finish_reasons) == ("Let me see", "", ["length"])


def test_several_choices() -> None:
    stream = read(
        chunk(choice(1, content="one", reasoning="1"), choice(0, content="nou", reasoning="0")),
        chunk(choice(1, "length")),
        chunk(choice(0, content="ght")),
        chunk(choice(0, "stop")),
        USAGE_ONLY,
    )
    assert (stream.content, stream.reasoning) == ("nought", "0")
    assert stream.finish_reasons == ["stop", "length"]


def test_chunks_that_lack_what_the_types_promise() -> None:
    bare = ChatCompletionChunk.model_construct()
    stream = read(ROLE, chunk({"finish_reason": "stop"}), bare, chunk({"delta": {"content": "Hi"}}))
    assert (stream.content, stream.finish_reasons) == ("Hi", ["stop"])
    assert (stream.model, stream.id) == ("openai/gpt-oss-20b", "chatcmpl-1")


@pytest.mark.parametrize(
    "reports",
    [
        [chunk(x_groq={"usage": LATER})],
        [chunk(usage=LATER, x_groq={"usage": LATER})],
        [FINISH, chunk(usage=LATER)],
        [chunk(usage=LATER, x_groq={"usage": LATER}), chunk(usage=LATER), chunk(choice(content="after"))],
    ],
)
def test_usage_is_the_last_reported(reports: list[ChatCompletionChunk]) -> None:
    stream = read(ROLE, *reports)
    assert stream.usage is not None
    assert stream.usage.total_tokens == 47
    assert (stream.input_tokens, stream.cached_tokens, stream.output_tokens) == (40, 32, 7)
    assert stream.cost_metadata == CostMetadata(input_tokens=40, cached_tokens=32, output_tokens=7)


def test_compound() -> None:
    tool = {"index": 0, "type": "search", "arguments": "{}"}
    stream = read(
        chunk(choice(executed_tools=[tool]), id="chatcmpl-1", system_fingerprint=None),
        chunk(choice(executed_tools=[{**tool, "output": "found"}]), id="chatcmpl-2", created=2),
        chunk(choice(content="Found"), id="chatcmpl-3"),
        chunk(choice(finish="stop"), id="chatcmpl-4", usage=USAGE, usage_breakdown={"models": []}),
    )
    assert (stream.id, stream.content, stream.tool_calls) == ("chatcmpl-4", "Found", [])
    assert [each.id for each in stream.chunks] == [f"chatcmpl-{n}" for n in (1, 2, 3, 4)]


def test_a_tool_call_comes_with_its_chunk() -> None:
    stream = GroqStream(
        [
            chunk(choice(role="assistant", content=None)),
            chunk(choice(tool_calls=[call("a", '{"x":1}')])),
            chunk(choice(tool_calls=[call("b", index=1)])),
            chunk(choice(finish="tool_calls")),
        ]
    )
    assert called(stream) == [None, "a", "b", None]
    assert [(each.id, each.function.arguments) for each in stream.tool_calls] == [
        ("call_a", '{"x":1}'),
        ("call_b", "{}"),
    ]
    assert stream.finish_reasons == ["tool_calls"]


def test_calls_that_do_not_fit_a_pair_come_with_the_next() -> None:
    three = [call("a"), call("b", index=1), call("c", index=2)]
    stream = GroqStream([ROLE, chunk(choice(tool_calls=three)), chunk(), chunk(choice(content="."))])
    assert called(stream) == [None, "a", "b", "c"]


def test_remaining_calls_come_with_the_last_chunk_again() -> None:
    stream = GroqStream(
        [ROLE, chunk(choice(tool_calls=[call("a"), call("b", index=1), call("c", '{"', index=2)]))]
    )
    pairs = list(stream)
    assert called(pairs) == [None, "a", "b", "c"]
    assert pairs[1][0] is pairs[2][0] is pairs[3][0]
    assert len(stream.chunks) == 2
    assert [each.function.name for each in stream.tool_calls] == ["a", "b", "c"]
    assert list(stream) == pairs


@pytest.mark.parametrize("error", [ERROR, httpx.ReadError("cut"), ValueError("odd")])
def test_an_error_in_the_middle(error: Exception) -> None:
    stream = GroqStream(Source(*text("a", "b")[:3], chunk(choice(tool_calls=[call("cut", '{"x')])), error))
    seen: list[str] = []
    with pytest.raises(type(error)) as caught:
        seen.extend(wrapped.content for wrapped, _ in stream)
    assert caught.value is error
    assert stream.error is error
    assert seen == ["", "a", "b", ""]
    assert (stream.content, stream.finish_reasons, stream.usage) == ("ab", [], None)
    assert stream.tool_calls == []
    assert called(stream) == [None] * 4


def test_an_error_at_once() -> None:
    stream = GroqStream(Source(ERROR))
    with pytest.raises(groq.APIError):
        list(stream)
    assert list(stream) == []
    assert stream.error is ERROR


async def test_an_async_error_in_the_middle() -> None:
    stream = GroqStream(drip(*text("a")[:2], ERROR))
    with pytest.raises(groq.APIError) as caught:
        await consume(stream)
    assert caught.value is stream.error is ERROR
    assert [wrapped.content async for wrapped, _ in stream] == ["", "a"]
    assert [wrapped.content for wrapped, _ in stream] == ["", "a"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), GeneratorExit(), asyncio.CancelledError()])
def test_an_interruption_is_neither_an_error_nor_an_end(error: BaseException) -> None:
    cut = chunk(choice(tool_calls=[call("cut", '{"x')]))
    stream = GroqStream(Source(cut, error))
    with pytest.raises(type(error)):
        list(stream)
    assert stream.error is None
    assert called(stream) == [None]
    assert stream.tool_calls == []


def test_reading_continues_if_the_source_survives_an_interruption() -> None:
    stream = GroqStream(Source(chunk(choice(tool_calls=[call("a", "{")])), KeyboardInterrupt(), chunk()))
    with pytest.raises(KeyboardInterrupt):
        list(stream)
    assert called(stream) == [None, None, "a"]


async def test_a_cancelled_read() -> None:
    async def stuck() -> AsyncIterator[ChatCompletionChunk]:
        yield chunk(choice(tool_calls=[call("cut", '{"x')]))
        await asyncio.sleep(60)

    stream = GroqStream(stuck())
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(consume(stream), 0.01)
    assert stream.error is None
    assert [tool_call async for _, tool_call in stream] == [None]
    assert stream.tool_calls == []


def test_stopping_and_iterating_again() -> None:
    stream = GroqStream(iter(text("a", "b", "c")))
    for wrapped, _ in stream:
        if wrapped.content == "a":
            break
    assert stream.content == "a"
    assert [wrapped.content for wrapped, _ in stream] == ["", "a", "b", "c", "", ""]
    assert stream.content == "abc"


async def test_stopping_and_iterating_again_async() -> None:
    stream = GroqStream(drip(*text("a", "b", "c")))
    async for wrapped, _ in stream:
        if wrapped.content == "a":
            break
    assert stream.content == "a"
    assert [wrapped.content async for wrapped, _ in stream] == ["", "a", "b", "c", "", ""]
    assert stream.content == "abc"


def test_iterating_again_gives_the_same_pairs() -> None:
    stream = GroqStream(iter([ROLE, chunk(choice(tool_calls=[call("a")])), FINISH]))
    first = list(stream)
    again = list(stream)
    assert all(a[0] is b[0] and a[1] is b[1] for a, b in zip(first, again, strict=True))
    assert len(stream.chunks) == 3
    assert len(stream.tool_calls) == 1


def test_two_iterators() -> None:
    stream = GroqStream(iter(text("a", "b")))
    one, other = iter(stream), iter(stream)
    assert next(one) is next(other)
    assert next(other)[0].content == "a"
    assert next(other)[0].content == "b"
    assert [wrapped.content for wrapped, _ in one] == ["a", "b", "", ""]
    assert [wrapped.content for wrapped, _ in other] == ["", ""]
    assert stream.content == "ab"


def test_two_iterators_at_an_error() -> None:
    stream = GroqStream(Source(ROLE, ERROR))
    one, other = iter(stream), iter(stream)
    next(one)
    with pytest.raises(groq.APIError):
        next(one)
    assert len(list(other)) == 1


async def test_an_async_iterator_is_its_own_iterator() -> None:
    pairs = aiter(GroqStream(drip(*text("a", "b"))))
    await anext(pairs)
    assert [wrapped.content async for wrapped, _ in aiter(pairs)] == ["a", "b", "", ""]


async def test_two_tasks() -> None:
    stream = GroqStream(drip(*text("a", "b")))

    seen = await asyncio.gather(*(consume(stream) for _ in range(3)))
    assert seen == [["", "a", "b", "", ""]] * 3
    assert stream.content == "ab"


async def test_two_tasks_at_an_error() -> None:
    stream = GroqStream(drip(*text("a")[:2], ERROR))

    seen = await asyncio.gather(*(consume(stream) for _ in range(2)), return_exceptions=True)
    assert ERROR in seen
    assert ["", "a"] in seen


def test_trio_does_not_warn_when_the_consumer_stops_reading() -> None:
    async def leave() -> str:
        stream = GroqStream(Numbers())
        async for _ in stream:
            break
        return stream.content

    class Numbers:
        def __aiter__(self) -> AsyncIterator[ChatCompletionChunk]:
            return self

        async def __anext__(self) -> ChatCompletionChunk:
            await trio.lowlevel.checkpoint()
            return chunk(choice(content="1"))

    assert trio.run(leave) == "1"


async def test_for_over_an_async_stream() -> None:
    stream = GroqStream(drip(*text("a")))
    with pytest.raises(TypeError, match="async stream: read it with `async for`"):
        iter(stream)
    pairs = [pair async for pair in stream]
    assert list(stream) == pairs


async def test_async_for_over_a_sync_stream() -> None:
    stream = GroqStream(text("a"))
    with pytest.raises(TypeError, match="sync stream: read it with `for`"):
        aiter(stream)
    pairs = list(stream)
    assert [pair async for pair in stream] == pairs


@pytest.mark.parametrize(
    "other", [None, 1, groq, "text", b"text", {"choices": []}, ChatCompletion.model_construct(choices=[])]
)
def test_other_types_are_refused(other: Any) -> None:
    with pytest.raises(TypeError, match="takes an iterable or async iterable of chunks, got") as caught:
        GroqStream(other)
    assert str(caught.value).endswith("\nAsk for a stream: client.chat.completions.create(…, stream=True)")


def test_what_has_to_be_awaited_is_refused() -> None:
    async def create() -> Any: ...

    other: Any = create()
    with pytest.raises(TypeError, match=r"\nAwait it first: GroqStream\(await client"):
        GroqStream(other)


def test_how_it_ended() -> None:
    stream = GroqStream(text("a", "b"))
    before = stream.end
    next(iter(stream))
    midway = stream.end
    list(stream)
    assert (before, midway, stream.end) == ("unfinished", "unfinished", "complete")
    with GroqStream(text("a", "b")) as closed:
        next(iter(closed))
    assert closed.end == "closed"
    assert GroqStream.finished(text("a"), ValueError()).end == "error"
    ends = "complete", "closed", "unfinished"
    assert tuple(GroqStream.finished(text("a"), end=end).end for end in ends) == ends
    assert (stream.is_async, GroqStream(drip()).is_async) == (False, True)


def test_close() -> None:
    source = Source(*text("a", "b"))
    with GroqStream(source) as stream:
        for wrapped, _ in stream:
            if wrapped.content:
                break
        assert source.closed == 0
    assert source.closed == 1
    assert [wrapped.content for wrapped, _ in stream] == ["", "a"]
    assert (stream.content, stream.error) == ("a", None)


def test_close_does_not_finish_a_call() -> None:
    stream = GroqStream([chunk(choice(tool_calls=[call("a", "{")]))])
    next(iter(stream))
    stream.close()
    stream.close()
    assert called(stream) == [None]


def test_close_after_the_end_or_an_error_changes_neither() -> None:
    whole = GroqStream(Source(FINISH))
    list(whole)
    before = repr(whole)
    whole.close()
    assert repr(whole) == before
    broken = GroqStream(Source(ERROR))
    with broken, pytest.raises(groq.APIError):
        list(broken)
    assert broken.error is ERROR


def test_close_of_a_generator() -> None:
    closed = []

    def generate() -> Iterator[ChatCompletionChunk]:
        try:
            yield from text("a")
        finally:
            closed.append("closed")

    class Iterable:
        def __iter__(self) -> Iterator[ChatCompletionChunk]:
            return generate()

    for source in (generate(), Iterable()):
        stream = GroqStream(source)
        next(iter(stream))
        stream.close()
    assert closed == ["closed", "closed"]


async def test_aclose() -> None:
    source = AsyncSource(*text("a", "b"))
    stream = GroqStream(source)
    async with stream as entered:
        assert entered is stream
        await anext(aiter(stream))
    assert source.inner.closed == 1
    assert [wrapped.content async for wrapped, _ in stream] == [""]


async def test_aclose_of_a_generator() -> None:
    closed = []

    async def generate() -> AsyncIterator[ChatCompletionChunk]:
        try:
            for each in text("a"):
                yield each
        finally:
            closed.append("closed")

    class Iterable:
        def __aiter__(self) -> AsyncIterator[ChatCompletionChunk]:
            return generate()

    for source in (generate(), Iterable()):
        stream = GroqStream(source)
        await anext(aiter(stream))
        await stream.aclose()
    assert closed == ["closed", "closed"]


async def test_aclose_where_there_is_nothing_to_close() -> None:
    class Plain:
        items = iter(text("a"))

        def __aiter__(self) -> "Plain":
            return self

        async def __anext__(self) -> ChatCompletionChunk:
            return next(self.items)

    stream = GroqStream(Plain())
    await anext(aiter(stream))
    await stream.aclose()
    assert len([pair async for pair in stream]) == 1


async def test_aclose_of_a_sync_stream() -> None:
    source = Source(*text("a"))
    async with GroqStream(source):
        pass
    assert source.closed == 1


async def test_close_of_an_async_stream() -> None:
    stream = GroqStream(AsyncSource(*text("a")))
    with pytest.raises(TypeError, match=re.escape("close it with `await stream.aclose()`")):
        stream.close()
    with pytest.raises(TypeError, match="open it with `async with`"), stream:
        pass
    assert len([pair async for pair in stream]) == 4


async def test_closing_while_a_task_reads() -> None:
    waiting, gone = asyncio.Event(), asyncio.Event()

    class Slow(AsyncSource):
        async def __anext__(self) -> ChatCompletionChunk:
            waiting.set()
            await gone.wait()
            raise httpx.ReadError("closed under it")

        async def close(self) -> None:
            gone.set()

    stream = GroqStream(Slow())

    task = asyncio.create_task(consume(stream))
    await waiting.wait()
    await stream.aclose()
    with pytest.raises(httpx.ReadError):
        await task
    assert stream.error is None


async def test_finished() -> None:
    chunks = [ROLE, chunk(choice(tool_calls=[call("a", "{")]))]
    stream = GroqStream.finished(iter(chunks))
    assert [wrapped.chunk for wrapped in stream.chunks] == chunks
    assert called(stream) == [None, None, "a"]
    assert [tool_call is None async for _, tool_call in stream] == [True, True, False]
    assert stream.error is None
    with stream:
        stream.close()
    async with stream:
        pass


def test_finished_by_an_error() -> None:
    stream = GroqStream.finished([ROLE, chunk(choice(tool_calls=[call("a", "{")]))], ERROR)
    assert stream.error is ERROR
    assert called(stream) == [None, None]
    assert stream.tool_calls == []


def test_finished_of_a_subclass() -> None:
    class Mine(GroqStream):
        pass

    assert type(Mine.finished([])) is Mine


def test_equality_is_decided_by_the_snapshot() -> None:
    class Snapshot:
        def __eq__(self, other: object) -> bool:
            return isinstance(other, GroqStream)

        __hash__ = None  # type: ignore[assignment]

    stream = GroqStream([])
    assert stream == Snapshot()
    assert stream == stream
    assert stream != GroqStream([])
    assert {stream}


def test_repr() -> None:
    stream = GroqStream(text("Once"))
    assert repr(stream) == "<GroqStream model=None chunks=0 content='' unfinished>"
    list(stream)
    assert repr(stream) == (
        "<GroqStream model='openai/gpt-oss-20b' chunks=4 content='Once' finish_reasons=['stop']>"
    )
    stream.close()
    assert "closed" not in repr(stream)
    long = read(chunk(choice(content="x" * 41)))
    assert f"content='{'x' * 39}…'>" in repr(long)
    closed = GroqStream([chunk(choice(tool_calls=[call("weather")]))])
    next(iter(closed))
    closed.close()
    assert repr(closed).endswith("content='' tool_calls=['weather'] closed>")
    assert repr(GroqStream.finished([], ERROR)).endswith("content='' error=APIError>")


def event(data: ChatCompletionChunk) -> bytes:
    return b"data: " + data.model_dump_json(exclude_unset=True).encode() + b"\n\n"


class Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A streamed response with one event per read."""

    def __init__(self, *events: bytes) -> None:
        self.events = events
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield from self.events

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for each in self.events:
            yield each

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.closed = True


def transport(body: Body) -> httpx.MockTransport:
    headers = {"content-type": "text/event-stream"}
    return httpx.MockTransport(lambda request: httpx.Response(200, headers=headers, stream=body))


def ask(body: Body) -> groq.Stream[ChatCompletionChunk]:
    http = httpx.Client(transport=transport(body))
    with groq.Groq(api_key="placeholder", http_client=http) as client:
        return client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "?"}], stream=True
        )


async def ask_async(body: Body) -> groq.AsyncStream[ChatCompletionChunk]:
    http = httpx.AsyncClient(transport=transport(body))
    async with groq.AsyncGroq(api_key="placeholder", http_client=http) as client:
        return await client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "?"}], stream=True
        )


WIRE = [*(event(each) for each in text("Once", " upon")), b"data: [DONE]\n\n"]
BROKEN = [*WIRE[:2], b'event: error\ndata: {"error":{"message":"Failed","code":"tool_use_failed"}}\n\n']


def test_the_sdk_s_stream() -> None:
    body = Body(*WIRE)
    with GroqStream(ask(body)) as stream:
        assert [wrapped.content for wrapped, _ in stream] == ["", "Once", " upon", "", ""]
    assert (stream.content, stream.finish_reasons, stream.input_tokens) == ("Once upon", ["stop"], 40)
    assert body.closed


def test_the_sdk_s_stream_closed_early() -> None:
    body = Body(*WIRE)
    with GroqStream(ask(body)) as stream:
        next(iter(stream))
        before = body.closed
    assert (before, body.closed) == (False, True)
    assert len(list(stream)) == 1


def test_the_sdk_s_error() -> None:
    stream = GroqStream(ask(Body(*BROKEN)))
    with pytest.raises(groq.APIError, match="Failed"):
        list(stream)
    assert isinstance(stream.error, groq.APIError)
    assert stream.content == "Once"


async def test_the_sdk_s_async_stream() -> None:
    body = Body(*WIRE)
    async with GroqStream(await ask_async(body)) as stream:
        assert [wrapped.content async for wrapped, _ in stream] == ["", "Once", " upon", "", ""]
    assert stream.content == "Once upon"
    assert body.closed


async def test_the_sdk_s_async_stream_closed_early() -> None:
    body = Body(*WIRE)
    async with GroqStream(await ask_async(body)) as stream:
        await anext(aiter(stream))
        before = body.closed
    assert (before, body.closed) == (False, True)
    assert len(list(stream)) == 1


async def test_the_sdk_s_async_error() -> None:
    stream = GroqStream(await ask_async(Body(*BROKEN)))
    with pytest.raises(groq.APIError, match="Failed"):
        await consume(stream)
    assert isinstance(stream.error, groq.APIError)


parts = st.lists(st.none() | st.text(max_size=5), max_size=12)


@given(parts, parts, st.integers(0, 24))
def test_the_accumulated_parts_equal_the_chunks(
    content: list[str | None], reasoning: list[str | None], leave: int
) -> None:
    chunks = [chunk(choice(reasoning=part)) for part in reasoning]
    chunks += [chunk(choice(content=part), choice(1, content="other")) for part in content]
    stream = GroqStream(iter(chunks))
    for _, _pair in zip(range(leave), stream, strict=False):
        pass
    assert [wrapped.chunk for wrapped, _ in stream] == chunks
    assert stream.content == "".join(part or "" for part in content)
    assert stream.reasoning == "".join(part or "" for part in reasoning)


@given(st.lists(st.lists(st.sampled_from(["{}", "{", ""]), max_size=3), max_size=5), st.booleans())
def test_every_chunk_and_every_call_is_yielded_once(cases: list[list[str]], end: bool) -> None:
    index = 0
    chunks = []
    for case in cases:
        calls = []
        for arguments in case:
            calls.append(call(str(index), arguments, index))
            index += 1
        chunks.append(chunk(choice(tool_calls=calls)))
    chunks += [FINISH] if end else []
    stream = GroqStream(chunks)
    pairs = list(stream)
    assert [wrapped.chunk for wrapped, _ in pairs[: len(chunks)]] == chunks
    assert all(wrapped.chunk is chunks[-1] for wrapped, _ in pairs[len(chunks) :])
    assert sorted(int(name) for name in called(pairs) if name) == list(range(index))
