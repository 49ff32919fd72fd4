"""`--groq-summary`: a table of the cassettes of a run, for the step summary of GitHub Actions.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#adding-a-job-summary
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from groqtape.redaction.printable import on_one_line
from groqtape.redaction.shown import gate
from groqtape.reports.answers import answer_of
from groqtape.reports.figures import counted, plural, span_of_time
from groqtape.reports.timing import timing_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groqtape.pytest_plugin.run_cassettes import RunCassette, RunCassettes

__all__ = ["StepSummary", "table"]

_VARIABLE = "GITHUB_STEP_SUMMARY"
_LARGEST = 2**20
"""How many bytes GitHub shows of the summary of a step. It shows nothing of a larger one."""
_MOST_TEXT = 200

_COLUMNS = ("test", "streams", "chunks", "finish reasons", "tokens", "first chunk", "result")
# What is markup in GitHub's Markdown or in HTML, begins a mention or an issue, or makes a link of an address.
_ACTING = re.compile(r"[\\`*_{}\[\]<>()#|~@&$]|:(?=//)|(?<=www)\.")


class StepSummary:
    """A plugin object that adds the table when the session ends.

    Args:
        run: The cassettes of the run.
    """

    def __init__(self, run: RunCassettes) -> None:
        self._run = run
        self._line = ""

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Add the table."""
        name = os.environ.get(_VARIABLE)
        if not name:
            self._line = f"not written, because {_VARIABLE} is not set. GitHub Actions sets it in each step."
            return
        path = Path(name)
        try:
            room = _LARGEST - (path.stat().st_size if path.exists() else 0)
            data = table(self._run.all(), room)
            with path.open("ab") as file:
                file.write(data)
        except OSError as error:
            self._line = f"not written: {name}, which {_VARIABLE} names: {error.strerror}"
        else:
            number = plural(len(self._run.all()), "cassette")
            full = f"not written: {name} has the 1 MiB that GitHub shows of a step"
            self._line = f"{number}, added to {name}" if data else full

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was written."""
        terminalreporter.write_sep("-", "groqtape: step summary")
        terminalreporter.write_line(gate.line(self._line))


def table(cassettes: Sequence[RunCassette], room: int = _LARGEST) -> bytes:
    """A Markdown table with a row for each cassette, as far as there is room.

    Args:
        cassettes: The cassettes.
        room: How many bytes it may have. If that is too little for a table, there is none.
    """
    head = f"\n### groqtape: {plural(len(cassettes), 'cassette')}\n\n"
    if cassettes:
        head += f"| {' | '.join(_COLUMNS)} |\n|---|--:|--:|---|--:|--:|---|\n"
    rows, left = [], room - len(head) - len(_left_out(len(cassettes)))
    if left < 0:
        return b""
    for cassette in cassettes:
        row = f"| {' | '.join(_cells(cassette))} |\n".encode("utf-8", "replace")
        left -= len(row)
        if left < 0:
            break
        rows.append(row)
    missing = len(cassettes) - len(rows)
    return b"".join([head.encode(), *rows, _left_out(missing) if missing else b""])


def _left_out(number: int) -> bytes:
    return f"\n{plural(number, 'row')} left out: GitHub shows 1 MiB.\n\n".encode()


def _cells(cassette: RunCassette) -> Iterator[str]:
    streams = [each for each in cassette.entry.interactions if each.is_stream]
    answers = [answer_of(each) for each in streams]
    firsts = [first for each in streams if (first := timing_of(each.events).first_chunk) is not None]
    tokens = [sum(answer.usage.get(kind, 0) for answer in answers) for kind in ("prompt", "completion")]
    changed = counted(each.what for change in cassette.entry.changes for each in change.changes)
    parts = [f"❌ {cassette.outcome}" if cassette.is_failed else cassette.outcome, changed]
    yield _text(cassette.title)
    yield str(len(streams))
    yield str(sum(each.chunks for each in streams))
    yield _text(counted(reason for answer in answers for reason in answer.finish_reasons))
    yield f"{tokens[0]} + {tokens[1]}" if any(tokens) else ""
    yield span_of_time(max(firsts)) if firsts else ""
    yield _text(": ".join(filter(None, parts)))


def _text(text: str) -> str:
    """A text as one cell shows it: no secret, no markup, on one line."""
    shown = on_one_line(gate.redacted(text))
    shown = shown if len(shown) <= _MOST_TEXT else f"{shown[:_MOST_TEXT]}…"
    return _ACTING.sub(lambda found: f"&#{ord(found[0])};", shown)
