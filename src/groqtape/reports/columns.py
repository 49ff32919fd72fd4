"""How many columns of a terminal a text takes."""

from __future__ import annotations

from unicodedata import category, east_asian_width

__all__ = ["columns_of"]

_NO_WIDTH = frozenset({"Mn", "Me", "Cf"})


def columns_of(text: str) -> int:
    """How many columns a text on one line takes: two for a character of East Asia, none for an accent."""
    if text.isascii():
        return len(text)
    return sum(0 if category(c) in _NO_WIDTH else 2 if east_asian_width(c) in "WF" else 1 for c in text)
