"""The cassettes of a run, with how their tests went: for `--groq-report` and `--groq-summary`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from groqtape.errors import CassetteError
from groqtape.pytest_plugin.cassette_use import CassetteUse, file_before
from groqtape.redaction.redactor import Redactor
from groqtape.reports.cassette_files import CassetteFile, read_bytes, read_file
from groqtape.reports.changes import changes_between
from groqtape.reports.page import Entry
from groqtape.reports.without_secrets import without_secrets

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

    from groqtape.pytest_plugin.settings import SessionSettings
    from groqtape.reports.changes import InteractionChange

__all__ = ["RunCassette", "RunCassettes"]


class RunCassette(NamedTuple):
    """A cassette that tests of a run used.

    Attributes:
        title: The test, or the file where several tests used it.
        outcome: How they went, and what became of what they recorded.
        is_failed: Whether one of them failed.
        entry: What is in it, without secrets.
    """

    title: str
    outcome: str
    is_failed: bool
    entry: Entry


class RunCassettes:
    """A plugin object that collects which tests used which cassettes; pytest-xdist's workers report it.

    Args:
        config: The session's configuration.
        settings: The session's settings.
    """

    def __init__(self, config: pytest.Config, settings: SessionSettings) -> None:
        self._here = config.invocation_params.dir
        self._settings = settings
        self._uses: dict[str, dict[str, list[CassetteUse]]] = {}
        self._failed: set[str] = set()
        self._all: list[RunCassette] | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what a test's report tells."""
        if report.when == "setup":
            self._failed.discard(report.nodeid)  # it may run again
        if report.failed:
            self._failed.add(report.nodeid)
        for values in getattr(report, "groqtape", []):
            use = CassetteUse(*values)
            self._uses.setdefault(use.path, {}).setdefault(report.nodeid, []).append(use)

    def all(self) -> list[RunCassette]:
        """The cassettes, sorted; those of failed tests first. Call this when all tests have run."""
        if self._all is None:
            ini = self._settings.ini
            redactor = Redactor(ini["groq_keep_headers"], ini["groq_secrets"], ini["groq_allow_secrets"])
            cassettes = [self._of_path(path, redactor) for path in self._uses]
            self._all = sorted(cassettes, key=lambda each: (not each.is_failed, each.title))
        return self._all

    def _of_path(self, path: str, redactor: Redactor) -> RunCassette:
        tests = self._uses[path]
        uses = [use for of_test in tests.values() for use in of_test]
        failed = len(self._failed & tests.keys())
        names = {use.test for use in uses}
        title = path if len(names) > 1 else names.pop()
        outcomes = []
        if failed:
            outcomes.append(f"{failed} of {len(tests)} tests failed" if len(tests) > 1 else "failed")
        changes: Sequence[InteractionChange] = ()
        try:
            now = without_secrets(read_file(self._here / path), redactor)[0]
        except CassetteError as error:
            outcomes.append(error.problem)
            now = CassetteFile(path, 0, [])
        writing = [use for use in uses if use.written]
        if writing:
            recording, changes = _changes(file_before(writing), now, redactor)
            outcomes.append(recording)
        elif any(use.recorded for use in uses):
            outcomes.append("recording dropped")
        outcome = ", ".join(outcomes)
        where = path if title != path else f"of {', '.join(tests)}"
        note = f"{outcome}: {where}" if outcome else where
        heading = f"✗ {title}" if failed else title
        return RunCassette(title, outcome, failed > 0, Entry(heading, now.interactions, note, changes))


def _changes(
    before: bytes | None, now: CassetteFile, redactor: Redactor
) -> tuple[str, Sequence[InteractionChange]]:
    """What became of a cassette that was recorded, in a few words and in detail."""
    if before is None:
        return "new", ()
    try:
        old = without_secrets(read_bytes(before, now.name), redactor)[0]
    except CassetteError:
        return "replaces a file that was no good cassette", ()
    changes = changes_between(old.interactions, now.interactions)
    return "recorded anew" if changes else "recorded, unchanged", changes
