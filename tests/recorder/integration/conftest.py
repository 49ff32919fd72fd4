"""A loopback Groq for each module, the SDK in each way of calling it, and no plugin in between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from loopback_groq import LoopbackGroq
from recorder.integration.calling import WAYS, Sdk

from groqtape.recorder import hosts
from groqtape.recorder.interceptors import interceptors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


PATCHED: dict[type, str] = {
    httpx.HTTPTransport: "handle_request",
    httpx.AsyncHTTPTransport: "handle_async_request",
}


@pytest.fixture(scope="module")
def running_server() -> Iterator[LoopbackGroq]:
    with LoopbackGroq() as server:
        yield server


@pytest.fixture
def server(running_server: LoopbackGroq) -> Iterator[LoopbackGroq]:
    """A loopback Groq with nothing scripted."""
    running_server.clear()
    yield running_server
    assert running_server.problems == []


@pytest.fixture(autouse=True)
def genuine() -> Iterator[dict[type, Any]]:
    """Httpx's own methods. The plugin's guard steps aside, and each test leaves nothing patched."""
    guards = list(interceptors._stack)
    for guard in guards:
        interceptors.remove(guard)
    methods = {owner: getattr(owner, name) for owner, name in PATCHED.items()}
    assert not any(hasattr(method, "__wrapped__") for method in methods.values())
    yield methods
    others = list(interceptors._stack)
    for interceptor in others:
        interceptors.remove(interceptor)
    patches = [owner for owner, name in PATCHED.items() if getattr(owner, name) is not methods[owner]]
    for owner in patches:
        setattr(owner, PATCHED[owner], methods[owner])
    for guard in guards:
        interceptors.push(guard)
    assert (others, patches) == ([], [])


@pytest.fixture(autouse=True)
def groq_is_the_server(server: LoopbackGroq, monkeypatch: pytest.MonkeyPatch) -> None:
    """For clients and cassettes alike, Groq is the loopback server."""
    hosts._base_urls.clear()  # those of other tests: a port may come again
    monkeypatch.setenv("GROQ_BASE_URL", server.base_url)
    monkeypatch.setenv("GROQ_API_KEY", str(server.api_key))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Call the SDK in each way, or in those that a module names: blocking and asyncio say enough for most."""
    own = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if "sdk" in metafunc.fixturenames and "sdk" not in own:
        metafunc.parametrize("sdk", getattr(metafunc.module, "WAYS", WAYS), indirect=True)


@pytest.fixture
def sdk(request: pytest.FixtureRequest, server: LoopbackGroq) -> Sdk:
    """The SDK, called in each way."""
    return Sdk(request.param, server.base_url, str(server.api_key))


@pytest.fixture
def blocking(server: LoopbackGroq) -> Sdk:
    """The SDK's blocking client, for what does not depend on the way of calling it."""
    return Sdk("sync", server.base_url, str(server.api_key))


@pytest.fixture
def cassette_path(tmp_path: Path) -> Path:
    """Where a cassette is to be."""
    return tmp_path / "cassettes" / "book.yaml"
