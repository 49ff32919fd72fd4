"""Redaction of requests and responses: headers by an allow-list, and whatever looks like a credential.

Requests are redacted when they are made, so that both sides of a comparison are redacted. Responses are
redacted when they are written; so are those that were in the file before.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from vcr.request import Request

from groqtape.redaction.blobs import without_blobs, without_parts
from groqtape.redaction.edits import REDACTED, Edit, edited, merged_spans, resized
from groqtape.redaction.encodings import ESCAPED, QUOTED, Unescaped
from groqtape.redaction.patterns import PATTERNS, PATTERNS_ACROSS_EVENTS, SUSPICIOUS, URL_PATTERNS, compiled
from groqtape.redaction.values import SecretValues

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator, Mapping

    import httpx

__all__ = ["Redactor"]

_KEPT_REQUEST_HEADERS = frozenset({"content-type"})
# `x-should-retry` and `retry-after` change what the SDK does, `location` where it goes, `content-encoding`
# how a body is read.
_KEPT_RESPONSE_HEADERS = frozenset(
    {"content-type", "content-encoding", "location", "retry-after", "retry-after-ms", "x-should-retry"}
)
_PARTS_OF_A_RESPONSE = ("status", "headers", "body", "stream")


class Redactor:
    """Redacts requests and responses before they are written.

    Args:
        keep_headers: Names of headers to keep, in addition to the few that replaying needs.
        secrets: Regular expressions for further secrets.

    Raises:
        GroqtapeError: An expression is not valid, or matches an empty text.
    """

    def __init__(self, keep_headers: Iterable[str] = (), secrets: Iterable[str] = ()) -> None:
        more = {name.lower() for name in keep_headers}
        self._request_headers = _KEPT_REQUEST_HEADERS | more
        self._response_headers = _KEPT_RESPONSE_HEADERS | more
        self._own_patterns = [compiled(secret) for secret in secrets]
        self._values = SecretValues()
        self.learn_from = self._values.learn_from

    def request(self, request: Any) -> Any:
        """Redact a request, for writing and for comparing."""
        by = self, len(self._values.patterns)
        if getattr(request, "redacted_by", None) == by:  # vcrpy redacts each request several times
            return request
        original = request.uri, request.body_bytes, dict(request.headers)
        redacted = self._redacted(*original)
        if redacted != original or not isinstance(request.body, bytes):
            request = Request(request.method, *redacted)
        request.redacted_by = by
        return request

    def call(self, request: httpx.Request) -> Any:
        """Turn an httpx request, whose body has been read, into a redacted request of vcrpy's."""
        sent = request.headers
        headers = {name: sent[name] for name in sent if name in self._request_headers}
        redacted = self._redacted(str(request.url), request.content, headers)
        request_of_vcr = Request(request.method, *redacted)
        request_of_vcr.redacted_by = self, len(self._values.patterns)
        return request_of_vcr

    def _redacted(self, uri: str, body: Any, headers: Mapping[str, str]) -> tuple[str, Any, dict[str, str]]:
        """Redact the parts of a request."""
        redacted = {name: value for name, value in headers.items() if name.lower() in self._request_headers}
        if isinstance(body, bytes):
            for name, value in redacted.items():
                if name.lower() == "content-type":
                    body, redacted[name] = without_parts(body, value)
            body = without_blobs(body)
        if isinstance(body, bytes) and self._is_harmless(uri, body, redacted):
            return uri, body, redacted
        return (
            self._url(uri),
            self.data(body) if isinstance(body, bytes) else body,
            {name: self.text(value) for name, value in redacted.items()},
        )

    def _is_harmless(self, uri: str, body: bytes, headers: Mapping[str, str]) -> bool:
        """Whether one quick look is enough: nothing in the request is secret, as in nearly all requests."""
        if "=" in uri or "@" in uri or self._own_patterns:
            return False
        # A NUL between them belongs to no secret, and to no value in JSON.
        data = b"\0".join([body, "\0".join([uri, *headers.values()]).encode("utf-8", "surrogateescape")])
        return next(self._found(data), None) is None

    def response(self, response: Mapping[str, Any]) -> dict[str, Any]:
        """Redact a response (vcrpy's dict) and update the sizes of its events."""
        redacted = {key: response[key] for key in _PARTS_OF_A_RESPONSE if key in response}
        # vcrpy's stubs keep a URL and the like here.
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
            body, sizes = edited(body, edits), resized(sizes, edits)
        redacted["body"] = {"string": body}
        if sizes:
            redacted["stream"] = {**stream, "sizes": sizes}
        return redacted

    def notes(self, value: Any) -> Any:
        """Redact all texts in plain data, such as the metadata of a cassette."""
        if isinstance(value, dict):
            keys = {key: key if isinstance(key, str | bytes) else str(key) for key in value}
            return {self.notes(keys[key]): self.notes(item) for key, item in value.items()}
        if isinstance(value, list | tuple | set):
            return [self.notes(item) for item in value]
        if isinstance(value, bytes):
            return self.data(value)
        return value if isinstance(value, int | float | None) else self.text(str(value))

    def text(self, text: str) -> str:
        """Redact a text."""
        return self.data(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")

    def data(self, data: bytes) -> bytes:
        """Redact bytes."""
        return edited(data, self._edits(data))

    def _url(self, url: str) -> str:
        data = url.encode("utf-8", "surrogateescape")
        parts = [found.span(1) for pattern in URL_PATTERNS for found in pattern.finditer(data)]
        edits = [Edit(*span) for span in merged_spans([*parts, *self._found(data)])]
        return edited(data, edits).decode("utf-8", "surrogateescape")

    def _edits(self, data: bytes) -> list[Edit]:
        return [Edit(*span) for span in merged_spans(self._found(data))]

    def _across_events(self, body: bytes) -> list[Edit]:
        """Find secrets that a stream has in several events, and in none of them as a whole."""
        from groqtape.redaction.deltas import encoded, joined, pieces_of_texts

        if not any(any(self._found(text, PATTERNS_ACROSS_EVENTS)) for text in joined(body)):
            return []
        edits = []
        for pieces in pieces_of_texts(body):
            ends = list(accumulate(len(piece.text) for piece in pieces))
            cuts: dict[int, list[Edit]] = {}
            text = b"".join(piece.text for piece in pieces)
            for start, end in merged_spans(self._found(text, PATTERNS_ACROSS_EVENTS)):
                first, last = bisect_right(ends, start), bisect_right(ends, end - 1)
                for number in range(first, last + 1) if first < last else ():
                    begins = ends[number] - len(pieces[number].text)
                    cut = max(start - begins, 0), min(end, ends[number]) - begins
                    cuts.setdefault(number, []).append(Edit(*cut, REDACTED if number == first else b""))
            for number, cut_out in cuts.items():
                piece = pieces[number]
                edits.append(Edit(piece.start, piece.end, encoded(edited(piece.text, cut_out))))
        return sorted(edits)

    def _found(
        self, data: bytes, patterns: Iterable[re.Pattern[bytes]] = PATTERNS
    ) -> Iterator[tuple[int, int]]:
        """Find the spans of secrets. They may overlap."""
        yield from self._found_in(data, patterns)
        if b"\\u00" in data or b"%" in data:
            # Characters may be escaped without need: decode, search, and map the spans back.
            for escaped in ESCAPED if b"\\\\u00" in data else ESCAPED[:1]:
                plain = Unescaped(data, escaped)
                yield from map(plain.traced, self._found_in(plain.data, patterns))
                if QUOTED.search(plain.data):
                    twice = Unescaped(plain.data, QUOTED)
                    spans = self._found_in(twice.data, patterns)
                    yield from (plain.traced(twice.traced(span)) for span in spans)

    def _found_in(self, data: bytes, patterns: Iterable[re.Pattern[bytes]]) -> Iterator[tuple[int, int]]:
        lowered = data.lower()
        for pattern in patterns if any(word in lowered for word in SUSPICIOUS) else ():
            yield from (found.span(pattern.groups) for found in pattern.finditer(data))
        for pattern in (*self._own_patterns, *self._values.patterns.values()):
            yield from (found.span() for found in pattern.finditer(data))
