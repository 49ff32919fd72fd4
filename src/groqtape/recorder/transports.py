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
        over_httpx2: Whether its requests and responses are httpx2's.
        has_default_tls: Whether it makes a TLS context where none is passed to it: see tls.py.
    """

    module: str
    name: str
    is_async: bool = False
    over_httpx2: bool = False
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
    Transport("httpx", "HTTPTransport", has_default_tls=True),
    Transport("httpx", "AsyncHTTPTransport", is_async=True, has_default_tls=True),
    Transport("httpx_aiohttp", "AiohttpTransport", is_async=True),  # groq.DefaultAioHttpClient's
    Transport("litellm.llms.custom_httpx.aiohttp_transport", "LiteLLMAiohttpTransport", is_async=True),
    # The openai SDK sends through these from version 3 on.
    Transport("httpx2", "HTTPTransport", over_httpx2=True),
    Transport("httpx2", "AsyncHTTPTransport", is_async=True, over_httpx2=True),
    Transport("httpx_aiohttp.httpx2", "AiohttpTransport", is_async=True, over_httpx2=True),
    Transport("openai._vendor.httpx_aiohttp", "AiohttpTransport", is_async=True, over_httpx2=True),
)
