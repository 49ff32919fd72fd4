"""Where an answer leads, the cassette goes along: every hop is recorded, and none leaves while replaying."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from loopback_groq import LoopbackGroq, json_reply, stream
from recorder.integration.calling import Sdk, untouched

import groqtape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WAYS = ("sync", "asyncio")


@pytest.fixture
def elsewhere() -> Iterator[LoopbackGroq]:
    """A server at another address, which no setting names."""
    with LoopbackGroq(api_key=None) as server:  # httpx sends no key to another host
        yield server


def redirect(status: int, url: str) -> Any:
    return json_reply({}, status=status, headers=[("location", url)])


@pytest.mark.parametrize("status", [307, 308])
@pytest.mark.parametrize("fragment", ["", "#part"])
def test_every_hop_is_recorded_and_replayed(
    sdk: Sdk, server: LoopbackGroq, elsewhere: LoopbackGroq, cassette_path: Path, status: int, fragment: str
) -> None:
    target = f"{elsewhere.base_url}/openai/v1/chat/completions{fragment}"
    server.reply(redirect(status, target))
    elsewhere.reply(stream("From elsewhere"))
    with groqtape.use_cassette(cassette_path, "once") as cassette:
        assert sdk.stream().text == "From elsewhere"
        assert len(cassette.requests) == 2
    with untouched(server), untouched(elsewhere), groqtape.use_cassette(cassette_path) as cassette:
        assert sdk.stream().text == "From elsewhere"
        assert len(cassette.requests) == 2


@pytest.mark.parametrize("hops", [1, 2, 3])
def test_a_hop_that_is_not_recorded_is_refused(
    sdk: Sdk, server: LoopbackGroq, elsewhere: LoopbackGroq, cassette_path: Path, hops: int
) -> None:
    """As where an older recording has only the first hops, or a file was edited."""
    paths = [f"/hop/{number}" for number in range(1, hops + 1)]
    server.reply(redirect(307, elsewhere.base_url + paths[0]))
    elsewhere.reply(*(redirect(307, path) for path in paths[1:]), stream("From elsewhere"))
    with groqtape.use_cassette(cassette_path, "once"):
        assert sdk.stream().text == "From elsewhere"
    text = cassette_path.read_text(encoding="utf-8")
    last = text.rindex("- request:")
    cassette_path.write_text(text[:last], encoding="utf-8")
    with untouched(server), untouched(elsewhere):
        with (
            pytest.raises(groqtape.RefusedError) as refused,
            groqtape.use_cassette(cassette_path) as cassette,
        ):
            sdk.stream()
        assert len(cassette.requests) == hops + 1
    assert paths[-1] in str(refused.value)


@pytest.mark.parametrize("location", ["/relative", "?query=1", "//{host}/x", "http://{host}/x"])
def test_wherever_a_replayed_answer_leads(
    blocking: Sdk, server: LoopbackGroq, elsewhere: LoopbackGroq, cassette_path: Path, location: str
) -> None:
    server.reply(redirect(302, location.format(host=elsewhere.base_url.partition("//")[2])))
    with groqtape.use_cassette(cassette_path, "once"), httpx.Client() as client:
        headers = {"authorization": f"Bearer {server.api_key}"}
        client.post(f"{server.base_url}/openai/v1/chat/completions", json={}, headers=headers)
    with untouched(server), untouched(elsewhere):
        refused = pytest.raises(groqtape.RefusedError, match=r"differ|is like none")
        with refused, groqtape.use_cassette(cassette_path), httpx.Client(follow_redirects=True) as client:
            client.post(f"{server.base_url}/openai/v1/chat/completions", json={})


def test_other_calls_to_that_host_are_not_touched(
    blocking: Sdk, server: LoopbackGroq, elsewhere: LoopbackGroq, cassette_path: Path
) -> None:
    server.reply(redirect(307, f"{elsewhere.base_url}/hop"))
    elsewhere.reply(stream("Hop"), json_reply({"its": "own"}))
    with groqtape.use_cassette(cassette_path, "once") as cassette:
        blocking.stream()
        assert httpx.get(f"{elsewhere.base_url}/openai/v1/models").status_code in (200, 401)
        assert len(cassette.requests) == 2
