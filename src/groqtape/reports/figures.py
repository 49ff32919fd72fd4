"""Figures as people read them: times, sizes, rates and counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["counted", "plural", "rate", "size", "span_of_time"]


def span_of_time(milliseconds: float | None) -> str:
    """A span of time: `17.1 ms`, `738 ms`, `2.41 s`, `1 min 4 s`; `–` where it is not known."""
    if milliseconds is None:
        return "–"
    if milliseconds < 99.95:
        return f"{milliseconds:.1f} ms"
    if milliseconds < 999.5:
        return f"{milliseconds:.0f} ms"
    if milliseconds < 59_995:
        return f"{milliseconds / 1000:.2f} s"
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    return f"{minutes} min {seconds} s"


def size(count: int) -> str:
    """A number of bytes: `914 B`, `3.8 kB`, `1.2 MB`."""
    if count < 1000:
        return f"{count} B"
    return f"{count / 1000:.1f} kB" if count < 999_950 else f"{count / 1_000_000:.1f} MB"


def rate(tokens_per_second: float | None) -> str:
    """Tokens a second; `–` where usage does not have them."""
    return "–" if tokens_per_second is None else f"{tokens_per_second:,.0f} tokens/s"


def plural(count: int, noun: str) -> str:
    """`1 chunk`, `2 chunks`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def counted(names: Iterable[str]) -> str:
    """Names in the order in which they first stand, with how often: `complete ×2, closed`."""
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return ", ".join(name if count == 1 else f"{name} ×{count}" for name, count in counts.items())
