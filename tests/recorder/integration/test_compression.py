"""Compressed answers never reach the file: what is recorded is text, and the consumer notices nothing."""

from __future__ import annotations

import threading
import zlib
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from loopback_groq import Cut, Wait, completion, raw, stream
from recorder.integration.calling import each, entered, question, untouched

import groqtape

if TYPE_CHECKING:
    from pathlib import Path

    from loopback_groq import LoopbackGroq
    from loopback_groq.replies import Encoding
    from recorder.integration.calling import Sdk

ENCODINGS = ["gzip", "deflate"]
TEXT = "Grüße aus Oslo"


def test_a_request_for_no_compressed_answer(sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
    """Groq compresses plain answers where the client takes that."""
    server.default = completion(TEXT, content_encoding="gzip")
    with groqtape.use_cassette(cassette_path, "once"):
        sdk.create()
    assert server.requests[0].headers["accept-encoding"] == "identity"
    assert TEXT in cassette_path.read_text()


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_stream_compressed_nevertheless(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path, encoding: Encoding
) -> None:
    server.default = stream(TEXT, content_encoding=encoding, force_encoding=True, fixed=7)
    without = sdk.stream()
    assert without.text == TEXT
    with groqtape.use_cassette(cassette_path, "once") as recording:
        assert sdk.stream() == without
    text = cassette_path.read_text()
    assert '"content":"Grüße"' in text
    assert "end: complete" in text
    assert encoding not in text
    with untouched(server), groqtape.use_cassette(cassette_path):
        assert sdk.stream() == without
    assert [held.content for held in (*recording.streams, *groqtape.load(cassette_path))] == [TEXT, TEXT]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_completion_compressed_nevertheless(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path, encoding: Encoding
) -> None:
    server.default = completion(TEXT, content_encoding=encoding, force_encoding=True, fixed=7)
    without = sdk.create()
    with groqtape.use_cassette(cassette_path, "once"):
        assert sdk.create() == without
    text = cassette_path.read_text()
    assert TEXT in text
    assert encoding not in text
    with untouched(server), groqtape.use_cassette(cassette_path):
        assert sdk.create() == without


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_each_chunk_still_comes_at_once(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path, encoding: Encoding
) -> None:
    go = threading.Event()
    server.default = stream(
        "One two", gates={2: Wait(go, timeout=5)}, content_encoding=encoding, force_encoding=True
    )

    async def scenario(client: Any) -> list[str]:
        create = client.chat.completions.with_streaming_response.create
        lines = []
        async with entered(create(**question(stream=True))) as response:
            async for line in each(response.iter_lines()):
                lines.append(line)
                if '"One"' in line:
                    go.set()
        return lines

    with groqtape.use_cassette(cassette_path, "once"):
        recorded = sdk.run(scenario)
    with groqtape.use_cassette(cassette_path):
        assert sdk.run(scenario) == recorded
    assert recorded[-2] == "data: [DONE]"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_came_before_a_cut_is_text_too(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path, encoding: Encoding
) -> None:
    server.default = stream(TEXT, cut_after=2, content_encoding=encoding, force_encoding=True, fixed=7)
    without = sdk.stream()
    assert type(without.error) is httpx.RemoteProtocolError
    for mode in ("once", "none"):
        with groqtape.use_cassette(cassette_path, mode):
            received = sdk.stream()
        assert (received.chunks, received.raised) == (without.chunks, without.raised)
    assert '"content":"Grüße"' in cassette_path.read_text()


def test_a_reader_that_leaves(sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
    gone = threading.Event()
    server.default = stream(
        TEXT, gates={2: Wait(gone, timeout=5)}, content_encoding="gzip", force_encoding=True, fixed=7
    )
    with groqtape.use_cassette(cassette_path, "once"):
        recorded = sdk.stream(leave_after=2)
    text = cassette_path.read_text()
    assert '"content":"Grüße"' in text
    assert "end: closed" in text
    with groqtape.use_cassette(cassette_path):
        assert sdk.stream(leave_after=2) == recorded


# Under trio, httpx leaves its own generators to the garbage collector here, which trio warns of.
@pytest.mark.parametrize("sdk", ["sync", "asyncio"], indirect=True)
def test_a_body_that_is_not_what_its_header_says(sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
    """The consumer sees httpx's own error, live and in replay."""
    server.default = raw(b"data: plain\n\n", headers={"Content-Encoding": "gzip"})
    without = sdk.stream(options={"max_retries": 0})
    assert type(without.error) is httpx.DecodingError
    for mode in ("once", "none"):
        with groqtape.use_cassette(cassette_path, mode):
            assert sdk.stream(options={"max_retries": 0}).raised == without.raised


def test_torn_in_the_middle_of_the_compressed_bytes(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path
) -> None:
    compressed = zlib.compress(b'data: {"object":"x"}\n\ndata: [DONE]\n\n')
    parts = [compressed[at : at + 3] for at in range(0, len(compressed), 3)]
    server.reply(raw(*parts, headers={"Content-Encoding": "deflate"}))
    with groqtape.use_cassette(cassette_path, "once"):
        assert len(sdk.stream().chunks) == 1
    with groqtape.use_cassette(cassette_path):
        assert len(sdk.stream().chunks) == 1
    assert "[DONE]" in cassette_path.read_text()


def test_cut_within_the_compressed_bytes(sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
    compressed = zlib.compress(b"data: {}\n\n" * 20)
    server.default = raw(compressed[:-4], Cut(), headers={"Content-Encoding": "deflate"})
    without = sdk.stream()
    assert type(without.error) is httpx.RemoteProtocolError
    for mode in ("once", "none"):
        with groqtape.use_cassette(cassette_path, mode):
            assert sdk.stream().raised == without.raised


def test_cut_and_not_what_its_header_says(blocking: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
    """Who reads the bytes as they are sees the cut, and that is what the file names."""
    server.default = raw(b"data: plain\n\n", Cut(), headers={"Content-Encoding": "gzip"})
    url, headers = (
        f"{server.base_url}/openai/v1/chat/completions",
        {"authorization": f"Bearer {server.api_key}"},
    )
    with (
        groqtape.use_cassette(cassette_path, "once"),
        pytest.raises(httpx.RemoteProtocolError),
        httpx.stream("POST", url, headers=headers, json={"stream": True}) as response,
    ):
        list(response.iter_raw())
    assert "end: RemoteProtocolError" in cassette_path.read_text()
