"""One chunk of a streamed answer, behind the names that Mirascope 1 gives to its parts."""

from abc import ABC, abstractmethod
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from groq.types import CompletionUsage
from groq.types.chat import ChatCompletionChunk
from pydantic import BaseModel, ConfigDict

__all__ = [
    "AudioMetadata",
    "BaseCallResponseChunk",
    "CostMetadata",
    "FinishReason",
    "GoogleMetadata",
    "GroqCallResponseChunk",
    "ImageMetadata",
    "PDFImageMetadata",
    "PDFMetadata",
    "Usage",
    "VideoMetadata",
]

FinishReason: TypeAlias = Literal["stop", "length", "tool_calls", "content_filter", "function_call"]
"""Why a choice ended: every value of `finish_reason` in `groq.types.chat.chat_completion_chunk.Choice`."""

ChunkT = TypeVar("ChunkT")
FinishReasonT = TypeVar("FinishReasonT")


class Usage(BaseModel):
    """Token counts under names that do not depend on the provider."""

    input_tokens: int
    """Tokens of the prompt, those from a cache among them."""
    cached_tokens: int
    """Tokens of the prompt that a cache held."""
    output_tokens: int
    """Tokens of the answer."""
    total_tokens: int
    """`input_tokens` and `output_tokens` together."""


class ImageMetadata(BaseModel):
    """An image, as far as its price depends on it."""

    width: int
    """In pixels."""
    height: int
    """In pixels."""
    tokens: int | None = None
    detail: str | None = None


class VideoMetadata(BaseModel):
    """A video, as far as its price depends on it."""

    duration_seconds: float
    with_audio: bool | None = False
    tokens: int | None = None


class AudioMetadata(BaseModel):
    """A sound recording, as far as its price depends on it."""

    duration_seconds: float
    with_timestamps: bool | None = False
    tokens: int | None = None


class PDFImageMetadata(BaseModel):
    """An image on a page of a PDF."""

    width: int
    """In pixels."""
    height: int
    """In pixels."""
    tokens: int | None = None


class PDFMetadata(BaseModel):
    """A PDF, as far as its price depends on it."""

    page_count: int | None = None
    text_tokens: int | None = None
    images: list[PDFImageMetadata] | None = None
    cached: bool | None = None


class GoogleMetadata(BaseModel):
    """What only Google's prices depend on."""

    use_vertex_ai: bool | None = False
    grounding_requests: int | None = None


class CostMetadata(BaseModel):
    """What the price of a call is worked out from.

    The fields, their types and their defaults are those of Mirascope 1's `CostMetadata`, so that a cost
    function takes either. From a Groq stream come only `input_tokens`, `output_tokens` and `cached_tokens`.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    input_tokens: int | float | None = None
    output_tokens: int | float | None = None
    cached_tokens: int | float | None = None
    streaming_mode: bool | None = None
    cached_response: bool | None = None
    context_length: int | None = None
    """In tokens."""
    realtime_mode: bool | None = None
    region: str | None = None
    tier: str | None = None
    batch_mode: bool | None = None
    images: list[ImageMetadata] | None = None
    videos: list[VideoMetadata] | None = None
    audio: list[AudioMetadata] | None = None
    audio_output: list[AudioMetadata] | None = None
    pdf: PDFMetadata | None = None
    context_cache_tokens: int | None = None
    context_cache_hours: float | None = None
    google: GoogleMetadata | None = None
    realtime_tokens: int | None = None
    cache_write: bool | None = None
    tool_use_tokens: int | None = None
    cost: float | None = None
    """The price itself, where a provider states it."""


class BaseCallResponseChunk(BaseModel, ABC, Generic[ChunkT, FinishReasonT]):
    """What a streamed chunk answers, whichever provider sent it.

    Attributes:
        chunk: The provider's own chunk. An instance is kept as it is: neither copied nor validated again.
    """

    chunk: ChunkT

    model_config = ConfigDict(extra="allow", arbitrary_types_allowed=True)

    def __str__(self) -> str:
        return self.content

    @property
    @abstractmethod
    def content(self) -> str:
        """The text that the chunk adds to the 0th choice, `""` where it adds none."""
        ...

    @property
    @abstractmethod
    def finish_reasons(self) -> list[FinishReasonT] | None:
        """Why choices ended with this chunk."""
        ...

    @property
    @abstractmethod
    def model(self) -> str | None:
        """The model that answers."""
        ...

    @property
    @abstractmethod
    def id(self) -> str | None:
        """The answer's id."""
        ...

    @property
    @abstractmethod
    def usage(self) -> Any:
        """The provider's own usage object, `None` where the chunk has none."""
        ...

    @property
    @abstractmethod
    def input_tokens(self) -> int | float | None:
        """Tokens of the prompt, `None` where the chunk does not say."""
        ...

    @property
    @abstractmethod
    def cached_tokens(self) -> int | float | None:
        """Tokens of the prompt that a cache held, `None` where the chunk does not say."""
        ...

    @property
    @abstractmethod
    def output_tokens(self) -> int | float | None:
        """Tokens of the answer, `None` where the chunk does not say."""
        ...

    @property
    @abstractmethod
    def cost_metadata(self) -> CostMetadata:
        """What the price of the call is worked out from."""
        return CostMetadata(
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
            cached_tokens=self.cached_tokens,
        )

    @property
    @abstractmethod
    def common_finish_reasons(self) -> list[FinishReason] | None:
        """`finish_reasons` in words that do not depend on the provider."""
        ...

    @property
    def common_usage(self) -> Usage | None:
        """The token counts as a `Usage`, an unknown one as 0; `None` where no count is known."""
        counts = (self.input_tokens, self.cached_tokens, self.output_tokens)
        if counts == (None, None, None):
            return None
        read, cached, written = (int(count or 0) for count in counts)
        return Usage(
            input_tokens=read, cached_tokens=cached, output_tokens=written, total_tokens=read + written
        )


class GroqCallResponseChunk(BaseCallResponseChunk[ChatCompletionChunk, FinishReason]):
    """A `groq.types.chat.ChatCompletionChunk` with its parts at hand.

    It answers as Mirascope 1's class of this name does, with two mends. `usage` looks in `x_groq` too, the
    only place where Groq put it until September 2025. And `cached_tokens` is what Groq reports, where
    Mirascope's is always 0.

    Attributes:
        chunk: The SDK's chunk, the very object that was given; a mapping is made into one.

    Raises:
        pydantic.ValidationError: If `chunk` is neither a `ChatCompletionChunk` nor a mapping that makes one.
    """

    @property
    def content(self) -> str:
        """The text that the chunk adds to its first choice, `""` where it adds none or has no choice."""
        choices = self.chunk.choices
        delta = choices[0].delta if choices else None
        return (delta.content if delta else None) or ""

    @property
    def finish_reasons(self) -> list[FinishReason]:
        """Why choices ended with this chunk, in the chunk's order; `[]` where none did."""
        return [choice.finish_reason for choice in self.chunk.choices or () if choice.finish_reason]

    @property
    def model(self) -> str:
        """The model that answers, such as `"llama-3.1-8b-instant"`."""
        return self.chunk.model

    @property
    def id(self) -> str:
        """The answer's id; `groq/compound` gives every chunk another one."""
        return self.chunk.id

    @property
    def usage(self) -> CompletionUsage | None:
        """`chunk.usage`, or else `chunk.x_groq.usage`; `None` on a chunk that has neither.

        Groq repeats the same usage on the finish chunk and after it: take the last, and never add them up.
        """
        # The SDK does not check what it builds from the wire: `x_groq` need not have the field.
        usage: CompletionUsage | None = self.chunk.usage or getattr(self.chunk.x_groq, "usage", None)
        return usage

    @property
    def input_tokens(self) -> int | None:
        """Tokens of the prompt (`usage.prompt_tokens`), `None` where there is no usage."""
        usage = self.usage
        return usage.prompt_tokens if usage else None

    @property
    def cached_tokens(self) -> int | None:
        """Tokens of the prompt that Groq's cache held (`usage.prompt_tokens_details.cached_tokens`).

        `None` where there is no usage, and 0 where usage says nothing of a cache, since Groq leaves the
        field out when the cache held nothing.
        """
        usage = self.usage
        if not usage:
            return None
        details = usage.prompt_tokens_details
        return (details.cached_tokens or 0) if details else 0

    @property
    def output_tokens(self) -> int | None:
        """Tokens of the answer (`usage.completion_tokens`), `None` where there is no usage."""
        usage = self.usage
        return usage.completion_tokens if usage else None

    @property
    def cost_metadata(self) -> CostMetadata:
        """The three token counts, as a `CostMetadata`."""
        return super().cost_metadata

    @property
    def common_finish_reasons(self) -> list[FinishReason] | None:
        """The same as `finish_reasons`, whose words are the common ones already."""
        return self.finish_reasons
