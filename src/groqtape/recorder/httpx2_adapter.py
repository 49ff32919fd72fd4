"""Translates calls over httpx2 to httpx, and their answers back.

httpx2 is httpx's successor: the same classes, in another package. Handlers know httpx alone, so a request is
translated before they see it, and the response after. Importing this module imports httpx2: import it
only where there is a call over httpx2.
"""

from __future__ import annotations

import contextlib
import importlib
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groqtape.recorder.handlers import Handler, Interceptor

__all__ = ["handler_for"]

httpx2: Any = importlib.import_module("httpx2")


def handler_for(interceptor: Interceptor, call: Any) -> _Translated | None:
    """The handler of a call over httpx2 whose body has been read; None to send it as usual."""
    request = httpx.Request(
        call.method,
        str(call.url),
        headers=call.headers.raw,
        stream=httpx.ByteStream(call.content),
        extensions=call.extensions,
    )
    request.read()
    handler = interceptor.handler_for(request)
    return None if handler is None else _Translated(handler, request)


class _Translated:
    """A handler that takes requests and returns responses of httpx2."""

    def __init__(self, handler: Handler, request: httpx.Request) -> None:
        self._handler = handler
        self._request = request

    def handle(self, call: Any, send: Any) -> Any:  # noqa: ARG002  # the request has it
        def translated(request: httpx.Request) -> httpx.Response:
            return _answer(send(_call(request)))

        response = self._handler.handle(self._request, translated)
        return _response(response, _Body(response.stream))

    async def handle_async(self, call: Any, send: Any) -> Any:  # noqa: ARG002
        async def translated(request: httpx.Request) -> httpx.Response:
            return _answer(await send(_call(request)))

        response = await self._handler.handle_async(self._request, translated)
        return _response(response, _AsyncBody(response.stream))


def _call(request: httpx.Request) -> Any:
    return httpx2.Request(
        request.method,
        str(request.url),
        headers=request.headers.raw,
        stream=httpx2.ByteStream(request.read()),
        extensions=request.extensions,
    )


def _answer(live: Any) -> httpx.Response:
    # The live body is passed on as it is, with the errors that it raises.
    return httpx.Response(
        live.status_code, headers=live.headers.raw, stream=live.stream, extensions=live.extensions
    )


def _response(response: httpx.Response, body: Any) -> Any:
    return httpx2.Response(
        response.status_code, headers=response.headers.raw, stream=body, extensions=response.extensions
    )


@contextlib.contextmanager
def _errors() -> Iterator[None]:
    """Raise httpx's errors as httpx2's."""
    try:
        yield
    except httpx.TransportError as error:
        raise getattr(httpx2, type(error).__name__)(str(error)) from error


class _Body(httpx2.SyncByteStream):  # type: ignore[misc]  # Any to mypy
    """A body of httpx, read as one of httpx2."""

    def __init__(self, body: Any) -> None:
        self._body = body
        self._reads = iter(body)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        with _errors():
            data: bytes = next(self._reads)
        return data

    def close(self) -> None:
        self._body.close()


class _AsyncBody(httpx2.AsyncByteStream):  # type: ignore[misc]
    """A body of httpx, read as one of httpx2."""

    def __init__(self, body: Any) -> None:
        self._body = body
        self._reads = aiter(body)

    def __aiter__(self) -> _AsyncBody:
        return self

    async def __anext__(self) -> bytes:
        with _errors():
            data: bytes = await anext(self._reads)
        return data

    async def aclose(self) -> None:
        await self._body.aclose()
