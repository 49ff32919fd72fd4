"""A recorded exchange while it is replayed: one event a read, and the end that the recording had."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import anyio
import httpx

from groqtape.ends import CLOSED, COMPLETE
from groqtape.pace import Metronome
from groqtape.serializer import events_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

    from groqtape.transcript import Event
    from groqtape.transport import Send, SendAsync

__all__ = ["Playback"]

_LAST_EVENT = b"data: [DONE]\n\n"


class Playback:
    """A recorded response, ready to be handed over.

    Args:
        response: vcrpy's dict of it.
        request: The request it answers this time.
        pace: The factor on the recorded waiting times (0: none).
        refuse: Raises what stops a reader who wants more than the recording has.
    """

    def __init__(
        self,
        response: Mapping[str, Any],
        request: httpx.Request,
        pace: float,
        refuse: Callable[[httpx.Request], None],
    ) -> None:
        self._response = response
        self._request = request
        self._refuse = refuse
        self._metronome = Metronome(pace)
        string = (response.get("body") or {}).get("string") or b""
        self.body: bytes = string.encode() if isinstance(string, str) else string
        self._stream: Mapping[str, Any] = response.get("stream") or {}
        self.end: str = self._stream.get("end", COMPLETE)
        self.message: str = self._stream.get("message", "")

    def response(self) -> dict[str, Any]:
        """The recorded answer as vcrpy's dict, its body as bytes."""
        return {**self._response, "body": {"string": self.body}}

    def _headers(self) -> httpx.Headers:
        return httpx.Headers(
            [
                (name, value)
                for name, values in self._response["headers"].items()
                for value in ([values] if isinstance(values, str) else values)
            ]
        )

    def handle(self, request: httpx.Request, send: Send) -> httpx.Response:  # noqa: ARG002  # sends nothing
        """Answer the call from the recording."""
        return self._reply(PlayedStream(self))

    async def handle_async(
        self,
        request: httpx.Request,  # noqa: ARG002
        send: SendAsync,  # noqa: ARG002
    ) -> httpx.Response:
        """Answer the call from the recording."""
        return self._reply(AsyncPlayedStream(self))

    def _reply(self, stream: httpx.SyncByteStream | httpx.AsyncByteStream) -> httpx.Response:
        """The response as the transport would have given it."""
        status = self._response["status"]
        headers = self._headers()
        # A body stands in the file as text, and in pieces of its own: these would belie it.
        for name in ("content-length", "transfer-encoding"):
            headers.pop(name, None)
        if status["code"] >= 400:
            # What is recorded is what reached the application. Trying again would only wait.
            headers["x-should-retry"] = "false"
        reason = (status.get("message") or "").encode("ascii", "replace")
        return httpx.Response(
            status["code"],
            headers=headers,
            stream=stream,
            extensions={"http_version": b"HTTP/1.1", **({"reason_phrase": reason} if reason else {})},
        )

    def events(self) -> Iterator[tuple[Event, float]]:
        """The events, each with the seconds to wait for it; after the last, the end that the recording had.

        Raises:
            httpx.TransportError: What cut the recording.
        """
        for event in events_of(self.body, self._stream):
            yield event, self._metronome.wait(event.at)
        if self.end == CLOSED and not self.body.endswith(_LAST_EVENT):
            self._refuse(self._request)
        elif self.end not in (COMPLETE, CLOSED):
            raise getattr(httpx, self.end)(self.message, request=self._request)


class PlayedStream(httpx.SyncByteStream):
    """A recorded response body."""

    def __init__(self, playback: Playback) -> None:
        self._playback = playback

    def __iter__(self) -> Iterator[bytes]:
        for event, wait in self._playback.events():
            if wait > 0:
                time.sleep(wait)
            yield event.data


class AsyncPlayedStream(httpx.AsyncByteStream):
    """A recorded response body."""

    def __init__(self, playback: Playback) -> None:
        self._playback = playback

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for event, wait in self._playback.events():
            if wait > 0:
                await anyio.sleep(wait)
            yield event.data
