"""What the recorders' bodies have in common: their text or bytes, or the place where they are unreadable."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from groqtape.cassettes.limits import SURROGATE

__all__ = ["LARGEST_BODY", "Place", "UnreadableError", "Written", "check_text", "json_text"]

Place = tuple[str | int, ...]
"""Where a value stands: the number of its document (from 0), and the keys and indices that lead there."""

LARGEST_BODY = 64 * 2**20
"""How much one body may hold once it is text.

A few hundred bytes of gzip, or of YAML's aliases, can stand for more than a machine has.
"""


class UnreadableError(ValueError):
    """The documents are no cassette, or hold something that can't be read as one.

    Attributes:
        expected: What was expected.
        came: What stands there.
        at: Where it stands.
    """

    def __init__(self, expected: str, came: Any, at: Place) -> None:
        super().__init__(f"expected {expected}")
        self.expected = expected
        self.came = came
        self.at = at


class Written(NamedTuple):
    """What a recorder wrote as the body of a request or a response.

    Attributes:
        body: The body.
        more: What else of a response this form decides.
    """

    body: str | bytes | None
    more: dict[str, Any] = {}  # noqa: RUF012  # never added to


def json_text(value: Any, at: Place) -> str:
    """Plain data as the text of JSON.

    Raises:
        UnreadableError: JSON can't hold it, or it is larger than `LARGEST_BODY`.
    """
    pieces, room = [], LARGEST_BODY
    try:
        for piece in json.JSONEncoder(ensure_ascii=False).iterencode(value):
            room -= len(piece)
            if room < 0:
                break
            pieces.append(piece)
    except (TypeError, ValueError, RecursionError) as error:
        raise UnreadableError(f"a body that JSON can hold ({error})", value, at) from error
    if room < 0:
        raise UnreadableError(f"a body of at most {LARGEST_BODY} characters", "more", at)
    return SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", "".join(pieces))


def check_text(text: Any, at: Place) -> None:
    """Check that UTF-8 can hold a text; anything else than text passes.

    Raises:
        UnreadableError: It can't.
    """
    if isinstance(text, str) and SURROGATE.search(text):
        raise UnreadableError("text that UTF-8 can hold", text, at)
