"""A recorded body is handed over once, and nothing keeps it then."""

from __future__ import annotations

import weakref
from typing import Any, NoReturn

import anyio
import httpx
import pytest

from groqtape.recorder.playback import AsyncPlayedStream, Playback, PlayedStream
from groqtape.recorder.redirects import Redirects

RESPONSE = {
    "status": {"code": 200, "message": "OK"},
    "headers": {},
    "body": {"string": b"data: 1\n\ndata: 2\n\n"},
}


def refuse() -> NoReturn:
    raise AssertionError("nobody reads past the end")


def fail(error: Exception) -> NoReturn:
    raise AssertionError("nothing fails") from error


def playback() -> Playback:
    request = httpx.Request("POST", "https://api.groq.com/")
    return Playback(RESPONSE, request, 0.0, refuse, fail, Redirects())


def read(body: Any) -> list[bytes]:
    if isinstance(body, PlayedStream):
        return list(body)

    async def each() -> list[bytes]:
        return [event async for event in body]

    return anyio.run(each)


@pytest.fixture(params=[PlayedStream, AsyncPlayedStream])
def kind(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_a_body_is_read_once(kind: Any) -> None:
    body = kind(playback())
    assert read(body) == [b"data: 1\n\n", b"data: 2\n\n"]
    with pytest.raises(httpx.StreamConsumed):
        read(body)


def test_a_body_that_was_read_keeps_no_recording(kind: Any) -> None:
    recording = playback()
    body, known = kind(recording), weakref.ref(recording)
    del recording
    assert known() is not None
    read(body)
    assert known() is None
