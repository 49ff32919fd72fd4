"""The record of a live call: what arrived of its answer, and how it ended."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from groqtape.cassettes.ends import CLOSED, COMPLETE, ERRORS
from groqtape.cassettes.responses import UNANSWERED
from groqtape.recorder import tasks
from groqtape.recorder.received import Received

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

__all__ = ["Recording"]


class Recording:
    """Notes the answer to one live call.

    Args:
        request: The request, as the cassette keeps it.
        retry: Which of the SDK's tries it is (0 is the first).

    Attributes:
        end: How the answer ended (see ends.py); None while it goes on.
    """

    def __init__(self, request: Any, retry: int) -> None:
        self.request = request
        self.retry = retry
        self.end: str | None = None
        self._message = ""
        self._left_at: float | None = None
        self._waits = False  # whether the application waits for more
        self._reader: int | None = None  # the task that reads; None in blocking code
        self._status: int | None = None
        self._reason = ""
        self._headers: dict[str, list[str]] = {}
        self._received = Received()

    @property
    def failed(self) -> bool:
        """Whether it ended in a way after which the SDK may try again."""
        return self.end in ERRORS or (self.end is not None and (self._status is None or self._status >= 400))

    @property
    def is_whole(self) -> bool:
        """Whether it is a good answer that was read to its end."""
        return self.end == COMPLETE and not self.failed

    # While the answer is read

    def begin(self, response: httpx.Response) -> None:
        """Note the status and the headers of the answer."""
        self._status = response.status_code
        self._reason = response.reason_phrase
        for name, value in response.headers.multi_items():
            self._headers.setdefault(name, []).append(value)

    def record_read(self, data: bytes) -> None:
        """Note a network read, and its time."""
        self._received.add(data)
        self._waits = False

    def wait_for_more(self) -> None:
        """Note that the application waits for the next read."""
        self._waits = True

    def note_reader(self) -> None:
        """Note which task reads."""
        self._reader = tasks.current_task_id()

    def is_closed_freely(self) -> bool:
        """Whether the task that closes it here has read it and is not being cancelled."""
        return tasks.current_task_id() == self._reader and not tasks.is_cancelled()

    def finish(self, end: str, message: str = "", *, freely: bool = False) -> None:
        """Note how it ended; only the first call counts.

        Args:
            end: See ends.py.
            message: The text of the error that cut it.
            freely: Whether the application closed it without being cancelled. False where that is unknown:
                a task that is cancelled between two events may leave its stream to the garbage collector.
        """
        if self.end is None:
            if end == CLOSED and self._received.is_complete:
                end = COMPLETE  # closed after Groq's last event
            self.end, self._message = end, message
            if end == CLOSED and (self._waits or (self._reader is not None and not freely)):
                self._left_at = round(self._received.milliseconds(), 1)

    @contextlib.contextmanager
    def sending(self) -> Iterator[None]:
        """Note it if the call ends in this block: by an error, or because the application stops it."""
        self.wait_for_more()
        try:
            yield
        except Exception as error:
            self.finish(_name_of(error), str(error))
            raise
        except BaseException:
            self.finish(CLOSED)
            raise
        self._waits = False

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Note how the answer, which is read in this block, ends."""
        with self.sending():
            yield
        self.finish(COMPLETE)

    # What the cassette keeps

    def response(self) -> dict[str, Any]:
        """The answer as vcrpy's dict, with our `stream` beside the body: see responses.py."""
        encoding = self._headers.get("content-encoding", [])
        events, decoding_error = self._received.events(encoding)
        # Without an encoding the headers are shared, not copied.
        headers = self._headers
        if encoding:
            headers = {name: values for name, values in headers.items() if name != "content-encoding"}
        if decoding_error is not None and self.end in (CLOSED, COMPLETE):
            # The application saw this error. (An answer that was cut can't be decoded either.)
            self.end, self._message, self._left_at = "DecodingError", decoding_error, None
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
            "body": {"string": b"".join(event.data for event in events)},
            "stream": stream,
        }


def _name_of(error: Exception) -> str:
    """The httpx error that an exception is, or descends from; any other cut is a read error."""
    return next((kind.__name__ for kind in type(error).__mro__ if kind.__name__ in ERRORS), "ReadError")
