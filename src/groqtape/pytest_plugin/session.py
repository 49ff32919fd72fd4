"""A test session's hooks: open a test's cassette, check it when the test has run, close it after that."""

from __future__ import annotations

import functools
import warnings
from typing import TYPE_CHECKING, Any

import pytest

from groqtape.errors import GroqtapeError, UnplayedWarning
from groqtape.pytest_plugin.cassette_paths import CassettePaths
from groqtape.pytest_plugin.guard import Guard
from groqtape.pytest_plugin.outside_calls import OutsideCalls
from groqtape.pytest_plugin.ownership import asks_for_cassette, is_for_vcr
from groqtape.pytest_plugin.placeholder import Placeholder
from groqtape.pytest_plugin.reports import Reports
from groqtape.pytest_plugin.running_test import TEST, RunningTest, fail
from groqtape.pytest_plugin.shared_cassettes import SharedCassettes
from groqtape.pytest_plugin.wide_fixtures import WideFixtures
from groqtape.recorder.flow import Flow
from groqtape.redaction.shown import gate

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from groqtape.pytest_plugin.calls_without_cassette import CallsWithoutCassette
    from groqtape.pytest_plugin.fixture_cassettes import FixtureCassettes
    from groqtape.pytest_plugin.marker import MarkerSettings
    from groqtape.pytest_plugin.opening import CassetteOpener
    from groqtape.pytest_plugin.settings import SessionSettings
    from groqtape.recorder.cassette import Cassette

__all__ = ["SESSION", "Session"]


class Session:
    """A plugin object that knows which test runs, and wires the parts of a session.

    Args:
        config: The session's configuration.
        settings: The session's settings.
    """

    def __init__(self, config: pytest.Config, settings: SessionSettings) -> None:
        self.settings = settings
        gate.begin_session(settings.ini["groq_secrets"], settings.ini["groq_allow_secrets"])
        self.config = config
        self.test: RunningTest | None = None
        self.flow = Flow()
        self.paths = CassettePaths(settings.folder, settings.names, config)
        self.shared = SharedCassettes(self.paths, config)
        self.reports = Reports(self.paths, config.pluginmanager)
        self.outside_calls = OutsideCalls(config)
        self._placeholder = Placeholder(settings)
        self._parts = _LazyParts(self)
        self._wide_fixtures = WideFixtures(lambda: self._parts.fixture_cassettes, lambda: self.test)
        self._guard = Guard(settings, lambda: self._parts.without_cassette)

    def register(self, plugins: pytest.PytestPluginManager) -> None:
        """Let the session take part."""
        plugins.register(self.shared, "groqtape-shared-cassettes")
        plugins.register(self.outside_calls, "groqtape-outside-calls")
        plugins.register(self.reports, "groqtape-reports")
        plugins.register(self._wide_fixtures, "groqtape-wide-fixtures")
        plugins.register(self._placeholder, "groqtape-placeholder")
        plugins.register(self, "groqtape-session")

    def end(self) -> None:
        """Leave the process as it was."""
        gate.end_session()
        self._placeholder.end()
        from groqtape.pytest_plugin.exit_status import ends_with_session

        self._guard.end(process_ends=ends_with_session(self.config))
        self.outside_calls.end()

    def open(self, item: pytest.Item) -> Cassette:
        """The cassette of a test; it is opened the first time."""
        cassette = self._parts.opener.open(item.stash[TEST])
        self._placeholder.show(cassette)
        return cassette

    def open_with(self, item: pytest.Item, marker: MarkerSettings, path: Path, **settings: Any) -> Cassette:
        """The cassette of a test, with settings that its own marker does not have, unless it is open already.

        Args:
            item: The test.
            marker: The settings that a marker may have.
            path: The file.
            settings: What `CassetteOpener.prepare_with` takes.
        """
        self._parts.opener.prepare_with(item.stash[TEST], marker, path, **settings)
        return self.open(item)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Know which test runs; close its cassette also if the session is interrupted."""
        self.test = item.stash[TEST] = RunningTest(item)
        try:
            return (yield)
        finally:
            self.test = None
            self._placeholder.hide()
            cassette = item.stash[TEST].cassette
            item.stash[TEST] = RunningTest(item)  # nothing of the test is kept in memory
            if cassette is not None:
                cassette.close(keep=False)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Open the cassette of a test that has one, before its fixtures are set up."""
        self.test = item.stash[TEST] = RunningTest(item)  # it may run again
        # With --setup-plan, nothing is set up.
        if asks_for_cassette(item) and not item.config.getoption("setupplan", default=False):
            if not self.settings.serves_vcr or not is_for_vcr(item):
                self.open(item)
        elif self.settings.auto:
            self._parts.opener.prepare(self.test)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None]:
        """Fail a test that passed although a call was refused, or interactions were left unplayed."""
        test = item.stash[TEST]
        try:
            result = yield
        except pytest.exit.Exception:
            # It ends the session before any report of the test is made.
            self.outside_calls.in_tests += test.refusals()
            raise
        finally:
            test.called = True
        for text in test.refusals():
            fail(text)
        if not test.tears_down:
            self._check_unplayed(test)
        return result

    def _check_unplayed(self, test: RunningTest) -> None:
        cassette, marker = test.cassette, test.marker
        if cassette is None or marker is None or marker.allow_unplayed or self.settings.unplayed == "ignore":
            return
        played = self.shared.played(test.item, cassette)
        text = None if played is None else cassette.unplayed(also_played=played)
        if text and self.settings.unplayed == "warn":
            warnings.warn(UnplayedWarning(text), stacklevel=1)
        elif text:
            fail(text)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None]:
        """Close a test's cassette when its fixtures are torn down; write what it recorded if it passed."""
        test = item.stash[TEST]
        known = len(test.refusals())
        try:
            result = yield
            if test.tears_down and test.called and not test.failed and not test.skipped:
                self._check_unplayed(test)
        except BaseException:
            test.failed = True
            raise
        finally:
            self._close(test)
        for text in test.refusals()[known:]:
            fail(text)
        return result

    def _close(self, test: RunningTest) -> None:
        item, cassette = test.item, test.cassette
        self.test = None
        self._placeholder.hide()
        if cassette is None:
            return
        try:
            keep = test.is_worth_keeping(cassette)
            retain = self.shared.retained(item, cassette) if keep else None
            cassette.close(keep=keep, retain=retain)
        except GroqtapeError as error:
            test.failed = True
            fail(f"{item.nodeid}: {error}")
        finally:
            self.reports.note_use(item, cassette)


class _LazyParts:
    """The parts that a suite without cassettes and calls does not need, imported when they are first used.

    They are no attributes of the session, because pytest before 8.4 reads every attribute of a plugin object.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    @functools.cached_property
    def opener(self) -> CassetteOpener:
        from groqtape.pytest_plugin.opening import CassetteOpener

        session = self._session
        return CassetteOpener(session.settings, session.paths, session.shared, session.config)

    @functools.cached_property
    def fixture_cassettes(self) -> FixtureCassettes:
        from groqtape.pytest_plugin.fixture_cassettes import FixtureCassettes

        return FixtureCassettes(self._session.settings, self.opener, self._session.reports)

    @functools.cached_property
    def without_cassette(self) -> CallsWithoutCassette:
        from groqtape.pytest_plugin.calls_without_cassette import CallsWithoutCassette

        session = self._session
        return CallsWithoutCassette(
            session.settings, self.opener, lambda: session.test, session.outside_calls.note, session.flow
        )


SESSION = pytest.StashKey[Session]()
"""Where a configuration keeps its `Session`."""
