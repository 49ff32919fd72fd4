from typing import Any, cast

import execnet
import pytest

from groqtape.pytest_plugin.cassette_use import CassetteUse
from groqtape.pytest_plugin.summary import write_summary

USE = CassetteUse(
    test="tests/test_a.py::test_b",
    path="cassettes/tests/test_a/test_b.yaml",
    record_mode="once",
    played=0,
    recorded=1,
    chunks=75,
    interactions=1,
    written=True,
    hint="",
)
PLAYED = USE._replace(record_mode="none", played=2, recorded=0, chunks=0, interactions=2, written=False)
DROPPED = USE._replace(written=False)
HINT = " (it lacks --snapshot-update)"


class Terminal:
    """What write_summary uses of pytest's terminal reporter; it keeps the lines."""

    def __init__(self, verbosity: int) -> None:
        self.config = self
        self.verbosity = verbosity
        self.lines: list[str] = []

    def get_verbosity(self) -> int:
        return self.verbosity

    def write_sep(self, sep: str, title: str) -> None:
        self.lines.append(f"{sep}{sep} {title}")

    def write_line(self, line: str) -> None:
        self.lines.append(line)


def summary(*uses: CassetteUse, verbosity: int = 0) -> list[str]:
    terminal = Terminal(verbosity)
    write_summary(cast("pytest.TerminalReporter", terminal), iter(uses))
    return terminal.lines


@pytest.mark.parametrize(
    ("use", "line"),
    [
        (PLAYED, "none): 2 played"),
        (USE, "once): 0 played, 1 interaction recorded, 75 chunks"),
        (
            USE._replace(played=3, recorded=2, chunks=1),
            "once): 3 played, 2 interactions recorded, 1 chunk",
        ),
        (DROPPED, "once): 0 played, 1 interaction recorded, 75 chunks, dropped, because the test failed"),
        (DROPPED._replace(recorded=0, hint=HINT), "once): 0 played"),
    ],
)
def test_one_line_on_a_test(use: CassetteUse, line: str) -> None:
    assert str(use) == f"cassettes/tests/test_a/test_b.yaml (record mode {line}"


def test_a_hint_on_a_dropped_recording() -> None:
    dropped = DROPPED._replace(hint=HINT)
    assert str(dropped).endswith(f", dropped, because the test failed{HINT}")
    assert summary(dropped)[1].endswith(f"tests/test_a.py::test_b failed, so nothing was written{HINT}")


def test_it_travels_between_processes() -> None:
    plain = list(USE)
    received: Any = execnet.loads(execnet.dumps(plain))
    assert CassetteUse(*received) == USE


def test_nothing_to_write() -> None:
    assert summary() == []
    assert summary(verbosity=1) == []
    assert summary(PLAYED) == []


def test_verbosely_which_test_used_which_cassette() -> None:
    assert summary(PLAYED, verbosity=1) == [
        "-- groqtape: cassettes used",
        "tests/test_a.py::test_b",
        "  cassettes/tests/test_a/test_b.yaml (record mode none): 2 played",
    ]


def test_the_cassettes_written() -> None:
    assert summary(PLAYED, USE, USE._replace(path="b.yaml", interactions=2, chunks=1)) == [
        "-- groqtape: cassettes written",
        "cassettes/tests/test_a/test_b.yaml: 1 interaction, 75 chunks recorded",
        "b.yaml: 2 interactions, 1 chunk recorded",
    ]


def test_a_cassette_that_several_tests_wrote_is_listed_once() -> None:
    """Its interactions are those after the last write; the chunks are added up."""
    assert summary(USE, USE._replace(test="other", interactions=2, chunks=5)) == [
        "-- groqtape: cassettes written",
        "cassettes/tests/test_a/test_b.yaml: 2 interactions, 80 chunks recorded",
    ]


def test_the_recordings_dropped() -> None:
    assert summary(DROPPED) == [
        "-- groqtape: recordings dropped",
        "cassettes/tests/test_a/test_b.yaml: tests/test_a.py::test_b failed, so nothing was written",
    ]


def test_a_test_that_recorded_nothing_dropped_nothing() -> None:
    assert summary(PLAYED._replace(hint=HINT)) == []
