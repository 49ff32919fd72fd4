"""The transports that are patched: a table of the classes that send requests for real.

httpx has transports of its own, and other libraries add more. A transport that wraps or subclasses one of
these needs no line here.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["TRANSPORTS", "Transport"]


class Transport(NamedTuple):
    """A class that sends requests.

    Attributes:
        module: The module that has it. It is never imported for groqtape's sake.
        name: The class's name.
        is_async: Whether it sends asynchronously.
        library: The module whose `Request` and `Response` it takes and returns.
        honours_trace: Whether it sends through httpcore, which calls the request's `trace` extension.
        has_default_tls: Whether it makes a TLS context where none is passed to it: see tls.py.
    """

    module: str
    name: str
    is_async: bool = False
    library: str = "httpx"
    honours_trace: bool = False
    has_default_tls: bool = False

    @property
    def method(self) -> str:
        """The name of the method that sends a request."""
        return "handle_async_request" if self.is_async else "handle_request"

    @property
    def closing(self) -> str:
        """The name of the method that closes it."""
        return "aclose" if self.is_async else "close"


TRANSPORTS = (
    Transport("httpx", "HTTPTransport", honours_trace=True, has_default_tls=True),
    Transport("httpx", "AsyncHTTPTransport", is_async=True, honours_trace=True, has_default_tls=True),
    Transport("httpx_aiohttp", "AiohttpTransport", is_async=True),  # groq.DefaultAioHttpClient's
    Transport("litellm.llms.custom_httpx.aiohttp_transport", "LiteLLMAiohttpTransport", is_async=True),
    # The openai SDK sends through these from version 3 on.
    Transport("httpx2", "HTTPTransport", library="httpx2", honours_trace=True),
    Transport("httpx2", "AsyncHTTPTransport", is_async=True, library="httpx2", honours_trace=True),
    Transport("httpx_aiohttp.httpx2", "AiohttpTransport", is_async=True, library="httpx2"),
    Transport("openai._vendor.httpx_aiohttp", "AiohttpTransport", is_async=True, library="httpx2"),
)
