"""Replay never waits, whatever failed and however long the recording waited for it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, cast

import anyio.lowlevel
import groq
import httpx
import pytest
from loopback_groq import Cut, LoopbackGroq, Reply, Stall, error, rate_limited, raw, stream
from recorder.integration.calling import question, settled, untouched

import groqtape
from groqtape.recorder import waiting
from groqtape.recorder.clock import clock

if TYPE_CHECKING:
    from pathlib import Path

    from loopback_groq import AnyReply
    from recorder.integration.calling import Sdk

    from groqtape.recorder.pace import Pace

IMPATIENT = {"timeout": httpx.Timeout(10, read=0.15)}
# Nothing that comes in time is lost: there is nothing.
WITHOUT_PATIENCE = {"timeout": httpx.Timeout(10, read=0.05)}
HALF = b'{"id":"chatcmpl-1",'

FAILURES: dict[str, AnyReply] = {
    "429": rate_limited(30),
    "429 with no hint": rate_limited(None),
    "503": error(503, "Busy", headers={"retry-after-ms": "20000"}),
    "500": error(500, "Oops"),
    "408": error(408, "Too late"),
    "400": error(400, "No"),
    "401": error(401, "Invalid API Key", code="invalid_api_key"),
    "no answer": Reply(before=[Cut()]),
    "no answer in time": Reply(before=[Stall()]),
    "a body cut": raw(HALF, Cut(), b"}", content_type="application/json", framing="length"),
    "a body that stalls": raw(HALF, Stall(), content_type="application/json"),
}


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The requested sleeps; none of them takes place."""
    requested: list[float] = []
    checkpoint = anyio.lowlevel.checkpoint

    async def sleep(seconds: float) -> None:
        requested.append(seconds)
        await checkpoint()

    monkeypatch.setattr(time, "sleep", requested.append)
    monkeypatch.setattr(clock, "sleep", requested.append)
    monkeypatch.setattr(anyio, "sleep", sleep)
    monkeypatch.setattr(waiting, "sleep", sleep)
    return requested


def raised_by(sdk: Sdk, **options: Any) -> tuple[Any, ...]:
    """What a plain call raises, with as many tries as the SDK makes by default."""

    async def scenario(client: Any) -> Any:
        assert client.max_retries == 2
        return await settled(client.chat.completions.create(**question()))

    with pytest.raises(groq.APIError) as caught:
        sdk.run(scenario, **options)
    cause = caught.value.__cause__
    text = "" if isinstance(caught.value, groq.APIStatusError) else str(cause)
    return type(caught.value), str(caught.value), caught.value.body, type(cause), text


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES.keys())
def test_a_failure_that_reached_the_application(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path, waits: list[float], failure: AnyReply
) -> None:
    server.default = failure
    stalls = failure in (FAILURES["no answer in time"], FAILURES["a body that stalls"])
    options = WITHOUT_PATIENCE if stalls else {}
    with groqtape.use_cassette(cassette_path, "once"):
        recorded = raised_by(sdk, **options)
    tries = len(server.requests)
    assert tries in (1, 3)
    assert cassette_path.read_text().count("request:") == 1
    waits.clear()
    with untouched(server), groqtape.use_cassette(cassette_path) as cassette:
        replayed = raised_by(sdk, **options)
    # An organization's id is in the text of a 429; it is in no file.
    assert [replayed[0], *replayed[3:]] == [recorded[0], *recorded[3:]]
    assert len(cassette.requests) == 1
    assert max(waits, default=0) <= 0.005
    if failure is not FAILURES["429"] and failure is not FAILURES["429 with no hint"]:
        assert replayed == recorded


@pytest.mark.parametrize("kind", ["stream", "plain"])
def test_a_connection_refused(
    sdk: Sdk, cassette_path: Path, waits: list[float], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    with LoopbackGroq() as gone:
        monkeypatch.setenv("GROQ_BASE_URL", gone.base_url)
    sdk.options["base_url"] = gone.base_url

    def failure_of_either() -> Any:
        if kind == "plain":
            return raised_by(sdk)
        result = sdk.stream()
        return result.raised, type(result.error.__cause__) if result.error else None

    with groqtape.use_cassette(cassette_path, "once"):
        recorded = failure_of_either()
    assert sum(waits) > 0.5
    waits.clear()
    with groqtape.use_cassette(cassette_path):
        assert failure_of_either() == recorded
    assert max(waits, default=0) <= 0.005
    assert "tries: 3" in cassette_path.read_text()


@pytest.mark.parametrize("failure", ["429", "503", "no answer", "no answer in time", "a body cut"])
def test_a_failure_made_good_leaves_no_trace(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path, waits: list[float], failure: str
) -> None:
    server.reply(FAILURES[failure], stream("Here you are"))

    async def scenario(client: Any) -> Any:
        # The SDK does not retry a stream that breaks off.
        parameters = question(stream=failure != "a body cut")
        return await settled(client.chat.completions.create(**parameters))

    with groqtape.use_cassette(cassette_path, "once"):
        sdk.run(scenario, **IMPATIENT)
    assert len(server.requests) == 2
    text = cassette_path.read_text()
    assert text.count("request:") == 1
    assert "tries" not in text
    waits.clear()
    with untouched(server), groqtape.use_cassette(cassette_path):
        sdk.run(scenario)
    assert waits in ([], [0])


def test_a_redirect_goes_the_same_way(sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
    elsewhere = "/moved/openai/v1/chat/completions"
    server.on(lambda request: request.path == elsewhere, stream("Here"))
    server.default = raw(b"", status=307, headers={"location": elsewhere}, content_type="text/plain")
    with groqtape.use_cassette(cassette_path, "once"):
        recorded = sdk.stream()
    assert recorded.text == "Here"
    with untouched(server), groqtape.use_cassette(cassette_path):
        assert sdk.stream() == recorded


@pytest.mark.parametrize("answered", [True, False], ids=["in the stream", "before the answer"])
@pytest.mark.parametrize("left_at", [86_400_000, 5000.5])
def test_a_file_says_how_long_to_wait_for_the_application(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path, waits: list[float], *, answered: bool, left_at: float
) -> None:
    server.default = stream("One two three")
    with groqtape.use_cassette(cassette_path, "once"):
        sdk.stream()
    before, response, stream_of_it = cassette_path.read_text().partition("  response:\n")
    if not answered:
        stream_of_it = "    stream:\n      end: complete\n"
    closed = stream_of_it.replace("end: complete", f"left_at: {left_at}\n      end: closed")
    cassette_path.write_text(f"{before}{response}{closed.replace('data: [DONE]', ': nothing more')}")
    for pace, longest in (("instant", 2.0), ("recorded", left_at / 1000 + 1)):
        waits.clear()
        with (
            pytest.raises(groqtape.RefusedError),
            untouched(server),
            groqtape.use_cassette(cassette_path, pace=cast("Pace", pace)),
        ):
            sdk.stream()
        assert longest - 1 < max(waits) <= longest
