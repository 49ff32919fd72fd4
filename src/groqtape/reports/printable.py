"""Text of a cassette as it can be shown: none of it moves a cursor, sets a colour or turns a line round."""

from __future__ import annotations

import re

__all__ = ["on_one_line", "printable"]

# Control characters (C0 but tab and line feed, DEL, C1), the marks that change the direction of text, the
# line breaks that only some programs know, and what no UTF-8 can hold.
_CONTROL = "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff"
_UNSAFE = re.compile(f"[{_CONTROL}]")
_UNSAFE_ON_A_LINE = re.compile(f"[{_CONTROL}\t\n]")
_SHORT = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}


def printable(text: str) -> str:
    r"""A text with its control characters escaped (`\x1b`), but for tabs and line feeds."""
    return text if text.isprintable() else _UNSAFE.sub(_escaped, text)


def on_one_line(text: str) -> str:
    """A text as `printable` has it, with tabs and line feeds escaped too."""
    return text if text.isprintable() else _UNSAFE_ON_A_LINE.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return _SHORT.get(found[0]) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")
