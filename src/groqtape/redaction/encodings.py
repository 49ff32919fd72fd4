"""How a secret is encoded: escaped in JSON strings, percent-encoded in URLs, or both."""

from __future__ import annotations

import functools
import re
from bisect import bisect_right

__all__ = ["ESCAPED", "QUOTED", "Unescaped", "pattern_of"]

# Printable ASCII, percent-encoded or escaped in JSON. In a JSON string inside a JSON string, the backslash
# is itself escaped, and so on.
_DEEPEST_JSON = 3
ESCAPED = tuple(
    re.compile(rb"(?:\\{%d}u00|%%)([2-7][0-9A-Fa-f])" % (1 << level)) for level in range(_DEEPEST_JSON)
)
QUOTED = re.compile(rb"%([2-7][0-9A-Fa-f])")
_SAME_IN_JSON = re.compile(r"[ !#-.0-\[\]-~]*")
_SHORT_ESCAPES = {"\b": b"b", "\f": b"f", "\n": b"n", "\r": b"r", "\t": b"t"}


@functools.lru_cache(maxsize=128)  # each cassette learns the same secrets from the environment
def pattern_of(secret: str) -> re.Pattern[bytes]:
    """Compile what finds a secret, also encoded in JSON or a URL. `Unescaped` finds further encodings."""
    # The deepest level first, so that a match includes all backslashes.
    levels = (0,) if _SAME_IN_JSON.fullmatch(secret) else range(_DEEPEST_JSON, -1, -1)
    pattern = b"|".join(b"".join(_encodings(character, level) for character in secret) for level in levels)
    if secret.isdigit():  # a number in JSON is not redacted, nor a part of a number
        pattern = rb'(?<![0-9])(?<![0-9]\.)(?!(?:(?<=":)|(?<=": ))%b[\s,}])%b(?![0-9])' % (pattern, pattern)
    return re.compile(pattern)


def _encodings(character: str, level: int) -> bytes:
    """The encodings of a character in a JSON string (level 1), in one inside a JSON string (2), and so on."""
    plain = re.escape(character.encode("utf-8", "surrogateescape"))
    if character == " ":
        return rb"[ +]"
    if character in '"\\':
        return rb"\\" * ((1 << level) - 1) + plain
    if character == "/":
        return rb"\\*/" if level else plain
    if " " < character <= "~":
        return plain
    octets = character.encode("utf-8", "surrogateescape")
    quoted = b"".join(rb"%%(?:25)*%02x" % octet for octet in octets)
    units = character.encode("utf-16-be", "surrogatepass").hex(" ", 2).split()
    escaped = b"".join(rb"\\{1,4}u%b" % unit.encode() for unit in units)
    encodings = [plain, b"(?i:%b|%b)" % (quoted, escaped)]
    if level and character in _SHORT_ESCAPES:
        encodings.append(rb"\\" * (1 << level - 1) + _SHORT_ESCAPES[character])
    return b"(?:%b)" % b"|".join(encodings)


class Unescaped:
    """Data with its escapes decoded, which maps spans back to the original data."""

    def __init__(self, data: bytes, escaped: re.Pattern[bytes]) -> None:
        plain, at = bytearray(), 0
        self._here, self._there = [0], [0]
        for found in escaped.finditer(data):
            plain += data[at : found.start()]
            at = found.end()
            self._here += len(plain), len(plain) + 1
            self._there += found.start(), at
            plain.append(int(found[1], 16))
        self.data = bytes(plain + data[at:])

    def traced(self, span: tuple[int, int]) -> tuple[int, int]:
        """Return the span of the original data for a span of the decoded data."""
        return self._traced(span[0]), self._traced(span[1])

    def _traced(self, place: int) -> int:
        nearest = bisect_right(self._here, place) - 1
        return self._there[nearest] + place - self._here[nearest]
