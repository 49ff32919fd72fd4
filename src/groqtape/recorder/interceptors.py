"""Where groqtape sits: in front of the transports of httpx. The only place that patches.

Whatever client makes a call, it leaves through a transport's `handle_request` (or
`handle_async_request`). While at least one interceptor (a cassette, or the guard of a session) sits here,
these methods ask the topmost interceptor that covers the call; every other call goes its own way.

httpx has transports of its own, and others write more: `TRANSPORTS` names those that send for real. None
of their modules is imported for that: one that is imported later is patched then.
"""

from __future__ import annotations

import contextlib
import functools
import sys
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from groqtape.recorder.handlers import SENT_BY_US
from groqtape.recorder.import_hook import OnImport
from groqtape.recorder.lazy_transports import lazy_init
from groqtape.recorder.tls import sharing

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from groqtape.recorder.handlers import Interceptor

__all__ = ["TRANSPORTS", "Interceptors", "Transport", "interceptors", "mocked_below"]


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


class Interceptors:
    """The interceptors that sit in front of the transports, and the patches that put them there.

    Patches are the process's, and so is this: there is one, `interceptors`.
    """

    def __init__(self) -> None:
        self._stack: list[Interceptor] = []
        self._openers: dict[int, tuple[threading.Thread, bool]] = {}
        self._patches: list[tuple[type, str, Any, Any]] = []
        self._waiting: list[OnImport] = []
        self._lock = threading.RLock()

    def push(self, interceptor: Interceptor, *, first_for_its_thread: bool = False) -> None:
        """Put an interceptor on top.

        Args:
            interceptor: The interceptor.
            first_for_its_thread: Whether calls of the thread that puts it there are its business, whatever
                other threads put on top of it.
        """
        with self._lock:
            self._stack.append(interceptor)
            self._openers[id(interceptor)] = threading.current_thread(), first_for_its_thread
            if len(self._stack) == 1:
                for transport in TRANSPORTS:
                    patch = functools.partial(self._patch, transport)
                    self._waiting.append(OnImport(transport.module, patch))

    def remove(self, interceptor: Interceptor) -> None:
        """Take an interceptor away, wherever it sits; with the last one go the patches."""
        with self._lock:
            self._stack.remove(interceptor)
            self._openers.pop(id(interceptor), None)
            if not self._stack:
                for waiting in self._waiting:
                    waiting.cancel()
                self._waiting.clear()
                for owner, name, genuine, ours in self._patches:
                    # Somebody who patched after us and is still there calls us, and we call the genuine one.
                    if owner.__dict__[name] is ours:
                        setattr(owner, name, genuine)
                self._patches.clear()

    @contextlib.contextmanager
    def under(self, interceptor: Interceptor) -> Iterator[None]:
        """Put what is put on top in this block under an interceptor when it is left."""
        known = list(self._stack)
        try:
            yield
        finally:
            with self._lock:
                new = [each for each in self._stack if each not in known]
                others = [each for each in self._stack if each in known]
                at = others.index(interceptor) if interceptor in others else len(others)
                self._stack[:] = [*others[:at], *new, *others[at:]]

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
                late = lazy_init(owner, owner.__init__, transport.closing)
                self._replace(
                    owner, "__init__", owner.__init__, sharing(late, owner.__init__, create_context)
                )

    def _replace(self, owner: Any, name: str, genuine: Any, ours: Any) -> None:
        setattr(owner, name, ours)
        self._patches.append((owner, name, genuine, ours))

    def interceptor_for(self, request: httpx.Request) -> Interceptor | None:
        """The interceptor whose business a call is: the topmost, or that of the thread that calls.

        None if there is none, or if an interceptor sends the call itself.
        """
        if SENT_BY_US in request.extensions:
            return None
        with self._lock:
            seated = [(interceptor, *self._openers[id(interceptor)]) for interceptor in reversed(self._stack)]
        covering = [each for each in seated if each[0].covers(request.url)]
        here = threading.current_thread()
        for interceptor, thread, first_for_its_thread in covering:
            if thread is here:
                if first_for_its_thread:
                    return interceptor
                break
        return covering[0][0] if covering else None


def mocked_below() -> bool:
    """Whether something else answers what httpx's transports send: calls that pass here go no further."""
    httpcore = sys.modules.get("httpcore")
    methods = [getattr(getattr(httpcore, pool, None), method, None) for pool, method in _POOLS]
    return any(method and method.__module__.partition(".")[0] != "httpcore" for method in methods)


def _turn(interceptor: Interceptor, request: Any, *, over_httpx2: bool) -> Any:
    if not over_httpx2:
        return interceptor.handler_for(request)
    # Imported here, where httpx2 is: it may not be installed.
    from groqtape.recorder.httpx2_adapter import turn

    return turn(interceptor, request)


def _in_front_of(interceptors: Interceptors, genuine: Any, *, over_httpx2: bool) -> Any:
    @functools.wraps(genuine)
    def handle_request(transport: Any, request: Any) -> Any:
        interceptor = interceptors.interceptor_for(request)
        if interceptor is None:
            return genuine(transport, request)
        request.read()
        turn = _turn(interceptor, request, over_httpx2=over_httpx2)
        if turn is None:
            return genuine(transport, request)
        return turn.handle(request, functools.partial(genuine, transport))

    return handle_request


def _in_front_of_async(interceptors: Interceptors, genuine: Any, *, over_httpx2: bool) -> Any:
    @functools.wraps(genuine)
    async def handle_async_request(transport: Any, request: Any) -> Any:
        interceptor = interceptors.interceptor_for(request)
        if interceptor is None:
            return await genuine(transport, request)
        await request.aread()
        turn = _turn(interceptor, request, over_httpx2=over_httpx2)
        if turn is None:
            return await genuine(transport, request)
        return await turn.handle_async(request, functools.partial(genuine, transport))

    return handle_async_request


interceptors = Interceptors()
