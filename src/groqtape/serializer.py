"""The cassette file: vcrpy's serializer interface (`serialize` and `deserialize`), written for reviewers.

It is a vcrpy cassette (YAML, version 1) in which two things stand otherwise: a request's JSON
body is formatted, and an event stream stands as a transcript under `stream`, in place of `body`.
Cassettes of other recorders are read too (see foreign.py). Register it with `vcr.VCR` to use the same files::

    my_vcr.register_serializer("groqtape", groqtape.serializer)

In memory a response is vcrpy's dict, with one key more where it was a stream or did not end well
(vcrpy carries it along, and its own serializers ignore it)::

    "stream": {"end": "complete", "sizes": (n, …), "times": (milliseconds, …)}

A call that got no answer at all has no `status` in the file, and in memory a made-up one (see `UNANSWERED`).
"""

from __future__ import annotations

import contextlib
import functools
import json
import re
import reprlib
from io import BytesIO
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

import yaml
from vcr.request import Request

from groqtape import canonical, documents, foreign
from groqtape.ends import COMPLETE, is_end
from groqtape.errors import CassetteError
from groqtape.redaction import Redactor
from groqtape.sse import is_event_stream, split_events
from groqtape.transcript import Event, TranscriptError, check, transcribe, unroll

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["UNANSWERED", "body_of", "deserialize", "events_of", "read", "serialize", "unfolded"]

_TRANSCRIPT = "transcript"

UNANSWERED = "unanswered"
"""The key in `stream` that marks a call that got no answer."""

_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
# What a literal block can't carry: see transcript.py.
_UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_PLAIN_KEY = re.compile(r"(?!(?:y|n|yes|no|on|off|true|false|null)$)[a-z][a-z_-]*")
_INDENT = "  "
_LINE = 88
_ON_ONE_LINE = ("status",)
_OWN_MAPPINGS = ("request", "response", "headers", "body", "stream")
_ENDING = ("end", "message", "tries", "left_at")
_SCALARS = (str, bytes, int, float, type(None))


def events_of(response: Mapping[str, Any]) -> tuple[list[bytes], Sequence[float | None]]:
    """The events of a response in memory, and when each arrived (milliseconds after the request was sent).

    A body that somebody changed since (its sizes don't add up) is cut anew, and has no times.
    """
    stream = response.get("stream") or {}
    if _TRANSCRIPT in stream:
        return unroll(stream[_TRANSCRIPT])
    body = body_of(response)
    sizes: Sequence[int] = stream.get("sizes", ())
    times: Sequence[float | None] = stream.get("times", ())
    if sum(sizes) != len(body) or len(sizes) != len(times):
        events = split_events(body)
        return events, [None] * len(events)
    events, start = [], 0
    for size in sizes:
        events.append(body[start : start + size])
        start += size
    return events, times


def body_of(response: Mapping[str, Any]) -> bytes:
    """The body of a response in memory."""
    stream = response.get("stream") or {}
    if _TRANSCRIPT in stream:
        return b"".join(unroll(stream[_TRANSCRIPT])[0])
    string = (response.get("body") or {}).get("string") or b""
    return string.encode("utf-8", "surrogateescape") if isinstance(string, str) else bytes(string)


def unfolded(response: Mapping[str, Any]) -> dict[str, Any]:
    """A response with its events in its body, as vcrpy expects: `read` leaves them in the transcript."""
    if _TRANSCRIPT not in (response.get("stream") or {}):
        return dict(response)
    events, times = events_of(response)
    ending = {key: value for key, value in response["stream"].items() if key != _TRANSCRIPT}
    sizes = tuple(len(event) for event in events)
    return {
        **response,
        "body": {"string": b"".join(events)},
        "stream": {**ending, "sizes": sizes, "times": tuple(times)},
    }


# Writing


def serialize(cassette_dict: Mapping[str, Any]) -> str:
    """Write vcrpy's dict of a cassette as the text of a file, without credentials: see redaction.py."""
    redactor = Redactor()
    interactions = []
    for interaction in cassette_dict["interactions"]:
        given = interaction["request"]
        request = redactor.request(
            Request(given["method"], given["uri"], given.get("body"), given["headers"])
        )
        plain = {
            "method": request.method,
            "uri": request.uri,
            "headers": {name: [value] for name, value in request.headers.items()},
            "body": _as_text(request.body_bytes),
        }
        interactions.append(
            {"request": plain, "response": redactor.response(unfolded(interaction["response"]))}
        )
    return write({**cassette_dict, "interactions": interactions})


def write(cassette_dict: Mapping[str, Any]) -> str:
    """Write vcrpy's dict of a cassette, redacted already, as the text of a file."""
    rest = {key: value for key, value in cassette_dict.items() if key not in ("version", "interactions")}
    lines = ["version: 1", "interactions:" if cassette_dict["interactions"] else "interactions: []"]
    for interaction in cassette_dict["interactions"]:
        shown = {
            "request": _shown_request(interaction["request"]),
            "response": _shown_response(interaction["response"]),
        }
        first, *others = _mapping(shown, _INDENT)
        lines += [f"- {first.removeprefix(_INDENT)}", *others]
    return "\n".join([*lines, *_mapping(rest, ""), ""])


def _shown_request(request: Mapping[str, Any]) -> dict[str, Any]:
    body = request.get("body")
    return {
        "method": request["method"],
        "uri": request["uri"],
        "headers": {name: list(values) for name, values in request.get("headers", {}).items()},
        "body": _formatted(body) if isinstance(body, str) else body,
    }


def _formatted(body: str) -> str:
    """JSON as people review it; any other text, and JSON that would lose something, as it is."""
    try:
        parsed = json.loads(body, object_pairs_hook=_unique)
        if not isinstance(parsed, dict | list):
            return body
        text = _pretty(parsed, "")
    except (ValueError, RecursionError):
        return body
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def _pretty(value: Any, pad: str) -> str:
    """JSON with a line for each field of a body, and for each part of it that is too long for one line."""
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


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(pairs)
    if len(unique) != len(pairs):
        raise ValueError("a key stands twice")
    return unique


def _shown_response(response: Mapping[str, Any]) -> dict[str, Any]:
    shown = dict(response)
    stream = shown.pop("stream", None) or {}
    body = body_of(response)
    ending = {key: stream[key] for key in _ENDING if stream.get(key)}
    ending.setdefault("end", COMPLETE)
    if stream.get(UNANSWERED):
        return {"stream": ending}
    headers = response.get("headers", {})
    if is_event_stream(_header(headers, "content-type"), body) and not _header(headers, "content-encoding"):
        shown.pop("body", None)
        # The end stands last: a file that breaks off in the middle of a stream has none.
        events = [Event(data, at) for data, at in zip(*events_of(response), strict=True)]
        shown["stream"] = {"events": transcribe(events), **ending}
        return shown
    if "string" in (shown.get("body") or {}):
        shown["body"] = {**shown["body"], "string": _as_text(shown["body"]["string"])}
    if ending["end"] != COMPLETE:
        shown["stream"] = ending
    return shown


def _as_text(body: Any) -> Any:
    """A body as text, as vcrpy has it in its files; bytes that are no text as they are."""
    if isinstance(body, bytes):
        with contextlib.suppress(UnicodeDecodeError):
            return body.decode()
    return body


def _header(headers: Mapping[str, Any], name: str) -> str:
    for key, values in headers.items():
        if key.lower() == name:
            return values if isinstance(values, str) else ", ".join(str(value) for value in values)
    return ""


def _mapping(mapping: Mapping[str, Any], pad: str) -> Iterator[str]:
    """A mapping's lines: literal blocks and nested mappings by hand, all else as YAML's library writes it."""
    for key, value in mapping.items():
        if not _PLAIN_KEY.fullmatch(key):
            yield from _yaml({key: value}, pad)
        elif isinstance(value, str) and _stands_as_block(value):
            yield from _block(key, value, pad)
        elif isinstance(value, dict) and value and key in _OWN_MAPPINGS:
            yield f"{pad}{key}:"
            yield from _mapping(value, pad + _INDENT)
        elif key in _ON_ONE_LINE or (isinstance(value, list) and pad):
            text, *more = _yaml(value, pad, flow=True)
            yield from (f"{pad}{key}: {text.removeprefix(pad)}", *more)
        else:
            yield from _yaml({key: value}, pad)


def _yaml(value: Any, pad: str, *, flow: bool = False) -> list[str]:
    text = yaml.dump(
        value, Dumper=_Dumper, allow_unicode=True, default_flow_style=flow, sort_keys=False, width=2**30
    )
    return [pad + line if line else line for line in text.removesuffix("\n").split("\n")]


def _stands_as_block(text: str) -> bool:
    return "\n" in text and not text.startswith("\n") and not _UNSAFE.search(text) and bool(text.strip())


def _block(key: str, text: str, pad: str) -> Iterator[str]:
    """A literal block: its chomping says how many line breaks end it, its indicator where it begins."""
    body = text.removesuffix("\n")
    chomping = "-" if body is text else "+" if body.endswith("\n") else ""
    indicator = str(len(_INDENT)) if text.startswith(" ") else ""
    yield f"{pad}{key}: |{indicator}{chomping}"
    for line in body.split("\n"):
        yield f"{pad}{_INDENT}{line}" if line else ""


# Reading


def deserialize(cassette_string: str) -> dict[str, Any]:
    """Read the text of a cassette as vcrpy's dict.

    Raises:
        CassetteError: The text is no good cassette; the error says what was expected, and in which line.
    """
    cassette = read(cassette_string)
    for interaction in cassette["interactions"]:
        interaction["response"] = unfolded(interaction["response"])
    return cassette


def read(text: str) -> dict[str, Any]:
    """Read the text of a cassette as vcrpy's dict, but leave events in their transcripts (see `unfolded`).

    Raises:
        CassetteError: The text is no good cassette; the error says what was expected, and in which line.
    """
    parts = canonical.parts(text)
    if parts is not None:
        # What is wrong with the file, the ordinary reader says: it knows where.
        with contextlib.suppress(CassetteError, TranscriptError):
            return {"version": 1, "interactions": [_from_part(part) for part in parts]}
    return _read_any(text)


def _from_part(part: canonical.Part) -> dict[str, Any]:
    if part.body is None or part.events is None:
        return _interaction_of(part.frame)
    check(part.events)
    shared = _frame(part.frame)
    request, response = shared["request"], shared["response"]
    return {
        "request": {**request, "headers": _copied(request["headers"]), "body": part.body},
        "response": {
            **response,
            "headers": _copied(response["headers"]),
            "status": dict(response["status"]),
            "body": dict(response["body"]),
            "stream": {**response["stream"], _TRANSCRIPT: part.events},
        },
    }


def _copied(headers: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {name: list(values) for name, values in headers.items()}


def _interaction_of(text: str) -> dict[str, Any]:
    """The interaction of a file that has one."""
    cassette = _read_any(text)
    if len(cassette["interactions"]) != 1:
        raise CassetteError("expected one interaction")
    interaction: dict[str, Any] = cassette["interactions"][0]
    return interaction


_frame = functools.lru_cache(maxsize=128)(_interaction_of)


def _read_any(text: str) -> dict[str, Any]:
    checked = _Checked(text)
    try:
        cassette, places = foreign.translate(documents.parse(text))
    except foreign.UnreadableError as error:
        checked.fail(error.expected, error.came, *error.at)
    found = zip(cassette["interactions"], places, strict=True)
    return {**cassette, "interactions": [checked.interaction(item, *place) for item, place in found]}


class _Checked:
    """Reads interactions, and knows where each stands when one is not as it should be."""

    def __init__(self, text: str) -> None:
        self._text = text

    def interaction(self, item: Any, *at: str | int) -> dict[str, Any]:
        if not isinstance(item, dict):
            self.fail("an interaction (a mapping of `request` and `response`)", item, *at)
        return {
            **item,
            "request": self._request(item.get("request"), *at, "request"),
            "response": self._response(item.get("response"), *at, "response"),
        }

    def _request(self, request: Any, *at: str | int) -> dict[str, Any]:
        if not isinstance(request, dict):
            self.fail("a `request` (a mapping of `method`, `uri`, `headers` and `body`)", request, *at)
        for name in ("method", "uri"):
            if not isinstance(request.get(name), str):
                self.fail(f"a request's `{name}` as text", request.get(name), *at, name)
        if not _is_url(request["uri"]):
            self.fail("a request's `uri` as a URL", request["uri"], *at, "uri")
        body = request.get("body")
        if isinstance(body, BytesIO):  # vcrpy's YAML can hold these
            body = body.read()
        if not isinstance(body, str | bytes | None):
            self.fail("a request's `body` as text", body, *at, "body")
        headers = self._headers(request.get("headers"), *at, "headers")
        return {"method": request["method"], "uri": request["uri"], "body": body, "headers": headers}

    def _headers(self, headers: Any, *at: str | int) -> dict[str, list[str]]:
        if headers is None:
            return {}
        if not isinstance(headers, dict):
            self.fail("`headers` (a mapping of names to lists of values)", headers, *at)
        read = {}
        for name, given in headers.items():
            values = given if isinstance(given, list | tuple) else [given]
            if not isinstance(name, str) or not all(isinstance(value, _SCALARS) for value in values):
                self.fail("a header's name and its values as text", {name: given}, *at, name)
            read[name] = [
                value.decode("latin-1") if isinstance(value, bytes) else str(value) for value in values
            ]
        return read

    def _response(self, response: Any, *at: str | int) -> dict[str, Any]:
        if not isinstance(response, dict):
            self.fail("a `response` (a mapping of `status`, `headers` and `body` or `stream`)", response, *at)
        stream = response.get("stream")
        if isinstance(stream, dict) and "status" not in response and stream.get("end") != COMPLETE:
            return self._unanswered(stream, *at, "stream")
        status = response.get("status")
        if (
            not isinstance(status, dict)
            or type(status.get("code")) is not int
            or not 100 <= status["code"] < 600
        ):
            self.fail("a response's `status` (a mapping of `code` and `message`)", status, *at, "status")
        message = status.get("message")
        read = {
            **response,
            "status": {"code": status["code"], "message": message if isinstance(message, str) else None},
            "headers": self._headers(response.get("headers"), *at, "headers"),
        }
        body = response.get("body")
        if stream is None or (isinstance(stream, dict) and "events" not in stream):
            if not isinstance(body, dict) or not isinstance(body.get("string", ""), str | bytes | None):
                self.fail("a response's `body` (a mapping of `string`) or `stream`", body, *at, "body")
            read["body"] = {**body, "string": body.get("string")}
        if "stream" in response:
            read |= self._stream(stream, *at, "stream")
        return read

    def _unanswered(self, stream: dict[str, Any], *at: str | int) -> dict[str, Any]:
        return {
            "status": {"code": 503, "message": "No answer was recorded"},
            "headers": {},
            "body": {"string": b""},
            "stream": {**self._ending(stream, *at), UNANSWERED: True},
        }

    def _ending(self, stream: Any, *at: str | int) -> dict[str, Any]:
        if not isinstance(stream, dict) or not is_end(stream.get("end")):
            came = stream.get("end") if isinstance(stream, dict) else stream
            self.fail("a stream's `end` (complete, closed or the name of an httpx error)", came, *at)
        ending: dict[str, Any] = {"end": stream["end"]}
        for key, kind, expected in (
            ("message", str, "text"),
            ("tries", int, "a number"),
            ("left_at", float, "a number"),
        ):
            if key in stream:
                value = float(stream[key]) if kind is float and type(stream[key]) is int else stream[key]
                if not isinstance(value, kind):
                    self.fail(f"a stream's `{key}` as {expected}", value, *at, key)
                ending[key] = value
        return ending

    def _stream(self, stream: Any, *at: str | int) -> dict[str, Any]:
        ending = self._ending(stream, *at)
        if "events" not in stream:
            return {"stream": ending}
        events = stream["events"]
        if not isinstance(events, str):
            self.fail("a stream's `events` as a block of text", events, *at, "events")
        try:
            check(events)
        except TranscriptError as error:
            line = documents.line_of(self._text, (*at, "events"))
            raise CassetteError(str(error), line=None if line is None else line + error.line) from error
        return {"body": {"string": b""}, "stream": {**ending, _TRANSCRIPT: events}}

    def fail(self, expected: str, came: Any, *at: Any) -> NoReturn:
        shown = "nothing" if came is None else reprlib.repr(came)
        raise CassetteError(f"expected {expected}, got {shown}", line=documents.line_of(self._text, at))


def _is_url(text: str) -> bool:
    try:
        _ = urlsplit(text).port  # refuses what is no port
    except ValueError:
        return False
    return True
