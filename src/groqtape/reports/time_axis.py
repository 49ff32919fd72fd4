"""A time axis: which times are marked, and how."""

from __future__ import annotations

import math
import re

from groqtape.reports.figures import span_of_time

__all__ = ["label", "marks"]

_STEPS = (1, 2, 5, 10)
_LONG_STEPS = (10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600)  # seconds


def marks(duration: float, most: int) -> list[float]:
    """Round times to mark on an axis, from 0 on.

    Args:
        duration: Where the axis ends, in milliseconds.
        most: How many marks there is room for.
    """
    if duration <= 0 or most < 2:
        return [0.0]
    raw = duration / (most - 1)
    if raw > 5000:
        step = next((seconds * 1000.0 for seconds in _LONG_STEPS if seconds * 1000 >= raw), raw)
        return [number * step for number in range(int(duration / step) + 1)]
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in _STEPS if factor * power >= raw * 0.999999)
    return [number * step for number in range(int(duration / step) + 1)]


def label(at: float) -> str:
    """A time as it stands at a mark: `0 ms`, `50 ms`, `1.2 s`, `2 min`, without zeros that say nothing."""
    shown = span_of_time(at).removesuffix(" 0 s")
    return re.sub(r"\.?0+ ", " ", shown) if "." in shown else shown
