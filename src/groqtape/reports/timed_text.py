"""Text that arrived in pieces, with the time beside each of its lines."""

from __future__ import annotations

import textwrap
from bisect import bisect_right
from typing import TYPE_CHECKING

from groqtape.redaction.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["timed_lines"]

_NARROWEST = 10


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
    if not width or not paragraph:
        return [paragraph]
    # A character of East Asia takes two columns.
    columns = width if paragraph.isascii() else max(width - sum(map(_is_wide, paragraph[:width])), width // 2)
    return textwrap.wrap(
        paragraph,
        max(columns, _NARROWEST),
        drop_whitespace=False,
        replace_whitespace=False,
        expand_tabs=False,
        break_on_hyphens=False,
    )


def _is_wide(character: str) -> bool:
    from unicodedata import east_asian_width

    return east_asian_width(character) in "WF"
