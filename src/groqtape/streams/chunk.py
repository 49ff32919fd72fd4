"""One chunk of a streamed answer, with the properties of Mirascope 1's `GroqCallResponseChunk`."""

from groq.types import CompletionUsage
from groq.types.chat import ChatCompletionChunk

from groqtape.streams.base_chunk import BaseCallResponseChunk, FinishReason
from groqtape.streams.cost import CostMetadata

__all__ = ["GroqCallResponseChunk"]


class GroqCallResponseChunk(BaseCallResponseChunk[ChatCompletionChunk, FinishReason]):
    """A `groq.types.chat.ChatCompletionChunk` with the properties of Mirascope 1's class of this name.

    Two properties differ from Mirascope's. `usage` also looks in `x_groq`, the only place where Groq put it
    until September 2025. `cached_tokens` is the number that Groq reports; Mirascope's is always 0.

    Attributes:
        chunk: The SDK's chunk, the same object that you passed. A mapping is validated into one.

    Raises:
        pydantic.ValidationError: If `chunk` is neither a `ChatCompletionChunk` nor a mapping that validates
            as one.
    """

    @property
    def content(self) -> str:
        """The text that the chunk adds to its first choice, or `""`."""
        choices = self.chunk.choices
        delta = choices[0].delta if choices else None
        return (delta.content if delta else None) or ""

    @property
    def finish_reasons(self) -> list[FinishReason]:
        """The finish reasons in this chunk, in the order of its choices; `[]` if it has none."""
        return [choice.finish_reason for choice in self.chunk.choices or () if choice.finish_reason]

    @property
    def model(self) -> str:
        """The name of the model, such as `"openai/gpt-oss-20b"`."""
        return self.chunk.model

    @property
    def id(self) -> str:
        """The id of the response. `groq/compound` sends a different one with every chunk."""
        return self.chunk.id

    @property
    def usage(self) -> CompletionUsage | None:
        """`chunk.usage`, or else `chunk.x_groq.usage`; `None` if the chunk has neither.

        Groq repeats the same usage on the finish chunk and after it. Use the last one; do not add them up.
        """
        # The SDK builds chunks without validation, so `x_groq` may lack the field.
        usage: CompletionUsage | None = self.chunk.usage or getattr(self.chunk.x_groq, "usage", None)
        return usage

    @property
    def input_tokens(self) -> int | None:
        """Tokens of the prompt (`usage.prompt_tokens`), `None` if there is no usage."""
        usage = self.usage
        return usage.prompt_tokens if usage else None

    @property
    def cached_tokens(self) -> int | None:
        """Tokens of the prompt read from Groq's cache (`usage.prompt_tokens_details.cached_tokens`).

        `None` if there is no usage. 0 if usage has no such field: Groq omits it when nothing was cached.
        """
        usage = self.usage
        if not usage:
            return None
        details = usage.prompt_tokens_details
        return (details.cached_tokens or 0) if details else 0

    @property
    def output_tokens(self) -> int | None:
        """Tokens of the answer (`usage.completion_tokens`), `None` if there is no usage."""
        usage = self.usage
        return usage.completion_tokens if usage else None

    @property
    def cost_metadata(self) -> CostMetadata:
        """The three token counts as a `CostMetadata`."""
        return super().cost_metadata

    @property
    def common_finish_reasons(self) -> list[FinishReason] | None:
        """The same as `finish_reasons`: Groq's names are the common ones."""
        return self.finish_reasons
