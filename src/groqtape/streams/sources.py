"""How chunks are read from a stream, under `for` and `async for`."""

import inspect
import reprlib
from collections.abc import AsyncIterable, Iterable, Iterator, Mapping
from typing import Self

import anyio
import groq
from groq.types.chat import ChatCompletionChunk
from pydantic import BaseModel

from groqtape.streams.accumulator import Accumulator, Pair

__all__ = ["AsyncPairs", "AsyncSource", "Source", "pairs", "source_of"]


class Source:
    """Reads chunks from an iterable into an accumulator."""

    def __init__(self, stream: Iterable[ChatCompletionChunk], accumulated: Accumulator) -> None:
        self._stream = stream
        self._iterator = iter(stream)
        self._accumulated = accumulated

    def read(self) -> None:
        """Read one more chunk, or the end of the stream."""
        try:
            chunk = next(self._iterator)
        except StopIteration:
            self._accumulated.end()
        except Exception as error:
            self._accumulated.fail(error)
            raise
        except BaseException:
            self._accumulated.interrupted = True
            raise
        else:
            self._accumulated.add(chunk)

    def close(self) -> None:
        """Close the stream if it has a close method, or else its iterator."""
        close = getattr(self._stream, "close", None) or getattr(self._iterator, "close", None)
        if close:
            close()


class AsyncSource:
    """Reads chunks from an async iterable into an accumulator."""

    def __init__(self, stream: AsyncIterable[ChatCompletionChunk], accumulated: Accumulator) -> None:
        self._stream = stream
        self._iterator = aiter(stream)
        self._accumulated = accumulated
        self._reading = False
        self._read_ended: anyio.Event | None = None

    async def read(self) -> None:
        """Read one more chunk or the end of the stream, or wait while another task reads."""
        if self._reading:
            # `anext` raises on an async generator that is already running.
            self._read_ended = self._read_ended or anyio.Event()
            await self._read_ended.wait()
            return
        self._reading = True
        try:
            chunk = await anext(self._iterator)
        except StopAsyncIteration:
            self._accumulated.end()
        except Exception as error:
            self._accumulated.fail(error)
            raise
        except BaseException:
            self._accumulated.interrupted = True
            raise
        else:
            self._accumulated.add(chunk)
        finally:
            self._reading = False
            if self._read_ended:
                self._read_ended.set()
                self._read_ended = None

    async def close(self) -> None:
        """Close the stream if it has a close method, or else its iterator."""
        close = (
            getattr(self._stream, "aclose", None)
            or getattr(self._stream, "close", None)  # a coroutine function in groq.AsyncStream
            or getattr(self._iterator, "aclose", None)
        )
        closing = close() if close else None
        if inspect.isawaitable(closing):
            await closing


def source_of(stream: object, accumulated: Accumulator) -> Source | AsyncSource:
    """What reads a stream into an accumulator.

    Raises:
        TypeError: It is no iterable or async iterable of chunks.
    """
    # Check for the SDK's types first: a tracer's proxy around a stream may have both kinds of methods.
    if isinstance(stream, groq.AsyncStream):
        return AsyncSource(stream, accumulated)
    # A completion that was not streamed yields its fields, a text its characters.
    is_plain = isinstance(stream, BaseModel | Mapping | str | bytes)
    if isinstance(stream, groq.Stream) or (isinstance(stream, Iterable) and not is_plain):
        return Source(stream, accumulated)
    if isinstance(stream, AsyncIterable):
        return AsyncSource(stream, accumulated)
    advice = "Ask for a stream: client.chat.completions.create(…, stream=True)"
    if inspect.iscoroutine(stream):
        stream.close()
        advice = "Await it first: GroqStream(await client.chat.completions.create(…, stream=True))"
    raise TypeError(
        f"GroqStream takes an iterable or async iterable of chunks, got {reprlib.repr(stream)}\n{advice}"
    )


def pairs(accumulated: Accumulator, source: Source) -> Iterator[Pair]:
    """Yield the pairs read so far, then read more."""
    at = 0
    while True:
        while at < len(accumulated.pairs):
            yield accumulated.pairs[at]
            at += 1
        if accumulated.done:
            return
        source.read()


class AsyncPairs:
    """Yields the pairs read so far, then reads more.

    This is no async generator: one would have to be closed when the consumer stops reading, and trio warns
    if it is not.
    """

    def __init__(self, accumulated: Accumulator, source: AsyncSource | None) -> None:
        self._accumulated = accumulated
        self._source = source
        self._at = 0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Pair:
        while self._at == len(self._accumulated.pairs):
            if self._accumulated.done or self._source is None:
                raise StopAsyncIteration
            await self._source.read()
        self._at += 1
        return self._accumulated.pairs[self._at - 1]
