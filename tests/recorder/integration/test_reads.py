"""However the network cut the events up, replay hands over one event a read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import groq
import pytest
from loopback_groq import inside, raw, stream, stream_body
from recorder.integration.calling import each, entered, question, untouched

import groqtape

if TYPE_CHECKING:
    from pathlib import Path

    from loopback_groq import LoopbackGroq
    from recorder.integration.calling import Sdk

PIECES = ["Grü", "ße", " 👋🏽", " 日本"]
# The request names the model; all else is fixed.
EVENTS = stream_body(PIECES, request=question(), fixed=7)

READS: dict[str, dict[str, Any]] = {
    "one event a read": {},
    "several events a read": {"events_per_read": 3},
    "now more, now fewer": {"events_per_read": [2, 5, 1]},
    "all in one read": {"events_per_read": 100},
    "torn everywhere": {"tear": 1},
    "torn at odd places": {"tear": 97},
    "torn inside a character": {"tear": inside("👋")},
    "torn inside JSON": {"tear": inside('"choices"')},
    "torn between an event's two line breaks": {"tear": inside("\n\n")},
    "torn inside the last event": {"tear": inside("[DONE]")},
}


async def reads_of(client: Any) -> list[bytes]:
    create = client.chat.completions.with_streaming_response.create
    async with entered(create(**question(stream=True))) as response:
        raw_reads = "aiter_raw" if isinstance(client, groq.AsyncGroq) else "iter_raw"
        return [read async for read in each(getattr(response.http_response, raw_reads)())]


@pytest.mark.parametrize("how", READS.values(), ids=READS.keys())
def test_one_event_a_read(sdk: Sdk, server: LoopbackGroq, cassette_path: Path, how: dict[str, Any]) -> None:
    server.default = stream(PIECES, fixed=7, **how)
    without = sdk.stream()
    assert without.text == "".join(PIECES)
    with groqtape.use_cassette(cassette_path, "once"):
        assert sdk.stream() == without
        live = sdk.run(reads_of)
    assert b"".join(live) == b"".join(EVENTS)
    with untouched(server), groqtape.use_cassette(cassette_path):
        assert sdk.stream() == without
        assert sdk.run(reads_of) == EVENTS


def test_the_file_is_the_same_but_for_times(blocking: Sdk, server: LoopbackGroq, tmp_path: Path) -> None:
    files = []
    for number, how in enumerate(READS.values()):
        server.reply(stream(PIECES, fixed=7, **how))
        path = tmp_path / f"{number}.yaml"
        with groqtape.use_cassette(path, "once"):
            blocking.stream()
        files.append([line.lstrip(" 0123456789.") for line in path.read_text().splitlines()])
    assert len(files) == len(READS)
    assert all(file == files[0] for file in files)


@pytest.mark.parametrize("ending", [b"\r\n", b"\r", b"\n"])
def test_other_line_ends_and_events_that_say_nothing(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path, ending: bytes
) -> None:
    """All that the standard allows and the SDK understands, though Groq does not send it."""
    head, *rest = (event.replace(b"\n", ending) for event in EVENTS)
    comment = b": keep-alive" + ending * 2
    events = [comment, b"retry: 5" + ending + head, comment, *rest]
    server.default = raw(b"".join(events))
    without = sdk.stream()
    assert without.text == "".join(PIECES)
    with groqtape.use_cassette(cassette_path, "once"):
        sdk.run(reads_of)
        assert sdk.stream() == without
    with untouched(server), groqtape.use_cassette(cassette_path):
        assert sdk.run(reads_of) == events
        assert sdk.stream() == without


def test_a_stream_without_its_last_line_break(sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
    server.reply(raw(b"".join(EVENTS).removesuffix(b"\n\n")))
    with groqtape.use_cassette(cassette_path, "once"):
        sdk.run(reads_of)
    with groqtape.use_cassette(cassette_path):
        assert sdk.run(reads_of) == [*EVENTS[:-1], EVENTS[-1].removesuffix(b"\n\n")]


def test_a_stream_of_nothing(sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
    server.reply(raw())
    with groqtape.use_cassette(cassette_path, "once"):
        assert sdk.run(reads_of) == []
    with groqtape.use_cassette(cassette_path):
        assert sdk.run(reads_of) == []
    assert groqtape.load(cassette_path) == []
