"""While recording, the consumer has each chunk before the server has sent the next."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest
from loopback_groq import LoopbackGroq, Note, Wait, stream, stream_body
from recorder.integration.calling import each, entered, question, settled

import groqtape

if TYPE_CHECKING:
    from pathlib import Path

    from recorder.integration.calling import Sdk

    from groqtape.recorder.record_modes import RecordMode

PIECES = ["One", " two", " three", " four"]
CHUNKS = len(stream_body(PIECES)) - 1  # the last event is no chunk


class Gates:
    """Lets the server send event k only when the consumer says so, and knows what it has sent."""

    def __init__(self) -> None:
        self._may_send = [threading.Event() for _ in range(CHUNKS + 1)]
        self._sent = [threading.Event() for _ in range(CHUNKS + 1)]
        self._may_send[0].set()

    def steps(self) -> dict[int, Any]:
        return {
            number: [Wait(self._may_send[number], timeout=5), Note(self._sent[number])]
            for number in range(CHUNKS + 1)
        }

    def has(self, number: int) -> None:
        """The consumer has event `number`: the next one is still to be sent, and may be sent now."""
        assert not self._sent[number + 1].is_set(), f"event {number + 1} was sent before {number} was read"
        self._may_send[number + 1].set()


def recording(path: Path, mode: str) -> contextlib.AbstractContextManager[Any]:
    """A cassette that records, or none at all: the order of events is the same."""
    return (
        contextlib.nullcontext()
        if mode == "no cassette"
        else groqtape.use_cassette(path, cast("RecordMode", mode))
    )


@pytest.mark.parametrize("mode", ["no cassette", "once", "new_episodes", "all"])
def test_the_consumer_has_a_chunk_before_the_next_is_sent(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path, mode: str
) -> None:
    gates = Gates()
    server.reply(stream(PIECES, gates=gates.steps()))
    received: list[Any] = []

    async def scenario(client: Any) -> None:
        chunks = await settled(client.chat.completions.create(**question(stream=True)))
        async for chunk in each(chunks):
            gates.has(len(received))
            received.append(chunk)

    with recording(cassette_path, mode):
        sdk.run(scenario)
    assert len(received) == CHUNKS


def test_the_raw_lines_come_at_once_too(sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
    gates = Gates()
    server.reply(stream(PIECES, gates=gates.steps()))
    data: list[str] = []

    async def scenario(client: Any) -> None:
        create = client.chat.completions.with_streaming_response.create
        async with entered(create(**question(stream=True))) as response:
            async for line in each(response.iter_lines()):
                if line and line != "data: [DONE]":
                    gates.has(len(data))
                    data.append(line)

    with groqtape.use_cassette(cassette_path, "once"):
        sdk.run(scenario)
    assert len(data) == CHUNKS


def test_a_client_without_the_sdk_gets_each_read_at_once(server: LoopbackGroq, cassette_path: Path) -> None:
    gates = Gates()
    server.reply(stream(PIECES, gates=gates.steps()))
    reads: list[bytes] = []
    with (
        groqtape.use_cassette(cassette_path, "once"),
        httpx.Client(headers={"authorization": f"Bearer {server.api_key}"}) as client,
        client.stream("POST", f"{server.base_url}/openai/v1/chat/completions", json=question()) as response,
    ):
        for read in response.iter_raw():
            if len(reads) < CHUNKS:
                gates.has(len(reads))
            reads.append(read)
    assert len(reads) == CHUNKS + 1


def test_the_cassette_knows_what_has_come_so_far(sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
    gates = Gates()
    server.reply(stream(PIECES, gates=gates.steps()))
    so_far = []

    async def scenario(client: Any) -> None:
        chunks = await settled(client.chat.completions.create(**question(stream=True)))
        async for _ in each(chunks):
            so_far.append(cassette.streams[0].content)
            gates.has(len(so_far) - 1)

    with groqtape.use_cassette(cassette_path, "once") as cassette:
        sdk.run(scenario)
    assert so_far == ["", "One", "One two", "One two three", "One two three four", "One two three four"]
