"""Which words of a text changed."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["Piece", "readable", "word_diff"]

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
# Comparing takes time by the square of this: longer texts are compared by lines, and the longest as wholes.
_MOST_UNITS = 4000
# Words that stay are shown where they stand beside ones that do not.
_CONTEXT = 12


class Piece(NamedTuple):
    """A piece of a comparison.

    Attributes:
        kind: `same`, `removed`, `added`, or `left out` for words that stay and are not shown.
        text: The words.
    """

    kind: str
    text: str


def word_diff(before: str, after: str) -> Iterator[Piece]:
    """Compare two texts, with some words around what changed."""
    old, new = _units(before, after)
    matcher = SequenceMatcher(None, old, new)
    operations = matcher.get_opcodes()
    for number, (kind, old_start, old_end, new_start, new_end) in enumerate(operations):
        if kind == "equal":
            yield from _context(new[new_start:new_end], number == 0, number == len(operations) - 1)
            continue
        if old_start < old_end:
            yield Piece("removed", "".join(old[old_start:old_end]))
        if new_start < new_end:
            yield Piece("added", "".join(new[new_start:new_end]))


def readable(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Join changes that a word or less stands between: phrases are easier to read than words by turns."""
    removed, added, between = "", "", ""
    for kind, text in pieces:
        if kind == "removed":
            removed, added, between = removed + between + text, added + between, ""
        elif kind == "added":
            removed, added, between = removed + between, added + between + text, ""
        elif kind == "same" and (removed or added) and not between and len(text.split()) <= 1:
            between = text
        else:
            yield from _changed(removed, added, between)
            removed, added, between = "", "", ""
            yield Piece(kind, text)
    yield from _changed(removed, added, between)


def _changed(removed: str, added: str, after: str) -> Iterator[Piece]:
    for kind, text in (("removed", removed), ("added", added), ("same", after)):
        if text:
            yield Piece(kind, text)


def _units(before: str, after: str) -> tuple[Sequence[str], Sequence[str]]:
    for cut in (_WORDS.findall, lambda text: text.splitlines(keepends=True)):
        old, new = cut(before), cut(after)
        if len(old) <= _MOST_UNITS and len(new) <= _MOST_UNITS:
            return old, new
    return [before], [after]


def _context(units: Sequence[str], first: bool, last: bool) -> Iterator[Piece]:  # noqa: FBT001
    """Words that stay: those beside a change, and a mark for the others."""
    head = 0 if first else _CONTEXT
    tail = 0 if last else _CONTEXT
    if len(units) <= head + tail:
        yield Piece("same", "".join(units))
        return
    if head:
        yield Piece("same", "".join(units[:head]))
    yield Piece("left out", "…")
    if tail:
        yield Piece("same", "".join(units[-tail:]))
