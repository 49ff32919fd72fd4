"""The strings of a JSON document or of the events of a stream: where each is, and at which path."""

from __future__ import annotations

import functools
import json
import re
from bisect import bisect_right
from itertools import accumulate
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from groqtape.redaction.views import View, unescaped

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DATA", "LITERAL", "Leaf", "distinct", "leaves", "path_at", "paths_of", "text_in", "values_of"]

# The second quote of a string is missing where a body is cut off. It is optional too since a search for one
# from each of many quotes would take the square of the length.
_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?'
LITERAL = re.compile(f"({_STRING})", re.DOTALL)
"""Splits a document at its strings: each second part is one."""
_BETWEEN_FIELDS = re.compile(r',\s*+(?="[^"\\]*+"\s*+:)')
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
DATA = re.compile(r"data: ?([^\r\n]*)")
"""A line of a stream, and its data."""
_EVENTS = re.compile(r"(?:data|event|id|retry)?:")
_DEEPEST = 4
# These repeat the same text, or an id, in each event. They are no text in pieces.
_ENVELOPE = frozenset(
    {"id", "object", "model", "system_fingerprint", "type", "role", "item_id", "service_tier"}
)


class Leaf(NamedTuple):
    """A text of a body.

    Attributes:
        view: The text, decoded.
        is_number: Whether it is a number in JSON rather than a string.
    """

    view: View
    is_number: bool = False


class _Value(NamedTuple):
    """A string value in a document.

    Attributes:
        number: Its number among the strings of the document, names of fields included.
        path: The names that lead to it, with the `index` of elements of lists.
        shown: The path as it is shown.
    """

    number: int
    path: tuple[Any, ...]
    shown: str

    @property
    def part(self) -> int:
        """Its number among the parts of the document, which is split at its strings."""
        return 2 * self.number + 1


def leaves(body: View, depth: int = 0) -> Iterator[Leaf]:
    """Yield the texts of a body, decoded: of its JSON at any depth, or the body itself where it is none."""
    text = body.text
    if _is_json(text):
        yield from _leaves_of_json(body, depth)
    elif depth == 0 and _EVENTS.match(text):
        for line in re.finditer(r"[^\r\n]+", text):
            name, colon, data = line[0].partition(":")
            start = line.start() + len(name) + 1 + (data[:1] == " ") if colon else line.start()
            part = body.part(start, line.end())
            yield from _leaves_of_json(part, depth) if _is_json(part.text) else [Leaf(part)]
    elif depth == 0:
        yield Leaf(body)
        if text.lstrip()[:1] in ("{", "["):  # cut off
            yield from _leaves_of_json(body, depth)


def _is_json(text: str) -> bool:
    if text.lstrip()[:1] not in ("{", "[", '"'):
        return False
    try:
        json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return False
    return True


def _leaves_of_json(document: View, depth: int) -> Iterator[Leaf]:
    at = 0
    for number, part in enumerate(LITERAL.split(document.text)):
        if number % 2:
            inner = document.part(at + 1, at + 1 + len(text_in(part)))
            decoded = unescaped(inner) or inner
            yield Leaf(decoded)
            if depth < _DEEPEST:
                yield from leaves(decoded, depth + 1)
        else:
            for found in _NUMBER.finditer(part):
                yield Leaf(document.part(at + found.start(), at + found.end()), is_number=True)
        at += len(part)


def distinct(text: str) -> str:
    """Return what is in a text with each field of its JSON only once.

    Nearly all of a stream repeats. A rule finds a secret in this if it finds one in the text: none finds one
    that begins before the quote of a field's name and ends after it.
    """
    return "\0".join(dict.fromkeys(_BETWEEN_FIELDS.split(text)))


def text_in(string: str) -> str:
    """What is between the quotes of a string, of which the second is missing where the body was cut."""
    return string[1:-1] if len(string) > 1 and string.endswith('"') else string[1:]


def paths_of(text: str) -> list[tuple[int, int, str]]:
    """Return where the string values of a body start and end, each with its path, in their order."""
    paths: list[tuple[int, int, str]] = []
    is_stream = _EVENTS.match(text) is not None
    documents = DATA.finditer(text) if is_stream else re.finditer(r"(?s)()(.*)", text)
    at = event = 0
    for document in documents:
        start, end = document.span(document.re.groups)
        event += text.count("\n\n", at, start)
        at = start
        parts = LITERAL.split(text[start:end])
        ends = list(accumulate(map(len, parts), initial=start))
        for value in values_of(parts)[0]:
            shown = f"event {event + 1}: {value.shown}" if is_stream else value.shown
            paths.append((ends[value.part], ends[value.part + 1], shown))
    return paths


def path_at(paths: list[tuple[int, int, str]], place: int) -> str:
    """Return the path of the string at a place of a body, such as `messages[1].content`, or ""."""
    nearest = bisect_right(paths, place, key=itemgetter(0)) - 1
    return paths[nearest][2] if nearest >= 0 and place < paths[nearest][1] else ""


def values_of(parts: list[str]) -> tuple[tuple[_Value, ...], int | None]:
    """The string values of a document that is split at its strings, and the part that is its `type`."""
    between = tuple(parts[::2])
    values, kind = _values(between, tuple([parts[2 * number + 1] for number in _keys(between)]))
    return values, None if kind is None else 2 * kind + 1


@functools.lru_cache(maxsize=256)
def _keys(between: tuple[str, ...]) -> tuple[int, ...]:
    """The numbers of the strings that are names of fields: a colon follows them."""
    return tuple(number for number, after in enumerate(between[1:]) if after.lstrip().startswith(":"))


@functools.lru_cache(maxsize=256)
def _values(between: tuple[str, ...], keys: tuple[str, ...]) -> tuple[tuple[_Value, ...], int | None]:
    """The string values of a document, given what is around its strings, and its keys.

    Nearly all events of a stream are alike in that.
    """
    # The same document, with the number of each string in its place.
    strings = [f'"{number}"' for number in range(len(between) - 1)]
    for number, key in zip(_keys(between), keys, strict=True):
        strings[number] = key
    document = _parsed("".join(part for pair in zip(between, [*strings, ""], strict=True) for part in pair))
    kind = document.get("type") if isinstance(document, dict) else None
    return tuple(_walk(document, (), "")), int(kind) if isinstance(kind, str) else None


def _parsed(text: str) -> Any:
    """Parse a document, also one that is cut off."""
    closing: list[str] = []
    for found in re.finditer(r'"(?:[^"\\]|\\.)*+"|([{\[])|[}\]]', text):
        if found[1]:
            closing.append("}" if found[1] == "{" else "]")
        elif found[0] in "}]" and closing:
            closing.pop()
    for missing in ("", "null", ":null", '"":null'):
        try:
            return json.loads(text + missing + "".join(reversed(closing)), strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _walk(value: Any, path: tuple[Any, ...], shown: str) -> Iterator[_Value]:
    if isinstance(value, str):
        if not path or path[-1] not in _ENVELOPE:
            yield _Value(int(value), path, shown)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            has_index = isinstance(item, dict) and isinstance(item.get("index"), int)
            yield from _walk(item, path if has_index else (*path, (number,)), f"{shown}[{number}]")
    elif isinstance(value, dict):
        indexes = [
            (name, number)
            for name, number in sorted(value.items())
            if isinstance(number, int) and (name == "index" or name.endswith("_index"))
        ]
        for name, item in value.items():
            yield from _walk(item, (*path, *indexes, name), f"{shown}.{name}" if shown else name)
