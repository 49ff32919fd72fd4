"""A stream of chunks that accumulates what it carries, under `for` and `async for` alike."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from types import TracebackType
from typing import Literal, Self

from groq.types import CompletionUsage
from groq.types.chat import ChatCompletionChunk, ChatCompletionMessageToolCall

from groqtape.streams.accumulator import Accumulator, Pair
from groqtape.streams.base_chunk import FinishReason
from groqtape.streams.chunk import GroqCallResponseChunk
from groqtape.streams.cost import CostMetadata
from groqtape.streams.sources import AsyncPairs, AsyncSource, Source, pairs, source_of
from groqtape.streams.views import Views

__all__ = ["GroqStream"]

_SHOWN = 40
"""How many characters of content a stream's `repr` shows."""


class GroqStream(Views):
    """A streamed answer that accumulates its parts while you iterate over it.

    `for chunk, tool_call in stream` (`async for` over an async stream) yields every chunk once, in order,
    with a tool call that the chunk finished or `None`. If one chunk finishes several calls, the further ones
    come with the chunks that follow. Calls that remain when the stream has ended well come with the last
    chunk, which is then yielded again. `groqtape.streams.tool_calls.ToolCalls` defines when a call is
    finished.

    Iterating again yields the pairs read so far, then reads on if the stream has not ended. Each chunk is
    read once, however many iterators there are. Several tasks may iterate, several threads may not. The
    attributes cover everything read so far, by any iterator.

    An exception of the source is raised to the consumer that was reading, and kept in `error`. Iterating
    after that yields the pairs read so far without an exception. If a stream broke or was closed, its
    unfinished tool calls are not yielded.

    Args:
        stream: A `groq.Stream` or `groq.AsyncStream` of chunks, or any iterable or async iterable of them.

    Raises:
        TypeError: If `stream` is neither, such as a completion that was not streamed.
    """

    def __init__(self, stream: Iterable[ChatCompletionChunk] | AsyncIterable[ChatCompletionChunk]) -> None:
        self._accumulated = Accumulator()
        self._source: Source | AsyncSource = source_of(stream, self._accumulated)

    @classmethod
    def finished(
        cls, chunks: Iterable[ChatCompletionChunk], error: Exception | None = None, end: str = "complete"
    ) -> Self:
        """Make a stream that has already been read.

        Args:
            chunks: All chunks of the stream.
            error: The exception that ended the stream early, if one did.
            end: `complete`, `closed` or `unfinished`, where none did.

        Returns:
            A stream with nothing left to read. It works with `for` and `async for`.
        """
        stream = cls(())
        for chunk in chunks:
            stream._accumulated.add(chunk)
        if error is not None:
            stream._accumulated.fail(error)
        elif end == "complete":
            stream._accumulated.end()
        elif end == "closed":
            stream._accumulated.close()
        return stream

    @property
    def chunks(self) -> list[GroqCallResponseChunk]:
        """The chunks read so far, each once."""
        return self._accumulated.chunks

    @property
    def content(self) -> str:
        """The text of the choice with index 0."""
        return "".join(self._accumulated.content)

    @property
    def reasoning(self) -> str:
        """The reasoning of the choice with index 0 (`delta.reasoning`)."""
        return "".join(self._accumulated.reasoning)

    @property
    def tool_calls(self) -> list[ChatCompletionMessageToolCall]:
        """The finished tool calls of all choices, in the order in which they finished."""
        return self._accumulated.tool_calls

    @property
    def finish_reasons(self) -> list[FinishReason]:
        """The finish reasons, in the order of the choices' indexes; `[]` before there is any."""
        return [reason for _, reason in sorted(self._accumulated.finish_reasons.items())]

    @property
    def model(self) -> str | None:
        """The name of the model in the last chunk; `None` before the first chunk."""
        return self._accumulated.model

    @property
    def id(self) -> str | None:
        """The id of the last chunk (only `groq/compound` changes it); `None` before the first chunk."""
        return self._accumulated.id

    @property
    def usage(self) -> CompletionUsage | None:
        """The last usage reported, `None` before that. Groq reports the same one up to three times."""
        reporter = self._accumulated.last_with_usage
        return reporter.usage if reporter else None

    @property
    def input_tokens(self) -> int | None:
        """Tokens of the prompt, `None` before usage is reported."""
        reporter = self._accumulated.last_with_usage
        return reporter.input_tokens if reporter else None

    @property
    def cached_tokens(self) -> int | None:
        """Tokens of the prompt read from Groq's cache; `None` before any usage, 0 if it lists none."""
        reporter = self._accumulated.last_with_usage
        return reporter.cached_tokens if reporter else None

    @property
    def output_tokens(self) -> int | None:
        """Tokens of the answer, `None` before usage is reported."""
        reporter = self._accumulated.last_with_usage
        return reporter.output_tokens if reporter else None

    @property
    def cost_metadata(self) -> CostMetadata:
        """The three token counts as a `CostMetadata`; all `None` before usage is reported."""
        reporter = self._accumulated.last_with_usage
        return reporter.cost_metadata if reporter else CostMetadata()

    @property
    def error(self) -> Exception | None:
        """The exception that ended the stream early, such as a `groq.APIError`, or `None`.

        A cancellation is not an `Exception` and is not kept here.
        """
        return self._accumulated.error

    @property
    def end(self) -> Literal["complete", "closed", "error", "unfinished"]:
        """How it ended: read to its end, closed before, by an `error`; or that it has not ended."""
        if self.error is not None:
            return "error"
        if self._accumulated.complete:
            return "complete"
        return "closed" if self._accumulated.done else "unfinished"

    @property
    def is_async(self) -> bool:
        """Whether it is read with `async for`."""
        return isinstance(self._source, AsyncSource)

    def __iter__(self) -> Iterator[Pair]:
        """Iterate over the pairs.

        Raises:
            TypeError: If this is an async stream that has not been read to its end.
        """
        if isinstance(self._source, Source):
            return pairs(self._accumulated, self._source)
        if not self._accumulated.done:
            raise TypeError("this is an async stream: read it with `async for`")
        return iter(self._accumulated.pairs)

    def __aiter__(self) -> AsyncIterator[Pair]:
        """Iterate over the pairs.

        Raises:
            TypeError: If this is a sync stream that has not been read to its end.
        """
        if isinstance(self._source, AsyncSource):
            return AsyncPairs(self._accumulated, self._source)
        if not self._accumulated.done:
            raise TypeError("this is a sync stream: read it with `for`")
        return AsyncPairs(self._accumulated, None)

    def close(self) -> None:
        """Close the stream and its source. What has been read stays available.

        Raises:
            TypeError: If this is an async stream.
        """
        if isinstance(self._source, AsyncSource):
            raise TypeError("this is an async stream: close it with `await stream.aclose()`")
        self._accumulated.close()
        self._source.close()

    async def aclose(self) -> None:
        """Close the stream, async or not, and its source. What has been read stays available."""
        if isinstance(self._source, AsyncSource):
            self._accumulated.close()
            await self._source.close()
        else:
            self.close()

    def __enter__(self) -> Self:
        if isinstance(self._source, AsyncSource):
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
        elif self.end != "complete":
            parts.append(self.end)
        return f"<GroqStream {' '.join(parts)}>"
