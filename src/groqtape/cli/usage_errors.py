"""How a command fails that was used wrongly."""

from __future__ import annotations

__all__ = ["UsageError", "near"]


class UsageError(Exception):
    """The command was used wrongly: it ends with one message, and with 2.

    Its text says what was expected, what came, where, and the way out.
    """


def near(word: str, known: list[str]) -> str:
    """Which known words a misspelled one may stand for, as the end of a sentence; empty without any."""
    from difflib import get_close_matches

    found = get_close_matches(word, known, n=2)
    return f". Did you mean {' or '.join(found)}?" if found else ""
