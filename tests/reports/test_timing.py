"""The figures of a stream."""

from __future__ import annotations

from typing import Any

import pytest

from groqtape.reports.events import kind_of
from groqtape.reports.timing import Stall, timing_of, usage_of

USAGE = {"completion_tokens": 20, "completion_time": 0.2, "queue_time": 0.05, "total_time": True}


def event(at: float | None, kind: str = "content", **chunk: Any) -> Any:
    data = {
        "done": b"data: [DONE]\n\n",
        "error": b'data: {"error":{"message":"no"}}\n\n',
        "role": b'data: {"choices":[{"delta":{"role":"assistant","content":""}}]}\n\n',
        "content": b'data: {"choices":[{"delta":{"content":"x"}}]}\n\n',
    }[kind]
    read = kind_of(data, at)
    assert read.kind == kind
    return read._replace(chunk={**(read.chunk or {}), **chunk})


class TestTimes:
    def test_are_those_of_the_first_chunk_the_first_words_and_the_end(self) -> None:
        timing = timing_of([event(5.0, "role"), event(9.0), event(12.0), event(30.0, "done")])
        assert (timing.first_chunk, timing.first_text, timing.duration) == (5.0, 9.0, 30.0)

    def test_are_not_known_where_none_were_recorded(self) -> None:
        timing = timing_of([event(None, "role"), event(None)])
        assert timing[:6] == (None,) * 6
        assert timing.stalls == ()

    def test_of_nothing_are_none(self) -> None:
        assert timing_of([]) == (None, None, None, None, None, None, (), None, {})


class TestGaps:
    def test_are_between_chunks_alone(self) -> None:
        timing = timing_of([event(1.0), event(3.0), event(3.0), event(9.0), event(500.0, "error")])
        assert (timing.gap_p50, timing.gap_p95, timing.gap_longest) == (2.0, 6.0, 6.0)

    def test_are_ranked(self) -> None:
        events = [event(float(at)) for at in (0, *range(1, 100), 110)]
        timing = timing_of(events)
        assert (timing.gap_p50, timing.gap_p95, timing.gap_longest) == (1.0, 1.0, 11.0)


class TestStalls:
    @pytest.mark.parametrize(
        ("times", "stalls"),
        [
            ((0, 10, 20, 219, 230), ()),
            ((0, 10, 20, 220, 230), (Stall(20, 200),)),
            ((0, 100, 200, 699), ()),
            ((0, 100, 200, 700), (Stall(200, 500),)),
        ],
    )
    def test_are_long_gaps_that_stand_out(self, times: tuple[int, ...], stalls: tuple[Stall, ...]) -> None:
        assert timing_of([event(at) for at in times]).stalls == stalls


class TestUsage:
    def test_gives_tokens_a_second_and_groqs_own_times(self) -> None:
        timing = timing_of([event(1.0), event(2.0, x_groq={"usage": USAGE}), event(3.0, "done")])
        assert timing.tokens_per_second == 100.0
        assert timing.groq == {"queue_time": 50.0, "completion_time": 200.0}

    @pytest.mark.parametrize(
        "usage",
        [
            {},
            {"completion_tokens": 5},
            {"completion_tokens": 5, "completion_time": 0},
            {"completion_tokens": "5", "completion_time": 1},
            {"completion_tokens": 5, "completion_time": float("nan")},
        ],
    )
    def test_without_good_figures_gives_no_rate(self, usage: dict[str, Any]) -> None:
        assert timing_of([event(1.0, usage=usage)]).tokens_per_second is None

    def test_is_the_last_one_reported(self) -> None:
        events = [event(1.0, usage={"a": 1}), event(2.0, usage={"a": 2}), event(3.0, usage=5, x_groq=7)]
        assert usage_of(events) == {"a": 2}
