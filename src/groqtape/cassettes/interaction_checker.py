"""Checks the interactions of a cassette, and names the line of what is not as it should be."""

from __future__ import annotations

import json
import reprlib
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from groqtape.cassettes.ends import COMPLETE, is_end
from groqtape.cassettes.gaps import check_gaps
from groqtape.cassettes.laid_out_json import LAID_OUT, compacted, looks_laid_out
from groqtape.cassettes.limits import SURROGATE
from groqtape.cassettes.responses import GAPS, TRANSCRIPT, UNANSWERED
from groqtape.cassettes.transcript import TranscriptError, check
from groqtape.errors import CassetteError

if TYPE_CHECKING:
    from groqtape.cassettes.other_recorders.bodies import Place

__all__ = ["InteractionChecker"]

_A_DAY = 24 * 60 * 60 * 1000
_SCALARS = (str, bytes, int, float, type(None))


class InteractionChecker:
    """Checks interactions.

    Args:
        text: The text of the cassette.
    """

    def __init__(self, text: str) -> None:
        self._text = text

    def interaction(self, item: Any, request_at: Place, response_at: Place) -> dict[str, Any]:
        """Give back an interaction in vcrpy's form, with streams as transcripts.

        Args:
            item: What stands in its place.
            request_at: Where its request stands.
            response_at: Where its response stands.

        Raises:
            CassetteError: It is none.
        """
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
        if isinstance(body, str) and looks_laid_out(body):
            self._check_json("a request's `body`", body, *at, "body")
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
            read["body"] = self._body(body, *at, "body")
        if "stream" in response:
            read |= self._stream(stream, *at, "stream")
        return read

    def _body(self, body: dict[str, Any], *at: str | int) -> dict[str, Any]:
        string = body.get("string")
        if body.get(LAID_OUT) is not True or not isinstance(string, str):
            return {**body, "string": string}
        self._check_json("a response's `body`", string, *at, "string")
        others = {key: value for key, value in body.items() if key != LAID_OUT}
        return {**others, "string": compacted(string)}

    def _check_json(self, what: str, text: str, *at: str | int) -> None:
        try:
            json.loads(text)
        except RecursionError:
            pass  # how deep JSON may be nested depends on the reader
        except ValueError as error:
            line = self._line_of(*at)
            problem, number = getattr(error, "msg", str(error)), getattr(error, "lineno", 1)
            raise CassetteError(
                f"expected {what} as JSON, but it can't be read: {problem}",
                line=None if line is None else line + number,
            ) from error

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
            line = self._line_of(*at, "events")
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
            line = self._line_of(*at)
            # A block begins on the line after its key.
            block = "\n" in gaps
            raise CassetteError(
                f"expected {expected}, got {reprlib.repr(came)}",
                line=None if line is None else line + (number if block else 0),
            )
        return str(gaps)

    def _line_of(self, *at: Any) -> int | None:
        from groqtape.cassettes.documents import line_of  # a good cassette needs no line

        return line_of(self._text, at)

    def fail(self, expected: str, came: Any, *at: Any) -> NoReturn:
        """Raise the error for a value that is not as expected.

        Raises:
            CassetteError: Always.
        """
        shown = "nothing" if came is None else reprlib.repr(came)
        raise CassetteError(f"expected {expected}, got {shown}", line=self._line_of(*at))


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
