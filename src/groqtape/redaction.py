"""What never reaches the disk: headers by an allow-list, and anything that looks like a credential."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from vcr.request import Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Redactor"]

_KEPT_REQUEST_HEADERS = frozenset({"content-type"})
# `x-should-retry` and `retry-after` change what the SDK does; nothing else of Groq's does.
_KEPT_RESPONSE_HEADERS = frozenset({"content-type", "retry-after", "retry-after-ms", "x-should-retry"})

_PATTERNS: tuple[tuple[bytes, bytes], ...] = (
    (rb"gsk_[A-Za-z0-9]{16,}", b"gsk_REDACTED"),
    (rb"\borg_[a-z0-9]{26}\b", b"org_REDACTED"),
    (rb"(?i:\bbearer) +(?=[^\s\"\\]*[0-9])[A-Za-z0-9._~+/=-]{16,}", b"Bearer REDACTED"),
)


class Redactor:
    """Takes out of requests and responses what must not be written.

    Args:
        keep_headers: Names of headers to keep, beside the few that replaying needs.
    """

    def __init__(self, keep_headers: Iterable[str] = ()) -> None:
        more = {name.lower() for name in keep_headers}
        self._request_headers = _KEPT_REQUEST_HEADERS | more
        self._response_headers = _KEPT_RESPONSE_HEADERS | more
        self._patterns = [(re.compile(pattern), replacement) for pattern, replacement in _PATTERNS]

    def request(self, request: Any) -> Any:
        """A request as it may be written, and as it is compared."""
        headers = {
            name: self.text(value)
            for name, value in request.headers.items()
            if name.lower() in self._request_headers
        }
        body = request.body_bytes
        return Request(
            request.method,
            self.text(request.uri),
            self.data(body) if isinstance(body, bytes) else body,
            headers,
        )

    def response(self, response: Mapping[str, Any]) -> dict[str, Any]:
        """A response as it may be written: vcrpy's dict, with the sizes of its events brought up to date."""
        headers = {
            name: [self.text(value) for value in ([values] if isinstance(values, str) else values)]
            for name, values in response["headers"].items()
            if name.lower() in self._response_headers
        }
        redacted = {**response, "headers": headers}
        body = (response.get("body") or {}).get("string")
        if isinstance(body, str):
            body = body.encode()
        if isinstance(body, bytes):
            redacted["body"] = {**response["body"], "string": self.data(body)}
        stream = response.get("stream")
        if stream and isinstance(body, bytes) and redacted["body"]["string"] != body:
            redacted["stream"] = {**stream, "sizes": self._sizes(body, stream)}
        return redacted

    def _sizes(self, body: bytes, stream: Mapping[str, Any]) -> tuple[int, ...]:
        sizes, start = [], 0
        for size in stream.get("sizes", ()):
            sizes.append(len(self.data(body[start : start + size])))
            start += size
        return tuple(sizes)

    def text(self, text: str) -> str:
        """A text without credentials."""
        return self.data(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")

    def data(self, data: bytes) -> bytes:
        """Bytes without credentials."""
        for pattern, replacement in self._patterns:
            data = pattern.sub(replacement, data)
        return data
