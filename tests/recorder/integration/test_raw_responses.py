"""`with_raw_response` and `with_streaming_response` give in replay what they gave live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from loopback_groq import completion, inside, stream
from recorder.integration.calling import each, entered, question, settled, untouched

import groqtape

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from loopback_groq import AnyReply, LoopbackGroq
    from recorder.integration.calling import Sdk

    Scenario = Callable[[Any], Coroutine[Any, Any, Any]]

WAYS = ("sync", "asyncio")
STREAM = stream(["Grü", "ße", " 👋"], fixed=7, tear=inside("👋"))
COMPLETION = completion("Grüße", fixed=7)


def the_same_thrice(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path, reply: AnyReply, scenario: Scenario
) -> Any:
    """What a scenario gives without a cassette, while recording and in replay, which is the same."""
    server.default = reply
    without = sdk.run(scenario)
    with groqtape.use_cassette(cassette_path, "once"):
        assert sdk.run(scenario) == without
    with untouched(server), groqtape.use_cassette(cassette_path):
        assert sdk.run(scenario) == without
    return without


def description(response: Any) -> tuple[Any, ...]:
    """What a response tells of itself, of what replaying keeps."""
    return (
        response.status_code,
        response.http_response.reason_phrase,
        response.headers["content-type"],
        response.method,
        str(response.url),
        response.http_version,
        response.http_request.read(),
    )


def test_a_raw_stream_is_parsed(sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
    async def scenario(client: Any) -> Any:
        create = client.chat.completions.with_raw_response.create
        response = await settled(create(**question(stream=True)))
        before = response.is_closed
        chunks = [chunk.model_dump() async for chunk in each(await settled(response.parse()))]
        return description(response), before, chunks, response.is_closed

    described, before, chunks, after = the_same_thrice(sdk, server, cassette_path, STREAM, scenario)
    assert described[:3] == (200, "OK", "text/event-stream")
    assert len(chunks) == 5
    assert (before, after) == (False, True)


def test_a_raw_completion_is_parsed_and_read(sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
    async def scenario(client: Any) -> Any:
        create = client.chat.completions.with_raw_response.create
        response = await settled(create(**question()))
        parsed = (await settled(response.parse())).model_dump()
        return description(response), parsed, response.http_response.text, await settled(response.json())

    described, parsed, text, as_json = the_same_thrice(sdk, server, cassette_path, COMPLETION, scenario)
    assert described[:3] == (200, "OK", "application/json")
    assert parsed["choices"][0]["message"]["content"] == "Grüße"
    assert '"content":"Grüße"' in text
    assert as_json["id"] == parsed["id"]


def test_how_long_it_took_is_known(sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
    async def scenario(client: Any) -> float:
        create = client.chat.completions.with_raw_response.create
        seconds: float = (await settled(create(**question()))).elapsed.total_seconds()
        return seconds

    server.reply(COMPLETION)
    for mode in ("once", "none"):
        with groqtape.use_cassette(cassette_path, mode):
            assert sdk.run(scenario) > 0


READERS: dict[str, Callable[[Any], Any]] = {
    "lines": lambda response: response.iter_lines(),
    "bytes": lambda response: response.iter_bytes(),
    "bytes of a size": lambda response: response.iter_bytes(10),
    "text": lambda response: response.iter_text(),
}


@pytest.mark.parametrize("reply", [STREAM, COMPLETION], ids=["stream", "completion"])
@pytest.mark.parametrize("reader", READERS)
def test_a_streaming_response_is_read(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path, reply: AnyReply, reader: str
) -> None:
    async def scenario(client: Any) -> Any:
        create = client.chat.completions.with_streaming_response.create
        streams = reply is STREAM
        async with entered(create(**question(stream=streams))) as response:
            pieces = [piece async for piece in each(READERS[reader](response))]
            # Where lines end the body says; where reads end, the network does: those are compared joined.
            whole = type(pieces[0])().join(pieces)
            return description(response), pieces if reader in ("lines", "bytes of a size") else whole

    _, read = the_same_thrice(sdk, server, cassette_path, reply, scenario)
    assert read


@pytest.mark.parametrize("streams", [True, False])
def test_a_streaming_response_is_parsed(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path, streams: bool
) -> None:
    async def scenario(client: Any) -> Any:
        create = client.chat.completions.with_streaming_response.create
        async with entered(create(**question(stream=streams))) as response:
            parsed = await settled(response.parse())
            if not streams:
                return description(response), parsed.model_dump()
            return description(response), [chunk.model_dump() async for chunk in each(parsed)]

    the_same_thrice(sdk, server, cassette_path, STREAM if streams else COMPLETION, scenario)


@pytest.mark.parametrize("what", ["read", "text", "json"])
def test_a_streaming_response_is_read_whole(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path, what: str
) -> None:
    async def scenario(client: Any) -> Any:
        create = client.chat.completions.with_streaming_response.create
        async with entered(create(**question())) as response:
            return await settled(getattr(response, what)())

    the_same_thrice(sdk, server, cassette_path, COMPLETION, scenario)


def test_a_response_header_that_is_kept(sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
    """A content type's parameters come back too: they say how the text is to be decoded."""
    server.default = completion("Grüße", headers={"Content-Type": "application/json; charset=utf-8"}, fixed=7)

    async def scenario(client: Any) -> Any:
        response = await settled(client.chat.completions.with_raw_response.create(**question()))
        return response.headers["content-type"], response.http_response.encoding

    without = sdk.run(scenario)
    for mode in ("once", "none"):
        with groqtape.use_cassette(cassette_path, mode):
            assert sdk.run(scenario) == without == ("application/json; charset=utf-8", "utf-8")
