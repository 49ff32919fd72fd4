"""What the SDK's own retries made good leaves no trace; what reached the application does."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import anyio.lowlevel
import groq
import httpx
import pytest
from loopback_groq import Cut, LoopbackGroq, Reply, Stall, completion, error, models, raw, stream
from recorder.integration.calling import untouched

import groqtape
from groqtape.recorder import waiting
from groqtape.recorder.clock import clock

if TYPE_CHECKING:
    from pathlib import Path

    from loopback_groq import AnyReply
    from recorder.integration.calling import Sdk

GOOD = stream("Here you are", fixed=7)
HALF = b'{"id":"chatcmpl-1","object":"chat.completion",'


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waiting times that were asked for; nobody gets any."""
    waits: list[float] = []
    yield_to_others = anyio.lowlevel.checkpoint

    def sleep(seconds: float) -> None:
        if seconds > 0:
            waits.append(seconds)

    async def sleep_async(seconds: float) -> None:
        sleep(seconds)
        await yield_to_others()

    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(clock, "sleep", sleep)
    monkeypatch.setattr(anyio, "sleep", sleep_async)
    monkeypatch.setattr(waiting, "sleep", sleep_async)
    return waits


FAILURES: dict[str, AnyReply] = {
    "429": error(429, "Slower, please", headers={"retry-after": "30"}),
    "408": error(408, "Too late"),
    "409": error(409, "Conflict"),
    "500": error(500, "Oops"),
    "503": error(503, "Busy", headers={"retry-after-ms": "2000"}),
    "400 that says to try again": error(400, "Not yet", headers={"x-should-retry": "true"}),
    "no answer": Reply(before=[Cut()]),
}


@pytest.mark.parametrize(
    ("failure", "times"),
    [*(pytest.param(failure, 1, id=name) for name, failure in FAILURES.items()), (FAILURES["503"], 2)],
)
def test_a_failure_made_good_leaves_no_trace(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path, waits: list[float], failure: AnyReply, times: int
) -> None:
    server.reply(*[failure] * times, GOOD)
    with groqtape.use_cassette(cassette_path, "once") as cassette:
        recorded = sdk.stream()
    assert recorded.text == "Here you are"
    assert len(server.requests) == times + 1
    assert len(waits) == times
    waits.clear()
    with untouched(server), groqtape.use_cassette(cassette_path) as cassette:
        assert sdk.stream() == recorded
    assert len(cassette.requests) == 1
    assert waits == []
    assert cassette_path.read_text().count("request:") == 1


@pytest.mark.parametrize("status", [429, 503])
def test_a_failure_that_reached_the_application_is_kept_once(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path, waits: list[float], status: int
) -> None:
    server.default = error(status, "Slower, please", headers={"retry-after": "60"})
    with groqtape.use_cassette(cassette_path, "once"):
        recorded = sdk.stream(options={"max_retries": 2})
    assert isinstance(recorded.error, groq.APIStatusError)
    assert len(server.requests) == 3
    assert waits == [60, 60]
    waits.clear()
    with untouched(server), groqtape.use_cassette(cassette_path) as cassette:
        assert sdk.stream(options={"max_retries": 2}).raised == recorded.raised
    assert len(cassette.requests) == 1
    assert waits == []


def test_a_body_cut_and_then_made_good_leaves_no_trace(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path, waits: list[float]
) -> None:
    """A plain answer is read inside the SDK, which tries again when it breaks off."""
    cut = raw(HALF, Cut(), b"}", content_type="application/json", framing="length")
    server.reply(cut, completion("Here you are", fixed=7))
    with groqtape.use_cassette(cassette_path, "once"):
        recorded = sdk.create()
    assert len(server.requests) == 2
    waits.clear()
    with untouched(server), groqtape.use_cassette(cassette_path) as cassette:
        assert sdk.create() == recorded
    assert len(cassette.requests) == 1
    assert waits == []


def test_a_body_cut_for_good_is_kept(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path, waits: list[float]
) -> None:
    server.default = raw(HALF, Cut(), b"}", content_type="application/json", framing="length")

    def call(max_retries: int) -> tuple[Any, ...]:
        with pytest.raises(groq.APIConnectionError) as caught:
            sdk.create(options={"max_retries": max_retries})
        cause = caught.value.__cause__
        return type(caught.value), str(caught.value), type(cause), str(cause)

    without = call(0)
    with groqtape.use_cassette(cassette_path, "once"):
        assert call(0) == without
    with untouched(server), groqtape.use_cassette(cassette_path):
        assert call(0) == without
    assert waits == []


def test_a_body_cut_in_every_try_fails_in_replay_too(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path
) -> None:
    """Nothing can tell the SDK that trying again is of no use here, so each of its tries has to fail."""
    server.default = raw(HALF, Cut(), b"}", content_type="application/json", framing="length")
    for mode in ("once", "none"):
        with groqtape.use_cassette(cassette_path, mode), pytest.raises(groq.APIConnectionError):
            sdk.create(options={"max_retries": 2})
    assert len(server.requests) == 3


def error_of(sdk: Sdk, max_retries: int, **options: Any) -> tuple[Any, ...]:
    """The error of a call that nobody answered."""
    error = sdk.stream(options={"max_retries": max_retries, **options}).error
    assert isinstance(error, groq.APIConnectionError)
    return type(error), str(error), type(error.__cause__), str(error.__cause__)


@pytest.mark.parametrize("max_retries", [0, 2])
@pytest.mark.parametrize(
    ("ending", "cause"),
    [(Cut(), httpx.RemoteProtocolError), (Stall(), httpx.ReadTimeout)],
    ids=["cut", "stall"],
)
def test_a_call_that_nobody_answered(
    sdk: Sdk,
    server: LoopbackGroq,
    cassette_path: Path,
    waits: list[float],
    max_retries: int,
    ending: Any,
    cause: type[Exception],
) -> None:
    server.default = Reply(before=[ending])
    timeout = httpx.Timeout(10, read=0.05 if cause is httpx.ReadTimeout else 10)
    with groqtape.use_cassette(cassette_path, "once"):
        recorded = error_of(sdk, max_retries, timeout=timeout)
    assert recorded[2] is cause
    assert len(server.requests) == max_retries + 1
    live = sum(waits)
    waits.clear()
    with untouched(server), groqtape.use_cassette(cassette_path):
        assert error_of(sdk, max_retries) == recorded
    assert sum(waits) <= live / 10


def test_a_server_that_is_not_there(sdk: Sdk, cassette_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with LoopbackGroq() as gone:
        monkeypatch.setenv("GROQ_BASE_URL", gone.base_url)
    with groqtape.use_cassette(cassette_path, "once"):
        recorded = error_of(sdk, 0, base_url=gone.base_url)
    assert recorded[2] is httpx.ConnectError
    with groqtape.use_cassette(cassette_path):
        assert error_of(sdk, 0, base_url=gone.base_url) == recorded
    assert groqtape.load(cassette_path) == []


def test_a_stream_cut_in_the_middle_is_tried_again_by_nobody(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path, waits: list[float]
) -> None:
    server.reply(stream("One two three", cut_after=3))
    with groqtape.use_cassette(cassette_path, "once"):
        assert len(sdk.stream().chunks) == 3
    assert len(server.requests) == 1
    assert waits == []


def test_two_calls_of_which_each_was_tried_twice(sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
    server.reply(FAILURES["429"], stream("One"), FAILURES["503"], stream("Two"))
    with groqtape.use_cassette(cassette_path, "once"):
        assert [sdk.stream().text for _ in range(2)] == ["One", "Two"]
    with untouched(server), groqtape.use_cassette(cassette_path) as cassette:
        assert [sdk.stream().text for _ in range(2)] == ["One", "Two"]
    assert len(cassette.requests) == 2


def test_a_call_made_again_by_the_application_is_a_call_of_its_own(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path
) -> None:
    """The first failed for good; the retries of the second do not erase it."""
    server.reply(FAILURES["429"], FAILURES["429"], GOOD)
    with groqtape.use_cassette(cassette_path, "once"):
        recorded = [sdk.stream(options={"max_retries": retries}) for retries in (0, 1)]
    assert [type(received.error) for received in recorded] == [groq.RateLimitError, type(None)]
    with untouched(server), groqtape.use_cassette(cassette_path):
        replayed = [sdk.stream(options={"max_retries": retries}) for retries in (0, 1)]
    assert [(received.chunks, received.raised) for received in replayed] == [
        (received.chunks, received.raised) for received in recorded
    ]


def test_the_streams_in_use_are_those_that_reached_the_application(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path
) -> None:
    server.reply(FAILURES["429"], GOOD)
    with groqtape.use_cassette(cassette_path, "once") as cassette:
        sdk.stream()
        assert [stream.content for stream in cassette.streams] == ["Here you are"]
        assert len(cassette.requests) == 1


def test_a_call_without_a_body_that_was_tried_twice(
    blocking: Sdk, server: LoopbackGroq, cassette_path: Path
) -> None:
    async def scenario(client: Any) -> int:
        return len(client.models.list().data)

    server.reply(FAILURES["503"], models("m"))
    for mode in ("once", "none"):
        with groqtape.use_cassette(cassette_path, mode) as cassette:
            assert blocking.run(scenario) == 1
        assert len(cassette.requests) == 1
