"""`--groq-unused`: after a run of the whole suite, the cassettes that belong to no test."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from groqtape.pytest_plugin.cassette_owners import CassetteOwners
from groqtape.pytest_plugin.whole_run import why_not_whole
from groqtape.pytest_plugin.xdist import is_worker
from groqtape.recorder.interceptors import interceptors
from groqtape.redaction.shown import gate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groqtape.pytest_plugin.cassette_paths import CassettePaths
    from groqtape.recorder.handlers import Interceptor

__all__ = ["UnusedCassettes"]

_KEY = "groqtape_unused"


class UnusedCassettes:
    """A plugin object that reports or deletes unused cassettes.

    pytest-xdist's workers each collect the whole suite and run a part of it. A cassette is unused if it is
    for all of them.

    Args:
        config: The session's configuration.
        paths: Where cassettes lie.
    """

    def __init__(self, config: pytest.Config, paths: CassettePaths) -> None:
        self._config = config
        self._paths = paths
        self._deletes = config.getoption("groq_unused") == "delete"
        self._owners = CassetteOwners(paths)
        self._reason: str | None = None
        self._of_workers: list[set[Path]] = []
        self._lines: list[str] = []
        interceptors.observers.append(self._note_use)

    def pytest_unconfigure(self) -> None:
        """Look at no more cassettes."""
        interceptors.observers.remove(self._note_use)

    def _note_use(self, interceptor: Interceptor) -> None:
        file = getattr(interceptor, "file", None)  # the guard has none
        if file is not None:
            self._owners.add_used(file.paths)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Note all tests, before any is deselected."""
        self._owners.add_tests(items)

    def pytest_deselected(self) -> None:
        """Note that the run is narrowed."""
        self._reason = "it left out tests that were deselected"

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note that tests may be missing."""
        if report.failed:
            self._reason = f"{report.nodeid} could not be collected"

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: Any) -> None:
        """Collect what pytest-xdist's workers found."""
        found = getattr(node, "workeroutput", {}).get(_KEY)
        if error or found is None:
            self._reason = "a worker broke off"
        else:
            reason, files = found
            self._reason = self._reason or reason
            self._of_workers.append(set(map(Path, files)))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Find them; delete them, if that is what was asked for."""
        if is_worker(self._config):
            files = [] if self._reason else list(map(str, self._owners.unused()))
            self._config.workeroutput[_KEY] = self._reason, files  # type: ignore[attr-defined]
            return
        reason = why_not_whole(session, exitstatus, noted=self._reason)
        if reason:
            self._lines = [
                f"not looked for, because this run was not of the whole suite: {reason}.",
                f"Run all tests to find them: pytest --groq-unused={self._config.getoption('groq_unused')}",
            ]
        else:
            unused = (
                sorted(set.intersection(*self._of_workers)) if self._of_workers else self._owners.unused()
            )
            self._lines = list(self._result(unused, failed=session.testsfailed > 0))

    def _result(self, unused: list[Path], *, failed: bool) -> Iterator[str]:
        for folder in sorted(self._owners.elsewhere):
            shown = self._paths.shown(folder)
            yield f"{shown} is not looked at: it is outside of the project, and others may use it."
        if not unused:
            yield "none: every cassette belongs to a test."
        elif not self._deletes or failed:
            yield from (self._paths.shown(path) for path in unused)
            if failed:
                yield "Tests failed. Mend them first: one of these may belong to a test that was renamed."
            else:
                yield "Delete them: pytest --groq-unused=delete"
        else:
            for path in unused:
                yield self._deleted(path)

    def _deleted(self, path: Path) -> str:
        try:
            path.unlink()
        except OSError as error:
            return f"{self._paths.shown(path)} could not be deleted: {error.strerror}"
        with contextlib.suppress(OSError):
            os.removedirs(path.parent)  # as far up as folders are empty
        return f"{self._paths.shown(path)}: deleted"

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Write what was found."""
        terminalreporter.write_sep("-", "groqtape: unused cassettes")
        for line in self._lines:
            terminalreporter.write_line(gate.line(line))
