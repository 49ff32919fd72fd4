"""The steps that a server can take while it sends a body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import threading


@dataclass(frozen=True, slots=True)
class Send:
    """Send these bytes at once: one `sendall`, one HTTP chunk, and so one network read for most clients."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Sleep:
    """Let so many seconds pass since the last sleep was due: lateness does not add up."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Wait:
    """Hold until the test sets `gate`.

    A gate that is not opened in `timeout` seconds is one of the server's `problems`, and the body is cut.
    """

    gate: threading.Event
    timeout: float = 10.0


@dataclass(frozen=True, slots=True)
class Note:
    """Set `event`: everything before this step is sent."""

    event: threading.Event


@dataclass(frozen=True, slots=True)
class Cut:
    """End the connection without ending the body (FIN): httpx raises `RemoteProtocolError`."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Throw the connection away (RST): httpx raises `ReadError`.

    Some systems drop what the client has not read yet: hold with a `Wait` first where a test counts chunks.
    """


@dataclass(frozen=True, slots=True)
class Stall:
    """Send nothing more until the client disconnects or the server stops, for read timeouts."""


Step = Send | Sleep | Wait | Note | Cut | Reset | Stall
Ending = Cut | Reset | Stall
