"""What never reaches the disk: headers by an allow-list, and anything that looks like a credential.

Requests are redacted as soon as they are seen, so that what is compared is redacted on both sides;
responses when they are written, which holds for those of an older file too.
"""

from __future__ import annotations

import base64
import binascii
import functools
import os
import re
from bisect import bisect_right
from collections import deque
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

from vcr.request import Request

from groqtape.errors import GroqtapeError
from groqtape.redaction.blobs import without_blobs, without_parts
from groqtape.redaction.placeholder import PLACEHOLDER_KEY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import httpx

__all__ = ["Redactor"]

_KEPT_REQUEST_HEADERS = frozenset({"content-type"})
# `x-should-retry` and `retry-after` change what the SDK does, `location` where it goes, `content-encoding`
# how a body is read.
_KEPT_RESPONSE_HEADERS = frozenset(
    {"content-type", "content-encoding", "location", "retry-after", "retry-after-ms", "x-should-retry"}
)
_PARTS_OF_A_RESPONSE = ("status", "headers", "body", "stream")

_REDACTED = b"REDACTED"
# The secret is the group, where there is one.
_PATTERNS = (
    # A key of Groq's is `gsk_` and 52 letters and digits, an organisation `org_` and 26 (wire.md, Headers).
    re.compile(rb"gsk_[A-Za-z0-9]{16,}"),
    re.compile(re.escape(PLACEHOLDER_KEY.encode())),
    re.compile(rb"org_[A-Za-z0-9]{26}(?![A-Za-z0-9])"),
    # A token has a digit in it; "bearer" in a sentence is followed by words.
    re.compile(rb"(?i:\bbearer)[ +]+((?=[A-Za-z._~+/=-]*[0-9])[A-Za-z0-9._~+/=-]{8,})"),
    re.compile(rb"__cf_bm=([^;,\s\"\\]+)"),
)
# What follows a key in the next event may be a word of its own.
_PATTERNS_ACROSS_EVENTS = (re.compile(rb"gsk_[A-Za-z0-9]{16,52}"), *_PATTERNS[1:])
# In most texts none of the patterns can match, and one look tells.
_SUSPICIOUS = (b"gsk_", b"org_", b"bearer", b"__cf_bm")
_URL_PATTERNS = (
    re.compile(rb"^[^/?#]*//([^/?#]+)@"),
    re.compile(rb"(?i)(?:^|[?&])(?:api[_-]?key|access[_-]?token|token|key|secret)=([^&#]+)"),
)
_SECRET_VARIABLES = ("_API_KEY", "_TOKEN", "_SECRET")
_CREDENTIALS = ("authorization", "proxy-authorization", "x-api-key", "api-key")
_SHORTEST_SECRET = 6
_RANDOM_KEY = re.compile(r"(?=.*[0-9]|.*[a-z].*[A-Z]|.*[A-Z].*[a-z])\S{8,}")
_RANDOM_COOKIE = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z]).{12,}")
# Words that every stream is made of: no secrets, also where some variable holds one.
_WORDS_OF_THE_WIRE = frozenset(
    {"analysis", "application", "arguments", "assistant", "channel", "choices", "completion", "content"}
    | {"created", "finish_reason", "function", "logprobs", "message", "messages", "object", "openai"}
    | {"reasoning", "stream", "system", "tool_calls"}
)
# Printable ASCII as URLs can spell it, and a JSON string (or one in a JSON string, and so on: the backslash
# of the inner one is then itself escaped).
_DEEPEST_JSON = 3
_ESCAPED = tuple(
    re.compile(rb"(?:\\{%d}u00|%%)([2-7][0-9A-Fa-f])" % (1 << level)) for level in range(_DEEPEST_JSON)
)
_QUOTED = re.compile(rb"%([2-7][0-9A-Fa-f])")
_SAME_IN_JSON = re.compile(r"[ !#-.0-\[\]-~]*")
_SHORT_ESCAPES = {"\b": b"b", "\f": b"f", "\n": b"n", "\r": b"r", "\t": b"t"}


class _Edit(NamedTuple):
    """What comes in place of the bytes from `start` to `end`."""

    start: int
    end: int
    new: bytes = _REDACTED


class Redactor:
    """Takes out of requests and responses what must not be written.

    Args:
        keep_headers: Names of headers to keep, beside the few that replaying needs.
        secrets: Regular expressions for what else is a secret.

    Raises:
        GroqtapeError: One of the expressions is none, or finds a secret in an empty text.
    """

    def __init__(self, keep_headers: Iterable[str] = (), secrets: Iterable[str] = ()) -> None:
        more = {name.lower() for name in keep_headers}
        self._request_headers = _KEPT_REQUEST_HEADERS | more
        self._response_headers = _KEPT_RESPONSE_HEADERS | more
        self._own_patterns = [_compiled(secret) for secret in secrets]
        self._values: dict[str, re.Pattern[bytes]] = {}
        self._learn_from_the_environment()

    # What is secret

    def learn(self, secret: str) -> None:
        """Take out this very text too, wherever it stands: as it is, in JSON, or quoted in a URL."""
        secret = secret.strip()
        if (
            len(secret) >= _SHORTEST_SECRET
            and secret not in self._values
            and secret not in _WORDS_OF_THE_WIRE
            and secret != PLACEHOLDER_KEY
        ):
            self._values[secret] = _pattern_of(secret)

    def learn_from(self, headers: Iterable[tuple[str, str]]) -> bool:
        """Take out, wherever they stand, the credentials and cookies that these headers carry.

        Returns:
            Whether they, or the environment by now, have any that were not known before.
        """
        known = len(self._values)
        self._learn_from_the_environment()
        for name, value in headers:
            if name.lower() in _CREDENTIALS:
                self._learn_credentials(value)
            elif name.lower() in ("cookie", "set-cookie"):
                for pair in value.split(";") if name.lower() == "cookie" else value.split(";")[:1]:
                    self._learn_cookie(pair.partition("=")[2].strip().strip('"'))
        return len(self._values) > known

    def _learn_from_the_environment(self) -> None:
        for name in filter(_is_secret, os.environ):
            self.learn(os.environ.get(name, ""))

    def _learn_credentials(self, value: str) -> None:
        scheme, _, credentials = value.partition(" ")
        # Where nobody checks the key, it may be any word or phrase, and prompts say those too.
        if _RANDOM_KEY.fullmatch(credentials or value):
            self.learn(credentials or value)
        if scheme.lower() == "basic":
            try:
                user_and_password = base64.b64decode(credentials).decode("utf-8", "surrogateescape")
            except binascii.Error:
                return
            self.learn(user_and_password.partition(":")[2])

    def _learn_cookie(self, value: str) -> None:
        # One that names a language, a region or a theme is a word like others.
        if _RANDOM_COOKIE.fullmatch(value):
            self.learn(value)

    # What is written

    def request(self, request: Any) -> Any:
        """A request as it may be written, and as it is compared."""
        by = self, len(self._values)
        if getattr(request, "redacted_by", None) == by:  # vcrpy has each of them redacted several times
            return request
        came = request.uri, request.body_bytes, dict(request.headers)
        shown = self._shown(*came)
        if shown != came or not isinstance(request.body, bytes):
            request = Request(request.method, *shown)
        request.redacted_by = by
        return request

    def call(self, request: httpx.Request) -> Any:
        """A call, whose body has been read, as vcrpy's request, and as that may be written."""
        sent = request.headers
        headers = {name: sent[name] for name in sent if name in self._request_headers}
        shown = self._shown(str(request.url), request.content, headers)
        asked = Request(request.method, *shown)
        asked.redacted_by = self, len(self._values)
        return asked

    def _shown(self, uri: str, body: Any, headers: Mapping[str, str]) -> tuple[str, Any, dict[str, str]]:
        """The parts of a request as they may be written."""
        shown = {name: value for name, value in headers.items() if name.lower() in self._request_headers}
        if isinstance(body, bytes):
            for name, value in shown.items():
                if name.lower() == "content-type":
                    body, shown[name] = without_parts(body, value)
            body = without_blobs(body)
        if isinstance(body, bytes) and self._is_harmless(uri, body, shown):
            return uri, body, shown
        return (
            self._url(uri),
            self.data(body) if isinstance(body, bytes) else body,
            {name: self.text(value) for name, value in shown.items()},
        )

    def _is_harmless(self, uri: str, body: bytes, headers: Mapping[str, str]) -> bool:
        """Whether it can be seen at one look that nothing in a request is secret, as in nearly all."""
        if "=" in uri or "@" in uri or self._own_patterns:
            return False
        # Between them stands what belongs to no secret, and to no value in JSON either.
        data = b"\0".join([body, "\0".join([uri, *headers.values()]).encode("utf-8", "surrogateescape")])
        return next(self._found(data), None) is None

    def response(self, response: Mapping[str, Any]) -> dict[str, Any]:
        """A response as it may be written: vcrpy's dict, with the sizes of its events brought up to date."""
        redacted = {key: response[key] for key in _PARTS_OF_A_RESPONSE if key in response}
        # vcrpy's stubs note a URL and the like here.
        redacted |= {
            key: self._url(value)
            for key, value in response.items()
            if key not in _PARTS_OF_A_RESPONSE and isinstance(key, str) and isinstance(value, str)
        }
        redacted["headers"] = headers = {
            name: [
                self._url(value) if name.lower() == "location" else self.text(value)
                for value in ([values] if isinstance(values, str) else values)
            ]
            for name, values in response["headers"].items()
            if name.lower() in self._response_headers
        }
        reason = response["status"].get("message")
        if reason:
            redacted["status"] = {**response["status"], "message": self.text(reason)}
        stream = response.get("stream") or {}
        if stream.get("message"):
            redacted["stream"] = stream = {**stream, "message": self.text(stream["message"])}
        body = (response.get("body") or {}).get("string")
        redacted["body"] = {"string": body}
        if isinstance(body, str):
            body = body.encode("utf-8", "surrogateescape")
        if not isinstance(body, bytes) or any(name.lower() == "content-encoding" for name in headers):
            return redacted
        sizes = stream.get("sizes", ())
        for edits_of in (self._across_events, self._edits) if sizes else (self._edits,):
            edits = edits_of(body)
            body, sizes = _edited(body, edits), _resized(sizes, edits)
        redacted["body"] = {"string": body}
        if sizes:
            redacted["stream"] = {**stream, "sizes": sizes}
        return redacted

    def notes(self, value: Any) -> Any:
        """What else a cassette holds, as it may be written: plain data, whose texts are redacted."""
        if isinstance(value, dict):
            keys = {key: key if isinstance(key, str | bytes) else str(key) for key in value}
            return {self.notes(keys[key]): self.notes(item) for key, item in value.items()}
        if isinstance(value, list | tuple | set):
            return [self.notes(item) for item in value]
        if isinstance(value, bytes):
            return self.data(value)
        return value if isinstance(value, int | float | None) else self.text(str(value))

    def text(self, text: str) -> str:
        """A text without credentials."""
        return self.data(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")

    def data(self, data: bytes) -> bytes:
        """Bytes without credentials."""
        return _edited(data, self._edits(data))

    def _url(self, url: str) -> str:
        data = url.encode("utf-8", "surrogateescape")
        parts = [found.span(1) for pattern in _URL_PATTERNS for found in pattern.finditer(data)]
        edits = [_Edit(*span) for span in _merged([*parts, *self._found(data)])]
        return _edited(data, edits).decode("utf-8", "surrogateescape")

    def _edits(self, data: bytes) -> list[_Edit]:
        return [_Edit(*span) for span in _merged(self._found(data))]

    def _across_events(self, body: bytes) -> list[_Edit]:
        """For secrets that a model says in several events, which are in none of them as a whole."""
        from groqtape.redaction.deltas import joined, said, spelled

        if not any(any(self._found(text, _PATTERNS_ACROSS_EVENTS)) for text in joined(body)):
            return []
        edits = []
        for pieces in said(body):
            ends = list(accumulate(len(piece.text) for piece in pieces))
            cuts: dict[int, list[_Edit]] = {}
            text = b"".join(piece.text for piece in pieces)
            for start, end in _merged(self._found(text, _PATTERNS_ACROSS_EVENTS)):
                first, last = bisect_right(ends, start), bisect_right(ends, end - 1)
                for number in range(first, last + 1) if first < last else ():
                    begins = ends[number] - len(pieces[number].text)
                    cut = max(start - begins, 0), min(end, ends[number]) - begins
                    cuts.setdefault(number, []).append(_Edit(*cut, _REDACTED if number == first else b""))
            for number, cut_out in cuts.items():
                piece = pieces[number]
                edits.append(_Edit(piece.start, piece.end, spelled(_edited(piece.text, cut_out))))
        return sorted(edits)

    def _found(
        self, data: bytes, patterns: Iterable[re.Pattern[bytes]] = _PATTERNS
    ) -> Iterator[tuple[int, int]]:
        """Where secrets stand; they may overlap."""
        yield from self._found_in(data, patterns)
        if b"\\u00" in data or b"%" in data:
            # What need not be escaped is: found where it is spelled out, and traced back.
            for escaped in _ESCAPED if b"\\\\u00" in data else _ESCAPED[:1]:
                plain = _Unescaped(data, escaped)
                yield from map(plain.traced, self._found_in(plain.data, patterns))
                if _QUOTED.search(plain.data):
                    twice = _Unescaped(plain.data, _QUOTED)
                    spans = self._found_in(twice.data, patterns)
                    yield from (plain.traced(twice.traced(span)) for span in spans)

    def _found_in(self, data: bytes, patterns: Iterable[re.Pattern[bytes]]) -> Iterator[tuple[int, int]]:
        lowered = data.lower()
        for pattern in patterns if any(word in lowered for word in _SUSPICIOUS) else ():
            yield from (found.span(pattern.groups) for found in pattern.finditer(data))
        for pattern in (*self._own_patterns, *self._values.values()):
            yield from (found.span() for found in pattern.finditer(data))


@functools.lru_cache(maxsize=1024)
def _is_secret(variable: str) -> bool:
    """Whether a variable of the environment is secret by its name; each call looks at all of them."""
    return variable.upper().endswith(_SECRET_VARIABLES)


def _compiled(secret: str) -> re.Pattern[bytes]:
    try:
        pattern = re.compile(secret.encode())
    except re.error as error:
        problem = str(error)
    else:
        if not pattern.search(b""):
            return pattern
        problem = "it finds one in an empty text"
    raise GroqtapeError(
        f"expected a regular expression for what is secret, got {secret!r}: {problem}\n"
        "Correct the ini option groq_secrets or use_cassette(secrets=…)."
    )


@functools.lru_cache(maxsize=128)  # each cassette looks for the same secrets of the environment
def _pattern_of(secret: str) -> re.Pattern[bytes]:
    """What finds a secret as it is, and as JSON and URLs spell it; see `_Unescaped` for the rest of that."""
    # The deepest first: a secret that ends with a backslash has no part of one before it.
    levels = (0,) if _SAME_IN_JSON.fullmatch(secret) else range(_DEEPEST_JSON, -1, -1)
    pattern = b"|".join(b"".join(_spellings(character, level) for character in secret) for level in levels)
    if secret.isdigit():  # no part of a number, and none that JSON has as a value
        pattern = rb'(?<![0-9])(?<![0-9]\.)(?!(?:(?<=":)|(?<=": ))%b[\s,}])%b(?![0-9])' % (pattern, pattern)
    return re.compile(pattern)


def _spellings(character: str, level: int) -> bytes:
    """How a character can be spelled in a JSON string (1), in one within a JSON string (2), and so on."""
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
    spellings = [plain, b"(?i:%b|%b)" % (quoted, escaped)]
    if level and character in _SHORT_ESCAPES:
        spellings.append(rb"\\" * (1 << level - 1) + _SHORT_ESCAPES[character])
    return b"(?:%b)" % b"|".join(spellings)


class _Unescaped:
    """Data with what is escaped spelled out, of which it is known where it came from."""

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
        """A span of it as one of the data it was made of."""
        return self._traced(span[0]), self._traced(span[1])

    def _traced(self, place: int) -> int:
        nearest = bisect_right(self._here, place) - 1
        return self._there[nearest] + place - self._here[nearest]


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in their order; those that overlap as one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        elif start < end:
            merged.append((start, end))
    return merged


def _edited(data: bytes, edits: Sequence[_Edit]) -> bytes:
    """Data after edits that are in their order and do not overlap."""
    if not edits:
        return data
    edited, at = bytearray(), 0
    for edit in edits:
        edited += data[at : edit.start] + edit.new
        at = edit.end
    return bytes(edited + data[at:])


def _resized(sizes: Sequence[int], edits: Sequence[_Edit]) -> tuple[int, ...]:
    """The sizes of events after edits; what comes in place of several counts for the first of them."""
    if not edits:
        return tuple(sizes)
    resized, coming = [], deque(edits)
    at = ends = 0
    for size in sizes:
        ends, new = ends + size, 0
        while coming and coming[0].start < ends:
            edit = coming.popleft()
            new += edit.start - at + len(edit.new)
            at = edit.end
        resized.append(new + max(ends - at, 0))
        at = max(at, ends)
    return tuple(resized)
