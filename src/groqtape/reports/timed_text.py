"""Text that arrived in pieces, with the time beside each of its lines."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from groqtape.redaction.printable import printable
from groqtape.reports.columns import columns_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["timed_lines"]

_NARROWEST = 10
# Between the characters of East Asia, which all take two columns, a line may be broken.
_WIDE = (
    "\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6"
    "\U00020000-\U0003fffd"
)
_UNITS = re.compile(rf"\s+|[{_WIDE}]|[^\s{_WIDE}]+")


def timed_lines(pieces: Iterable[tuple[float | None, str]], width: int) -> Iterator[tuple[float | None, str]]:
    """The lines of a text, each with the time at which it began.

    Args:
        pieces: When each piece arrived, and its text.
        width: How many columns a line may have; 0 for any number.
    """
    times: list[float | None] = []
    starts: list[int] = []
    parts: list[str] = []
    at = 0
    for time, piece in pieces:
        shown = printable(piece)
        if shown:
            times.append(time)
            starts.append(at)
            parts.append(shown)
            at += len(shown)
    text = "".join(parts)
    at = 0
    for paragraph in text.split("\n"):
        for number, line in enumerate(_wrapped(paragraph, width)):
            shown = line.lstrip(" ") if number else line  # the space at which it was wrapped
            begins = at + len(line) - len(shown)
            yield times[max(bisect_right(starts, begins) - 1, 0)] if times else None, shown.rstrip()
            at += len(line)
        at += 1


def _wrapped(paragraph: str, width: int) -> Sequence[str]:
    """The lines of a paragraph, which are the paragraph when they are joined."""
    if not width or columns_of(paragraph) <= width:
        return [paragraph]
    lines, line, used = [], "", 0
    for unit in _units(paragraph, max(width, _NARROWEST)):
        length = columns_of(unit)
        if line and used + length > max(width, _NARROWEST) and not unit.isspace():
            lines.append(line)
            line, used = "", 0
        line += unit
        used += length
    return [*lines, line]


def _units(paragraph: str, width: int) -> Iterator[str]:
    """What a line is not broken within: words, characters of East Asia, pieces of what no line holds."""
    for unit in _UNITS.findall(paragraph):
        if columns_of(unit) <= width:
            yield unit
        else:
            yield from (unit[at : at + width] for at in range(0, len(unit), width))
