"""A recorded answer while it is replayed: one event a read, and the end that the recording had."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from groqtape.cassettes.ends import CLOSED, COMPLETE
from groqtape.cassettes.responses import UNANSWERED, events_of, untimed_events_of
from groqtape.cassettes.sse import is_last
from groqtape.recorder import waiting
from groqtape.recorder.clock import clock
from groqtape.recorder.httpx_module import httpx
from groqtape.recorder.pace import Pacer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence

    from groqtape.recorder.handlers import Send, SendAsync
    from groqtape.recorder.redirects import Redirects

__all__ = ["Playback"]

# Seconds after the recorded point at which the application has to have stopped by itself.
_GRACE = 1.0
# Seconds that this may take in all where the pace is instant, whatever the file says.
_LONGEST_AT_INSTANT_PACE = 2.0


class Playback:
    """Replays a recorded response.

    Args:
        response: vcrpy's dict of it.
        request: The request it answers this time.
        pace: The factor on the recorded waiting times (0: none).
        refuse: Raises the error for reading past the point where the recording stopped.
        fail: Raises an error of groqtape's own, so that it is not taken for the network's.
        redirects: Where the answer is noted if it leads elsewhere.
        retry: Which of the SDK's tries it is (0 is the first).
    """

    def __init__(
        self,
        response: Mapping[str, Any],
        request: httpx.Request,
        pace: float,
        refuse: Callable[[], NoReturn],
        fail: Callable[[Exception], NoReturn],
        redirects: Redirects,
        retry: int = 0,
    ) -> None:
        self._response = response
        self._request = request
        self._refuse = refuse
        self._fail = fail
        self._redirects = redirects
        self._retry = retry
        self._pacer = Pacer(pace)
        self._stream: Mapping[str, Any] = response.get("stream") or {}
        self._has_all = False
        self._end: str = self._stream.get("end", COMPLETE)

    def response(self) -> dict[str, Any]:
        """The recorded answer as vcrpy's dict."""
        return dict(self._response)

    @property
    def is_tried_again(self) -> bool:
        """Whether the SDK tried again after this try while it was recorded, and failed again."""
        return bool(self._retry + 1 < self._stream.get("tries", 1))

    def handle(self, request: httpx.Request, send: Send) -> httpx.Response:  # noqa: ARG002  # nothing is sent
        """Answer the call from the recording."""
        if self._stream.get(UNANSWERED):
            self.wait_to_be_stopped()
        return self._failure() or self._reply(PlayedStream(self))

    async def handle_async(
        self,
        request: httpx.Request,  # noqa: ARG002
        send: SendAsync,  # noqa: ARG002
    ) -> httpx.Response:
        """Answer the call from the recording."""
        if self._stream.get(UNANSWERED):
            await waiting.wait(self.time_to_stop())
        return self._failure() or self._reply(AsyncPlayedStream(self))

    def _failure(self) -> httpx.Response | None:
        """Fail as the call did, if it got no answer; None if it got one.

        The SDK waits before it tries again. For each try that was recorded, it is told to retry at once.
        """
        if self.is_tried_again:
            headers = {"x-should-retry": "true", "retry-after-ms": "1"}
            return httpx.Response(503, headers=headers, stream=httpx.ByteStream(b""))
        if self._stream.get(UNANSWERED):
            self.finish()
        return None

    def time_to_stop(self) -> float:
        """Seconds that the application has to stop by itself, as it did in the recording while it waited."""
        left_at = self._stream.get("left_at")
        if self._end != CLOSED or left_at is None:
            return 0.0
        seconds = max(0.0, self._pacer.since(left_at) + _GRACE)
        return seconds if self._pacer.waits else min(seconds, _LONGEST_AT_INSTANT_PACE)

    def wait_to_be_stopped(self) -> None:
        """Block for `time_to_stop`: the code that waits for this thread may give up, as in the recording."""
        seconds = self.time_to_stop()
        if seconds > 0:
            clock.sleep(seconds)

    def _reply(self, stream: httpx.SyncByteStream | httpx.AsyncByteStream) -> httpx.Response:
        """The response, as a transport returns it."""
        try:
            headers = self._headers()
        except Exception as error:  # noqa: BLE001
            self._fail(error)
        status = self._response["status"]
        self._redirects.note(self._request, status["code"], headers)
        reason = (status.get("message") or "").encode("ascii", "replace")
        return httpx.Response(
            status["code"],
            headers=headers,
            stream=stream,
            extensions={"http_version": b"HTTP/1.1", **({"reason_phrase": reason} if reason else {})},
        )

    def _headers(self) -> httpx.Headers:
        headers = httpx.Headers(
            [
                (name.encode("utf-8", "surrogateescape"), value.encode("utf-8", "surrogateescape"))
                for name, values in self._response["headers"].items()
                for value in ([values] if isinstance(values, str) else values)
            ]
        )
        # The file has the body as text, and replay cuts it into its events: these headers no longer hold.
        for name in ("content-length", "transfer-encoding"):
            headers.pop(name, None)
        if self._response["status"]["code"] >= 400:
            # The recorded failure is the one that reached the application. Trying again would only wait.
            headers["x-should-retry"] = "false"
        return headers

    def events(self) -> tuple[list[bytes], Sequence[float | None]]:
        """The events, and the time of each (see `wait`); no times where the pace never waits."""
        times: Sequence[float | None] = ()
        try:
            if self._pacer.waits:
                events, times = events_of(self._response)
            else:
                events = untimed_events_of(self._response)
        except Exception as error:  # noqa: BLE001
            self._fail(error)
        self._has_all = bool(events) and is_last(events[-1])
        return events, times

    def wait(self, at: float | None) -> float:
        """Seconds until an event is due; 0 or less: now."""
        return self._pacer.wait(at)

    def finish(self) -> None:
        """End as the recording did.

        Raises:
            httpx.TransportError: The error that cut the recording.
            RefusedError: The recording's consumer stopped reading here (or what `refuse` raises).
        """
        if self._end == CLOSED and not self._has_all:
            self._refuse()
        if self._end not in (COMPLETE, CLOSED):
            raise getattr(httpx, self._end)(self._stream.get("message", ""), request=self._request)


class _Body:
    """A recorded response body, before it is read.

    A client and its responses refer to each other. So whatever a closed response refers to stays in memory
    until Python's next garbage collection.
    """

    def __init__(self, playback: Playback) -> None:
        self._playback: Playback | None = playback

    def _take(self) -> Playback:
        """The playback; a body can be read once."""
        playback, self._playback = self._playback, None
        if playback is None:
            raise httpx.StreamConsumed
        return playback


class PlayedStream(_Body, httpx.SyncByteStream):
    """A recorded response body."""

    def __iter__(self) -> Iterator[bytes]:
        playback = self._take()
        events, times = playback.events()
        for event, at in zip(events, times, strict=False):
            wait = playback.wait(at)
            if wait > 0:
                clock.sleep(wait)
            yield event
        yield from () if times else events
        playback.wait_to_be_stopped()
        playback.finish()


class AsyncPlayedStream(_Body, httpx.AsyncByteStream):
    """A recorded response body."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        playback = self._take()
        events, times = playback.events()
        for event, at in zip(events, times, strict=False):
            wait = playback.wait(at)
            if wait > 0:
                await waiting.wait(wait)
            yield event
        for event in () if times else events:
            yield event
        await waiting.wait(playback.time_to_stop())
        playback.finish()
