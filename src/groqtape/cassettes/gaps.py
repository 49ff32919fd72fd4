"""The times of a stream's events in a cassette: apart from the events, as the gaps between them.

A recording of the same answer in other times differs from the old one only here::

    gaps: |
      412.1 2.8 86.1 0.2

Each number is how many milliseconds an event arrived after the one before it; the first, after the request
was sent. A `-` stands for an event whose arrival is not known. There are ten on a line.

Lines of the transcript can be removed and added by hand: numbers without an event are ignored, and events
without a number have no time.
"""

from __future__ import annotations

import re
from itertools import repeat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["check_gaps", "gaps_of", "times_of"]

_UNKNOWN = "-"
_ON_A_LINE = 10
_ONE = r"(?:-?[0-9]{1,12}(?:\.[0-9]{1,12})?|-)"
_GAP = re.compile(_ONE)
_GAPS = re.compile(rf"\s*+(?:{_ONE}(?:\s++|\Z))*+")


def gaps_of(times: Sequence[float | None]) -> str:
    """Write times (milliseconds after the request was sent) as gaps; `""` where none is known.

    Times are kept to a tenth of a millisecond, and the gaps add up to them exactly.
    """
    if all(time is None for time in times):
        return ""
    gaps, before = [], 0
    for time in times:
        if time is None:
            gaps.append(_UNKNOWN)
            continue
        tenths = int(f"{time:.1f}".replace(".", ""))
        gap = tenths - before
        gaps.append(f"{'-' if gap < 0 else ''}{abs(gap) // 10}{f'.{abs(gap) % 10}' if gap % 10 else ''}")
        before = tenths
    rows = (gaps[start : start + _ON_A_LINE] for start in range(0, len(gaps), _ON_A_LINE))
    return "".join(f"{' '.join(row)}\n" for row in rows)


def check_gaps(text: str) -> tuple[str, int] | None:
    """Check the gaps of a stream.

    Returns:
        The first that is none, and its line (the first is 1); None where all are.
    """
    if _GAPS.fullmatch(text):
        return None
    gaps = ((gap, number) for number, line in enumerate(text.split("\n"), 1) for gap in line.split())
    return next((gap, number) for gap, number in gaps if not _GAP.fullmatch(gap))


def times_of(gaps: str, events: int) -> list[float | None]:
    """Read gaps as times (milliseconds after the request was sent).

    Args:
        gaps: The text, checked.
        events: How many events the stream has.
    """
    times: list[float | None] = []
    total = 0
    for gap in gaps.split()[:events]:
        if gap == _UNKNOWN:
            times.append(None)
        else:
            total += round(float(gap) * 10)
            times.append(total / 10)
    times.extend(repeat(None, events - len(times)))
    return times
