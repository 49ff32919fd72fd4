"""The fixtures. They import what they need when a test asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from groqtape.pytest_plugin.ownership import own_arguments
from groqtape.pytest_plugin.session import SESSION

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    import groq
    from syrupy.assertion import SnapshotAssertion

    from groqtape.recorder.cassette import Cassette
    from groqtape.streams.stream import GroqStream

__all__ = [
    "async_groq_client",
    "async_groq_stream",
    "groq_cassette",
    "groq_client",
    "groq_snapshot",
    "groq_stream",
]


@pytest.fixture
def groq_cassette(request: pytest.FixtureRequest) -> Cassette:
    """The test's cassette: its `streams`, `requests`, `path` and `record_mode`."""
    return request.config.stash[SESSION].open(request.node)


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

    # No event loop runs when this fixture ends, so nothing could close idle connections: it keeps none.
    limits = httpx.Limits(max_connections=1000, max_keepalive_connections=0)
    return groq.AsyncGroq(http_client=groq.DefaultAsyncHttpxClient(limits=limits))


@pytest.fixture
def groq_stream(groq_client: groq.Groq) -> Callable[..., GroqStream]:
    """Begin a chat stream: takes what `client.chat.completions.create` takes, gives a `GroqStream`."""
    from groqtape.streams.stream import GroqStream

    def begin(**params: Any) -> GroqStream:
        return GroqStream(groq_client.chat.completions.create(**_streamed("groq_client", params)))

    return begin


@pytest.fixture
def async_groq_stream(async_groq_client: groq.AsyncGroq) -> Callable[..., Awaitable[GroqStream]]:
    """Begin a chat stream: awaited, it gives a `GroqStream` for `async for`."""
    from groqtape.streams.stream import GroqStream

    async def begin(**params: Any) -> GroqStream:
        completions = async_groq_client.chat.completions
        return GroqStream(await completions.create(**_streamed("await async_groq_client", params)))

    return begin


def _streamed(client: str, params: dict[str, Any]) -> dict[str, Any]:
    """The parameters of a chat stream.

    Raises:
        TypeError: They ask for an answer that is not streamed.
    """
    if params.get("stream", True) is not True:
        raise TypeError(
            f"expected a chat stream, got stream={params['stream']!r}\n"
            f"Leave it out, or for an answer that is not streamed, use {client}.chat.completions.create(…)."
        )
    return {**params, "stream": True}


@pytest.fixture
def groq_snapshot(
    request: pytest.FixtureRequest,
    groq_cassette: Cassette,  # noqa: ARG001
    snapshot: SnapshotAssertion,
) -> SnapshotAssertion:
    """The `snapshot` of syrupy, which writes streams, chunks and usage as people read them."""
    from groqtape.pytest_plugin.snapshot import GroqSnapshotExtension, SnapshotBesideAnother

    both = "snapshot" in own_arguments(request.node)
    return snapshot.use_extension(SnapshotBesideAnother if both else GroqSnapshotExtension)
