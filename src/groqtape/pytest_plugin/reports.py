"""What reports and the terminal tell of cassettes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from groqtape.pytest_plugin.ownership import has_snapshot
from groqtape.pytest_plugin.running_test import TEST
from groqtape.redaction.shown import gate

if TYPE_CHECKING:
    from collections.abc import Generator

    from groqtape.pytest_plugin.cassette_paths import CassettePaths
    from groqtape.pytest_plugin.cassette_use import CassetteUse
    from groqtape.pytest_plugin.missing_cassettes import MissingCassettes
    from groqtape.recorder.cassette import Cassette

__all__ = ["Reports"]

_USES: pytest.StashKey[list[CassetteUse]] = pytest.StashKey()
_HINTS: pytest.StashKey[list[str]] = pytest.StashKey()


class Reports:
    """A plugin object that adds to pytest's reports how each test used its cassette.

    Args:
        paths: Shows the cassettes' paths.
        plugins: The session's plugins.
    """

    def __init__(self, paths: CassettePaths, plugins: pytest.PytestPluginManager) -> None:
        self._paths = paths
        self._plugins = plugins
        self._uses: list[CassetteUse] = []
        self._live_calls: dict[str, int] = {}
        self._missing: MissingCassettes | None = None

    def note_use(self, item: pytest.Item, cassette: Cassette, owner: str | None = None) -> None:
        """Note how a test, or a fixture that it set up, used its cassette, for the test's next report."""
        item.stash.setdefault(_USES, []).append(self._use(item, cassette, owner))
        if owner is not None and cassette.refused:
            hint = self._missing_cassettes(item.config).hint(item, cassette)
            item.stash.setdefault(_HINTS, []).append(hint)

    def _hints(self, item: pytest.Item, report: pytest.TestReport) -> list[str]:
        """What to do where cassettes are missing: the test's, and those of fixtures that it set up."""
        hints = item.stash.get(_HINTS, [])
        item.stash[_HINTS] = []
        cassette = item.stash[TEST].cassette
        if cassette is not None and report.when != "teardown":
            hints = [
                *hints,
                self._missing_cassettes(item.config).hint(item, cassette),
                _hint_for_kept(item, cassette),
            ]
        return list(filter(None, hints))

    def _missing_cassettes(self, config: pytest.Config) -> MissingCassettes:
        if self._missing is None:
            from groqtape.pytest_plugin.missing_cassettes import MissingCassettes

            self._missing = MissingCassettes(self._paths, config)
        return self._missing

    def _use(self, item: pytest.Item, cassette: Cassette, owner: str | None = None) -> CassetteUse:
        # Imported here: a suite that has no cassette does not need it.
        from groqtape.pytest_plugin.cassette_use import CassetteUse, packed

        replaced = cassette.file.replaced
        return CassetteUse(
            test=f"{item.nodeid}, {owner}" if owner else item.nodeid,
            path=self._paths.shown(cassette.path),
            record_mode=cassette.record_mode,
            played=cassette.played,
            recorded=cassette.recorded,
            chunks=cassette.chunks_recorded,
            interactions=cassette.interactions,
            written=cassette.written,
            hint=_hint(item),
            replaced=None if replaced is None else (replaced[0], packed(replaced[1])),
            keeps=_command_for_kept(item, cassette),
            replays_kept=len(cassette.file.aside.recordings) if cassette.file.aside else 0,
            redacted=[(*redaction, times) for redaction, times in cassette.file.redactions.items()],
        )

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Note the outcome of a phase, and add to a failure which cassette was used."""
        report = yield
        test = item.stash[TEST]
        refusals = [] if report.passed else test.refusals()
        if report.skipped and refusals:
            # "Skipped: Groq can't be reached" would hide that the call was refused, and so would an xfail.
            report.outcome, report.longrepr = "failed", refusals[0]
            vars(report).pop("wasxfail", None)
        test.failed |= report.failed
        test.skipped |= report.skipped
        uses = item.stash.get(_USES, [])
        item.stash[_USES] = []
        # Plain values, which travel with the report.
        if uses:
            vars(report)["groqtape"] = [list(use) for use in uses]
        if report.when == "teardown":
            if test.live_calls:
                vars(report)["groqtape_live_calls"] = test.live_calls
            if test.failed and (test.cassette is not None or test.refused):
                vars(report)["groqtape_spare_snapshots"] = True
        if report.failed and test.cassette is not None and report.when != "teardown":
            uses = [*uses, self._use(item, test.cassette)]
        hidden = [text for text in refusals if text not in str(report.longrepr)]
        if report.failed and (uses or (hidden and report.when != "teardown")):
            texts = [*map(str, uses), *self._hints(item, report), *hidden]
            report.sections.append(("groqtape", gate.lines("\n\n".join(texts))))
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect how tests used cassettes; in pytest-xdist's main process, the tests of all workers."""
        uses: list[list[Any]] = getattr(report, "groqtape", [])
        if uses:
            from groqtape.pytest_plugin.cassette_use import CassetteUse

            self._uses += [CassetteUse(*use) for use in uses]
        live_calls: int = getattr(report, "groqtape_live_calls", 0)
        if live_calls:
            self._live_calls[report.nodeid] = live_calls
        if getattr(report, "groqtape_spare_snapshots", False):
            self._spare_snapshots(report)

    def _spare_snapshots(self, report: pytest.TestReport) -> None:
        """Tell syrupy that a failed test did not reach its snapshots: it would count them as unused.

        It would advise to delete them, and delete them with `--snapshot-update`. It spares those of a
        skipped test, and takes no notice of a teardown.
        """
        syrupy: Any = self._plugins.get_plugin("syrupy")
        if syrupy is not None:
            skipped = pytest.TestReport(
                report.nodeid, report.location, {}, outcome="skipped", longrepr=None, when="call"
            )
            syrupy.pytest_runtest_logreport(skipped)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Write which cassettes were written, and with `-v` which were used."""
        # A session that only replayed has nothing to write without `-v`.
        if terminalreporter.config.get_verbosity() > 0 or any(
            use.recorded or use.written for use in self._uses
        ):
            from groqtape.pytest_plugin.summary import write_summary

            write_summary(terminalreporter, self._uses)
        if self._live_calls:
            from groqtape.pytest_plugin.live_calls import write_live_calls

            write_live_calls(terminalreporter, self._live_calls)


def _hint_for_kept(item: pytest.Item, cassette: Cassette) -> str:
    """What to do where a call was refused, and a test that failed has recorded it."""
    if not cassette.refused or cassette.file.aside is not None:
        return ""
    from groqtape.pytest_plugin.kept_aside import has_kept

    if not has_kept(item, cassette.path, item.stash[TEST].marker):
        return ""
    from groqtape.pytest_plugin.commands import replay_kept

    return f"What this test recorded when it last failed is kept aside. Replay it:  {replay_kept(item)}"


def _command_for_kept(item: pytest.Item, cassette: Cassette) -> str:
    """The command that replays what a failed test recorded, if that is kept aside, or will be; else ""."""
    aside = cassette.file.aside
    if aside is None or cassette.file.written or not cassette.keeps_aside:
        return ""
    from groqtape.pytest_plugin.commands import replay_kept

    return replay_kept(item)


def _hint(item: pytest.Item) -> str:
    """What to add to the command if a recording was dropped: the test may have failed at a snapshot."""
    if not has_snapshot(item) or item.config.getoption("update_snapshots", default=True):
        return ""
    return " (a new or changed answer needs --snapshot-update in the same run)"
