"""Reads files in the form that writer.py writes, in a fraction of the time that PyYAML needs.

Most of such a file is literal blocks, and the rest of an interaction (its frame) is the same for most
interactions. So the blocks are cut out here, and each distinct frame goes through the ordinary reader once. A
file in any other form goes through the ordinary reader whole: only that one decides what is a good cassette,
and names what is wrong with a bad one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Part", "parts"]

_HEAD = "version: 1\ninteractions:\n- request:\n"
_NEXT = "\n- request:\n"
_OUTSIDE = re.compile(r"\n[^ \n]")
# A value that ends where its line does.
_QUOTED = r"""'(?:[^'\n]|'')*+'|"(?:[^"\\\n]|\\.)*+"|"""
_VALUE = rf"""(?:[A-Za-z0-9/][^\n]*|{_QUOTED}\[[^][{{}}\n'"]*\]|\{{[^][{{}}\n'"]*\}})"""
_HEADERS = rf"    headers:(?: \{{\}}\n|\n(?:      [a-z-]+: {_VALUE}\n)++)"
_STREAMED = re.compile(
    rf"""(    method: {_VALUE}\n    uri: {_VALUE}\n{_HEADERS})"""
    r"""    body: \|(-?)\n(      [^ \n][^\n]*\n(?:(?:      [^\n]*)?\n)*+)"""
    rf"""(  response:\n    status: {_VALUE}\n{_HEADERS}    stream:\n)"""
    r"""      events: \|(?:2\n(?=          ?[^ ])|\n(?=        [^ ]))((?:        [^\n]+\n)++)"""
    r"""(?:      gaps: \|\n((?:        [^ \n][^\n]*\n)++))?"""
    rf"""((?:      [a-z_]+: {_VALUE}\n)++)"""
)


class Part(NamedTuple):
    """One interaction of a file.

    Attributes:
        frame: The text of a file of this interaction alone, with empty texts in place of the blocks.
        body: The text of the request's body; None where the frame has it.
        events: The block of the stream's events, with its indentation (a transcript may have one); None where
            the frame has them, or there are none.
        gaps: The block of the gaps between them, likewise.
    """

    frame: str
    body: str | None
    events: str | None
    gaps: str | None


def parts(text: str) -> Iterator[Part] | None:
    """Take a file apart; None where it is not in the form that writer.py writes."""
    # The writer writes no character raw that a block can't hold. Printable characters, a block can hold.
    if not text.startswith(_HEAD) or not text.endswith("\n"):
        return None
    if not text.replace("\n", "").isprintable():
        from groqtape.cassettes.transcript_writer import UNSAFE_IN_BLOCK

        if UNSAFE_IN_BLOCK.search(text):
            return None
    found = text[len(_HEAD) : -1].split(_NEXT)
    return None if any(map(_OUTSIDE.search, found)) else (_part(f"{part}\n") for part in found)


def _part(part: str) -> Part:
    streamed = _STREAMED.fullmatch(part)
    if streamed is None:
        return Part(_HEAD + part, None, None, None)
    request, strips, body, response, events, gaps, ending = streamed.groups()
    frame = f"{_HEAD}{request}    body: ''\n{response}      events: ''\n{ending}"
    body = body[6:].replace("\n      ", "\n").rstrip("\n")
    return Part(frame, body if strips else f"{body}\n", events, gaps)
