"""Whether a request matches a recorded one, and which fields differ where it does not.

The matchers here are vcrpy's: they take two `vcr.request.Request`s and return whether they match.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any, Final

from vcr import VCR

from groqtape.errors import GroqtapeError
from groqtape.redaction.request_body import request_body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Matcher = Callable[[Any, Any], bool | None]

__all__ = [
    "ABSENT",
    "DEFAULT_MATCH_ON",
    "body",
    "content",
    "differences",
    "json_in",
    "known_matchers",
    "matchers",
    "parsed",
    "path",
    "signature",
]


class _Absent:
    def __repr__(self) -> str:
        return "nothing"


ABSENT: Final = _Absent()
"""Marks a difference where one side has no value at all (JSON's null is a value: None)."""

DEFAULT_MATCH_ON = ("method", "path", "query", "body")
_API_ROOT = "/v1/"


def _endpoint(request: Any) -> str:
    """The path below the root of Groq's API: a gateway's own prefix doesn't count."""
    whole: str = request.path
    _, root, endpoint = whole.rpartition(_API_ROOT)
    return endpoint if root else whole


def path(now: Any, recorded: Any) -> bool:
    """Whether two requests go to the same endpoint, under whatever base URL."""
    return _endpoint(now) == _endpoint(recorded)


def body(now: Any, recorded: Any) -> bool:
    """Whether two bodies are equal: as JSON where they are JSON, else byte for byte."""
    return _normal_body(now) == _normal_body(recorded)


def parsed(raw: bytes | None) -> Any:
    """A request's body: parsed where it is JSON, else as text, else as bytes; None without one."""
    if raw is None or raw == b"":
        return None
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        try:
            return raw.decode()
        except UnicodeDecodeError:
            return raw


def content(request: Any) -> Any:
    """A request's body, parsed where it is JSON; `ABSENT` without one."""
    return parsed(request_body(request)) if request_body(request) else ABSENT


def _normal_body(request: Any) -> str | bytes:
    """A body in a form that is the same for equal JSON; cached with the request, which is compared often."""
    try:
        normal: str | bytes = request.normal_body
    except AttributeError:
        raw = bytes(request_body(request) or b"")
        normal = request.normal_body = (_cached_normal if len(raw) < _SHORT else _normal)(raw)
    return normal


def _normal(raw: bytes) -> str | bytes:
    try:
        return _encode(_decode(raw.decode(json.detect_encoding(raw), "surrogatepass")))
    except (ValueError, RecursionError):
        return raw


# The body of a call is nearly always the recorded one, byte for byte.
_cached_normal = functools.lru_cache(maxsize=16)(_normal)
_SHORT = 2**16


def _number(text: str) -> float | int:
    """JSON has one kind of number: 0.0 is 0."""
    number = float(text)
    return int(number) if number.is_integer() else number


# `json.loads` and `json.dumps` with options make these anew in each call.
_decode = json.JSONDecoder(parse_float=_number).decode
_encode = json.JSONEncoder(sort_keys=True).encode


def signature(request: Any) -> tuple[Any, ...]:
    """What the default matchers compare: two requests match if and only if their signatures are equal."""
    return request.method, _endpoint(request), tuple(request.query), _normal_body(request)


_OWN: dict[str, Matcher] = {"path": path, "body": body}


def matchers(names: Iterable[str | Matcher] | None) -> list[Matcher]:
    """The matchers of these names: vcrpy's, except that `path` and `body` are groqtape's.

    Args:
        names: Names, or matchers themselves; None for the default (method, path, query, body).

    Raises:
        GroqtapeError: A name is no matcher's.
    """
    known = known_matchers()
    wanted = DEFAULT_MATCH_ON if names is None else (names,) if isinstance(names, str) else tuple(names)
    for name in wanted:
        if not callable(name) and not (isinstance(name, str) and name in known):
            raise GroqtapeError(
                f"expected the names of matchers in match_on ({', '.join(sorted(known))}), got {name!r}\n"
                "Correct the marker's match_on= or use_cassette(match_on=…)."
            )
    return [name if callable(name) else known[name] for name in wanted]


@functools.cache
def known_matchers() -> dict[str, Matcher]:
    """All matchers by their names: vcrpy's, and groqtape's in the place of some."""
    known: dict[str, Matcher] = VCR().matchers
    return known | _OWN


def differences(recorded: Any, now: Any, field: str = "") -> Iterator[tuple[str, Any, Any]]:
    """The fields in which two parsed bodies differ, as (`messages[0].content`, recorded, now).

    A value that only one of them has is `ABSENT` in the other.
    """
    if isinstance(recorded, dict) and isinstance(now, dict):
        for key in [*recorded, *(key for key in now if key not in recorded)]:
            inner = f"{field}.{key}" if field else key
            yield from differences(recorded.get(key, ABSENT), now.get(key, ABSENT), inner)
    elif isinstance(recorded, list) and isinstance(now, list):
        for index in range(max(len(recorded), len(now))):
            yield from differences(
                recorded[index] if index < len(recorded) else ABSENT,
                now[index] if index < len(now) else ABSENT,
                f"{field}[{index}]",
            )
    elif not _same(recorded, now):
        yield from _differences_of_texts(recorded, now, field or "body")


def _differences_of_texts(recorded: Any, now: Any, field: str) -> Iterator[tuple[str, Any, Any]]:
    """The difference of two values; where both are texts that hold JSON, those within."""
    before, after = (json_in(value) if isinstance(value, str) else None for value in (recorded, now))
    if before is None or type(before) is not type(after):
        yield field, recorded, now
    else:
        # Texts of equal JSON can differ in how they are written.
        yield from list(differences(before, after, field)) or [(field, recorded, now)]


def json_in(text: str) -> Any:
    """The JSON object or array that a text holds, such as the result of a tool; None where it holds none."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return _decode(text)
    except (ValueError, RecursionError):
        return None


def _same(recorded: Any, now: Any) -> bool:
    """Whether two values are the same in JSON: 1 is 1.0, but not true; NaN is NaN."""
    if isinstance(recorded, bool) != isinstance(now, bool):
        return False
    return bool(recorded == now) or (recorded != recorded and now != now)
