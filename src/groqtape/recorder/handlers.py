"""What intercepts calls to Groq, and what then answers each call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import httpx

    Send = Callable[[httpx.Request], httpx.Response]
    SendAsync = Callable[[httpx.Request], Awaitable[httpx.Response]]

__all__ = ["SENT_BY_US", "Handler", "Interceptor"]

SENT_BY_US = "groqtape"
"""The httpx extension that marks a request as one that an interceptor sends itself."""


class Handler(Protocol):
    """What becomes of one call."""

    def handle(self, request: httpx.Request, send: Send) -> httpx.Response:
        """Answer the call, with or without sending it."""
        ...

    async def handle_async(self, request: httpx.Request, send: SendAsync) -> httpx.Response:
        """Answer the call, with or without sending it."""
        ...


class Interceptor(Protocol):
    """Something that answers calls to Groq."""

    def covers(self, url: httpx.URL) -> bool:
        """Whether calls to this URL are this interceptor's business."""
        ...

    def handler_for(self, request: httpx.Request) -> Handler | None:
        """What becomes of a call whose body has been read; None lets it go its own way."""
        ...
