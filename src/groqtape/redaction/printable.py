"""Text as it can be shown: none of it moves a cursor, sets a colour, turns a line round or hides.

The one table of what a terminal or a CI log acts on, for whatever is shown.
"""

from __future__ import annotations

import re

__all__ = ["on_one_line", "printable", "without_commands"]

# Control characters (C0 but tab and line feed, DEL, C1); marks that change the direction of text; the line
# breaks that only some programs know; what has no width and hides in a text; and what no UTF-8 can hold.
# The expressions are compiled when they are first used: pytest imports this module when it starts.
_ACTING = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
    "\u200b\u2060-\u2065\ufeff\ufff9-\ufffb\ud800-\udfff"
)
# A line that begins so is a command to GitHub Actions or Azure Pipelines.
_COMMAND = r"(?m)^(\s*)(::|##(?=\[|vso))"


def printable(text: str) -> str:
    r"""A text with the characters that act escaped (`\x1b`), but for tabs and line feeds."""
    return text if text.isprintable() else re.sub(f"[{_ACTING}]", _escaped, text)


def on_one_line(text: str) -> str:
    """A text as `printable` has it, with tabs and line feeds escaped too."""
    return text if text.isprintable() else re.sub(f"[{_ACTING}\t\n]", _escaped, text)


def without_commands(text: str) -> str:
    """A text of several lines, none of which is a command to a CI system."""
    return re.sub(_COMMAND, r"\1\\\2", text)


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")
