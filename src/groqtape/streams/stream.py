"""A stream of chunks that accumulates what it carries, under `for` and `async for` alike."""

import inspect
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from types import TracebackType
from typing import Self, TypeAlias

import anyio
import groq
from groq.types import CompletionUsage
from groq.types.chat import ChatCompletionChunk, ChatCompletionMessageToolCall

from groqtape.streams.chunk import CostMetadata, FinishReason, GroqCallResponseChunk
from groqtape.streams.tool_calls import ToolCalls

__all__ = ["GroqStream"]

_Pair: TypeAlias = tuple[GroqCallResponseChunk, ChatCompletionMessageToolCall | None]

_SHOWN = 40
"""How many characters of content a stream's `repr` shows."""


class _Progress:
    """What has been read of a stream so far. It neither reads nor waits: the two sources below do that."""

    def __init__(self) -> None:
        self.pairs: list[_Pair] = []
        self.chunks: list[GroqCallResponseChunk] = []
        self.content: list[str] = []
        self.reasoning: list[str] = []
        self.tool_calls: list[ChatCompletionMessageToolCall] = []
        self.finish_reasons: dict[int, FinishReason] = {}
        self.model: str | None = None
        self.id: str | None = None
        self.last_with_usage: GroqCallResponseChunk | None = None
        self.error: Exception | None = None
        # Nothing more will come; and whether that is because the stream ended well.
        self.done = False
        self.complete = False
        # A read was cut short by a cancellation or the like, which ends a generator: that it then has nothing
        # more is not to say that the stream ended well.
        self.interrupted = False
        self._calls = ToolCalls()
        # Finished calls that no pair carries yet.
        self._waiting: deque[ChatCompletionMessageToolCall] = deque()

    def add(self, chunk: ChatCompletionChunk) -> None:
        """Take the next chunk."""
        self.interrupted = False
        wrapped = GroqCallResponseChunk(chunk=chunk)
        chunk = wrapped.chunk
        self.model = chunk.model or self.model
        self.id = chunk.id or self.id
        if wrapped.usage:
            self.last_with_usage = wrapped
        for choice in chunk.choices or ():
            index = choice.index or 0  # the SDK does not check what it builds: it may be None
            if choice.finish_reason:
                self.finish_reasons[index] = choice.finish_reason
            if index == 0 and choice.delta:
                self.content.append(choice.delta.content or "")
                self.reasoning.append(choice.delta.reasoning or "")
        self._finished(self._calls.add(chunk))
        self.chunks.append(wrapped)
        self._pair(wrapped)

    def end(self) -> None:
        """The stream has nothing more."""
        if not self.done and not self.interrupted:
            self.complete = True
            self._finished(self._calls.end())
            while self._waiting:
                self._pair(self.chunks[-1])
        self.done = True

    def fail(self, error: Exception) -> None:
        """The stream broke."""
        if not self.done:
            self.error = error
        self.done = True

    def leave(self) -> None:
        """The consumer wants no more."""
        self.done = True

    def _finished(self, calls: list[ChatCompletionMessageToolCall]) -> None:
        self.tool_calls += calls
        self._waiting += calls

    def _pair(self, chunk: GroqCallResponseChunk) -> None:
        self.pairs.append((chunk, self._waiting.popleft() if self._waiting else None))


class _Source:
    """Where the chunks come from, read with `for`."""

    def __init__(self, stream: Iterable[ChatCompletionChunk], progress: _Progress) -> None:
        self._stream = stream
        self._iterator = iter(stream)
        self._progress = progress

    def read(self) -> None:
        """Read one more chunk, or the end."""
        try:
            chunk = next(self._iterator)
        except StopIteration:
            self._progress.end()
        except Exception as error:
            self._progress.fail(error)
            raise
        except BaseException:
            self._progress.interrupted = True
            raise
        else:
            self._progress.add(chunk)

    def close(self) -> None:
        """Close the stream, or else its iterator, if either can be closed."""
        close = getattr(self._stream, "close", None) or getattr(self._iterator, "close", None)
        if close:
            close()


class _AsyncSource:
    """Where the chunks come from, read with `async for`."""

    def __init__(self, stream: AsyncIterable[ChatCompletionChunk], progress: _Progress) -> None:
        self._stream = stream
        self._iterator = aiter(stream)
        self._progress = progress
        self._reading = False
        self._turn: anyio.Event | None = None

    async def read(self) -> None:
        """Read one more chunk, or the end; or wait while another task does."""
        if self._reading:
            # An async generator that runs already cannot be asked for more.
            self._turn = self._turn or anyio.Event()
            await self._turn.wait()
            return
        self._reading = True
        try:
            chunk = await anext(self._iterator)
        except StopAsyncIteration:
            self._progress.end()
        except Exception as error:
            self._progress.fail(error)
            raise
        except BaseException:
            self._progress.interrupted = True
            raise
        else:
            self._progress.add(chunk)
        finally:
            self._reading = False
            if self._turn:
                self._turn.set()
                self._turn = None

    async def close(self) -> None:
        """Close the stream, or else its iterator, if either can be closed."""
        close = (
            getattr(self._stream, "aclose", None)
            or getattr(self._stream, "close", None)  # groq.AsyncStream's, a coroutine function
            or getattr(self._iterator, "aclose", None)
        )
        closing = close() if close else None
        if inspect.isawaitable(closing):
            await closing


def _pairs(progress: _Progress, source: _Source) -> Iterator[_Pair]:
    """The pairs held, and then those still to be read."""
    at = 0
    while True:
        while at < len(progress.pairs):
            yield progress.pairs[at]
            at += 1
        if progress.done:
            return
        source.read()


class _AsyncPairs:
    """The pairs held, and then those still to be read.

    Not an async generator, which would need closing when a consumer leaves (trio warns of one that is not).
    """

    def __init__(self, progress: _Progress, source: _AsyncSource | None) -> None:
        self._progress = progress
        self._source = source
        self._at = 0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> _Pair:
        while self._at == len(self._progress.pairs):
            if self._progress.done or self._source is None:
                raise StopAsyncIteration
            await self._source.read()
        self._at += 1
        return self._progress.pairs[self._at - 1]


class GroqStream:
    """A streamed answer: iterate over it, and it accumulates what it carries as it goes.

    `for chunk, tool_call in stream` (`async for` over an async one) gives every chunk once, in order, each
    with a tool call that it finished or `None`. Where one chunk finishes more calls than its pair can carry,
    the rest ride on the chunks that follow; and what is left when the stream has ended well comes with the
    last chunk again. When a call counts as finished, `groqtape.streams.tool_calls.ToolCalls` says.

    Iterating again gives the pairs it holds, and then reads on if the consumer had left early. What is read
    is read once, however many iterators there are; several tasks may iterate, but not several threads. The
    attributes tell of all that has been read, by whichever iterator.

    An exception that the source raises reaches the consumer who was reading, and stands in `error`; whoever
    iterates after that gets the pairs held, and no exception. A stream that broke, or was left, keeps to
    itself the calls that it had not finished.

    Args:
        stream: A `groq.Stream` or `groq.AsyncStream` of chunks, or any iterable or async iterable of them.

    Raises:
        TypeError: If `stream` is neither.
    """

    def __init__(self, stream: Iterable[ChatCompletionChunk] | AsyncIterable[ChatCompletionChunk]) -> None:
        self._progress = _Progress()
        # By the SDK's own types first: a tracer's proxy around a stream may have every method there is.
        self._source: _Source | _AsyncSource
        if isinstance(stream, groq.AsyncStream):
            self._source = _AsyncSource(stream, self._progress)
        elif isinstance(stream, groq.Stream | Iterable):
            self._source = _Source(stream, self._progress)
        elif isinstance(stream, AsyncIterable):
            self._source = _AsyncSource(stream, self._progress)
        else:
            raise TypeError(f"GroqStream takes an iterable or async iterable of chunks, not {stream!r}")

    @classmethod
    def finished(cls, chunks: Iterable[ChatCompletionChunk], error: Exception | None = None) -> Self:
        """Make a stream that has been read to its end already.

        Args:
            chunks: All its chunks.
            error: What ended it early, if it did not end well.

        Returns:
            A stream with nothing left to read, which both `for` and `async for` go over.
        """
        stream = cls(())
        for chunk in chunks:
            stream._progress.add(chunk)
        if error is None:
            stream._progress.end()
        else:
            stream._progress.fail(error)
        return stream

    @property
    def chunks(self) -> list[GroqCallResponseChunk]:
        """The chunks read so far, each once."""
        return self._progress.chunks

    @property
    def content(self) -> str:
        """The text of the choice with index 0."""
        return "".join(self._progress.content)

    @property
    def reasoning(self) -> str:
        """The reasoning of the choice with index 0 (`delta.reasoning`)."""
        return "".join(self._progress.reasoning)

    @property
    def tool_calls(self) -> list[ChatCompletionMessageToolCall]:
        """The finished tool calls of all choices, in the order in which they finished."""
        return self._progress.tool_calls

    @property
    def finish_reasons(self) -> list[FinishReason]:
        """Why choices ended, in the order of their indexes; `[]` before any has."""
        return [reason for _, reason in sorted(self._progress.finish_reasons.items())]

    @property
    def model(self) -> str | None:
        """The model that answers, as the last chunk names it; `None` before the first chunk."""
        return self._progress.model

    @property
    def id(self) -> str | None:
        """The last chunk's id, which only `groq/compound` changes; `None` before the first chunk."""
        return self._progress.id

    @property
    def usage(self) -> CompletionUsage | None:
        """The usage last reported, `None` before any. Groq reports the same one up to three times."""
        reporter = self._progress.last_with_usage
        return reporter.usage if reporter else None

    @property
    def input_tokens(self) -> int | None:
        """Tokens of the prompt, `None` before any usage."""
        reporter = self._progress.last_with_usage
        return reporter.input_tokens if reporter else None

    @property
    def cached_tokens(self) -> int | None:
        """Tokens of the prompt that Groq's cache held: `None` before any usage, 0 where it names none."""
        reporter = self._progress.last_with_usage
        return reporter.cached_tokens if reporter else None

    @property
    def output_tokens(self) -> int | None:
        """Tokens of the answer, `None` before any usage."""
        reporter = self._progress.last_with_usage
        return reporter.output_tokens if reporter else None

    @property
    def cost_metadata(self) -> CostMetadata:
        """The three token counts, as a `CostMetadata`; all `None` before any usage."""
        reporter = self._progress.last_with_usage
        return reporter.cost_metadata if reporter else CostMetadata()

    @property
    def error(self) -> Exception | None:
        """What the source raised in the middle, such as a `groq.APIError`; `None` if nothing.

        A cancellation is not an `Exception`, and leaves this `None`.
        """
        return self._progress.error

    def __iter__(self) -> Iterator[_Pair]:
        """Go over the pairs.

        Raises:
            TypeError: If this is an async stream that has not been read to its end.
        """
        if isinstance(self._source, _Source):
            return _pairs(self._progress, self._source)
        if not self._progress.done:
            raise TypeError("this is an async stream: read it with `async for`")
        return iter(self._progress.pairs)

    def __aiter__(self) -> AsyncIterator[_Pair]:
        """Go over the pairs.

        Raises:
            TypeError: If this is a sync stream that has not been read to its end.
        """
        if isinstance(self._source, _AsyncSource):
            return _AsyncPairs(self._progress, self._source)
        if not self._progress.done:
            raise TypeError("this is a sync stream: read it with `for`")
        return _AsyncPairs(self._progress, None)

    def close(self) -> None:
        """Leave the stream and close what it reads from. What it holds stays.

        Raises:
            TypeError: If this is an async stream.
        """
        if isinstance(self._source, _AsyncSource):
            raise TypeError("this is an async stream: close it with `await stream.aclose()`")
        self._progress.leave()
        self._source.close()

    async def aclose(self) -> None:
        """Leave the stream, async or not, and close what it reads from. What it holds stays."""
        if isinstance(self._source, _AsyncSource):
            self._progress.leave()
            await self._source.close()
        else:
            self.close()

    def __enter__(self) -> Self:
        if isinstance(self._source, _AsyncSource):
            raise TypeError("this is an async stream: open it with `async with`")
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        content = self.content
        shown = content if len(content) <= _SHOWN else content[: _SHOWN - 1] + "…"
        parts = [f"model={self.model!r}", f"chunks={len(self.chunks)}", f"content={shown!r}"]
        if self.tool_calls:
            parts.append(f"tool_calls={[call.function.name for call in self.tool_calls]!r}")
        if self.finish_reasons:
            parts.append(f"finish_reasons={self.finish_reasons!r}")
        if self.error:
            parts.append(f"error={type(self.error).__name__}")
        elif not self._progress.complete:
            parts.append("left" if self._progress.done else "unfinished")
        return f"<GroqStream {' '.join(parts)}>"
