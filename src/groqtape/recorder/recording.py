"""A live exchange while it is recorded: every byte goes on to its reader as it arrives, and is noted."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from typing import TYPE_CHECKING, Any

import anyio
import httpx

from groqtape.cassettes.ends import CLOSED, COMPLETE, ERRORS
from groqtape.cassettes.responses import UNANSWERED
from groqtape.cassettes.sse import is_last, split_events
from groqtape.cassettes.transcript import Event
from groqtape.recorder.handlers import SENT_BY_US

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from groqtape.recorder.handlers import Send, SendAsync

__all__ = ["AsyncRecordedStream", "RecordedStream", "Recording"]


class Recording:
    """What one live exchange has been so far.

    Args:
        request: The request, as the cassette keeps it.
        retry: Which of the SDK's tries it is (0 is the first).
    """

    def __init__(self, request: Any, retry: int) -> None:
        self.request = request
        self.retry = retry
        self.end: str | None = None
        self._message = ""
        self._left_at: float | None = None
        self._waited_for = False
        self._reader: int | None = None  # the task that reads; None in blocking code
        self._status: int | None = None
        self._reason = ""
        self._headers: dict[str, list[str]] = {}
        # What each read brought, and the clock then. (Two lists: bytes and numbers are no work for Python's
        # collector of garbage, and a consumer waits for each.)
        self._heard: list[bytes] = []
        self._heard_at: list[float] = []
        self._started = time.monotonic()

    @property
    def failed(self) -> bool:
        """Whether it is over, and something came of it after which the SDK may try again."""
        return self.end in ERRORS or (self.end is not None and (self._status is None or self._status >= 400))

    @property
    def response_headers(self) -> list[tuple[str, str]]:
        """The headers of the answer."""
        return [(name, value) for name, values in self._headers.items() for value in values]

    def handle(self, request: httpx.Request, send: Send) -> httpx.Response:
        """Send the call, and listen to its answer."""
        with self._sending():
            response = send(self._upstream(request))
        self._begins(response)
        response.stream = RecordedStream(response.stream, self)
        return response

    async def handle_async(self, request: httpx.Request, send: SendAsync) -> httpx.Response:
        """Send the call, and listen to its answer."""
        self.is_read_here()
        with self._sending():
            response = await send(self._upstream(request))
        self._begins(response)
        response.stream = AsyncRecordedStream(response.stream, self)
        return response

    @staticmethod
    def _upstream(request: httpx.Request) -> httpx.Request:
        """The request as it goes to Groq: asking for an answer that nothing compressed."""
        headers = httpx.Headers(request.headers.raw)
        headers["accept-encoding"] = "identity"
        return httpx.Request(
            request.method,
            request.url,
            headers=headers,
            stream=request.stream,
            extensions={**request.extensions, SENT_BY_US: True},
        )

    def _begins(self, response: httpx.Response) -> None:
        """Note the status and the headers of the answer."""
        self._status = response.status_code
        self._reason = response.reason_phrase
        for name, value in response.headers.multi_items():
            self._headers.setdefault(name, []).append(value)

    def hears(self, data: bytes) -> None:
        """Note a network read, and when it came."""
        self._heard.append(data)
        self._heard_at.append(time.monotonic())
        self._waited_for = False

    def resumes(self) -> None:
        """Note that the reader wants more, and waits for it."""
        self._waited_for = True

    def is_read_here(self) -> None:
        """Note which task reads."""
        self._reader = anyio.get_current_task().id

    def is_left_freely(self) -> bool:
        """Whether who closes it here does so of his own accord: he reads it, and is not being cancelled."""
        return anyio.get_current_task().id == self._reader and not _is_cancelled()

    def _now(self) -> float:
        return (time.monotonic() - self._started) * 1000

    def ends(self, end: str, message: str = "", *, freely: bool = False) -> None:
        """Note how it ended; the first word counts.

        Args:
            end: See ends.py.
            message: What the error said that cut it.
            freely: Whether a reader who left had not been cancelled. It can be that nobody knows: what is
                cancelled between two events may leave its stream to the garbage collector.
        """
        if self.end is None:
            if end == CLOSED:
                events = split_events(b"".join(self._heard))
                if events and is_last(events[-1]):
                    end = COMPLETE  # the reader left after Groq had said its last
            self.end, self._message = end, message
            if end == CLOSED and (self._waited_for or (self._reader is not None and not freely)):
                self._left_at = round(self._now(), 1)

    @contextlib.contextmanager
    def _sending(self) -> Iterator[None]:
        """Note how it ends here: by an error, or because the caller leaves."""
        self.resumes()
        try:
            yield
        except Exception as error:
            self.ends(_name_of(error), str(error))
            raise
        except BaseException:
            self.ends(CLOSED)
            raise
        self._waited_for = False

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Note how reading the answer ends: by itself, by an error, or because the reader leaves."""
        with self._sending():
            yield
        self.ends(COMPLETE)

    def response(self) -> dict[str, Any]:
        """The answer as vcrpy's dict, with our `stream` beside the body: see responses.py."""
        reads, headers = self._text_reads()
        events = _events(reads)
        stream: dict[str, Any] = {"end": self.end or CLOSED, "message": self._message}
        if self._left_at is not None:
            stream["left_at"] = self._left_at
        if self.retry and self.end in ERRORS:
            stream["tries"] = self.retry + 1
        if self._status is None:
            stream[UNANSWERED] = True
        else:
            stream |= {
                "sizes": tuple(len(event.data) for event in events),
                "times": tuple(event.at for event in events),
            }
        return {
            "status": {"code": self._status, "message": self._reason},
            "headers": headers,
            "body": {"string": b"".join(data for data, _ in reads)},
            "stream": stream,
        }

    def _reads(self) -> list[tuple[bytes, float]]:
        """The reads, each with when it came: milliseconds after the request was sent."""
        return [
            (data, (at - self._started) * 1000) for data, at in zip(self._heard, self._heard_at, strict=True)
        ]

    def _text_reads(self) -> tuple[list[tuple[bytes, float]], dict[str, list[str]]]:
        """The reads as text where the server compressed them nevertheless, and the headers that then hold."""
        encoding = self._headers.get("content-encoding")
        if not encoding:
            return self._reads(), self._headers
        at = 0.0

        def raw() -> Iterator[bytes]:
            nonlocal at
            for data, at in self._reads():  # noqa: B007  # whoever takes what is decoded looks at it
                yield data

        response = httpx.Response(200, headers={"content-encoding": ", ".join(encoding)}, content=raw())
        reads: list[tuple[bytes, float]] = []
        try:
            for data in response.iter_bytes():
                reads.append((data, at))  # noqa: PERF401  # those before an error count
        except httpx.DecodingError as error:
            if self.end in (
                CLOSED,
                COMPLETE,
            ):  # what its reader saw; one that was cut can't be decoded either
                self.end, self._message, self._left_at = "DecodingError", str(error), None
        return reads, {name: values for name, values in self._headers.items() if name != "content-encoding"}


def _events(reads: list[tuple[bytes, float]]) -> list[Event]:
    """Cut what was read into events; each came with the read that brought its last byte."""
    events, heard, coming = [], 0, iter(reads)
    end, at = 0, 0.0
    for event in split_events(b"".join(data for data, _ in reads)):
        end += len(event)
        while heard < end:
            data, at = next(coming)
            heard += len(data)
        events.append(Event(event, round(at, 1)))
    return events


def _is_cancelled() -> bool:
    """Whether the task that runs is being cancelled: by trio, anyio, or asyncio itself."""
    if anyio.current_effective_deadline() == -math.inf:
        return True
    try:
        task = asyncio.current_task()
    except RuntimeError:  # it is trio that runs
        return False
    return task is not None and task.cancelling() > 0


def _name_of(error: Exception) -> str:
    """The httpx error that an exception is, or descends from; any other cut is a read error."""
    return next((kind.__name__ for kind in type(error).__mro__ if kind.__name__ in ERRORS), "ReadError")


class RecordedStream(httpx.SyncByteStream):
    """A live response body, listened to."""

    def __init__(self, live: Any, take: Recording) -> None:
        self._live = live
        self._take = take

    def __iter__(self) -> Iterator[bytes]:
        with self._take.listening():
            for data in self._live:
                self._take.hears(data)
                yield data
                self._take.resumes()

    def close(self) -> None:
        """Close the live body."""
        try:
            self._live.close()
        finally:
            self._take.ends(CLOSED)


class AsyncRecordedStream(httpx.AsyncByteStream):
    """A live response body, listened to."""

    def __init__(self, live: Any, take: Recording) -> None:
        self._live = live
        self._take = take

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self._take.is_read_here()
        with self._take.listening():
            async for data in self._live:
                self._take.hears(data)
                yield data
                self._take.resumes()

    async def aclose(self) -> None:
        """Close the live body."""
        freely = self._take.is_left_freely()
        try:
            await self._live.aclose()
        finally:
            self._take.ends(CLOSED, freely=freely)
