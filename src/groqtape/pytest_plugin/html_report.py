"""`--groq-report`: one page of the cassettes of a run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from groqtape.redaction.shown import gate
from groqtape.reports.figures import plural, size
from groqtape.reports.page import page

if TYPE_CHECKING:
    from groqtape.pytest_plugin.run_cassettes import RunCassettes

__all__ = ["HtmlReport"]


class HtmlReport:
    """A plugin object that writes the page when the session ends.

    Args:
        file: The file, from the folder in which pytest was started, as `--junitxml` has it.
        run: The cassettes of the run.
        config: The session's configuration.

    Raises:
        pytest.UsageError: The file can't be written.
    """

    def __init__(self, file: str, run: RunCassettes, config: pytest.Config) -> None:
        self._run = run
        self._path = config.invocation_params.dir / Path(os.path.expandvars(file)).expanduser()
        self._line = ""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            problem = "it is a folder" if self._path.is_dir() else None
        except OSError as error:
            problem = f"its folder can't be made: {error.strerror}"
        if problem:
            raise pytest.UsageError(
                f"--groq-report: expected a file that can be written, got {file}: {problem}\n"
                "Name another file: --groq-report=FILE.html"
            )

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Write the page."""
        entries = [cassette.entry for cassette in self._run.all()]
        data = "".join(page("Groq streams of a test run", entries, gate.redacted)).encode("utf-8", "replace")
        try:
            self._path.write_bytes(data)
        except OSError as error:
            self._line = f"{self._path} can't be written: {error.strerror}"
        else:
            self._line = f"{self._path}: {plural(len(entries), 'cassette')}, {size(len(data))}"

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say where the page is."""
        terminalreporter.write_sep("-", "groqtape: report")
        terminalreporter.write_line(gate.line(self._line))
