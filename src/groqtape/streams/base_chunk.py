"""Mirascope 1's base class of streamed chunks."""

from abc import ABC, abstractmethod
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict

from groqtape.streams.cost import CostMetadata, Usage

__all__ = ["BaseCallResponseChunk", "FinishReason"]

FinishReason: TypeAlias = Literal["stop", "length", "tool_calls", "content_filter", "function_call"]
"""Every value of `finish_reason` in `groq.types.chat.chat_completion_chunk.Choice`."""

ChunkT = TypeVar("ChunkT")
FinishReasonT = TypeVar("FinishReasonT")


class BaseCallResponseChunk(BaseModel, ABC, Generic[ChunkT, FinishReasonT]):
    """The interface of a streamed chunk, the same for every provider.

    Attributes:
        chunk: The provider's own chunk. An instance is kept as it is, without a copy or a second validation.
    """

    chunk: ChunkT

    model_config = ConfigDict(extra="allow", arbitrary_types_allowed=True)

    def __str__(self) -> str:
        return self.content

    @property
    @abstractmethod
    def content(self) -> str:
        """The text that the chunk adds to the first choice, or `""`."""
        ...

    @property
    @abstractmethod
    def finish_reasons(self) -> list[FinishReasonT] | None:
        """The finish reasons in this chunk."""
        ...

    @property
    @abstractmethod
    def model(self) -> str | None:
        """The name of the model."""
        ...

    @property
    @abstractmethod
    def id(self) -> str | None:
        """The id of the response."""
        ...

    @property
    @abstractmethod
    def usage(self) -> Any:
        """The provider's own usage object, `None` if the chunk has none."""
        ...

    @property
    @abstractmethod
    def input_tokens(self) -> int | float | None:
        """Tokens of the prompt, `None` if the chunk has no usage."""
        ...

    @property
    @abstractmethod
    def cached_tokens(self) -> int | float | None:
        """Tokens of the prompt that were read from a cache, `None` if the chunk has no usage."""
        ...

    @property
    @abstractmethod
    def output_tokens(self) -> int | float | None:
        """Tokens of the answer, `None` if the chunk has no usage."""
        ...

    @property
    @abstractmethod
    def cost_metadata(self) -> CostMetadata:
        """The values that the price of the call is computed from."""
        return CostMetadata(
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
            cached_tokens=self.cached_tokens,
        )

    @property
    @abstractmethod
    def common_finish_reasons(self) -> list[FinishReason] | None:
        """`finish_reasons`, named the same for every provider."""
        ...

    @property
    def common_usage(self) -> Usage | None:
        """The token counts as a `Usage`, with 0 for an unknown count; `None` if no count is known."""
        counts = (self.input_tokens, self.cached_tokens, self.output_tokens)
        if counts == (None, None, None):
            return None
        prompt, cached, answer = (int(count or 0) for count in counts)
        return Usage(
            input_tokens=prompt, cached_tokens=cached, output_tokens=answer, total_tokens=prompt + answer
        )
