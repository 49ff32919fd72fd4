"""The transports' methods as groqtape patches them: they look for an interceptor, and call its handler."""

from __future__ import annotations

import functools
import importlib
from typing import TYPE_CHECKING, Any

from groqtape.recorder.hosts import note_base_url
from groqtape.recorder.patches import bound

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from groqtape.recorder.handlers import Handler, Interceptor
    from groqtape.recorder.transports import Transport

    InterceptorFor = Callable[[httpx.Request], Interceptor | None]

__all__ = ["intercepted", "noting_base_url"]


def intercepted(interceptor_for: InterceptorFor, transport: Transport, owner: type, genuine: Any) -> Any:  # noqa: ARG001
    """A transport's method in which an interceptor may handle the call.

    Args:
        interceptor_for: Gives the interceptor that handles a request; None where the request is sent as if
            groqtape were not there.
        transport: The transport.
        owner: Its class.
        genuine: Its own method.
    """
    # The library is imported already: the transport has its classes.
    library = importlib.import_module(transport.library)

    def handler_for(request: Any, interceptor: Interceptor) -> Any:
        from groqtape.recorder.httpx_module import httpx

        if library is httpx:
            return _handler(interceptor, request)
        from groqtape.recorder import adapter

        native = adapter.translated(request)
        handler = _handler(interceptor, native)
        return None if handler is None else adapter.TranslatedHandler(handler, native, library)

    def sender(instance: Any) -> Any:
        return _Send(bound(genuine, instance), honours_trace=transport.honours_trace)

    @functools.wraps(genuine)
    def handle_request(self: Any, request: Any) -> Any:
        interceptor = interceptor_for(request)
        if interceptor is None:
            return bound(genuine, self)(request)
        request.read()
        handler = handler_for(request, interceptor)
        if handler is None:
            return bound(genuine, self)(request)
        return handler.handle(request, sender(self))

    @functools.wraps(genuine)
    async def handle_async_request(self: Any, request: Any) -> Any:
        interceptor = interceptor_for(request)
        if interceptor is None:
            return await bound(genuine, self)(request)
        await request.aread()
        handler = handler_for(request, interceptor)
        if handler is None:
            return await bound(genuine, self)(request)
        return await handler.handle_async(request, sender(self))

    return handle_async_request if transport.is_async else handle_request


def noting_base_url(transport: Transport, owner: type, genuine: Any) -> Any:  # noqa: ARG001
    """A transport's `__init__` that notes where the client calls that it is made for: see hosts.py."""

    @functools.wraps(genuine)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807  # it is one
        note_base_url()
        bound(genuine, self)(*args, **kwargs)

    return __init__


def _handler(interceptor: Interceptor, request: httpx.Request) -> Handler | None:
    """The handler of a call. An error of groqtape's own is not the network's: it is a refusal."""
    try:
        return interceptor.handler_for(request)
    except Exception as error:  # noqa: BLE001
        return interceptor.failed(error, request)


class _Send:
    """Sends a request through a transport.

    Attributes:
        honours_trace: Whether the transport calls the request's `trace` extension before it uses the network.
    """

    def __init__(self, send: Any, *, honours_trace: bool) -> None:
        self._send = send
        self.honours_trace = honours_trace

    def __call__(self, request: Any) -> Any:
        return self._send(request)
