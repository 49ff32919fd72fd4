"""Long binary data in requests is replaced by its length and SHA-256, which still match.

A request to Groq can have images in data URLs, `input_audio`, and the files of a multipart form.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from email.message import Message

__all__ = ["BOUNDARY", "is_text", "without_blobs", "without_parts"]

BOUNDARY = "groqtape"
"""Replaces the boundary of a multipart form, which differs in each request."""

_SHORTEST = 256
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{%d,}={0,2}" % _SHORTEST)
_KINDS = (re.compile(rb"[a-z]"), re.compile(rb"[A-Z]"), re.compile(rb"[0-9]"))


def _digest(kind: str, data: bytes) -> bytes:
    return f"<{kind}: {len(data)} bytes, SHA-256 {hashlib.sha256(data).hexdigest()}>".encode()


def without_blobs(body: bytes) -> bytes:
    """Replace each run of 256 or more characters of base64 by a digest of the data it encodes."""
    return _BASE64.sub(_digest_of, body) if len(body) >= _SHORTEST else body


def _digest_of(found: re.Match[bytes]) -> bytes:
    text = found[0]
    if not all(kind.search(text) for kind in _KINDS):
        return text  # a long word, a row of dashes, a number in hexadecimal
    try:
        data = base64.b64decode(text.translate(bytes.maketrans(b"-_", b"+/")), validate=True)
    except binascii.Error:
        return _digest("base64, not decodable", text)
    return _digest("base64", data)


def without_parts(body: bytes, content_type: str) -> tuple[bytes, str]:
    """Replace the files of a multipart form by digests, and its boundary by `BOUNDARY`.

    Returns:
        The body and the content type, unchanged if this is no multipart form.
    """
    if not content_type.lower().startswith("multipart/"):
        return body, content_type
    header = Message()
    header["content-type"] = content_type
    boundary = header.get_boundary()
    if not boundary:
        return body, content_type
    delimiter = b"--" + boundary.encode("utf-8", "surrogateescape")
    before, *parts = body.split(delimiter)
    shown = [before, *(_part(part) for part in parts)]
    header.set_boundary(BOUNDARY)
    return (b"--" + BOUNDARY.encode()).join(shown), str(header["content-type"])


def _part(part: bytes) -> bytes:
    head, gap, content = part.partition(b"\r\n\r\n")
    content, end = (content[:-2], content[-2:]) if content.endswith(b"\r\n") else (content, b"")
    if not gap or (b"filename" not in head.lower() and is_text(content)) or content.startswith(b"<file: "):
        return part
    return head + gap + _digest("file", content) + end


def is_text(data: bytes) -> bool:
    """Whether bytes are UTF-8; compressed data never is."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
