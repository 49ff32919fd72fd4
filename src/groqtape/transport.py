"""Where groqtape sits: in front of the transports of httpx. The only place that patches.

Whatever client makes a call, it leaves through a transport's `handle_request` (or
`handle_async_request`). While at least one layer (a cassette, or the guard of a session) sits here,
these methods ask the topmost layer that covers the call; every other call goes its own way.

httpx has transports of its own, and others write more: `TRANSPORTS` names those that send for real. None
of their modules is imported for that: one that is imported later is patched then.
"""

from __future__ import annotations

import contextlib
import functools
import sys
import threading
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from groqtape.late_import import WhenImported
from groqtape.late_transports import made_late
from groqtape.tls import sharing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    import httpx

    Send = Callable[[httpx.Request], httpx.Response]
    SendAsync = Callable[[httpx.Request], Awaitable[httpx.Response]]

__all__ = ["SENT_BY_US", "TRANSPORTS", "Layer", "Transport", "Turn", "mocked_below", "seat"]

SENT_BY_US = "groqtape"
"""The httpx extension that marks a request as one that a layer sends itself."""


class Transport(NamedTuple):
    """A class through which calls leave."""

    module: str
    name: str
    is_async: bool = False
    over_httpx2: bool = False
    """Whether its requests and responses are httpx2's."""
    has_default_tls: bool = False
    """Whether it makes a TLS context where none is given to it: see tls.py."""

    @property
    def method(self) -> str:
        """The name of the method that sends a request."""
        return "handle_async_request" if self.is_async else "handle_request"

    @property
    def closing(self) -> str:
        """The name of the method that closes it."""
        return "aclose" if self.is_async else "close"


TRANSPORTS = (
    Transport("httpx", "HTTPTransport", has_default_tls=True),
    Transport("httpx", "AsyncHTTPTransport", is_async=True, has_default_tls=True),
    Transport("httpx_aiohttp", "AiohttpTransport", is_async=True),  # groq.DefaultAioHttpClient's
    Transport("litellm.llms.custom_httpx.aiohttp_transport", "LiteLLMAiohttpTransport", is_async=True),
    # What the openai SDK sends through from version 3 on.
    Transport("httpx2", "HTTPTransport", over_httpx2=True),
    Transport("httpx2", "AsyncHTTPTransport", is_async=True, over_httpx2=True),
    Transport("httpx_aiohttp.httpx2", "AiohttpTransport", is_async=True, over_httpx2=True),
    Transport("openai._vendor.httpx_aiohttp", "AiohttpTransport", is_async=True, over_httpx2=True),
)

# Through what httpx's own transports send, which a mock may stand in for: respx does.
_POOLS = (("ConnectionPool", "handle_request"), ("AsyncConnectionPool", "handle_async_request"))


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
    """The layers that sit in front of the transports, and the patches that put them there.

    Patches are the process's, and so is this: there is one, `seat`.
    """

    def __init__(self) -> None:
        self._layers: list[Layer] = []
        self._openers: dict[int, tuple[threading.Thread, bool]] = {}
        self._patches: list[tuple[type, str, Any, Any]] = []
        self._waiting: list[WhenImported] = []
        self._lock = threading.RLock()

    def push(self, layer: Layer, *, first_for_its_thread: bool = False) -> None:
        """Put a layer on top.

        Args:
            layer: The layer.
            first_for_its_thread: Whether calls of the thread that puts it there are its business, whatever
                other threads put on top of it.
        """
        with self._lock:
            self._layers.append(layer)
            self._openers[id(layer)] = threading.current_thread(), first_for_its_thread
            if len(self._layers) == 1:
                for transport in TRANSPORTS:
                    patch = functools.partial(self._patch, transport)
                    self._waiting.append(WhenImported(transport.module, patch))

    def remove(self, layer: Layer) -> None:
        """Take a layer away, wherever it sits; with the last one go the patches."""
        with self._lock:
            self._layers.remove(layer)
            self._openers.pop(id(layer), None)
            if not self._layers:
                for waiting in self._waiting:
                    waiting.cancel()
                self._waiting.clear()
                for owner, name, genuine, ours in self._patches:
                    # Somebody who patched after us and is still there calls us, and we call the genuine one.
                    if owner.__dict__[name] is ours:
                        setattr(owner, name, genuine)
                self._patches.clear()

    @contextlib.contextmanager
    def under(self, layer: Layer) -> Iterator[None]:
        """Put what is put on top in this block under a layer when it is left."""
        known = list(self._layers)
        try:
            yield
        finally:
            with self._lock:
                new = [each for each in self._layers if each not in known]
                others = [each for each in self._layers if each in known]
                at = others.index(layer) if layer in others else len(others)
                self._layers[:] = [*others[:at], *new, *others[at:]]

    def _patch(self, transport: Transport) -> None:
        owner = getattr(sys.modules[transport.module], transport.name, None)
        genuine = vars(owner).get(transport.method) if owner else None
        with self._lock:
            # Another version of the library may not have it. And where httpx2 goes by the name of httpx too,
            # there is one class, which is patched once.
            if owner is None or genuine is None or any(patched is owner for patched, *_ in self._patches):
                return
            in_front_of = _in_front_of_async if transport.is_async else _in_front_of
            ours = in_front_of(self, genuine, over_httpx2=transport.over_httpx2)
            self._replace(owner, transport.method, genuine, ours)
            if transport.has_default_tls:
                create_context = sys.modules[transport.module].create_ssl_context
                late = made_late(owner, owner.__init__, transport.closing)
                self._replace(
                    owner, "__init__", owner.__init__, sharing(late, owner.__init__, create_context)
                )

    def _replace(self, owner: Any, name: str, genuine: Any, ours: Any) -> None:
        setattr(owner, name, ours)
        self._patches.append((owner, name, genuine, ours))

    def layer_for(self, request: httpx.Request) -> Layer | None:
        """The layer whose business a call is: the topmost, or that of the thread that calls.

        None if there is none, or if a layer sends the call itself.
        """
        if SENT_BY_US in request.extensions:
            return None
        with self._lock:
            seated = [(layer, *self._openers[id(layer)]) for layer in reversed(self._layers)]
        covering = [each for each in seated if each[0].covers(request.url)]
        here = threading.current_thread()
        for layer, thread, first_for_its_thread in covering:
            if thread is here:
                if first_for_its_thread:
                    return layer
                break
        return covering[0][0] if covering else None


def mocked_below() -> bool:
    """Whether something else answers what httpx's transports send: calls that pass here go no further."""
    httpcore = sys.modules.get("httpcore")
    methods = [getattr(getattr(httpcore, pool, None), method, None) for pool, method in _POOLS]
    return any(method and method.__module__.partition(".")[0] != "httpcore" for method in methods)


def _turn(layer: Layer, request: Any, *, over_httpx2: bool) -> Any:
    if not over_httpx2:
        return layer.turn(request)
    # Imported here, where httpx2 is: it may not be installed.
    from groqtape.httpx2_calls import turn

    return turn(layer, request)


def _in_front_of(seat: Seat, genuine: Any, *, over_httpx2: bool) -> Any:
    @functools.wraps(genuine)
    def handle_request(transport: Any, request: Any) -> Any:
        layer = seat.layer_for(request)
        if layer is None:
            return genuine(transport, request)
        request.read()
        turn = _turn(layer, request, over_httpx2=over_httpx2)
        if turn is None:
            return genuine(transport, request)
        return turn.handle(request, functools.partial(genuine, transport))

    return handle_request


def _in_front_of_async(seat: Seat, genuine: Any, *, over_httpx2: bool) -> Any:
    @functools.wraps(genuine)
    async def handle_async_request(transport: Any, request: Any) -> Any:
        layer = seat.layer_for(request)
        if layer is None:
            return await genuine(transport, request)
        await request.aread()
        turn = _turn(layer, request, over_httpx2=over_httpx2)
        if turn is None:
            return await genuine(transport, request)
        return await turn.handle_async(request, functools.partial(genuine, transport))

    return handle_async_request


seat = Seat()
