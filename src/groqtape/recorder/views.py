"""The calls of a run as tests look at them: raw requests and streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from groqtape.cassettes.ends import CLOSED, UNFINISHED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from groqtape.recorder.answers import Answers, Call
    from groqtape.recorder.recording import Recording
    from groqtape.recorder.vcr_view import VcrView
    from groqtape.redaction.redactor import Redactor
    from groqtape.streams.stream import GroqStream

__all__ = ["RawRequest", "as_vcr", "chunk_count", "raw_requests", "streams"]


class RawRequest(NamedTuple):
    """A request that was sent.

    Attributes:
        method: Its method.
        url: Its URL, as the cassette keeps it: redacted.
        headers: The headers that the cassette keeps, with their values.
        body: Its body, as it was sent.
    """

    method: str
    url: str
    headers: dict[str, str]
    body: bytes


def raw_requests(calls: Iterable[Call]) -> list[RawRequest]:
    """The requests of calls."""
    return [
        RawRequest(call.request.method, call.request.uri, dict(call.request.headers), call.body)
        for call in calls
    ]


def streams(calls: Iterable[Call], redactor: Redactor) -> list[GroqStream]:
    """The chat streams of calls, as the cassette holds them."""
    responses = []
    for call in calls:
        if call.playback:
            responses.append(call.playback.response())
        elif call.recording:
            response = redactor.response(call.recording.response())
            if response["stream"]["end"] == CLOSED and not response["body"]["string"]:
                response = {**response, "stream": {**response["stream"], "end": UNFINISHED}}
            responses.append(response)
    return _streams_in(responses)


def as_vcr(answers: Answers, redactor: Redactor) -> VcrView:
    """Calls and answers as vcrpy's own cassette shows them."""
    from groqtape.recorder.vcr_view import VcrView  # for suites of pytest-recording alone

    return VcrView(answers, redactor)


def chunk_count(recordings: Iterable[Recording]) -> int:
    """How many chunks the streams of recordings have."""
    return sum(len(stream.chunks) for stream in _streams_in([each.response() for each in recordings]))


def _streams_in(responses: list[dict[str, Any]]) -> list[GroqStream]:
    if not responses:
        return []
    # Imported here: a test that looks at no stream doesn't pay for the classes of its chunks.
    from groqtape.cassettes.loading import streams_in

    return streams_in(responses)
