from itertools import zip_longest
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groqtape.errors import GroqtapeError
from groqtape.recorder.clock import clock as recorder_clock
from groqtape.recorder.pace import Pacer, parse_pace


@pytest.mark.parametrize(
    ("pace", "factor"),
    [
        ("instant", 0.0),
        ("recorded", 1.0),
        ("0.5", 0.5),
        ("2", 2.0),
        ("0", 0.0),
        (0, 0.0),
        (1, 1.0),
        (0.25, 0.25),
        (" 3 ", 3.0),
    ],
)
def test_paces(pace: str | float, factor: float) -> None:
    assert parse_pace(pace) == factor
    assert isinstance(parse_pace(pace), float)


@pytest.mark.parametrize(
    "pace",
    [
        "",
        "fast",
        "Instant",
        "-1",
        -0.1,
        "nan",
        "inf",
        "1e999",
        float("nan"),
        pytest.param(10**400, id="huge"),
        None,
        [],
        b"x",
    ],
)
def test_what_is_no_pace_is_refused_with_the_way_out(pace: Any) -> None:
    with pytest.raises(GroqtapeError) as caught:
        parse_pace(pace)
    assert str(caught.value).startswith("expected a pace (instant, recorded, or a factor such as 0.5), got ")
    assert str(caught.value).splitlines()[-1] == (
        "Set it with --groq-pace, the ini option groq_pace, the marker's pace= or use_cassette(pace=…)."
    )


@given(st.text() | st.floats() | st.integers())
def test_any_pace_is_a_factor_or_refused(pace: str | float) -> None:
    try:
        factor = parse_pace(pace)
    except GroqtapeError:
        return
    assert 0 <= factor < float("inf")


class Clock:
    """A clock that the test sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(recorder_clock, "now", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_instantly_means_no_wait(clock: Clock) -> None:
    pacer = Pacer(0.0)
    assert [pacer.wait(at) for at in (0.0, 1500.0, None)] == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(("factor", "waits"), [(0.0, False), (0.01, True), (1.0, True)])
def test_whether_there_is_ever_anything_to_wait_for(factor: float, *, waits: bool) -> None:
    assert Pacer(factor).waits is waits


def test_at_the_recorded_pace_each_event_is_due_when_it_had_arrived(clock: Clock) -> None:
    pacer = Pacer(1.0)
    assert pacer.wait(250.0) == pytest.approx(0.25)
    clock.now += 0.2
    assert pacer.wait(250.0) == pytest.approx(0.05)
    assert pacer.wait(400.0) == pytest.approx(0.2)


@pytest.mark.parametrize("factor", [0.0, 1.0, 3.0])
def test_the_time_since_the_request_is_the_same_at_every_pace(clock: Clock, factor: float) -> None:
    pacer = Pacer(factor)
    assert pacer.since(250.0) == pytest.approx(0.25)
    clock.now += 1
    assert pacer.since(250.0) == pytest.approx(-0.75)


def test_lateness_does_not_add_up(clock: Clock) -> None:
    """Events are due by the clock of the request, not one after the other."""
    pacer = Pacer(1.0)
    clock.now += 5
    assert pacer.wait(1000.0) < 0
    assert pacer.wait(6000.0) == pytest.approx(1.0)


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_a_factor_stretches_the_waiting_times(clock: Clock, factor: float) -> None:
    assert Pacer(factor).wait(300.0) == pytest.approx(0.3 * factor)


def test_an_event_without_a_time_is_due_at_once(clock: Clock) -> None:
    assert Pacer(1.0).wait(None) == 0.0


@given(st.lists(st.floats(0, 10**6)).map(sorted), st.lists(st.floats(0, 10)), st.floats(0.01, 100))
def test_a_wait_of_the_time_returned_ends_when_the_event_is_due(
    times: list[float], delays: list[float], factor: float
) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        clock = Clock(monkeypatch)
        started = clock.now
        pacer = Pacer(factor)
        for at, delay in zip_longest(times, delays[: len(times)], fillvalue=0.0):
            clock.now += delay  # the consumer is busy
            busy_until = clock.now
            clock.now += max(0.0, pacer.wait(at))
            assert clock.now == pytest.approx(max(busy_until, started + factor * at / 1000))
