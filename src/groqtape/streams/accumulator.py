"""What a stream has accumulated so far: chunks, content, tool calls, usage and how it ended."""

from collections import deque
from typing import TYPE_CHECKING, TypeAlias

from groq.types.chat import ChatCompletionChunk, ChatCompletionMessageToolCall

from groqtape.streams.chunk import GroqCallResponseChunk
from groqtape.streams.tool_calls import ToolCalls

if TYPE_CHECKING:
    from groqtape.streams.base_chunk import FinishReason

__all__ = ["Accumulator", "Pair"]

Pair: TypeAlias = tuple[GroqCallResponseChunk, ChatCompletionMessageToolCall | None]
"""A chunk, and a tool call that it finished or `None`."""


class Accumulator:
    """What has been read of a stream so far. It does not read: see `groqtape.streams.sources`."""

    def __init__(self) -> None:
        self.pairs: list[Pair] = []
        self.chunks: list[GroqCallResponseChunk] = []
        self.content: list[str] = []
        self.reasoning: list[str] = []
        self.tool_calls: list[ChatCompletionMessageToolCall] = []
        self.finish_reasons: dict[int, FinishReason] = {}
        self.model: str | None = None
        self.id: str | None = None
        self.last_with_usage: GroqCallResponseChunk | None = None
        self.error: Exception | None = None
        # `done`: nothing more will be read. `complete`: the stream was read to its regular end.
        self.done = False
        self.complete = False
        # A read was interrupted, for example by a cancellation. That ends a generator, whose next
        # `StopIteration` then does not mean that the stream ended well.
        self.interrupted = False
        self._calls = ToolCalls()
        # Finished calls that are in no pair yet.
        self._pending: deque[ChatCompletionMessageToolCall] = deque()

    @property
    def tool_calls_by_choice(self) -> dict[int, list[ChatCompletionMessageToolCall]]:
        """The finished tool calls of each choice that has any, in the order in which they finished."""
        return self._calls.finished

    def add(self, chunk: ChatCompletionChunk) -> None:
        """Add the next chunk."""
        self.interrupted = False
        wrapped = GroqCallResponseChunk(chunk=chunk)
        chunk = wrapped.chunk
        self.model = chunk.model or self.model
        self.id = chunk.id or self.id
        if wrapped.usage:
            self.last_with_usage = wrapped
        for choice in chunk.choices or ():
            index = choice.index or 0  # the SDK builds chunks without validation: it may be None
            if choice.finish_reason:
                self.finish_reasons[index] = choice.finish_reason
            if index == 0 and choice.delta:
                self.content.append(choice.delta.content or "")
                self.reasoning.append(choice.delta.reasoning or "")
        self._add_finished(self._calls.add(chunk))
        self.chunks.append(wrapped)
        self._add_pair(wrapped)

    def end(self) -> None:
        """Record that the source has nothing more."""
        if not self.done and not self.interrupted:
            self.complete = True
            self._add_finished(self._calls.end())
            while self._pending:
                self._add_pair(self.chunks[-1])
        self.done = True

    def fail(self, error: Exception) -> None:
        """Record that the source raised an exception."""
        if not self.done:
            self.error = error
        self.done = True

    def close(self) -> None:
        """Record that the consumer closed the stream."""
        self.done = True

    def _add_finished(self, calls: list[ChatCompletionMessageToolCall]) -> None:
        self.tool_calls += calls
        self._pending += calls

    def _add_pair(self, chunk: GroqCallResponseChunk) -> None:
        self.pairs.append((chunk, self._pending.popleft() if self._pending else None))
