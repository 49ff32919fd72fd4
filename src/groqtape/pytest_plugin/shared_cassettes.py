"""Cassettes that markers name: which tests share one, what they played, and what they recorded."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

import pytest

from groqtape.errors import GroqtapeError
from groqtape.pytest_plugin.node_ids import own_node_id

if TYPE_CHECKING:
    from collections.abc import Collection, Generator
    from pathlib import Path

    from groqtape.pytest_plugin.cassette_paths import CassettePaths
    from groqtape.pytest_plugin.shared_in_processes import SharedInProcesses
    from groqtape.recorder.cassette import Cassette

__all__ = ["SharedCassettes"]


class _Shared:
    """The node ids of a cassette's tests, and the signatures of their requests."""

    def __init__(self) -> None:
        self.tests: set[str] = set()
        self.ran: set[str] = set()
        self.played: set[Any] = set()
        self.recorded: set[Any] = set()
        self.kept: set[str] = set()


class SharedCassettes:
    """A plugin object that counts the tests of each named cassette.

    Args:
        paths: Where cassettes lie.
        config: The session's configuration.

    Attributes:
        run: The name of this run, where pytest-xdist gives it none; processes that are forked later share it.
    """

    def __init__(self, paths: CassettePaths, config: pytest.Config) -> None:
        self._paths = paths
        self._config = config
        self._by_path: dict[Path, _Shared] = {}
        self._others: set[Path] = set()
        self._partial = False
        # What the main process is to know of tests in others: workers of pytest-xdist, or forked processes.
        self._process = os.getpid()
        self.run = os.urandom(8).hex()
        self._notes: list[Any] = []
        self._of_processes: SharedInProcesses | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Count the tests of each named cassette, before any is deselected."""
        started_in = config.invocation_params.dir
        whole = {config.rootpath, started_in, *map(config.rootpath.joinpath, config.getini("testpaths"))}
        self._partial |= not {started_in / arg for arg in config.args} <= whole
        # These keep tests from being collected at all, so that none is deselected.
        self._partial |= any(config.getoption(name, default=None) for name in ("lf", "ignore", "ignore_glob"))
        marked = [item for item in items if item.get_closest_marker("groq_cassette") is not None]
        if marked:
            self._count(marked)

    def _count(self, marked: list[pytest.Item]) -> None:
        from groqtape.pytest_plugin.marker import MarkerSettings

        for item in marked:
            with contextlib.suppress(GroqtapeError):  # the test reports it when it runs
                name = MarkerSettings.of(item).name
                if name is not None:
                    shared = self._by_path.setdefault(self._paths.of_test(item, name), _Shared())
                    shared.tests.add(own_node_id(item))

    def pytest_deselected(self) -> None:
        """Remember that this run is not the whole suite."""
        self._partial = True

    def note(self, path: Path) -> None:
        """Note a cassette of several tests that are not counted."""
        self._others.add(path)

    def is_shared(self, path: Path) -> bool:
        """Whether other tests use a cassette too, as far as this run can know."""
        if path in self._others:
            return True
        shared = self._by_path.get(path)
        return shared is not None and (self._partial or len(shared.tests) > 1)

    def played(self, test: pytest.Item, cassette: Cassette) -> Collection[Any] | None:
        """Signatures of what all tests of a cassette played; None if some tests have not run.

        Args:
            test: A test that has run with it.
            cassette: The cassette.
        """
        from groqtape.pytest_plugin.xdist import is_worker

        shared = self._by_path.get(cassette.path)
        if shared is None:
            return ()
        shared.ran.add(own_node_id(test))
        shared.played |= cassette.played_signatures
        if not self._partial and (is_worker(self._config) or os.getpid() != self._process):
            played = None if cassette.recorded else cassette.played_numbers
            self._notes.append((str(cassette.path), own_node_id(test), len(shared.tests), played))
            return None
        return shared.played if shared.ran == shared.tests and not self._partial else None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Send what a test of a shared cassette played along with its report."""
        report = yield
        if self._notes:
            vars(report)["groqtape_shared"], self._notes = self._notes, []
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """In the main process, collect what tests in other processes played."""
        notes = getattr(report, "groqtape_shared", ())
        if notes and not hasattr(self._config, "workerinput"):
            if self._of_processes is None:
                from groqtape.pytest_plugin.shared_in_processes import SharedInProcesses

                self._of_processes = SharedInProcesses(self._paths, self._config)
            for note in notes:
                self._of_processes.note(*note)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        """Fail the session for interactions that no test in any process played."""
        fails = self._of_processes is not None and self._of_processes.check()
        result = yield
        if fails and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        return result

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Write which interactions these are."""
        if self._of_processes is not None:
            self._of_processes.write(terminalreporter)

    def retained(self, test: pytest.Item, cassette: Cassette) -> set[Any] | None:
        """Signatures of what stays in a cassette that all its tests recorded from scratch; None until then.

        Args:
            test: A test whose recording is kept.
            cassette: The cassette.
        """
        shared = self._by_path.get(cassette.path)
        if shared is None or cassette.record_mode != "all":
            return None
        shared.recorded |= cassette.recorded_signatures
        shared.kept.add(own_node_id(test))
        return shared.recorded if shared.kept == shared.tests and not self._partial else None
