"""What arrived of a live response body, and when; as the events that a cassette keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groqtape.cassettes.sse import is_last, split_events
from groqtape.cassettes.transcript import Event
from groqtape.recorder.clock import clock
from groqtape.recorder.httpx_module import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Received"]


class Received:
    """The network reads of a body, from when its request was sent."""

    def __init__(self) -> None:
        # Two lists, of bytes and of numbers: the garbage collector has no work with them, and the
        # application waits while each read is noted.
        self._data: list[bytes] = []
        self._times: list[float] = []
        self._started = clock.now()

    def add(self, data: bytes) -> None:
        """Note a read that has just arrived."""
        self._data.append(data)
        self._times.append(clock.now())

    def milliseconds(self) -> float:
        """Milliseconds since the request was sent."""
        return (clock.now() - self._started) * 1000

    @property
    def is_complete(self) -> bool:
        """Whether the last event that arrived is the last one that Groq sends."""
        events = split_events(b"".join(self._data))
        return bool(events) and is_last(events[-1])

    def events(self, encoding: Sequence[str]) -> tuple[list[Event], str | None]:
        """The events as text, and the message of the decoding error that ended them, if any did.

        Args:
            encoding: The values of the `content-encoding` header: a server may compress an answer although
                it was requested uncompressed.
        """
        reads, error = self._decoded(encoding) if encoding else (self._reads(), None)
        return _events(reads), error

    def _reads(self) -> list[tuple[bytes, float]]:
        """The reads, each with its time in milliseconds after the request was sent."""
        return [(data, (at - self._started) * 1000) for data, at in zip(self._data, self._times, strict=True)]

    def _decoded(self, encoding: Sequence[str]) -> tuple[list[tuple[bytes, float]], str | None]:
        at = 0.0

        def raw() -> Iterator[bytes]:
            nonlocal at
            for data, at in self._reads():  # noqa: B007  # the loop below looks at it
                yield data

        response = httpx.Response(200, headers={"content-encoding": ", ".join(encoding)}, content=raw())
        reads: list[tuple[bytes, float]] = []
        try:
            for data in response.iter_bytes():
                reads.append((data, at))  # noqa: PERF401  # the reads before an error count
        except httpx.DecodingError as error:
            return reads, str(error)
        return reads, None


def _events(reads: list[tuple[bytes, float]]) -> list[Event]:
    """Cut reads into events; each event has the time of the read that brought its last byte."""
    events, length, coming = [], 0, iter(reads)
    end, at = 0, 0.0
    for event in split_events(b"".join(data for data, _ in reads)):
        end += len(event)
        while length < end:
            data, at = next(coming)
            length += len(data)
        events.append(Event(event, round(at, 1)))
    return events
