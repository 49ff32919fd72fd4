"""Texts decoded from a body: each knows which characters of the body it was decoded from.

A secret is found in decoded text and replaced in the body. Nothing is encoded anew, so every other byte of
the body stays as it was.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Joined", "Span", "View", "decodings", "unescaped"]

Span: TypeAlias = tuple[int, int]
"""Start and end, in characters."""

_LEVELS = 5
"""How deeply JSON strings inside JSON strings are decoded."""

_ESCAPE = re.compile(
    r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"  # a character in two units
    r"|\\u([0-9a-fA-F]{4})"
    r"|\\([\"\\/bfnrt])"
)
_SHORT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")


class View:
    """A text, and where it comes from.

    Args:
        text: The text.
        parent: The view that it was decoded from, or None if it is the body itself.
        here: Places in the text, ascending; from each one on, `there` has the place in the parent.
        there: The places in the parent.
    """

    def __init__(
        self,
        text: str,
        parent: View | Joined | None = None,
        here: Sequence[int] = (0,),
        there: Sequence[int] = (0,),
    ) -> None:
        self.text = text
        self._parent = parent
        self._here = here
        self._there = there

    def part(self, start: int, end: int) -> View:
        """Return a part of the text, unchanged."""
        return View(self.text[start:end], self, (0,), (start,))

    def spans(self, start: int, end: int) -> list[Span]:
        """Return the spans of the body that a span of this text was decoded from."""
        if self._parent is None:
            return [(start, end)]
        return self._parent.spans(self._place(start), self._place(end))

    def _place(self, place: int) -> int:
        nearest = bisect_right(self._here, place) - 1
        return self._there[nearest] + place - self._here[nearest]


class Joined:
    """A text in several pieces of a body, such as the content of a stream.

    Args:
        pieces: The pieces, in their order.
    """

    def __init__(self, pieces: Sequence[View]) -> None:
        self.text = "".join(piece.text for piece in pieces)
        self._pieces = pieces
        self._ends = list(accumulate(len(piece.text) for piece in pieces))

    def spans(self, start: int, end: int) -> list[Span]:
        """Return the spans of the body that a span of this text is in, one for each piece."""
        spans = []
        for number in range(bisect_right(self._ends, start), bisect_right(self._ends, end - 1) + 1):
            piece, begins = self._pieces[number], self._ends[number] - len(self._pieces[number].text)
            spans += piece.spans(max(start - begins, 0), min(end, self._ends[number]) - begins)
        return spans


def decodings(view: View | Joined) -> Iterator[View | Joined]:
    """Yield a text as it is and decoded: from JSON escapes at any depth, from percent-encoding, or both.

    A `+` is left as it is. In forms, it is a space.
    """
    for _ in range(_LEVELS + 1):
        yield view
        yield from _from_urls(view)
        if "\\" not in view.text:
            return
        inner = unescaped(view)
        if inner is None:
            return
        view = inner


def unescaped(view: View | Joined) -> View | None:
    """Decode the JSON escapes in a text, inside of quotes or not; None if it has none."""
    parts: list[str] = []
    here, there = [0], [0]
    length = at = 0
    for found in _ESCAPE.finditer(view.text):
        high, low, unit, short = found.groups()
        if high:
            character = chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00)
        else:
            character = chr(int(unit, 16)) if unit else _SHORT.get(short, short)
        start, end = found.span()
        parts += view.text[at:start], character
        length += start - at
        here += length, length + 1
        there += start, end
        length += 1
        at = end
    if not at:
        return None
    return View("".join([*parts, view.text[at:]]), view, here, there)


def _from_urls(view: View | Joined) -> Iterator[View]:
    """Yield a text percent-decoded, once and twice."""
    decoded = _unquoted(view) if "%" in view.text else None
    while decoded:
        yield decoded
        decoded = _unquoted(decoded) if "%" in decoded.text else None


def _unquoted(view: View | Joined) -> View | None:
    parts: list[str] = []
    here, there = [0], [0]
    length = at = 0
    for found in _PERCENT.finditer(view.text):
        start, end = found.span()
        run = bytes.fromhex(found[0].replace("%", "")).decode("utf-8", "surrogateescape")
        parts += view.text[at:start], run
        length += start - at
        for character in run:
            here += length, length + 1
            after = start + 3 * len(character.encode("utf-8", "surrogateescape"))
            there += start, after
            length, start = length + 1, after
        at = end
    if not at:
        return None
    return View("".join([*parts, view.text[at:]]), view, here, there)
