"""Transports whose methods other tools have wrapped, as instrumentation does: in any form Python binds."""

from __future__ import annotations

import functools
from collections import deque
from typing import TYPE_CHECKING, Any
from unittest import mock

import httpx
import pytest
import wrapt
from loopback_groq import LoopbackGroq, stream
from recorder.integration.calling import Sdk, untouched

import groqtape
from groqtape.recorder import hosts
from groqtape.recorder.patches import bound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

WAYS = ("sync", "asyncio")
METHODS = ((httpx.HTTPTransport, "handle_request"), (httpx.AsyncHTTPTransport, "handle_async_request"))


def with_wrapt(genuine: Any, count: Callable[[], None]) -> Any:
    def wrapper(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
        assert isinstance(instance, httpx.HTTPTransport | httpx.AsyncHTTPTransport)
        count()
        return wrapped(*args, **kwargs)

    return wrapt.FunctionWrapper(genuine, wrapper)


def with_a_function(genuine: Any, count: Callable[[], None]) -> Any:
    @functools.wraps(genuine)
    def wrapper(self: Any, request: Any) -> Any:
        count()
        return genuine(self, request)

    return wrapper


def with_partialmethod(genuine: Any, count: Callable[[], None]) -> Any:
    return functools.partialmethod(with_a_function(genuine, count))


class _Descriptor:
    def __init__(self, genuine: Any, count: Callable[[], None]) -> None:
        self._genuine = genuine
        self._count = count

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        def call(request: Any) -> Any:
            self._count()
            return self._genuine.__get__(instance, owner)(request)

        return call


@pytest.fixture(params=[with_wrapt, with_a_function, with_partialmethod, _Descriptor])
def wrap(request: pytest.FixtureRequest) -> Any:
    return request.param


class Instrumentation:
    """Wraps both transports, and counts the calls that it sees."""

    def __init__(self, wrap: Any) -> None:
        self._wrap = wrap
        self._before: list[Any] = []
        self.calls = 0

    def count(self) -> None:
        self.calls += 1

    def apply(self) -> None:
        for owner, name in METHODS:
            self._before.append(vars(owner)[name])
            setattr(owner, name, self._wrap(vars(owner)[name], self.count))

    def remove(self) -> None:
        for (owner, name), before in zip(METHODS, self._before, strict=True):
            setattr(owner, name, before)


@pytest.fixture
def instrumentation(genuine: Any, wrap: Any) -> Iterator[Instrumentation]:
    made = Instrumentation(wrap)
    yield made
    for owner, name in METHODS:
        setattr(owner, name, genuine[owner])


def test_instrumentation_before_us(
    instrumentation: Instrumentation, sdk: Sdk, server: LoopbackGroq, cassette_path: Path
) -> None:
    server.reply(stream("Hello there"), stream("Elsewhere"))
    instrumentation.apply()
    wrapped = [vars(owner)[name] for owner, name in METHODS]
    with groqtape.use_cassette(cassette_path, "once"):
        assert sdk.stream().text == "Hello there"
    with untouched(server), groqtape.use_cassette(cassette_path):
        assert sdk.stream().text == "Hello there"
    assert instrumentation.calls == 1, "a replayed call is not sent"
    assert [vars(owner)[name] for owner, name in METHODS] == wrapped
    # Calls that are none of groqtape's pass through, with a cassette and without one.
    with groqtape.use_cassette(cassette_path, allow_unplayed=True), pytest.MonkeyPatch.context() as patch:
        patch.delenv("GROQ_BASE_URL")
        patch.setattr(hosts, "_base_urls", deque())
        assert sdk.stream().text == "Elsewhere"
    assert instrumentation.calls == 2


def test_instrumentation_after_us(
    instrumentation: Instrumentation, sdk: Sdk, server: LoopbackGroq, cassette_path: Path
) -> None:
    server.reply(stream("Hello there"), stream("Live"))
    with groqtape.use_cassette(cassette_path, "once"):
        instrumentation.apply()
        assert sdk.stream().text == "Hello there"
        instrumentation.remove()
    with groqtape.use_cassette(cassette_path):
        instrumentation._before.clear()
        instrumentation.apply()
        assert sdk.stream().text == "Hello there"
    assert instrumentation.calls == 2
    assert sdk.stream().text == "Live"


def test_a_mock_in_place_of_a_method_is_called_as_python_calls_it() -> None:
    """A mock is no descriptor: Python passes it no `self`."""
    mocked = mock.Mock()
    assert bound(mocked, httpx.HTTPTransport()) is mocked
