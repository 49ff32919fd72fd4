"""Where groqtape sits: in front of httpx's transports. The only place that patches.

Whatever client makes a call, it leaves through a transport's `handle_request` (or
`handle_async_request`). While at least one layer (a cassette, or the guard of a session) sits here,
these methods ask the topmost layer that covers the call; every other call goes its own way.
"""

from __future__ import annotations

import functools
import threading
from typing import TYPE_CHECKING, Any, Protocol

import httpx

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Send = Callable[[httpx.Request], httpx.Response]
    SendAsync = Callable[[httpx.Request], Awaitable[httpx.Response]]

__all__ = ["SENT_BY_US", "Layer", "Turn", "seat"]

SENT_BY_US = "groqtape"
"""The httpx extension that marks a request as one that a layer sends itself."""


class Turn(Protocol):
    """What becomes of one call."""

    def handle(self, request: httpx.Request, send: Send) -> httpx.Response:
        """Answer the call, with or without sending it."""
        ...

    async def handle_async(self, request: httpx.Request, send: SendAsync) -> httpx.Response:
        """Answer the call, with or without sending it."""
        ...


class Layer(Protocol):
    """Something that answers calls to Groq."""

    def covers(self, url: httpx.URL) -> bool:
        """Whether calls to this URL are this layer's business."""
        ...

    def turn(self, request: httpx.Request) -> Turn | None:
        """What becomes of a call whose body has been read; None lets it go its own way."""
        ...


class Seat:
    """The layers that sit in front of httpx, and the patches that put them there.

    Patches are the process's, and so is this: there is one, `seat`.
    """

    def __init__(self) -> None:
        self._layers: list[Layer] = []
        self._patches: list[tuple[type, str, Any, Any]] = []
        self._lock = threading.Lock()

    def push(self, layer: Layer) -> None:
        """Put a layer on top."""
        with self._lock:
            if not self._layers:
                self._patch(httpx.HTTPTransport, "handle_request", _in_front_of)
                self._patch(httpx.AsyncHTTPTransport, "handle_async_request", _in_front_of_async)
            self._layers.append(layer)

    def remove(self, layer: Layer) -> None:
        """Take a layer away, wherever it sits; with the last one go the patches."""
        with self._lock:
            self._layers.remove(layer)
            if not self._layers:
                for owner, name, genuine, ours in self._patches:
                    # Somebody who patched after us and is still there calls us, and we call the genuine one.
                    if owner.__dict__[name] is ours:
                        setattr(owner, name, genuine)
                self._patches.clear()

    def _patch(self, owner: type, name: str, in_front_of: Callable[[Seat, Any], Any]) -> None:
        genuine = owner.__dict__[name]
        ours = in_front_of(self, genuine)
        setattr(owner, name, ours)
        self._patches.append((owner, name, genuine, ours))

    def layer_for(self, request: httpx.Request) -> Layer | None:
        """The topmost layer that covers a call; None for one that a layer sends itself."""
        if SENT_BY_US in request.extensions:
            return None
        return next((layer for layer in reversed(self._layers) if layer.covers(request.url)), None)


def _in_front_of(seat: Seat, genuine: Any) -> Any:
    @functools.wraps(genuine)
    def handle_request(transport: Any, request: httpx.Request) -> httpx.Response:
        layer = seat.layer_for(request)
        if layer is None:
            return genuine(transport, request)  # type: ignore[no-any-return]  # httpx's own method
        request.read()
        turn = layer.turn(request)
        if turn is None:
            return genuine(transport, request)  # type: ignore[no-any-return]
        return turn.handle(request, functools.partial(genuine, transport))

    return handle_request


def _in_front_of_async(seat: Seat, genuine: Any) -> Any:
    @functools.wraps(genuine)
    async def handle_async_request(transport: Any, request: httpx.Request) -> httpx.Response:
        layer = seat.layer_for(request)
        if layer is None:
            return await genuine(transport, request)  # type: ignore[no-any-return]  # httpx's own method
        await request.aread()
        turn = layer.turn(request)
        if turn is None:
            return await genuine(transport, request)  # type: ignore[no-any-return]
        return await turn.handle_async(request, functools.partial(genuine, transport))

    return handle_async_request


seat = Seat()
