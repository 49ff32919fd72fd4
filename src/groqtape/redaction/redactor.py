"""Redaction of requests and responses: headers by an allow-list, and whatever looks like a credential.

Requests are redacted when they are made, so that both sides of a comparison are redacted. Responses are
redacted when they are written; so are those that were in the file before.
"""

from __future__ import annotations

import functools
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from vcr.request import Request

from groqtape.redaction.blobs import without_blobs, without_parts
from groqtape.redaction.edits import REDACTED, Edit, edited, in_bytes, merged, resized
from groqtape.redaction.expressions import Expressions
from groqtape.redaction.finder import Finder, edits_of
from groqtape.redaction.headers import KEPT_IN_REQUESTS, KEPT_IN_RESPONSES
from groqtape.redaction.request_body import request_body
from groqtape.redaction.rules import in_url
from groqtape.redaction.values import SecretValues
from groqtape.redaction.views import View

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import httpx

__all__ = ["Redaction", "Redactor"]

_FIRST_ERROR = 400
_PARTS_OF_A_RESPONSE = ("status", "headers", "body", "stream")


class Redaction(NamedTuple):
    """What was redacted, without the secret itself.

    Attributes:
        rule: The rule that found it.
        place: Where it was, such as `request body messages[0].content`.
    """

    rule: str
    place: str


class Redactor:
    """Redacts requests and responses before they are written.

    Args:
        keep_headers: Names of headers to keep, in addition to the few that replaying needs.
        secrets: Regular expressions for further secrets.
        allow: Regular expressions for texts that are harmless, although a rule finds them.

    Attributes:
        learn_from: See `groqtape.redaction.values.SecretValues.learn_from`.

    Raises:
        GroqtapeError: An expression is not valid, or one for secrets matches an empty text.
    """

    def __init__(
        self, keep_headers: Iterable[str] = (), secrets: Iterable[str] = (), allow: Iterable[str] = ()
    ) -> None:
        more = {name.lower() for name in keep_headers}
        self._request_headers = KEPT_IN_REQUESTS | more
        self._response_headers = KEPT_IN_RESPONSES | more
        self._expressions = Expressions(secrets, allow)
        self._values = SecretValues()
        self._finder = Finder(self._values, self._expressions)
        self._redactions: Counter[Redaction] = Counter()
        self.learn_from = self._values.learn_from

    def take_redactions(self) -> Counter[Redaction]:
        """Return what has been redacted since the last call, and how often; without that in `call`."""
        taken, self._redactions = self._redactions, Counter()
        return taken

    # Requests

    def request(self, request: Any) -> Any:
        """Redact a request, for writing and for comparing."""
        by = self, len(self._values)
        if getattr(request, "redacted_by", None) == by:  # vcrpy redacts each request several times
            return request
        original = request.uri, request_body(request), dict(request.headers)
        redacted = self._redacted(*original)
        if redacted != original or not isinstance(request.body, bytes):
            request = Request(request.method, *redacted)
        request.redacted_by = by
        return request

    def call(self, request: httpx.Request) -> Any:
        """Turn an httpx request, whose body has been read, into a redacted request of vcrpy's.

        Its attribute `redactions` counts what was redacted.
        """
        sent = request.headers
        headers = {name: sent[name] for name in sent if name in self._request_headers}
        redactions: Counter[Redaction] = Counter()
        redacted = self._redacted(str(request.url), request.content, headers, redactions)
        request_of_vcr = Request(request.method, *redacted)
        request_of_vcr.redacted_by = self, len(self._values)
        request_of_vcr.redactions = redactions
        return request_of_vcr

    def _redacted(
        self, uri: str, body: Any, headers: Mapping[str, str], into: Counter[Redaction] | None = None
    ) -> tuple[str, Any, dict[str, str]]:
        """Redact the parts of a request."""
        redacted = {name: value for name, value in headers.items() if name.lower() in self._request_headers}
        if isinstance(body, bytes):
            for name, value in redacted.items():
                if name.lower() == "content-type":
                    body, redacted[name] = without_parts(body, value)
            body = without_blobs(body)
            if self._is_harmless(uri, body, redacted):
                return uri, body, redacted
            body = self.data(body, "request body", into)
        return (
            self.url(uri, "request URL", into),
            body,
            {name: self.text(value, f"request header {name}", into) for name, value in redacted.items()},
        )

    def _is_harmless(self, uri: str, body: bytes, headers: Mapping[str, str]) -> bool:
        """Whether one quick look is enough: nothing in the request is secret, as in nearly all requests."""
        if "=" in uri or "@" in uri:
            return False
        # Nothing that a rule finds, and no value in JSON, has a NUL in it.
        parts = body.decode("utf-8", "surrogateescape"), uri.partition("://")[2], *headers.values()
        return self._finder.is_harmless("\0".join(parts))

    # Responses

    def response(self, response: Mapping[str, Any]) -> dict[str, Any]:
        """Redact a response (vcrpy's dict) and update the sizes of its events."""
        redacted = {key: response[key] for key in _PARTS_OF_A_RESPONSE if key in response}
        # vcrpy's stubs keep a URL and the like here.
        redacted |= {
            key: self.url(value, f"response {key}")
            for key, value in response.items()
            if key not in _PARTS_OF_A_RESPONSE and isinstance(key, str) and isinstance(value, str)
        }
        redacted["headers"] = headers = {
            name: [
                (self.url if name.lower() == "location" else self.text)(value, f"response header {name}")
                for value in ([values] if isinstance(values, str) else values)
            ]
            for name, values in response["headers"].items()
            if name.lower() in self._response_headers
        }
        status = response["status"]
        if status.get("message"):
            redacted["status"] = {**status, "message": self.text(status["message"], "reason phrase")}
        stream = response.get("stream") or {}
        if stream.get("message"):
            message = self.text(stream["message"], "message of the error")
            redacted["stream"] = stream = {**stream, "message": message}
        body = (response.get("body") or {}).get("string")
        redacted["body"] = {"string": body}
        if isinstance(body, str):
            body = body.encode("utf-8", "surrogateescape")
        if not isinstance(body, bytes) or any(name.lower() == "content-encoding" for name in headers):
            return redacted
        body, sizes = self._body(
            body, stream.get("sizes", ()), is_error=(status.get("code") or 0) >= _FIRST_ERROR
        )
        redacted["body"] = {"string": body}
        if sizes:
            redacted["stream"] = {**stream, "sizes": sizes}
        return redacted

    def _body(self, body: bytes, sizes: Sequence[int], *, is_error: bool) -> tuple[bytes, Sequence[int]]:
        text = body.decode("utf-8", "surrogateescape")
        in_place = functools.partial(self._finder.findings, is_error=is_error)
        original = text
        is_stream = bool(sizes) or "\ndata:" in f"\n{text}"  # other recorders keep no sizes of events
        for find in (self._finder.findings_across, in_place) if is_stream else (in_place,):
            edits = edits_of(find(View(text)))
            self._note(text, edits, "response body")
            sizes = resized(sizes, in_bytes(text, edits))
            text = edited(text, edits)
        if text != original and '"bytes"' in text:
            from groqtape.redaction.logprobs import edits_of_bytes

            edits = list(edits_of_bytes(text))
            sizes = resized(sizes, in_bytes(text, edits))
            text = edited(text, edits)
        return text.encode("utf-8", "surrogateescape"), sizes

    # Texts

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

    def text(self, text: str, place: str = "text", into: Counter[Redaction] | None = None) -> str:
        """Redact a text."""
        edits = edits_of(self._finder.findings(View(text)))
        self._note(text, edits, place, into)
        return edited(text, edits)

    def shown(self, text: str) -> str:
        """Redact a text that is shown, without taking note of it."""
        self._values.learn_from(())
        if self._finder.is_harmless(text):
            return text
        return edited(text, edits_of(self._finder.findings(View(text))))

    def data(self, data: bytes, place: str = "data", into: Counter[Redaction] | None = None) -> bytes:
        """Redact bytes."""
        text = self.text(data.decode("utf-8", "surrogateescape"), place, into)
        return text.encode("utf-8", "surrogateescape")

    def url(self, url: str, place: str = "URL", into: Counter[Redaction] | None = None) -> str:
        """Redact a URL."""
        parts = (
            Edit(found.start, found.end, REDACTED, found.rule)
            for found in in_url(url)
            if not self._expressions.allows(url[found.start : found.end])
        )
        edits = merged([*parts, *edits_of(self._finder.findings(View(url)))])
        self._note(url, edits, place, into)
        return edited(url, edits)

    def _note(
        self, text: str, edits: Sequence[Edit], place: str, into: Counter[Redaction] | None = None
    ) -> None:
        if not edits:
            return
        from groqtape.redaction.json_texts import path_at, paths_of

        paths = paths_of(text) if place.endswith("body") else []
        for edit in edits:
            if edit.rule and text[edit.start : edit.end] != edit.new:
                path = path_at(paths, edit.start)
                (self._redactions if into is None else into)[
                    Redaction(edit.rule, f"{place} {path}".strip())
                ] += 1
