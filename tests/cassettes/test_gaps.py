"""The times of a stream's events, written as gaps and read as times."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from effort import examples
from hypothesis import example, given
from hypothesis import strategies as st

from groqtape.cassettes.gaps import check_gaps, gaps_of, times_of

if TYPE_CHECKING:
    from collections.abc import Sequence

TIMES = st.lists(st.none() | st.floats(0, 10**9) | st.integers(0, 3000).map(lambda tenths: tenths / 10))


@examples(50)
@given(TIMES)
@example([None, None])
@example([0.0, 0.05, 0.15, 0.25, 1.15, 1.25])
@example([5.0, None, 1.0])
def test_times_come_back_to_a_tenth_of_a_millisecond(times: Sequence[float | None]) -> None:
    gaps = gaps_of(times)
    assert check_gaps(gaps) is None
    assert times_of(gaps, len(times)) == [None if at is None else float(f"{at:.1f}") for at in times]
    assert gaps_of(times_of(gaps, len(times))) == gaps
    assert all(len(line.split()) <= 10 for line in gaps.split("\n"))


@pytest.mark.parametrize(
    ("times", "gaps"),
    [
        ([], ""),
        ([None, None], ""),
        ([412.13, 414.9, 501.0, 501.25], "412.1 2.8 86.1 0.2\n"),
        ([0.0, 0.0, 100.0, None, 100.1], "0 0 100 - 0.1\n"),
        ([20.0, 10.5], "20 -9.5\n"),
        ([float(at) for at in range(12)], "0 1 1 1 1 1 1 1 1 1\n1 1\n"),
    ],
)
def test_how_they_look(times: list[float | None], gaps: str) -> None:
    assert gaps_of(times) == gaps


@pytest.mark.parametrize(
    ("edited", "times"),
    [
        ("412.1 2.8 86.1 0.2\n", [412.1, 414.9, 501.0, 501.2]),
        ("412.1 2.8 86.1 0.2 5 5", [412.1, 414.9, 501.0, 501.2]),
        ("412.1 2.8", [412.1, 414.9, None, None]),
        ("  412.1\n\t2.8\r\n\n  86.1   0.2  ", [412.1, 414.9, 501.0, 501.2]),
        ("412 2.75 - 1000", [412.0, 414.8, None, 1414.8]),
        ("", [None, None, None, None]),
    ],
)
def test_edits_by_hand(edited: str, times: list[float | None]) -> None:
    assert check_gaps(edited) is None
    assert times_of(edited, 4) == times


@pytest.mark.parametrize(
    ("edited", "wrong"),
    [
        ("1 2\n3 x 4", ("x", 2)),
        ("1,2", ("1,2", 1)),
        ("\n\n+3", ("+3", 3)),
        ("1e9", ("1e9", 1)),
        (".5", (".5", 1)),
        ("-.", ("-.", 1)),
        ("--", ("--", 1)),
        ("inf", ("inf", 1)),
        ("²", ("²", 1)),
        ("1" * 13, ("1" * 13, 1)),
        ("<<<<<<< HEAD", ("<<<<<<<", 1)),
    ],
)
def test_nonsense_is_found_with_its_line(edited: str, wrong: tuple[str, int]) -> None:
    assert check_gaps(edited) == wrong


@given(st.text(st.sampled_from("0123456789.- \n\t\x0b\x85\u2003x"), max_size=12))
def test_any_text_is_gaps_or_refused(text: str) -> None:
    wrong = check_gaps(text)
    if wrong is None:
        assert len(times_of(text, 3)) == 3
    else:
        gap, line = wrong
        assert gap in text.split("\n")[line - 1]
