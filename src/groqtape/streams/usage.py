"""Token counts out of a usage object, without its times."""

from typing import Any, TypedDict

__all__ = ["UsageCounts", "counts_of"]


class UsageCounts(TypedDict, total=False):
    """The counts that a usage object reports. What Groq does not report, because it is unused, is absent."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    cached_tokens: int
    """Tokens of the prompt that were read from a cache (`prompt_tokens_details.cached_tokens`)."""
    reasoning_tokens: int
    """Tokens of the answer that are reasoning (`completion_tokens_details.reasoning_tokens`)."""


def counts_of(usage: Any) -> UsageCounts:
    """The token counts of a `CompletionUsage`."""
    prompt = getattr(usage, "prompt_tokens_details", None)
    completion = getattr(usage, "completion_tokens_details", None)
    counts: dict[str, Any] = {
        "prompt_tokens": getattr(usage, "prompt_tokens", None),
        "completion_tokens": getattr(usage, "completion_tokens", None),
        "total_tokens": getattr(usage, "total_tokens", None),
        "cached_tokens": getattr(prompt, "cached_tokens", None),
        "reasoning_tokens": getattr(completion, "reasoning_tokens", None),
    }
    reported: Any = {name: count for name, count in counts.items() if count is not None}
    result: UsageCounts = reported
    return result
