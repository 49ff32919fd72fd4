"""The interceptors in front of the transports: what it does without a call."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import httpx
import pytest

from groqtape.recorder.interceptors import Interceptors
from groqtape.recorder.transports import TRANSPORTS


class Nobody:
    """An interceptor that covers nothing."""

    def covers(self, url: Any) -> bool:
        return False

    def handler_for(self, request: Any) -> None:
        raise AssertionError("it covers nothing")

    def failed(self, error: Exception, request: Any) -> Any:
        raise AssertionError("nothing fails")


@pytest.fixture
def interceptors() -> Interceptors:
    return Interceptors()


def test_patches_come_with_the_first_interceptor_and_go_with_the_last(interceptors: Interceptors) -> None:
    before = httpx.HTTPTransport.handle_request, httpx.HTTPTransport.__init__
    first, second = Nobody(), Nobody()
    interceptors.push(first)
    interceptors.push(second)
    assert httpx.HTTPTransport.handle_request is not before[0]
    assert httpx.HTTPTransport.__init__ is not before[1]
    interceptors.remove(first)
    assert httpx.HTTPTransport.handle_request is not before[0]
    interceptors.remove(second)
    assert (httpx.HTTPTransport.handle_request, httpx.HTTPTransport.__init__) == before


@pytest.mark.parametrize("there", [{}, {"AiohttpTransport": type("AiohttpTransport", (), {})}])
def test_another_version_of_a_library_that_has_no_such_transport_is_let_be(
    interceptors: Interceptors, monkeypatch: pytest.MonkeyPatch, there: dict[str, Any]
) -> None:
    module = ModuleType("httpx_aiohttp")
    vars(module).update(there)
    monkeypatch.setitem(sys.modules, "httpx_aiohttp", module)
    interceptor = Nobody()
    interceptors.push(interceptor)
    interceptors.remove(interceptor)
    assert all("handle_async_request" not in vars(transport) for transport in there.values())


def test_every_transport_is_named_once() -> None:
    named = [(transport.module, transport.name) for transport in TRANSPORTS]
    assert len(named) == len(set(named))
