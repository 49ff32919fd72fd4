"""A stream replays instantly, at its recorded pace, or at a multiple of it. Here, sleeps take no time."""

from __future__ import annotations

import re
import time
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

import anyio.lowlevel
import pytest
from loopback_groq import completion, stream
from recorder.integration.calling import each, question, settled

import groqtape
from groqtape.recorder import waiting
from groqtape.recorder.clock import clock as recorder_clock

if TYPE_CHECKING:
    from pathlib import Path

    from loopback_groq import LoopbackGroq
    from recorder.integration.calling import Sdk

    from groqtape.recorder.pace import Pace

# Seconds after the request: far apart, so that what the test itself takes makes no difference.
ARRIVALS = [1000, 2000, 2000, 5000]
NEAR = 500


class Clock:
    """Time that passes by itself as ever, and in sleeps at once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._slept = 0.0
        self._now = time.perf_counter
        monkeypatch.setattr(recorder_clock, "now", lambda: self._now() + self._slept)
        monkeypatch.setattr(recorder_clock, "sleep", self.sleep)
        monkeypatch.setattr(waiting, "sleep", self.sleep_async)

    @property
    def slept(self) -> float:
        return self._slept

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self._slept += seconds

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)
        await anyio.lowlevel.checkpoint()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def slow(blocking: Sdk, server: LoopbackGroq, cassette_path: Path) -> Path:
    """A cassette whose events came at `ARRIVALS`, as an editor can have it."""
    server.reply(stream(["One", " two"]))
    with groqtape.use_cassette(cassette_path, "once"):
        blocking.stream()
    gaps = " ".join(f"{(at - before) * 1000}" for before, at in pairwise([0, *ARRIVALS, ARRIVALS[-1]]))
    text, edited = re.subn(r"gaps: \|\n.*", f"gaps: {gaps}", cassette_path.read_text())
    assert edited == 1
    cassette_path.write_text(text)
    return cassette_path


def moments(sdk: Sdk, clock: Clock) -> list[float]:
    """When each chunk came, in seconds slept."""

    async def scenario(client: Any) -> list[float]:
        chunks = await settled(client.chat.completions.create(**question(stream=True)))
        return [clock.slept async for _ in each(chunks)]

    return sdk.run(scenario)


@pytest.mark.parametrize("pace", ["recorded", 1, 0.5, "0.5", 2, "10"])
def test_each_chunk_comes_when_it_came(sdk: Sdk, slow: Path, clock: Clock, pace: Pace) -> None:
    factor = 1.0 if pace == "recorded" else float(pace)
    with groqtape.use_cassette(slow, pace=pace):
        came = moments(sdk, clock)
    assert came == pytest.approx([factor * arrival for arrival in ARRIVALS], abs=NEAR * factor)
    assert came == sorted(came)


@pytest.mark.parametrize("options", [{}, {"pace": "instant"}, {"pace": 0}, {"pace": "0"}], ids=str)
def test_instantly_by_default(sdk: Sdk, slow: Path, clock: Clock, options: dict[str, Any]) -> None:
    with groqtape.use_cassette(slow, **options):
        assert moments(sdk, clock) == [0, 0, 0, 0]
    assert clock.slept == 0


def test_time_that_the_consumer_takes_is_not_waited_for_twice(
    blocking: Sdk, slow: Path, clock: Clock
) -> None:
    """What has arrived while the consumer was busy comes at once, as it would have."""

    async def scenario(client: Any) -> list[float]:
        came = []
        for _ in client.chat.completions.create(**question(stream=True)):
            came.append(clock.slept)
            if len(came) == 1:
                clock.sleep(3000)
        return came

    with groqtape.use_cassette(slow, pace="recorded"):
        came = blocking.run(scenario)
    assert came == pytest.approx([1000, 4000, 4000, 5000], abs=NEAR)


def test_events_without_a_time_come_at_once(blocking: Sdk, slow: Path, clock: Clock) -> None:
    """As they may be written by hand."""
    slow.write_text(re.sub("gaps: .*", "gaps: 1000000 - - 4000000", slow.read_text()))
    with groqtape.use_cassette(slow, pace="recorded"):
        came = moments(blocking, clock)
    assert came == pytest.approx([1000, 1000, 1000, 5000], abs=NEAR)


def test_recording_waits_for_nothing(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path, clock: Clock
) -> None:
    server.reply(stream("One"))
    with groqtape.use_cassette(cassette_path, "once", pace=100):
        assert sdk.stream().text == "One"
    assert clock.slept == 0


def test_plain_answers_have_one_pace(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path, clock: Clock
) -> None:
    server.reply(completion("One", fixed=7))
    with groqtape.use_cassette(cassette_path, "once"):
        recorded = sdk.create()
    with groqtape.use_cassette(cassette_path, pace="recorded"):
        assert sdk.create() == recorded


def test_arrivals_are_noted_in_milliseconds_after_the_request(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path
) -> None:
    server.reply(stream("One two three", delay=0.01))
    with groqtape.use_cassette(cassette_path, "once"):
        sdk.stream()
    (gaps,) = re.findall(r"gaps: \|\n(.*)", cassette_path.read_text())
    times = list(accumulate(map(float, gaps.split())))
    assert len(times) == 6
    # The server sends no earlier than it says, and six events are five delays.
    assert times == sorted(times)
    assert times[-1] > 45


@pytest.mark.parametrize("pace", ["fast", "", -1, "nan", float("inf"), None, []])
def test_no_other_pace(cassette_path: Path, pace: Any) -> None:
    with (
        pytest.raises(groqtape.GroqtapeError, match=r"expected a pace \(instant, recorded, or a factor"),
        groqtape.use_cassette(cassette_path, pace=pace),
    ):
        raise AssertionError("not reached")
