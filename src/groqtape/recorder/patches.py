"""The patches on the transports: their methods, replaced by methods that first look for an interceptor."""

from __future__ import annotations

import functools
import sys
import threading
from typing import TYPE_CHECKING, Any

from groqtape.recorder.import_hook import OnImport
from groqtape.recorder.lazy_transports import lazy_init
from groqtape.recorder.tls import sharing
from groqtape.recorder.transports import TRANSPORTS

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from groqtape.recorder.handlers import Interceptor
    from groqtape.recorder.transports import Transport

    InterceptorFor = Callable[[httpx.Request], Interceptor | None]

__all__ = ["Patches"]


class Patches:
    """Patches every transport whose module is imported, now or later.

    Args:
        interceptor_for: Gives the interceptor that handles a request; None where the request is sent as if
            groqtape were not there.
    """

    def __init__(self, interceptor_for: InterceptorFor) -> None:
        self._interceptor_for = interceptor_for
        self._lock = threading.RLock()
        self._applied: list[tuple[type, str, Any, Any]] = []
        self._waiting: list[OnImport] = []

    def apply(self) -> None:
        """Patch the transports that are imported, and each other one as soon as it is."""
        with self._lock:
            for transport in TRANSPORTS:
                self._waiting.append(OnImport(transport.module, functools.partial(self._patch, transport)))

    def undo(self) -> None:
        """Put every method back."""
        with self._lock:
            for waiting in self._waiting:
                waiting.cancel()
            self._waiting.clear()
            for owner, name, genuine, ours in self._applied:
                # A tool that patched after us and is still there calls ours, which calls the genuine one.
                if owner.__dict__[name] is ours:
                    setattr(owner, name, genuine)
            self._applied.clear()

    def _patch(self, transport: Transport) -> None:
        owner = getattr(sys.modules[transport.module], transport.name, None)
        genuine = vars(owner).get(transport.method) if owner else None
        with self._lock:
            # Another version of the library may not have it. And where httpx2 goes by the name of httpx too,
            # there is one class, which is patched once.
            if owner is None or genuine is None or any(patched is owner for patched, *_ in self._applied):
                return
            in_front_of = _in_front_of_async if transport.is_async else _in_front_of
            ours = in_front_of(self._interceptor_for, genuine, over_httpx2=transport.over_httpx2)
            self._replace(owner, transport.method, genuine, ours)
            if transport.has_default_tls:
                create_context = sys.modules[transport.module].create_ssl_context
                lazy = lazy_init(owner, owner.__init__, transport.closing)
                shared = sharing(lazy, owner.__init__, create_context)
                self._replace(owner, "__init__", owner.__init__, shared)

    def _replace(self, owner: Any, name: str, genuine: Any, ours: Any) -> None:
        setattr(owner, name, ours)
        self._applied.append((owner, name, genuine, ours))


def _handler_for(interceptor: Interceptor, request: Any, *, over_httpx2: bool) -> Any:
    if not over_httpx2:
        return interceptor.handler_for(request)
    # Imported here, where httpx2 is known to be installed.
    from groqtape.recorder.httpx2_adapter import handler_for

    return handler_for(interceptor, request)


def _in_front_of(interceptor_for: InterceptorFor, genuine: Any, *, over_httpx2: bool) -> Any:
    @functools.wraps(genuine)
    def handle_request(transport: Any, request: Any) -> Any:
        interceptor = interceptor_for(request)
        if interceptor is None:
            return genuine(transport, request)
        request.read()
        handler = _handler_for(interceptor, request, over_httpx2=over_httpx2)
        if handler is None:
            return genuine(transport, request)
        return handler.handle(request, functools.partial(genuine, transport))

    return handle_request


def _in_front_of_async(interceptor_for: InterceptorFor, genuine: Any, *, over_httpx2: bool) -> Any:
    @functools.wraps(genuine)
    async def handle_async_request(transport: Any, request: Any) -> Any:
        interceptor = interceptor_for(request)
        if interceptor is None:
            return await genuine(transport, request)
        await request.aread()
        handler = _handler_for(interceptor, request, over_httpx2=over_httpx2)
        if handler is None:
            return await genuine(transport, request)
        return await handler.handle_async(request, functools.partial(genuine, transport))

    return handle_async_request
