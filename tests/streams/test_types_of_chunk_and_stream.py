"""What type checkers see: mypy checks these, and running them shows that the values are there."""

from collections.abc import AsyncIterator
from typing import assert_type

import groq
from groq.types import CompletionUsage
from groq.types.chat import ChatCompletionChunk, ChatCompletionMessageToolCall

from groqtape.streams.base_chunk import BaseCallResponseChunk, FinishReason
from groqtape.streams.chunk import GroqCallResponseChunk
from groqtape.streams.cost import CostMetadata, Usage
from groqtape.streams.deltas import Delta
from groqtape.streams.shape import Shape
from groqtape.streams.stream import GroqStream
from groqtape.streams.summary import Summary
from groqtape.streams.tool_calls import ToolCalls

CHUNK = ChatCompletionChunk(
    id="chatcmpl-1", object="chat.completion.chunk", created=1, model="openai/gpt-oss-20b", choices=[]
)


def test_chunk() -> None:
    chunk = GroqCallResponseChunk(chunk=CHUNK)
    assert_type(chunk.chunk, ChatCompletionChunk)
    assert_type(chunk.content, str)
    assert_type(chunk.finish_reasons, list[FinishReason])
    assert_type(chunk.model, str)
    assert_type(chunk.id, str)
    assert_type(chunk.usage, CompletionUsage | None)
    assert_type(chunk.input_tokens, int | None)
    assert_type(chunk.cached_tokens, int | None)
    assert_type(chunk.output_tokens, int | None)
    assert_type(chunk.cost_metadata, CostMetadata)
    assert_type(chunk.common_finish_reasons, list[FinishReason] | None)
    assert_type(chunk.common_usage, Usage | None)


def test_base() -> None:
    base: BaseCallResponseChunk[ChatCompletionChunk, FinishReason] = GroqCallResponseChunk(chunk=CHUNK)
    assert_type(base.finish_reasons, list[FinishReason] | None)
    assert_type(base.input_tokens, int | float | None)


def test_tool_calls() -> None:
    assert_type(ToolCalls().add(CHUNK), list[ChatCompletionMessageToolCall])
    assert_type(ToolCalls().end(), list[ChatCompletionMessageToolCall])


def test_stream() -> None:
    with GroqStream([CHUNK]) as stream:
        assert_type(stream, GroqStream)
        for chunk, tool_call in stream:
            assert_type(chunk, GroqCallResponseChunk)
            assert_type(tool_call, ChatCompletionMessageToolCall | None)
    assert_type(stream.chunks, list[GroqCallResponseChunk])
    assert_type(stream.content, str)
    assert_type(stream.reasoning, str)
    assert_type(stream.tool_calls, list[ChatCompletionMessageToolCall])
    assert_type(stream.finish_reasons, list[FinishReason])
    assert_type(stream.model, str | None)
    assert_type(stream.id, str | None)
    assert_type(stream.usage, CompletionUsage | None)
    assert_type(stream.input_tokens, int | None)
    assert_type(stream.cached_tokens, int | None)
    assert_type(stream.output_tokens, int | None)
    assert_type(stream.cost_metadata, CostMetadata)
    assert_type(stream.error, Exception | None)
    assert_type(GroqStream.finished([CHUNK]), GroqStream)


async def test_async_stream() -> None:
    async def chunks() -> AsyncIterator[ChatCompletionChunk]:
        yield CHUNK

    async with GroqStream(chunks()) as stream:
        assert_type(stream, GroqStream)
        async for chunk, tool_call in stream:
            assert_type(chunk, GroqCallResponseChunk)
            assert_type(tool_call, ChatCompletionMessageToolCall | None)


def test_the_sdk_s_streams_are_taken() -> None:
    def take(stream: groq.Stream[ChatCompletionChunk]) -> GroqStream:
        return GroqStream(stream)

    def take_async(stream: groq.AsyncStream[ChatCompletionChunk]) -> GroqStream:
        return GroqStream(stream)

    assert callable(take)
    assert callable(take_async)


def test_plain_data() -> None:
    stream = GroqStream.finished([CHUNK])
    assert_type(stream.summary(), Summary)
    assert_type(stream.shape(), Shape)
    assert_type(stream.deltas(), list[Delta])
    # A type checker is not to say of these that they can't be true.
    assert stream.summary() == {
        "model": "openai/gpt-oss-20b",
        "content": "",
        "reasoning": "",
        "tool_calls": [],
        "finish_reasons": [],
        "usage": None,
        "error": None,
    }
    assert stream.shape() == {"parts": [], "tool_calls": [], "finish_reasons": [], "error": None}
    assert stream.deltas() == [{"content": ""}]
