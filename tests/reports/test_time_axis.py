"""The marks of a time axis."""

from __future__ import annotations

import itertools

import pytest

from groqtape.reports.time_axis import label, marks


@pytest.mark.parametrize(
    ("duration", "most", "shown"),
    [
        (0, 5, "0 ms"),
        (100, 1, "0 ms"),
        (0.5, 5, "0 ms, 0.2 ms, 0.4 ms"),
        (140, 5, "0 ms, 50 ms, 100 ms"),
        (1120, 5, "0 ms, 500 ms, 1 s"),
        (905, 7, "0 ms, 200 ms, 400 ms, 600 ms, 800 ms"),
        (5000, 5, "0 ms, 2 s, 4 s"),
        (20_000, 5, "0 ms, 5 s, 10 s, 15 s, 20 s"),
        (59_000, 5, "0 ms, 20 s, 40 s"),
        (200_000, 5, "0 ms, 1 min, 2 min, 3 min"),
        (3_600_000, 4, "0 ms, 20 min, 40 min, 60 min"),
        (40_000_000, 2, "0 ms, 666 min 40 s"),
    ],
)
def test_are_round_times(duration: float, most: int, shown: str) -> None:
    assert ", ".join(map(label, marks(duration, most))) == shown


def test_are_never_more_than_there_is_room_for() -> None:
    for power, most in itertools.product(range(-3, 300), range(2, 9)):
        assert 1 <= len(marks(10.0**power * 1.37, most)) <= most
