"""When the parts of a stream arrived: the figures of one stream.

The time to the first chunk and the gaps are between reads of this recording, network included. They are gaps
between chunks, never between tokens: a chunk may hold several. Tokens a second come from Groq's usage alone.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groqtape.reports.events import Event

__all__ = ["Stall", "Timing", "timing_of", "usage_of"]

# A gap is a stall when it is this long, and this many times as long as the gap in the middle.
_SHORTEST_STALL = 200.0
_TIMES_THE_MEDIAN = 5
_NO_CHUNKS = frozenset({"done", "error", "other"})
_TEXTS = frozenset({"content", "reasoning", "tool call", "executed tool"})
_GROQS_TIMES = ("queue_time", "prompt_time", "completion_time", "total_time")


class Stall(NamedTuple):
    """A pause in a stream.

    Attributes:
        start: When the chunk before it arrived, in milliseconds after the request was sent.
        length: In milliseconds.
    """

    start: float
    length: float


class Timing(NamedTuple):
    """The figures of a stream; times are in milliseconds after the request was sent, None where not known.

    Attributes:
        first_chunk: When the first chunk arrived.
        first_text: When the first words, reasoning or tool call arrived: the time to the first token.
        duration: When the last event arrived.
        gap_p50: The median of the gaps between chunks (nearest rank).
        gap_p95: What 95 of 100 gaps are not longer than.
        gap_longest: The longest gap.
        stalls: The gaps that are stalls.
        tokens_per_second: Completion tokens by completion time, both as Groq's usage has them.
        groq: Groq's own queue, prompt, completion and total time, in milliseconds, as far as usage has them.
    """

    first_chunk: float | None
    first_text: float | None
    duration: float | None
    gap_p50: float | None
    gap_p95: float | None
    gap_longest: float | None
    stalls: tuple[Stall, ...]
    tokens_per_second: float | None
    groq: dict[str, float]


def timing_of(events: Sequence[Event]) -> Timing:
    """Work out the figures of a stream."""
    arrivals = [event.at for event in events if event.at is not None]
    chunks = [event.at for event in events if event.at is not None and event.kind not in _NO_CHUNKS]
    texts = [event.at for event in events if event.at is not None and event.kind in _TEXTS]
    gaps = [round(later - earlier, 1) for earlier, later in pairwise(chunks)]
    usage = usage_of(events)
    ranked = sorted(gaps)
    median = _percentile(ranked, 50)
    return Timing(
        first_chunk=chunks[0] if chunks else None,
        first_text=texts[0] if texts else None,
        duration=arrivals[-1] if arrivals else None,
        gap_p50=median,
        gap_p95=_percentile(ranked, 95),
        gap_longest=ranked[-1] if ranked else None,
        stalls=tuple(
            Stall(start, gap)
            for start, gap in zip(chunks, gaps, strict=False)
            if gap >= max(_SHORTEST_STALL, _TIMES_THE_MEDIAN * (median or 0.0))
        ),
        tokens_per_second=_rate(usage.get("completion_tokens"), usage.get("completion_time")),
        groq={name: round(usage[name] * 1000, 3) for name in _GROQS_TIMES if _is_number(usage.get(name))},
    )


def usage_of(events: Sequence[Event]) -> dict[str, Any]:
    """The usage that a stream reported last: at the top of a chunk, or in its `x_groq`; `{}` without any."""
    for event in reversed(events):
        chunk = event.chunk or {}
        extra = chunk.get("x_groq")
        for usage in (chunk.get("usage"), extra.get("usage") if isinstance(extra, dict) else None):
            if isinstance(usage, dict) and usage:
                return usage
    return {}


def _percentile(ranked: Sequence[float], percent: int) -> float | None:
    return ranked[math.ceil(percent / 100 * len(ranked)) - 1] if ranked else None


def _rate(tokens: Any, seconds: Any) -> float | None:
    if not _is_number(tokens) or not _is_number(seconds) or seconds <= 0:
        return None
    return round(float(tokens) / float(seconds), 1)


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)
