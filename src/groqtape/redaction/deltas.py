"""Texts that a stream has in pieces, across its events, and where each piece is in the body.

Each event has a word or less, so most longer texts are in no event as a whole.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Piece", "encoded", "joined", "pieces_of_texts"]

# The fields of a delta whose text continues from event to event. Groq has one choice.
_TEXT = re.compile(rb'"(content|reasoning|arguments)"\s*:\s*("(?:[^"\\]|\\.)*+")')


class Piece(NamedTuple):
    """A piece of a text.

    Attributes:
        start: Where its JSON string starts in the body.
        end: Where that string ends.
        text: Its decoded content.
    """

    start: int
    end: int
    text: bytes


def pieces_of_texts(body: bytes) -> Iterable[list[Piece]]:
    """Return the texts in the events of a body, each as its pieces."""
    texts: dict[bytes, list[Piece]] = {}
    for found in _TEXT.finditer(body):
        text = _text(found[2])
        if text is not None:
            texts.setdefault(found[1], []).append(Piece(*found.span(2), text))
    return texts.values()


def joined(body: bytes) -> Iterable[bytes]:
    """Return the same texts, joined."""
    texts: dict[bytes, list[bytes]] = {}
    for field, literal in _TEXT.findall(body):
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
        return None  # neither JSON nor UTF-8
    return text.encode("utf-8", "surrogatepass")


def encoded(text: bytes) -> bytes:
    """Encode a text as a JSON string as Groq does: non-ASCII characters are not escaped."""
    try:
        return json.dumps(text.decode("utf-8", "surrogatepass"), ensure_ascii=False).encode()
    except UnicodeError:
        return json.dumps(text.decode("utf-8", "replace")).encode()
