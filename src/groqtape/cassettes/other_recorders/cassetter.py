"""cassetter: a body stands with its type, in YAML and in TOML."""

from __future__ import annotations

from typing import Any

from groqtape.cassettes.other_recorders.bodies import Place, UnreadableError, Written, json_text

__all__ = ["toml_body", "yaml_body"]

_TYPES = ("json", "text", "binary", "none")


def yaml_body(message: dict[str, Any], at: Place) -> Written | None:
    """The body of a message in cassetter's YAML (`type` and `content`); None for any other."""
    body = message.get("body")
    if not isinstance(body, dict) or not body.keys() <= {"type", "content"}:
        return None
    kind, at = body.get("type"), (*at, "body", "content")
    if kind == "json" and "content" in body:
        return Written(json_text(body["content"], at))
    return Written(_content(kind, body.get("content"), at)) if kind in _TYPES else None


def toml_body(message: dict[str, Any], at: Place) -> Written | None:
    """The body of a message in cassetter's TOML (`body_type` and `body_content`); None for any other.

    JSON is text there.
    """
    if "body_type" not in message:
        return None
    kind = message["body_type"]
    if kind not in ("", *_TYPES):
        raise UnreadableError(f"a `body_type` ({', '.join(_TYPES)})", kind, (*at, "body_type"))
    return Written(_content(kind, message.get("body_content"), (*at, "body_content")))


def _content(kind: str, content: Any, at: Place) -> str | bytes | None:
    if content is None:
        return None
    if not isinstance(content, str):
        raise UnreadableError("the content of a body as text", content, at)
    if kind != "binary":
        return content
    try:
        return bytes.fromhex(content)
    except ValueError as error:
        raise UnreadableError("the content of a binary body as hexadecimal digits", content, at) from error
