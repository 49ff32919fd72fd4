"""The pytest plugin: options, marker and fixtures. It wires, and imports nothing heavy to do so."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest

from groqtape.pytest_plugin.session import Session
from groqtape.pytest_plugin.settings import MARKER, SessionSettings, add_options
from groqtape.recorder.key import PlaceholderKey

if TYPE_CHECKING:
    import argparse
    from collections.abc import Awaitable, Callable, Generator, Iterator

    import groq
    from syrupy.assertion import SnapshotAssertion

    from groqtape.recorder.cassette import Cassette
    from groqtape.streams.stream import GroqStream

_SESSION = pytest.StashKey[Session]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare options and ini options."""
    add_options(parser)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Begin the session before a conftest.py can make a client, or a call (which is an error there)."""
    session = _begin(early_config, early_config.known_args_namespace)
    try:
        yield
    except pytest.fail.Exception:
        if not session.outside_calls:
            raise
    for text in session.outside_calls:
        raise pytest.UsageError(text)


def pytest_configure(config: pytest.Config) -> None:
    """Let the session take part; begin it, where a conftest.py named this plugin."""
    config.addinivalue_line("markers", MARKER)
    session = config.stash.get(_SESSION, None) or _begin(config, config.option)
    config.pluginmanager.register(session, "groqtape-session")


def _begin(config: pytest.Config, options: argparse.Namespace) -> Session:
    # Cleanups run however the session ends, also before it was configured.
    placeholder = PlaceholderKey()
    config.add_cleanup(placeholder.remove)
    session = config.stash[_SESSION] = Session(config, SessionSettings(config, options))
    config.add_cleanup(session.end)
    return session


@pytest.fixture
def groq_cassette(request: pytest.FixtureRequest) -> Cassette:
    """The test's cassette: its `streams`, `requests`, `path` and `record_mode`."""
    return request.config.stash[_SESSION].open(request.node)


@pytest.fixture
def groq_client(groq_cassette: Cassette) -> Iterator[groq.Groq]:  # noqa: ARG001  # opens the cassette
    """A `groq.Groq` client whose calls the test's cassette answers."""
    import groq

    with groq.Groq() as client:
        yield client


@pytest.fixture
def async_groq_client(groq_cassette: Cassette) -> groq.AsyncGroq:  # noqa: ARG001
    """A `groq.AsyncGroq` client whose calls the test's cassette answers."""
    import groq
    import httpx

    # No event loop runs when this fixture ends, so there is nobody to close idle connections: it keeps none.
    limits = httpx.Limits(max_connections=1000, max_keepalive_connections=0)
    return groq.AsyncGroq(http_client=groq.DefaultAsyncHttpxClient(limits=limits))


@pytest.fixture
def groq_stream(groq_client: groq.Groq) -> Callable[..., GroqStream]:
    """Begin a chat stream: takes what `client.chat.completions.create` takes, gives a `GroqStream`."""
    from groqtape.streams.stream import GroqStream

    def begin(**params: Any) -> GroqStream:
        return GroqStream(groq_client.chat.completions.create(**{**params, "stream": True}))

    return begin


@pytest.fixture
def async_groq_stream(async_groq_client: groq.AsyncGroq) -> Callable[..., Awaitable[GroqStream]]:
    """Begin a chat stream: awaited, it gives a `GroqStream` for `async for`."""
    from groqtape.streams.stream import GroqStream

    async def begin(**params: Any) -> GroqStream:
        return GroqStream(await async_groq_client.chat.completions.create(**{**params, "stream": True}))

    return begin


@pytest.fixture
def groq_snapshot(
    request: pytest.FixtureRequest,
    groq_cassette: Cassette,  # noqa: ARG001
    snapshot: SnapshotAssertion,
) -> SnapshotAssertion:
    """The `snapshot` of syrupy, which writes streams, chunks and usage as people read them."""
    from groqtape.pytest_plugin.snapshot import GroqSnapshotExtension, SnapshotBesideAnother

    both = "snapshot" in inspect.signature(request.function).parameters
    return snapshot.use_extension(SnapshotBesideAnother if both else GroqSnapshotExtension)
