"""Sends a call that is recorded: every byte goes on to the application as soon as it arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from groqtape.cassettes.ends import CLOSED
from groqtape.recorder.httpx_module import httpx
from groqtape.recorder.interceptors import SENT_BY_US

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from groqtape.recorder.handlers import Send, SendAsync
    from groqtape.recorder.recording import Recording

__all__ = ["RecordingHandler"]


class RecordingHandler:
    """Sends a call, and records its answer while the application reads it.

    Args:
        recording: The recording.
        begun: Called with the request and the response when the answer has begun.
    """

    def __init__(self, recording: Recording, begun: Callable[[httpx.Request, httpx.Response], None]) -> None:
        self._recording = recording
        self._begun = begun

    def handle(self, request: httpx.Request, send: Send) -> httpx.Response:
        """Send the call."""
        with self._recording.sending():
            response = send(_upstream(request))
        self._begin(request, response)
        response.stream = _RecordedStream(response.stream, self._recording)
        return response

    async def handle_async(self, request: httpx.Request, send: SendAsync) -> httpx.Response:
        """Send the call."""
        self._recording.note_reader()
        with self._recording.sending():
            response = await send(_upstream(request))
        self._begin(request, response)
        response.stream = _AsyncRecordedStream(response.stream, self._recording)
        return response

    def _begin(self, request: httpx.Request, response: httpx.Response) -> None:
        self._recording.begin(response)
        self._begun(request, response)


def _upstream(request: httpx.Request) -> httpx.Request:
    """The request as it is sent to Groq: it accepts an uncompressed answer only."""
    headers = httpx.Headers(request.headers.raw)
    headers["accept-encoding"] = "identity"
    return httpx.Request(
        request.method,
        request.url,
        headers=headers,
        stream=request.stream,
        extensions={**request.extensions, SENT_BY_US: True},
    )


class _RecordedStream(httpx.SyncByteStream):
    """A live response body that is recorded."""

    def __init__(self, live: Any, recording: Recording) -> None:
        self._live = live
        self._recording = recording

    def __iter__(self) -> Iterator[bytes]:
        with self._recording.reading():
            for data in self._live:
                self._recording.record_read(data)
                yield data
                self._recording.wait_for_more()

    def close(self) -> None:
        """Close the live body."""
        try:
            self._live.close()
        finally:
            self._recording.finish(CLOSED)


class _AsyncRecordedStream(httpx.AsyncByteStream):
    """A live response body that is recorded."""

    def __init__(self, live: Any, recording: Recording) -> None:
        self._live = live
        self._recording = recording

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self._recording.note_reader()
        with self._recording.reading():
            async for data in self._live:
                self._recording.record_read(data)
                yield data
                self._recording.wait_for_more()

    async def aclose(self) -> None:
        """Close the live body."""
        freely = self._recording.is_closed_freely()
        try:
            await self._live.aclose()
        finally:
            self._recording.finish(CLOSED, freely=freely)
