"""Figures as people read them."""

from __future__ import annotations

import pytest

from groqtape.reports.figures import counted, plural, rate, size, span_of_time


@pytest.mark.parametrize(
    ("milliseconds", "shown"),
    [
        (None, "–"),
        (0.0, "0.0 ms"),
        (17.14, "17.1 ms"),
        (99.94, "99.9 ms"),
        (99.96, "100 ms"),
        (737.8, "738 ms"),
        (999.4, "999 ms"),
        (999.6, "1.00 s"),
        (2412.0, "2.41 s"),
        (59_990.0, "59.99 s"),
        (59_999.0, "1 min 0 s"),
        (64_000.0, "1 min 4 s"),
    ],
)
def test_a_span_of_time(milliseconds: float | None, shown: str) -> None:
    assert span_of_time(milliseconds) == shown


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (999_949, "999.9 kB"), (1_200_000, "1.2 MB")],
)
def test_a_size(count: int, shown: str) -> None:
    assert size(count) == shown


def test_counts_and_rates() -> None:
    assert counted(["a", "b", "a"]) == "a ×2, b"
    assert (plural(1, "chunk"), plural(2, "chunk")) == ("1 chunk", "2 chunks")
    assert (rate(1234.5), rate(None)) == ("1,234 tokens/s", "–")
