"""What a stream says across its events: a text in pieces, and where each piece stands in the body.

A model says a word or less in each event, so most of what is longer is in no event as a whole.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Piece", "joined", "said", "spelled"]

# The fields of a delta that go on from event to event; Groq gives one choice.
_SAID = re.compile(rb'"(content|reasoning|arguments)"\s*:\s*("(?:[^"\\]|\\.)*+")')


class Piece(NamedTuple):
    """A piece of what is said.

    Attributes:
        start: Where its JSON string begins in the body.
        end: Where that ends.
        text: What it says.
    """

    start: int
    end: int
    text: bytes


def said(body: bytes) -> Iterable[list[Piece]]:
    """The texts that the events of a body say, each in its pieces."""
    texts: dict[bytes, list[Piece]] = {}
    for found in _SAID.finditer(body):
        text = _text(found[2])
        if text is not None:
            texts.setdefault(found[1], []).append(Piece(*found.span(2), text))
    return texts.values()


def joined(body: bytes) -> Iterable[bytes]:
    """The same texts, each in one."""
    texts: dict[bytes, list[bytes]] = {}
    for field, literal in _SAID.findall(body):
        text = _text(literal)
        if text is not None:
            texts.setdefault(field, []).append(text)
    return map(b"".join, texts.values())


def _text(literal: bytes) -> bytes | None:
    if b"\\" not in literal:
        return literal[1:-1]
    try:
        text: str = json.loads(literal)
    except ValueError:
        return None  # no JSON, or no UTF-8
    return text.encode("utf-8", "surrogatepass")


def spelled(text: bytes) -> bytes:
    """A text as a JSON string, as Groq spells it: what is no ASCII stands as it is."""
    try:
        return json.dumps(text.decode("utf-8", "surrogatepass"), ensure_ascii=False).encode()
    except UnicodeError:
        return json.dumps(text.decode("utf-8", "replace")).encode()
