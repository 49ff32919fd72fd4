"""The two protocols of intercepting: an interceptor chooses a handler, and the handler answers the call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import httpx

    Send = Callable[[httpx.Request], httpx.Response]
    SendAsync = Callable[[httpx.Request], Awaitable[httpx.Response]]

__all__ = ["Handler", "Interceptor"]


class Handler(Protocol):
    """Answers one call."""

    def handle(self, request: httpx.Request, send: Send) -> httpx.Response:
        """Answer the call, with or without sending it."""
        ...

    async def handle_async(self, request: httpx.Request, send: SendAsync) -> httpx.Response:
        """Answer the call, with or without sending it."""
        ...


class Interceptor(Protocol):
    """Something that answers calls to Groq."""

    def covers(self, url: httpx.URL) -> bool:
        """Whether it handles calls to this URL."""
        ...

    def handler_for(self, request: httpx.Request) -> Handler | None:
        """The handler of a call whose body has been read; None to send it as if groqtape were not there."""
        ...

    def failed(self, error: Exception, request: httpx.Request) -> Handler:
        """Note that `handler_for` raised an error, and refuse the call with it."""
        ...
