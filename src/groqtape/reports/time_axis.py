"""A time axis: where an event stands on it, and which times are marked."""

from __future__ import annotations

import math

__all__ = ["marks"]

_STEPS = (1, 2, 5, 10)


def marks(duration: float, most: int) -> list[float]:
    """Round times to mark on an axis, from 0 on.

    Args:
        duration: Where the axis ends, in milliseconds.
        most: How many marks there is room for.
    """
    if duration <= 0 or most < 2:
        return [0.0]
    raw = duration / (most - 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in _STEPS if factor * power >= raw * 0.999999)
    return [number * step for number in range(int(duration / step) + 1)]
