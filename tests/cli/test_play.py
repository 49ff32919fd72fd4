"""`groqtape play`."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest
from cli.cassettes import ANSWER, KINDS, events, stream, write

from groqtape.recorder.clock import clock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Ran


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What is waited for, in seconds, by a clock that only waiting moves."""
    waited: list[float] = []
    monkeypatch.setattr(clock, "now", lambda: sum(waited))
    monkeypatch.setattr(time, "sleep", waited.append)
    return waited


class TestPace:
    def test_is_that_of_the_recording(
        self, run: Callable[..., Ran], project: Path, waits: list[float]
    ) -> None:
        assert run("play", "cassettes/stream.yaml").out == f"{ANSWER}\n"
        assert [round(wait, 3) for wait in waits] == [0.1, *[0.01] * 12]

    @pytest.mark.parametrize(
        ("options", "total"),
        [
            (("--pace", "recorded"), 1.12),
            (("--pace", "0.5"), 0.56),
            (("--pace", "instant"), 0),
            (("--max-gap", "0.05"), 0.05 + 0.05 + 0.11),
            (("--max-gap", "0.05", "--pace", "2"), 2 * (0.05 + 0.05 + 0.11)),
            (("--max-gap", "0"), 0),
        ],
    )
    def test_is_as_wanted(
        self, run: Callable[..., Ran], project: Path, waits: list[float], options: tuple[str], total: float
    ) -> None:
        assert run("play", "cassettes/stall.yaml", *options).code == 0
        assert sum(waits) == pytest.approx(total)

    def test_is_none_where_no_times_were_recorded(
        self, run: Callable[..., Ran], project: Path, waits: list[float]
    ) -> None:
        assert run("play", "cassettes/no_times.yaml").out == f"{ANSWER}\n"
        assert waits == []

    @pytest.mark.parametrize("pace", ["fast", "-1", "inf"])
    def test_that_is_none_is_wrong_use(self, run: Callable[..., Ran], project: Path, pace: str) -> None:
        ran = run("play", "cassettes/stream.yaml", f"--pace={pace}")
        assert (ran.code, ran.out) == (2, "")
        assert ran.err == (
            f"groqtape: expected a pace (recorded, instant, or a factor such as 0.5), got {pace}\n"
            "Try: groqtape play --pace 0.5 cassettes/stream.yaml\n"
        )


@pytest.mark.parametrize(
    ("kind", "printed"),
    [
        ("reasoning", f"We need a book.\n\n{ANSWER}\n"),
        ("tool calls", 'weather({"city":"Oslo"})\ntime({"zone":1})\n'),
        ("closed", "Try A Wizard of\n[closed: the reader stopped before its end]\n"),
        ("cut", "Try A Wizard of\n[cut by ReadError: peer reset]\n"),
        ("completion", "Try Earthsea.\n"),
        ("models", '{\n  "object": "list",\n  "data": []\n}\n'),
        ("rate limit", "Rate limit reached\n[answered with status 429]\n"),
        (
            "unanswered",
            "ConnectError: connection refused\n[no answer came: ConnectError: connection refused]\n",
        ),
        ("nothing", ""),
    ],
)
def test_prints_of_each_kind(run: Callable[..., Ran], project: Path, kind: str, printed: str) -> None:
    assert run("play", "--pace", "instant", f"cassettes/{kind.replace(' ', '_')}.yaml").out == printed


def test_an_error_event_stands_on_a_line_of_its_own(run: Callable[..., Ran], project: Path) -> None:
    out = run("play", "--pace", "instant", "cassettes/error_event.yaml").out
    assert out.startswith("Try A Wizard\nFailed to call a function.")
    assert out.endswith("\n[ended by Groq with an error event]\n")


def test_several_have_headings_and_one_can_be_chosen(run: Callable[..., Ran], project: Path) -> None:
    out = run("play", "--pace", "instant", "cassettes/several.yaml").out
    assert out.count("  POST /openai/v1/chat/completions\n") == 3
    assert run("play", "--pace", "instant", "-i", "2", "cassettes/several.yaml").out == "Second.\n"
    ran = run("play", "-i", "4", "cassettes/several.yaml")
    assert ran.code == 2
    assert ran.err.startswith(
        "groqtape: expected an interaction of cassettes/several.yaml, which has 3, got number 4\n"
    )


def test_a_terminal_gets_colours_and_no_escape_sequences_of_the_text(
    run: Callable[..., Ran], project: Path
) -> None:
    write(project / "a.yaml", stream(events(["a\x1b[31m", " [bold]b[/bold]"], reasoning="Hm.")))
    ran = run("play", "--pace", "instant", "a.yaml", columns=80)
    assert ran.screen == "Hm.\n\na\\x1b[31m [bold]b[/bold]\n"
    assert "\x1b[2;3mHm." in ran.out


def test_json_has_a_line_an_event(run: Callable[..., Ran], project: Path) -> None:
    lines = run("play", "--pace", "instant", "--json", "cassettes/closed.yaml").out.splitlines()
    assert [json.loads(line) for line in lines][:2] == [
        {"at_ms": 100.0, "kind": "role", "text": ""},
        {"at_ms": 110.0, "kind": "content", "text": "Try"},
    ]
    assert len(lines) == len(KINDS["closed"][0]["response"]["stream"]["sizes"])
