"""Translates calls over another httpx to the httpx that handlers use, and their answers back.

The other httpx has the same classes in another module: httpx2 is httpx's successor, and a test may import
httpx anew.
"""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING, Any

from groqtape.recorder.httpx_module import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from groqtape.recorder.handlers import Handler

__all__ = ["TranslatedHandler", "translated"]


def translated(request: Any) -> httpx.Request:
    """A request of another httpx, whose body has been read."""
    native = httpx.Request(
        request.method,
        str(request.url),
        headers=request.headers.raw,
        stream=httpx.ByteStream(request.content),
        extensions=request.extensions,
    )
    native.read()
    return native


class TranslatedHandler:
    """A handler that takes requests and returns responses of another httpx.

    Args:
        handler: The handler of the translated request.
        request: The translated request.
        library: The other httpx.
    """

    def __init__(self, handler: Handler, request: httpx.Request, library: Any) -> None:
        self._handler = handler
        self._request = request
        self._library = library

    def handle(self, _: Any, send: Any) -> Any:
        """Answer the call."""

        def translated_send(request: httpx.Request) -> httpx.Response:
            return _native_response(send(self._foreign_request(request)))

        translated_send.honours_trace = getattr(send, "honours_trace", False)  # type: ignore[attr-defined]
        with _errors_of(self._library):
            response = self._handler.handle(self._request, translated_send)
        return self._foreign_response(response, _bodies_of(self._library)[0])

    async def handle_async(self, _: Any, send: Any) -> Any:
        """Answer the call."""

        async def translated_send(request: httpx.Request) -> httpx.Response:
            return _native_response(await send(self._foreign_request(request)))

        translated_send.honours_trace = getattr(send, "honours_trace", False)  # type: ignore[attr-defined]
        with _errors_of(self._library):
            response = await self._handler.handle_async(self._request, translated_send)
        return self._foreign_response(response, _bodies_of(self._library)[1])

    def _foreign_request(self, request: httpx.Request) -> Any:
        return self._library.Request(
            request.method,
            str(request.url),
            headers=request.headers.raw,
            stream=self._library.ByteStream(request.read()),
            extensions=request.extensions,
        )

    def _foreign_response(self, response: httpx.Response, body: Any) -> Any:
        return self._library.Response(
            response.status_code,
            headers=response.headers.raw,
            stream=body(response.stream),
            extensions=response.extensions,
        )


def _native_response(live: Any) -> httpx.Response:
    # The live body is passed on as it is, with the errors that it raises.
    return httpx.Response(
        live.status_code, headers=live.headers.raw, stream=live.stream, extensions=live.extensions
    )


@contextlib.contextmanager
def _errors_of(library: Any) -> Iterator[None]:
    """Raise httpx's errors as those of another httpx."""
    try:
        yield
    except httpx.TransportError as error:
        raise getattr(library, type(error).__name__)(str(error)) from error


@functools.lru_cache(maxsize=8)
def _bodies_of(library: Any) -> tuple[Any, Any]:
    """The classes of response bodies of another httpx: sync and async."""

    class Body(library.SyncByteStream):  # type: ignore[misc]  # Any to mypy
        def __init__(self, body: Any) -> None:
            self._body = body

        def __iter__(self) -> Iterator[bytes]:
            with _errors_of(library):
                yield from self._body

        def close(self) -> None:
            self._body.close()

    class AsyncBody(library.AsyncByteStream):  # type: ignore[misc]
        def __init__(self, body: Any) -> None:
            self._body = body

        async def __aiter__(self) -> AsyncIterator[bytes]:
            with _errors_of(library):
                async for data in self._body:
                    yield data

        async def aclose(self) -> None:
            await self._body.aclose()

    return Body, AsyncBody
