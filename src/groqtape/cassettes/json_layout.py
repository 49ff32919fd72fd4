"""JSON laid out on lines for review, in requests and in plain answers.

A request's body is written anew: it is compared as JSON. An answer's is not: only white space is put between
its tokens, and taken out again, so that the exact bytes come back. That is possible where the answer came
without white space between its tokens, as Groq's do; any other stays on one line.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from groqtape.cassettes.laid_out_json import STRING, compacted

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["laid_out_answer", "laid_out_request"]

_INDENT = "  "
_LINE = 88
_DEEPEST = 200
# Compiled when they are first used: replaying a stream needs none of them.
_TOKEN = rf"{STRING}|[][{{}},:]|[^][{{}},:\"\s]++"
_COMPACT = rf'(?:[^"\s]|{STRING})++'


def laid_out_request(body: str) -> str:
    """JSON with a line for each field; any other text, and JSON that would lose something, unchanged."""
    try:
        parsed = json.loads(body, object_pairs_hook=_unique)
        if not isinstance(parsed, dict | list):
            return body
        text = _pretty(parsed, "")
    except (ValueError, RecursionError):
        return body
    return _unsafe_in_block().sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def laid_out_answer(body: str) -> str | None:
    """JSON with a line for each of its fields; None where `compacted` would not give back this very text."""
    if not body.startswith(("{", "[")) or _unsafe_in_block().search(body):
        return None
    end = "\n" if body.endswith("\n") else ""
    if not re.fullmatch(_COMPACT, body.removesuffix("\n")):
        return None
    try:
        json.loads(body)
        text = _laid_out(_tree(re.finditer(_TOKEN, body)), "") + end
    except (ValueError, RecursionError):
        return None
    return text if "\n" in text.removesuffix("\n") and compacted(text) == body else None


def _unsafe_in_block() -> re.Pattern[str]:
    # Imported here: a session that only replays writes no transcript.
    from groqtape.cassettes.transcript_writer import UNSAFE_IN_BLOCK

    return UNSAFE_IN_BLOCK


def _pretty(value: Any, pad: str) -> str:
    """As `_laid_out`, for data."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or not value or (pad and len(pad) + len(line) <= _LINE):
        return line
    inner = pad + _INDENT
    if isinstance(value, dict):
        parts = [
            f"{json.dumps(key, ensure_ascii=False)}: {_pretty(child, inner)}" for key, child in value.items()
        ]
    else:
        parts = [_pretty(child, inner) for child in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}\n{inner}" + f",\n{inner}".join(parts) + f"\n{pad}{closing}"


class _Node:
    """A value of JSON: the text of its one line, and its parts if it is a mapping or a list."""

    def __init__(self, line: str, parts: list[tuple[str, _Node]]) -> None:
        self.line = line
        self.parts = parts  # each with its key and `: `, or `""` in a list


def _tree(tokens: Iterator[re.Match[str]], first: str = "", depth: int = 0) -> _Node:
    """The value that begins with a token; the tokens are those of valid JSON."""
    opening = first or next(tokens)[0]
    if opening not in ("{", "["):
        return _Node(opening, [])
    if depth > _DEEPEST:
        raise RecursionError
    parts: list[tuple[str, _Node]] = []
    closing = "}" if opening == "{" else "]"
    while (first := next(tokens)[0]) != closing:
        if first == ",":
            first = next(tokens)[0]
        key = ""
        if opening == "{":
            next(tokens)  # the colon
            key, first = f"{first}: ", next(tokens)[0]
        parts.append((key, _tree(tokens, first, depth + 1)))
    return _Node(f"{opening}{', '.join(key + value.line for key, value in parts)}{closing}", parts)


def _laid_out(node: _Node, pad: str) -> str:
    """A line for each field of a body, and for each part of it that is too long for one line."""
    if not node.parts or (pad and len(pad) + len(node.line) <= _LINE):
        return node.line
    inner = pad + _INDENT
    lines = [f"{key}{_laid_out(value, inner)}" for key, value in node.parts]
    return f"{node.line[0]}\n{inner}" + f",\n{inner}".join(lines) + f"\n{pad}{node.line[-1]}"


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(pairs)
    if len(unique) != len(pairs):
        raise ValueError("a key is there twice")
    return unique
