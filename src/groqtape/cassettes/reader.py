"""Reads a cassette file, of groqtape or of another recorder, and names what is wrong with a bad one."""

from __future__ import annotations

import contextlib
import functools
import reprlib
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from groqtape.cassettes import canonical, documents
from groqtape.cassettes.ends import COMPLETE, is_end
from groqtape.cassettes.gaps import check_gaps
from groqtape.cassettes.limits import SURROGATE
from groqtape.cassettes.other_recorders.bodies import UnreadableError
from groqtape.cassettes.other_recorders.translation import translate
from groqtape.cassettes.responses import GAPS, TRANSCRIPT, UNANSWERED
from groqtape.cassettes.transcript import TranscriptError, check
from groqtape.errors import CassetteError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from groqtape.cassettes.other_recorders.bodies import Place

__all__ = ["read"]

_A_DAY = 24 * 60 * 60 * 1000
_SCALARS = (str, bytes, int, float, type(None))


def read(text: str) -> dict[str, Any]:
    """Read the text of a cassette as vcrpy's dict, with streams as transcripts (see responses.py).

    Raises:
        CassetteError: The text is no good cassette; the error says what was expected, and in which line.
    """
    parts = canonical.parts(text)
    if parts is not None:
        # Where something is wrong with the file, the ordinary reader finds the place.
        with contextlib.suppress(CassetteError, TranscriptError):
            return {"version": 1, "interactions": [_from_part(part) for part in parts]}
    return _read_any(text)


def _from_part(part: canonical.Part) -> dict[str, Any]:
    if part.body is None or part.events is None:
        return _interaction_of(part.frame)
    check(part.events)
    if part.gaps is not None and check_gaps(part.gaps):
        raise CassetteError("expected gaps")
    gaps = {} if part.gaps is None else {GAPS: part.gaps}
    shared = _frame(part.frame)
    request, response = shared["request"], shared["response"]
    return {
        "request": {**request, "headers": _copied(request["headers"]), "body": part.body},
        "response": {
            **response,
            "headers": _copied(response["headers"]),
            "status": dict(response["status"]),
            "body": dict(response["body"]),
            "stream": {**response["stream"], TRANSCRIPT: part.events, **gaps},
        },
    }


def _copied(headers: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {name: list(values) for name, values in headers.items()}


def _interaction_of(text: str) -> dict[str, Any]:
    """The interaction of a file that has one."""
    interaction: dict[str, Any] = _read_any(text)["interactions"][0]
    return interaction


_frame = functools.lru_cache(maxsize=128)(_interaction_of)


def _read_any(text: str) -> dict[str, Any]:
    checker = _Checker(text)
    try:
        cassette, places = translate(documents.parse(text))
    except UnreadableError as error:
        checker.fail(error.expected, error.came, *error.at)
    found = zip(cassette["interactions"], places, strict=True)
    return {**cassette, "interactions": [checker.interaction(item, *place) for item, place in found]}


class _Checker:
    """Checks interactions, and names the line of what is not as it should be."""

    def __init__(self, text: str) -> None:
        self._text = text

    def interaction(self, item: Any, request_at: Place, response_at: Place) -> dict[str, Any]:
        if not isinstance(item, dict):
            self.fail("an interaction (a mapping of `request` and `response`)", item, *request_at[:-1])
        return {
            **item,
            "request": self._request(item.get("request"), *request_at),
            "response": self._response(item.get("response"), *response_at),
        }

    def _request(self, request: Any, *at: str | int) -> dict[str, Any]:
        if not isinstance(request, dict):
            self.fail("a `request` (a mapping of `method`, `uri`, `headers` and `body`)", request, *at)
        for name in ("method", "uri"):
            if not _is_text(request.get(name)):
                self.fail(f"a request's `{name}` as text", request.get(name), *at, name)
        if not _is_url(request["uri"]):
            self.fail("a request's `uri` as a URL", request["uri"], *at, "uri")
        body = request.get("body")
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
            texts = [_header_value(value) for value in values if isinstance(value, _SCALARS)]
            if len(texts) < len(values) or not all(map(_is_text, [name, *texts])):
                self.fail("a header's name and its values as text", {name: given}, *at, name)
            read[name] = texts
        return read

    def _response(self, response: Any, *at: str | int) -> dict[str, Any]:
        if not isinstance(response, dict):
            self.fail("a `response` (a mapping of `status`, `headers` and `body` or `stream`)", response, *at)
        stream = response.get("stream")
        if isinstance(stream, dict) and response.keys() == {"stream"} and stream.get("end") != COMPLETE:
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
            "status": {"code": status["code"], "message": message if _is_text(message) else None},
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
        for key, is_good, expected in (
            ("message", _is_text, "text"),
            ("tries", lambda tries: type(tries) is int, "a whole number"),
            ("left_at", _is_time, "a number"),
        ):
            if key in stream:
                if not is_good(stream[key]):
                    self.fail(f"a stream's `{key}` as {expected}", stream[key], *at, key)
                ending[key] = stream[key]
        return ending

    def _stream(self, stream: Any, *at: str | int) -> dict[str, Any]:
        ending = self._ending(stream, *at)
        if "events" not in stream:
            return {"stream": ending}
        events = stream["events"]
        if not _is_text(events):
            self.fail("a stream's `events` as a block of text", events, *at, "events")
        try:
            check(events)
        except TranscriptError as error:
            line = documents.line_of(self._text, (*at, "events"))
            raise CassetteError(str(error), line=None if line is None else line + error.line) from error
        read = {**ending, TRANSCRIPT: events}
        if "gaps" in stream:
            read[GAPS] = self._gaps(stream["gaps"], *at, "gaps")
        return {"body": {"string": b""}, "stream": read}

    def _gaps(self, gaps: Any, *at: str | int) -> str:
        expected = "a stream's `gaps` as numbers of milliseconds between its events (`-` where unknown)"
        if type(gaps) in (int, float):  # one, that a person wrote on the line of the key
            gaps = str(gaps)
        if not _is_text(gaps):
            self.fail(expected, gaps, *at)
        wrong = check_gaps(gaps)
        if wrong:
            came, number = wrong
            line = documents.line_of(self._text, at)
            # A block begins on the line after its key.
            block = "\n" in gaps
            raise CassetteError(
                f"expected {expected}, got {reprlib.repr(came)}",
                line=None if line is None else line + (number if block else 0),
            )
        return str(gaps)

    def fail(self, expected: str, came: Any, *at: Any) -> NoReturn:
        shown = "nothing" if came is None else reprlib.repr(came)
        raise CassetteError(f"expected {expected}, got {shown}", line=documents.line_of(self._text, at))


def _header_value(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _is_text(value: object) -> bool:
    """Whether a value is text that UTF-8 can hold."""
    return isinstance(value, str) and not SURROGATE.search(value)


def _is_time(value: object) -> bool:
    return type(value) in (int, float) and 0 <= value <= _A_DAY  # type: ignore[operator]


def _is_url(text: str) -> bool:
    try:
        _ = urlsplit(text).port  # raises where it is no port
    except ValueError:
        return False
    return True
