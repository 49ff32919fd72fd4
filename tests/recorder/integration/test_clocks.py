"""Tests freeze clocks and replace sleeps: recordings keep true times, and paced replays their pace."""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import anyio
import freezegun
import pytest
import time_machine
from loopback_groq import LoopbackGroq, stream

import groqtape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from recorder.integration.calling import Sdk

WAYS = ("sync", "asyncio", "trio")


@contextmanager
def frozen_by_freezegun() -> Iterator[None]:
    with freezegun.freeze_time("2020-01-01"):
        yield


@contextmanager
def frozen_by_time_machine() -> Iterator[None]:
    with time_machine.travel("2020-01-01", tick=False):
        yield


@contextmanager
def mocked() -> Iterator[None]:
    """`time.monotonic` stands still, and nothing may sleep."""
    frozen = time.monotonic()

    def no_sleep(*_: Any) -> Any:
        raise AssertionError("nothing of the test's may sleep")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "monotonic", lambda: frozen)
        patch.setattr(time, "sleep", no_sleep)
        patch.setattr(anyio, "sleep", no_sleep)
        yield


@contextmanager
def used_up() -> Iterator[None]:
    """`time.monotonic` is a mock with too few values."""

    def monotonic() -> float:
        raise StopIteration("the mock has no more values")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "monotonic", monotonic)
        yield


CLOCKS = [frozen_by_freezegun, frozen_by_time_machine, mocked, used_up]


@pytest.fixture(params=CLOCKS, ids=lambda clock: clock.__name__)
def clock(request: pytest.FixtureRequest) -> Any:
    return request.param


def gaps(cassette_path: Path) -> list[float]:
    """Milliseconds from one event to the next."""
    _, _, after = cassette_path.read_text(encoding="utf-8").partition("gaps: |\n")
    return [float(gap) for gap in after.partition("end:")[0].split()]


def test_a_recording_has_true_times(
    blocking: Sdk, server: LoopbackGroq, cassette_path: Path, clock: Any
) -> None:
    server.reply(stream(["One", " two"], delay=0.03))
    with groqtape.use_cassette(cassette_path, "once"), clock():
        assert blocking.stream().text == "One two"
    assert 50 < sum(gaps(cassette_path)[1:]) < 5000


def test_a_paced_replay_keeps_its_pace(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path, clock: Any
) -> None:
    if clock is used_up and sdk.way == "asyncio":
        pytest.skip("asyncio itself counts by time.monotonic")
    server.reply(stream(["One", " two"]))
    with groqtape.use_cassette(cassette_path, "once"):
        sdk.stream()
    paced = re.sub(
        r"(?<=gaps: \|\n) +[\d. ]+\n",
        f"        {'15 ' * len(gaps(cassette_path))}\n",
        cassette_path.read_text("utf-8"),
    )
    cassette_path.write_text(paced, "utf-8")
    started = time.perf_counter()
    with groqtape.use_cassette(cassette_path, pace="recorded"), clock():
        assert sdk.stream().text == "One two"
    assert 0.05 < time.perf_counter() - started < 5


def test_at_instant_pace_nothing_sleeps(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.reply(stream("One two"))
    with groqtape.use_cassette(cassette_path, "once"):
        sdk.stream()
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(anyio, "sleep", sleep)
    monkeypatch.setattr(time, "sleep", slept.append)
    with groqtape.use_cassette(cassette_path):
        assert sdk.stream().text == "One two"
    assert slept == []
