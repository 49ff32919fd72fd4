"""vcrpy: what its own versions and patched libraries wrote otherwise than `body: {string: text or bytes}`."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from groqtape.cassettes.other_recorders.bodies import Place, UnreadableError, Written, json_text

__all__ = ["content_of_older_versions", "request_body"]


def content_of_older_versions(response: dict[str, Any], at: Place) -> Written | None:
    """What vcrpy once wrote for httpx: `status_code`, and `content` that it had decompressed."""
    if "status_code" not in response or "content" not in response:
        return None
    content = response["content"]
    if not isinstance(content, str | bytes | None):
        raise UnreadableError("a response's `content` as text", content, (*at, "content"))
    return Written(content, {"status": {"code": response["status_code"], "message": None}})


def request_body(request: dict[str, Any], at: Place) -> Written | None:
    """A request's body that is no text: aiohttp's `json=` as a mapping, files and iterators."""
    body = request.get("body")
    if isinstance(body, dict | list):
        return Written(json_text(body, (*at, "body")))
    if isinstance(body, BytesIO):
        return Written(body.getvalue())
    if isinstance(body, Iterator):
        pieces = [piece.encode() if isinstance(piece, str) else piece for piece in body]
        if not all(isinstance(piece, bytes) for piece in pieces):
            raise UnreadableError("a request's `body` in pieces of text", pieces, (*at, "body"))
        return Written(b"".join(pieces))
    return None
