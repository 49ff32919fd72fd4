"""What never reaches the disk: headers by an allow-list, and anything that looks like a credential.

Requests are redacted as soon as they are seen, so that what is compared is redacted on both sides;
responses when they are written, which holds for those of an older file too.
"""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from vcr.request import Request

from groqtape.blobs import without_blobs, without_parts
from groqtape.errors import GroqtapeError
from groqtape.key import PLACEHOLDER_KEY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Redactor"]

_KEPT_REQUEST_HEADERS = frozenset({"content-type"})
# `x-should-retry` and `retry-after` change what the SDK does, `content-encoding` how a body is read.
_KEPT_RESPONSE_HEADERS = frozenset(
    {"content-type", "content-encoding", "retry-after", "retry-after-ms", "x-should-retry"}
)

_REDACTED = b"REDACTED"
_PATTERNS: tuple[tuple[bytes, bytes], ...] = (
    # A key of Groq's is `gsk_` and 52 letters and digits, an organisation `org_` and 26 (wire.md, Headers).
    (rb"gsk_[A-Za-z0-9]{16,}", _REDACTED),
    (re.escape(PLACEHOLDER_KEY.encode()), _REDACTED),
    (rb"org_[A-Za-z0-9]{26}(?![A-Za-z0-9])", _REDACTED),
    # A token has a digit in it; "bearer" in a sentence is followed by words.
    (rb"((?i:\bbearer)(?: |%20|\\u0020)+)(?=[A-Za-z._~+/=-]*[0-9])[A-Za-z0-9._~+/=-]{8,}", rb"\1REDACTED"),
    (rb"(__cf_bm=)[^;,\s\"\\]+", rb"\1REDACTED"),
)
# In most texts none of the patterns can match, and one look tells.
_SUSPICIOUS = re.compile(rb"(?i)gsk_|org_|bearer|__cf_bm")
_URL_PATTERNS: tuple[tuple[bytes, bytes], ...] = (
    (rb"(?<=//)[^/@?#]*@", b"REDACTED@"),
    (rb"(?i)((?:^|[?&])(?:api[_-]?key|access[_-]?token|token|key|secret)=)[^&#]+", rb"\1REDACTED"),
)
_SECRET_VARIABLES = ("_API_KEY", "_TOKEN", "_SECRET")
_SHORTEST_SECRET = 6
# Words that every stream is made of: no secrets, also where some variable holds one.
_WORDS_OF_THE_WIRE = frozenset(
    {"analysis", "application", "arguments", "assistant", "channel", "choices", "completion", "content"}
    | {"created", "finish_reason", "function", "logprobs", "message", "messages", "object", "openai"}
    | {"reasoning", "stream", "system", "tool_calls"}
)


class Redactor:
    """Takes out of requests and responses what must not be written.

    Args:
        keep_headers: Names of headers to keep, beside the few that replaying needs.
        secrets: Regular expressions for what else is a secret.

    Raises:
        GroqtapeError: One of the expressions is none.
    """

    def __init__(self, keep_headers: Iterable[str] = (), secrets: Iterable[str] = ()) -> None:
        more = {name.lower() for name in keep_headers}
        self._request_headers = _KEPT_REQUEST_HEADERS | more
        self._response_headers = _KEPT_RESPONSE_HEADERS | more
        self._patterns = [(re.compile(pattern), replacement) for pattern, replacement in _PATTERNS]
        self._url_patterns = [(re.compile(pattern), replacement) for pattern, replacement in _URL_PATTERNS]
        own = [(_compiled(secret), _REDACTED) for secret in secrets]
        self._patterns += own
        self._has_own = bool(own)
        self._values: set[bytes] = set()
        self._value: re.Pattern[bytes] | None = None
        for name, value in os.environ.items():
            if name.upper().endswith(_SECRET_VARIABLES) and value != PLACEHOLDER_KEY:
                self.learn(value)

    def learn(self, secret: str) -> None:
        """Take out this very text too, wherever it stands: as it is, in JSON, or quoted in a URL."""
        if (
            len(secret.strip()) < _SHORTEST_SECRET
            or secret in _WORDS_OF_THE_WIRE
            or secret == PLACEHOLDER_KEY
        ):
            return
        escaped = json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]
        forms = {
            form.encode("utf-8", "surrogateescape") for form in (secret, *escaped, quote(secret, safe=""))
        }
        if not forms <= self._values:
            self._values |= forms
            longest_first = sorted(self._values, key=len, reverse=True)
            self._value = re.compile(b"|".join(re.escape(value) for value in longest_first))

    def learn_from(self, headers: Iterable[tuple[str, str]]) -> None:
        """Take out, wherever they stand, the credentials and cookies that these headers carry."""
        for name, value in headers:
            if name.lower() in ("authorization", "proxy-authorization", "x-api-key", "api-key"):
                self.learn(value.partition(" ")[2] or value)
            elif name.lower() in ("cookie", "set-cookie"):
                pairs = value.split(";") if name.lower() == "cookie" else value.split(";")[:1]
                for pair in pairs:
                    self.learn(pair.partition("=")[2].strip())

    def request(self, request: Any) -> Any:
        """A request as it may be written, and as it is compared."""
        headers = {
            name: self.text(value)
            for name, value in request.headers.items()
            if name.lower() in self._request_headers
        }
        body = request.body_bytes
        if isinstance(body, bytes):
            content_type = request.headers.get("content-type", "")
            body, shown_type = without_parts(body, content_type)
            body = self.data(without_blobs(body))
            if shown_type != content_type:
                headers = {
                    name: shown_type if name.lower() == "content-type" else value
                    for name, value in headers.items()
                }
        return Request(request.method, self._url(request.uri), body, headers)

    def _url(self, url: str) -> str:
        data = url.encode("utf-8", "surrogateescape")
        for pattern, replacement in self._url_patterns:
            data = pattern.sub(replacement, data)
        return self.data(data).decode("utf-8", "surrogateescape")

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
            body = body.encode("utf-8", "surrogateescape")
        stream = response.get("stream") or {}
        if stream.get("message"):
            redacted["stream"] = stream = {**stream, "message": self.text(stream["message"])}
        if not isinstance(body, bytes) or any(name.lower() == "content-encoding" for name in headers):
            return redacted
        scrubbed = self.data(body)
        redacted["body"] = {**response["body"], "string": scrubbed}
        if stream and scrubbed != body:
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
        if self._has_own or _SUSPICIOUS.search(data):
            for pattern, replacement in self._patterns:
                data = pattern.sub(replacement, data)
        if self._value is not None:
            data = self._value.sub(_REDACTED, data)
        return data


def _compiled(secret: str) -> re.Pattern[bytes]:
    try:
        return re.compile(secret.encode())
    except re.error as error:
        raise GroqtapeError(
            f"expected a regular expression for what is secret, got {secret!r}: {error}\n"
            "Correct the ini option groq_secrets or use_cassette(secrets=…)."
        ) from None
