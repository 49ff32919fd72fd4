"""Ruby VCR: a body has an `encoding`, and a `string` or a `base64_string`."""

from __future__ import annotations

import base64
import codecs
from typing import Any

from groqtape.cassettes.other_recorders.bodies import Place, UnreadableError, Written

__all__ = ["encoded_body"]


def encoded_body(message: dict[str, Any], at: Place) -> Written | None:
    """The body of a request or a response of Ruby VCR; None for any other."""
    body = message.get("body")
    if (
        not isinstance(body, dict)
        or not body.keys() & {"encoding", "base64_string"}
        or not body.keys() <= {"encoding", "string", "base64_string"}
    ):
        return None
    at = (*at, "body")
    if "base64_string" in body:
        try:
            return Written(base64.b64decode(body["base64_string"]))
        except (ValueError, TypeError) as error:
            raise UnreadableError(
                "a `base64_string` in Base64", body["base64_string"], (*at, "base64_string")
            ) from error
    string = body.get("string")
    if not isinstance(string, str | bytes | None):
        raise UnreadableError("a body's `string` as text", string, (*at, "string"))
    return Written(_as_sent(string, body.get("encoding")) if isinstance(string, str) else string)


def _as_sent(text: str, encoding: Any) -> str | bytes:
    """A text as it was sent; unchanged for UTF-8, and for encodings that are none of text (ASCII-8BIT)."""
    try:
        name = codecs.lookup(encoding).name
        return text if name == "utf-8" else text.encode(name)
    except (LookupError, TypeError, ValueError):
        return text
