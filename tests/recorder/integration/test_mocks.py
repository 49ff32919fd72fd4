"""A mock below the transports answers a call, or it does not: that decides, not who has patched what."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import httpcore
import httpx
import pytest
from loopback_groq import LoopbackGroq, completion
from recorder.integration.calling import Sdk, untouched

from groqtape.recorder.flow import Flow
from groqtape.recorder.interceptors import interceptors
from groqtape.recorder.mocks import MockedOrRefused, may_be_mocked
from groqtape.recorder.refusals import RefusedHandler

if TYPE_CHECKING:
    from collections.abc import Iterator

WAYS = ("sync", "asyncio", "trio")
POOLS = (httpcore.ConnectionPool, "handle_request"), (httpcore.AsyncConnectionPool, "handle_async_request")


class RefusedCallError(BaseException):
    """What the guard of these tests raises."""


class Guard:
    """Refuses every call that no mock answers."""

    def __init__(self) -> None:
        self.refused: list[str] = []
        self._flow = Flow()

    def covers(self, url: httpx.URL) -> bool:
        return True

    def handler_for(self, request: httpx.Request) -> Any:
        def refuse() -> Any:
            self.refused.append(str(request.url))
            return RefusedHandler(RefusedCallError("refused"), self._flow)

        return MockedOrRefused(refuse)

    def failed(self, error: Exception, request: httpx.Request) -> Any:
        raise error


@pytest.fixture
def guard() -> Iterator[Guard]:
    guard = Guard()
    interceptors.push(guard)
    yield guard
    interceptors.remove(guard)


def wrap(monkeypatch: pytest.MonkeyPatch, pools: Any, *, answers: bool, **response: Any) -> None:
    """Something wraps the pools, as mocks, tracers and loggers do."""

    def answer() -> httpcore.Response:
        return httpcore.Response(200, content=b'{"a": "mock"}', **response)

    for pool, name in pools:
        genuine = vars(pool)[name]
        if pool is httpcore.ConnectionPool:

            @functools.wraps(genuine, assigned=())
            def wrapper(self: Any, request: Any, genuine: Any = genuine) -> Any:
                return answer() if answers else genuine(self, request)
        else:

            @functools.wraps(genuine, assigned=())
            async def wrapper(self: Any, request: Any, genuine: Any = genuine) -> Any:
                if answers:
                    return answer()
                return await genuine(self, request)

        monkeypatch.setattr(pool, name, wrapper)


def test_a_mock_that_answers(sdk: Sdk, guard: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not may_be_mocked()
    wrap(monkeypatch, POOLS, answers=True)
    assert may_be_mocked()
    answer = sdk.create()
    assert answer["a"] == "mock"
    assert guard.refused == []


@pytest.mark.parametrize("pools", [(), POOLS[:1], POOLS[1:], POOLS], ids=["none", "sync", "async", "both"])
def test_one_that_lets_the_call_through(
    sdk: Sdk, server: LoopbackGroq, guard: Guard, monkeypatch: pytest.MonkeyPatch, pools: Any
) -> None:
    wrap(monkeypatch, pools, answers=False)
    with untouched(server), pytest.raises(RefusedCallError):
        sdk.create(options={"max_retries": 2})
    assert guard.refused == [f"{server.base_url}/openai/v1/chat/completions"]


def test_one_that_drops_the_extensions_is_found_out(
    sdk: Sdk, server: LoopbackGroq, guard: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reaches the network behind groqtape's back, so at least the test fails."""
    wrap(monkeypatch, POOLS, answers=True, extensions={"network_stream": object()})
    with pytest.raises(RefusedCallError):
        sdk.create(options={"max_retries": 2})
    assert guard.refused == [f"{server.base_url}/openai/v1/chat/completions"]


@pytest.mark.parametrize("over", ["httpx", "httpx2"])
def test_a_connection_that_is_open_already_is_not_used(server: LoopbackGroq, over: str) -> None:
    library: Any = pytest.importorskip(over)
    server.reply(completion("Before"))
    headers = {"authorization": f"Bearer {server.api_key}"}
    url = f"{server.base_url}/openai/v1/chat/completions"
    with library.Client(headers=headers) as client:
        assert client.post(url, json={"model": "m", "messages": []}).status_code == 200
        guard = Guard()
        interceptors.push(guard)
        try:
            with untouched(server), pytest.raises(RefusedCallError):
                client.post(url, json={"model": "m", "messages": []})
        finally:
            interceptors.remove(guard)
    assert guard.refused == [url]


def test_a_transport_that_can_not_be_traced_is_refused_at_once(guard: Guard) -> None:
    def send(request: httpx.Request) -> httpx.Response:
        raise AssertionError("it is not sent")

    async def send_async(request: httpx.Request) -> httpx.Response:
        raise AssertionError("it is not sent")

    request = httpx.Request("GET", "https://api.groq.com/")
    handler = guard.handler_for(request)
    with pytest.raises(RefusedCallError):
        handler.handle(request, send)
    with pytest.raises(RefusedCallError):
        handler.handle_async(request, send_async).send(None)
