"""Calls that a mock below the transports may answer, as respx does: refused only if no mock answers them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from groqtape.recorder.handlers import Handler, Send, SendAsync

__all__ = ["MockedOrRefused", "may_be_mocked"]

# The methods through which httpx's own transports send.
_POOLS = (("ConnectionPool", "handle_request"), ("AsyncConnectionPool", "handle_async_request"))


class _NetworkReachedError(BaseException):
    """Raised in place of the first use of the network. No `Exception`, so that nothing retries."""


class MockedOrRefused:
    """Sends a call as far as the network: what answers it before is a mock. If nothing does, refuses it.

    Args:
        refuse: Notes the refusal, and gives the handler that refuses.
    """

    def __init__(self, refuse: Callable[[], Handler]) -> None:
        self._refuse = refuse

    def handle(self, request: httpx.Request, send: Send) -> httpx.Response:
        """Answer the call."""

        def trace(*_: Any) -> None:
            raise _NetworkReachedError

        if getattr(send, "honours_trace", False):
            try:
                response = send(_traced(request, trace))
                if _is_mocked(response):
                    return response
                response.close()
            except _NetworkReachedError:
                pass
        return self._refuse().handle(request, send)

    async def handle_async(self, request: httpx.Request, send: SendAsync) -> httpx.Response:
        """Answer the call."""

        async def trace(*_: Any) -> None:
            raise _NetworkReachedError

        if getattr(send, "honours_trace", False):
            try:
                response = await send(_traced(request, trace))
                if _is_mocked(response):
                    return response
                await response.aclose()
            except _NetworkReachedError:
                pass
        return await self._refuse().handle_async(request, send)


def _traced(request: httpx.Request, trace: Callable[..., Any]) -> httpx.Request:
    """The request with an extension that httpcore calls before each step over the network."""
    # Of the request's own class: a test may have dropped httpx from sys.modules, and modules of groqtape.
    return type(request)(
        request.method,
        request.url,
        headers=request.headers.raw,
        stream=request.stream,
        extensions={**request.extensions, "trace": trace},
    )


def _is_mocked(response: httpx.Response) -> bool:
    """Whether a mock gave a response: a wrapper that drops the request's extensions reaches the network."""
    return "network_stream" not in response.extensions


def may_be_mocked() -> bool:
    """Whether something has replaced the methods of httpcore's pools: perhaps a mock, perhaps a wrapper."""
    httpcore = sys.modules.get("httpcore")
    methods = [getattr(getattr(httpcore, pool, None), method, None) for pool, method in _POOLS]
    return any(method and method.__module__.partition(".")[0] != "httpcore" for method in methods)
