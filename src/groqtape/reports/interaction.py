"""One interaction of a cassette: the request, and the answer as it arrived."""

from __future__ import annotations

import functools
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from groqtape.cassettes.ends import COMPLETE
from groqtape.cassettes.responses import UNANSWERED, body_of, events_of
from groqtape.cassettes.sse import is_event_stream
from groqtape.reports.events import Event, is_chunk, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from groqtape.streams.stream import GroqStream

__all__ = ["Interaction"]

_MODEL_IN_A_FORM = re.compile(rb'name="model"\r?\n(?:[^\r\n]+\r?\n)*\r?\n([^\r\n]+)')


class Interaction:
    """One interaction of a cassette, read when it is looked at.

    Args:
        number: Its place in the cassette (the first is 1).
        request: vcrpy's request.
        response: vcrpy's dict of the response.
    """

    def __init__(self, number: int, request: Any, response: Mapping[str, Any]) -> None:
        self.number = number
        self.request = request
        self.response = response
        self._stream: Mapping[str, Any] = response.get("stream") or {}
        self._headers = {name.lower(): values for name, values in response["headers"].items()}

    # The request

    @property
    def method(self) -> str:
        """The request's method."""
        return str(self.request.method)

    @property
    def path(self) -> str:
        """The path of the request's URL, with its query."""
        parts = urlsplit(self.request.uri)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    @property
    def body(self) -> bytes:
        """The request's body."""
        body = self.request.body
        return body.encode("utf-8", "surrogateescape") if isinstance(body, str) else bytes(body or b"")

    @functools.cached_property
    def parameters(self) -> dict[str, Any] | None:
        """The request's body where it is a JSON object; None where it is none."""
        try:
            body = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return body if isinstance(body, dict) else None

    @property
    def model(self) -> str | None:
        """The model that was requested, in JSON or in a form; None where the request names none."""
        if self.parameters is not None:
            model = self.parameters.get("model")
            return model if isinstance(model, str) else None
        found = _MODEL_IN_A_FORM.search(self.body)
        return found[1].decode("utf-8", "replace") if found else None

    # The answer

    @property
    def status(self) -> int | None:
        """The status code; None where no answer came."""
        return None if self._stream.get(UNANSWERED) else int(self.response["status"]["code"])

    @property
    def end(self) -> str:
        """How the answer ended: see cassettes/ends.py."""
        return str(self._stream.get("end", COMPLETE))

    @property
    def message(self) -> str:
        """The text of the error that cut the answer; empty where none did."""
        return str(self._stream.get("message", ""))

    @functools.cached_property
    def is_stream(self) -> bool:
        """Whether the answer is a stream of events."""
        if self.status is None:
            return False
        return is_event_stream("".join(self._headers.get("content-type", [])[:1]), self.events_as_bytes[0])

    @functools.cached_property
    def _events(self) -> tuple[list[bytes], list[float | None]]:
        events, times = events_of(self.response)
        return events, list(times)

    @property
    def events_as_bytes(self) -> list[bytes]:
        """The answer's events as they came; one empty piece where there are none."""
        return self._events[0] or [b""]

    @property
    def times(self) -> list[float | None]:
        """When each event arrived, in milliseconds after the request was sent; None where not known."""
        return self._events[1]

    @functools.cached_property
    def events(self) -> list[Event]:
        """The stream's events, with what each adds; `[]` where the answer is no stream."""
        if not self.is_stream:
            return []
        return [kind_of(data, at) for data, at in zip(*self._events, strict=True)]

    @property
    def chunks(self) -> int:
        """How many chat chunks the stream has."""
        return sum(map(is_chunk, self._events[0])) if self.is_stream else 0

    @functools.cached_property
    def answer(self) -> bytes:
        """The body of the answer, as it came."""
        return body_of(self.response)

    @functools.cached_property
    def stream(self) -> GroqStream | None:
        """The chat stream, as `groqtape.load` gives it; None where the answer is none."""
        from groqtape.cassettes.loading import streams_in

        return next(iter(streams_in([self.response])), None)
