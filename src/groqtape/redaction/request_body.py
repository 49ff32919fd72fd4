"""The body of vcrpy's request, whatever version of vcrpy it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vcr.request import Request

__all__ = ["request_body"]


def request_body(request: Request) -> bytes | None:
    """A request's body as bytes; None without one.

    vcrpy gives the body of a file as a file and that of an iterator as an iterator; its own `body_bytes`
    exists since version 8.5.
    """
    body = request.body
    if body is None or isinstance(body, bytes):
        return body
    content: bytes = body.read() if hasattr(body, "read") else b"".join(body)
    return content
