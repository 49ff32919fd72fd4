"""`groqtape timeline`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from cli.cassettes import KINDS, events, stream, write

from groqtape.cli.lanes import axis_of, lanes_of, stalls_of
from groqtape.reports.events import KINDS as KINDS_OF_EVENTS
from groqtape.reports.time_axis import marks
from groqtape.reports.timing import Stall

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Ran

AT_80 = """\
1  POST /openai/v1/chat/completions  openai/gpt-oss-20b  12 chunks, read to its
   end
         role       ▄
      content        █▄█▄                                                    ██
       finish                                                                  ▄
         done                                                                  ▄
       stalls           ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ 910 ms ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌
               │0 ms                        │500 ms                      │1 s
    first chunk 100 ms, first words 110 ms, 1.12 s in all
    gaps between chunks: p50 10.0 ms, p95 910 ms, longest 910 ms, 1 stall
    100 tokens/s by Groq's usage
    Groq's own times: queue 50.0 ms, prompt 10.0 ms, completion 200 ms
"""


def test_a_terminal_of_80_columns_shows_lanes_over_an_axis(run: Callable[..., Ran], project: Path) -> None:
    ran = run("timeline", "cassettes/stall.yaml", columns=80)
    assert ran.code == 0
    assert ran.screen == AT_80
    assert "\x1b[34m" in ran.out


def test_a_terminal_of_160_columns_is_filled(run: Callable[..., Ran], project: Path) -> None:
    lines = run("timeline", "cassettes/stall.yaml", columns=160).screen.splitlines()
    assert 150 < max(map(len, lines)) <= 160


@pytest.mark.parametrize("columns", [10, 24, 40])
def test_a_narrow_terminal_is_not_overrun(run: Callable[..., Ran], project: Path, columns: int) -> None:
    lines = run("timeline", "cassettes/stall.yaml", columns=columns).screen.splitlines()
    assert max(map(len, lines)) <= max(columns, 25)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_drawn(run: Callable[..., Ran], project: Path, kind: str) -> None:
    ran = run("timeline", f"cassettes/{kind.replace(' ', '_')}.yaml")
    assert (ran.code, ran.err) == (0, "")
    if not KINDS[kind]:
        assert ran.out == ""
    elif kind == "no times":
        assert "no times were recorded: another recorder wrote the cassette" in ran.out
    elif kind == "no event":
        assert ran.out.endswith("\n    no event came\n")
    elif "stream" in KINDS[kind][0]["response"] and kind != "unanswered":
        assert "│0 ms" in ran.out
    else:
        assert "no stream" in ran.out


def test_kinds_have_lanes(run: Callable[..., Ran], project: Path) -> None:
    write(project / "a.yaml", stream(events(reasoning="Hm.", usage_at="all")), *KINDS["error event"])
    out = run("timeline", "a.yaml").out
    lanes = [line.split()[0] for line in out.splitlines() if line[:13].strip() in KINDS_OF_EVENTS]
    assert lanes == ["role", "reasoning", "content", "finish", "usage", "done", "role", "content", "error"]
    assert run("timeline", "a.yaml", "-i", "2").out.startswith("2  POST ")


def test_json_has_each_event(run: Callable[..., Ran], project: Path) -> None:
    (interaction,) = json.loads(run("timeline", "--json", "cassettes/closed.yaml").out)["interactions"]
    assert [event["kind"] for event in interaction["events"]] == ["role", *["content"] * 4]
    assert interaction["events"][1]["at_ms"] == 110.0
    assert interaction["timing"]["gap_p50"] == 10.0


class TestTheAxis:
    @pytest.mark.parametrize(
        ("duration", "most", "found"),
        [
            (0, 5, [0.0]),
            (100, 1, [0.0]),
            (100, 5, [0, 50, 100]),
            (1000, 6, [0, 200, 400, 600, 800, 1000]),
            (1120, 4, [0, 500, 1000]),
            (7, 8, [0, 1, 2, 3, 4, 5, 6, 7]),
        ],
    )
    def test_has_round_times(self, duration: float, most: int, found: list[float]) -> None:
        assert marks(duration, most) == found

    def test_is_as_wide_as_it_may_be(self) -> None:
        assert axis_of(100.0, 40) == "│0 ms" + " " * 15 + "│50 ms"
        assert axis_of(100.0, 25) == "│0 ms" + " " * 7 + "│50 ms"
        assert axis_of(100.0, 11) == "│0 ms"


class TestLanes:
    def test_of_events_at_once_are_drawn_at_the_start(self) -> None:
        from groqtape.reports.events import Event

        (lane,) = lanes_of([Event("content", 0.0, "a", {}, 1)] * 3, 0.0, 4)
        assert lane.cells == "█   "
        (lane,) = lanes_of([Event("content", 1.0, "a", {}, 1), Event("done", None, "", None, 1)], 2.0, 4)
        assert lane == ("content", "  █ ")
        assert lanes_of([], 0.0, 4) == []

    def test_have_stalls_with_a_length_where_there_is_room(self) -> None:
        assert stalls_of([Stall(10.0, 10.0)], 100.0, 20) == "  ╌╌                "
        assert stalls_of([Stall(0.0, 80.0)], 100.0, 20) == "╌╌╌ 80.0 ms ╌╌╌╌    "
        assert stalls_of([Stall(95.0, 5.0)], 100.0, 20) == " " * 19 + "╌"
