"""Decompresses response bodies: compressed ones can't be reviewed, redacted or cut into events."""

from __future__ import annotations

import zlib
from typing import Any

from groqtape.cassettes.other_recorders import bodies
from groqtape.cassettes.other_recorders.bodies import Place, UnreadableError
from groqtape.redaction.blobs import is_text

__all__ = ["LARGEST_FILE", "Room", "decompressed"]

LARGEST_FILE = 256 * 2**20
"""How much all compressed bodies of a file may hold together."""

# zlib's numbers for the formats of compressed data: gzip's; zlib's, or none.
_WINDOWS = {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15)}
_GZIP = b"\x1f\x8b"


class Room:
    """How much the compressed bodies that are still to come may hold."""

    def __init__(self) -> None:
        self.left = LARGEST_FILE


def decompressed(response: dict[str, Any], at: Place, room: Room) -> dict[str, Any]:
    """A response with a plain body and without a `content-encoding` header.

    A body in another encoding than gzip and deflate stays as it is: httpx decodes it where it can.

    Raises:
        UnreadableError: The body is not what its header says, or is too large.
    """
    headers, body = response.get("headers"), response.get("body")
    if not isinstance(headers, dict) or not isinstance(body, dict):
        return response
    names = [name for name in headers if str(name).lower() == "content-encoding"]
    string = body.get("string")
    if not names or not isinstance(string, str | bytes):
        return response
    if isinstance(string, bytes) and not is_text(string):
        coding = ", ".join(str(value) for value in headers[names[0]]).strip().lower()
        if coding not in _WINDOWS:
            return response
        string = _inflated(string, coding, (*at, "body", "string"), room)
    kept = {name: values for name, values in headers.items() if name not in names}
    return {**response, "headers": kept, "body": {**body, "string": string}}


def _inflated(data: bytes, coding: str, at: Place, room: Room) -> bytes:
    """The decompressed bytes; the same bytes where the recorder had decompressed them already."""
    largest = bodies.LARGEST_BODY
    for window in _WINDOWS[coding]:
        inflate = zlib.decompressobj(window)
        try:
            text = inflate.decompress(data, min(largest, room.left) + 1)
        except zlib.error:
            continue
        if len(text) > largest:
            raise UnreadableError(f"a body of at most {largest} bytes", "more", at)
        if len(text) > room.left:
            raise UnreadableError(f"compressed bodies of at most {LARGEST_FILE} bytes in all", "more", at)
        room.left -= len(text)
        return text
    if data.startswith(_GZIP):
        raise UnreadableError(f"a body compressed with {coding}, as its headers say", data, at)
    return data
