"""The figures of a stream in words, as the terminal and the page have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groqtape.reports.figures import plural, rate, span_of_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groqtape.reports.timing import Timing

__all__ = ["timing_sentences"]

_GROQS = (("queue_time", "queue"), ("prompt_time", "prompt"), ("completion_time", "completion"))


def timing_sentences(timing: Timing) -> Iterator[str]:
    """What is known of when a stream's parts arrived: a sentence each."""
    if timing.first_chunk is not None:
        words = "" if timing.first_text is None else f", first words {span_of_time(timing.first_text)}"
        yield f"first chunk {span_of_time(timing.first_chunk)}{words}, {span_of_time(timing.duration)} in all"
    if timing.gap_longest is not None:
        gaps = (("p50", timing.gap_p50), ("p95", timing.gap_p95), ("longest", timing.gap_longest))
        shown = ", ".join(f"{name} {span_of_time(gap)}" for name, gap in gaps)
        stalls = f", {plural(len(timing.stalls), 'stall')}" if timing.stalls else ""
        yield f"gaps between chunks: {shown}{stalls}"
    if timing.tokens_per_second is not None:
        yield f"{rate(timing.tokens_per_second)} by Groq's usage"
    times = [f"{word} {span_of_time(timing.groq[name])}" for name, word in _GROQS if name in timing.groq]
    if times:
        yield f"Groq's own times: {', '.join(times)}"
