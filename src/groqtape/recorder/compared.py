"""A request as it is compared: without ignored fields, and with volatile text masked."""

from __future__ import annotations

import functools
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

from vcr.request import Request

from groqtape.recorder import matching
from groqtape.recorder.ignored_fields import check_field, inside
from groqtape.recorder.settings import as_list
from groqtape.recorder.volatile import MASK, Volatile

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Compared", "original"]


class _Masked(str):
    """A text of which some does not count, or the mask of a number.

    Attributes:
        original: What it was.
    """

    __slots__ = ("original",)
    original: Any


def original(value: Any) -> Any:
    """A value as it was sent, where it was masked or parsed for the comparison."""
    if isinstance(value, _Masked):
        return value.original
    if isinstance(value, dict):
        return {name: original(inner) for name, inner in value.items()}
    return [original(inner) for inner in value] if isinstance(value, list) else value


class Compared:
    """Makes requests as they are compared. What is written stays as it was sent.

    Args:
        volatile: See `groqtape.recorder.volatile`.
        ignore: See `groqtape.recorder.ignored_fields`.

    Raises:
        GroqtapeError: An expression or a field is invalid.
    """

    def __init__(self, volatile: Iterable[str] | str = (), ignore: Iterable[str] | str = ()) -> None:
        self._volatile = Volatile(volatile)
        self._ignore = tuple(check_field(field) for field in as_list(ignore))

    def __call__(self, request: Any) -> Any:
        """The request as it is compared; kept with the request, which is compared often."""
        by, compared = getattr(request, "compared_by", (None, None))
        if by is not self:
            compared = Request(request.method, self._url(request), self._body(request), request.headers)
            request.compared_by = self, compared
        return compared

    def content(self, request: Any) -> Any:
        """The body of a request as it is compared, parsed where it is JSON."""
        content = matching.content(request)
        if content is matching.ABSENT or inside(self._ignore, "body") is None:
            return matching.ABSENT
        if isinstance(content, bytes):
            return self._volatile.masked(content.decode("latin-1"))
        try:
            return self._value(content, self._ignore, content)
        except RecursionError:
            return self._volatile.masked(json.dumps(content))

    def _body(self, request: Any) -> bytes:
        content = self.content(request)
        if content is matching.ABSENT:
            return b""
        text = content if isinstance(content, str) else json.dumps(content)
        return text.encode("utf-8", "surrogatepass")

    def _url(self, request: Any) -> str:
        parts = request.parsed_uri
        path = unquote(parts.path)
        masked = self._volatile.masked(path)
        path = parts.path if masked == path else quote(masked)
        query = inside(self._ignore, "query")
        pairs = [] if query is None else parse_qsl(parts.query, keep_blank_values=True)
        kept = [
            (self._volatile.masked(name), self._volatile.masked(value))
            for name, value in pairs
            if inside(query or (), name) is not None
        ]
        return str(parts._replace(path=path, query=urlencode(kept)).geturl())

    def _value(self, value: Any, ignore: tuple[str, ...], sent: Any) -> Any:
        """A value of a JSON text. A text that holds JSON itself is masked, and then parsed.

        Args:
            value: The value.
            ignore: The ignored fields in it.
            sent: The value as it was sent: within a text, `value` is masked already.
        """
        if isinstance(value, dict):
            return self._object(value, ignore, sent if isinstance(sent, dict) else value)
        if isinstance(value, list):
            return self._array(value, ignore, sent if _as_long(sent, value) else value)
        if isinstance(value, str):
            text = self._volatile.masked(value)
            container = _json_in(text)
            if container is not None:
                return self._value(
                    container, ignore, matching.json_in(sent) if isinstance(sent, str) else None
                )
            return value if text == sent else _masked(text, sent)
        if isinstance(value, int | float) and self._volatile.masks_number(value):
            return _masked(MASK, sent)
        return value

    def _object(self, value: dict[str, Any], ignore: tuple[str, ...], sent: dict[str, Any]) -> dict[str, Any]:
        compared: dict[str, Any] = {}
        for name, inner in value.items():
            within = inside(ignore, name)
            if within is None:
                continue
            kept = self._value(inner, within, sent.get(name, inner))
            if within and kept in ({}, []):
                continue  # all that may be in it is ignored: the same as if it were not there
            name = self._volatile.masked(name)
            while name in compared:  # two names of which just the volatile text differs
                name += MASK
            compared[name] = kept
        return compared

    def _array(self, value: list[Any], ignore: tuple[str, ...], sent: list[Any]) -> list[Any]:
        compared: list[Any] = []
        for number, (inner, inner_sent) in enumerate(zip(value, sent, strict=True)):
            within = inside(ignore, number)
            # An ignored element keeps its place: the others are named by their numbers.
            compared.append(MASK if within is None else self._value(inner, within, inner_sent))
        while compared and inside(ignore, len(compared) - 1) is None:
            del compared[-1]
        return compared


# A text, or a number or word outside of texts.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[^\s,:\[\]{}"]+')
# What a mask outside of texts stands for: a value, such as a number; a name with its value.
_BARE = f'"{MASK}"', f'"{MASK}": 0'


def _json_in(text: str) -> Any:
    """The JSON in a text that was masked, also where the mask is outside of its texts."""
    found = matching.json_in(text)
    if found is None and MASK in text and text.lstrip()[:1] in ("{", "["):
        texts = (_TOKEN.sub(functools.partial(_replaced, bare), text) for bare in _BARE)
        found = next((one for one in map(matching.json_in, texts) if one is not None), None)
    return found


def _replaced(bare: str, token: re.Match[str]) -> str:
    return token[0] if token[0][0] == '"' or MASK not in token[0] else bare


def _masked(text: str, value: Any) -> _Masked:
    masked = _Masked(text)
    masked.original = value
    return masked


def _as_long(sent: Any, value: list[Any]) -> bool:
    return isinstance(sent, list) and len(sent) == len(value)
