"""The cassettes of a test session: opened for a test, checked at its end, closed after it."""

from __future__ import annotations

import contextlib
import inspect
import os
import shlex
import threading
import warnings
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from groqtape.cassettes.gc_pause import gc_paused
from groqtape.errors import CassetteError, GroqtapeError, UnplayedWarning
from groqtape.pytest_plugin.naming import file_name, folder_name, shared_name
from groqtape.pytest_plugin.report import CassetteUse, write_summary
from groqtape.pytest_plugin.settings import MarkerSettings

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    import httpx

    from groqtape.pytest_plugin.settings import SessionSettings
    from groqtape.recorder.cassette import Cassette
    from groqtape.recorder.handlers import Handler

__all__ = ["Session"]

_FIXTURES = frozenset(
    {"groq_cassette", "groq_client", "async_groq_client", "groq_stream", "async_groq_stream", "groq_snapshot"}
)


class _Test:
    """One test that runs, and what it has to do with Groq."""

    def __init__(self, item: pytest.Item) -> None:
        self.item = item
        self.marker: MarkerSettings | None = None
        self.cassette: Cassette | None = None
        self.refused: list[str] = []
        self.failed = False
        self.skipped = False
        self.tears_down = False

    def refusals(self) -> list[str]:
        """The texts of the calls refused, by its cassette or without one."""
        return [*self.refused, *(self.cassette.refused if self.cassette else ())]

    def is_worth_keeping(self, cassette: Cassette) -> bool:
        """Whether what it recorded is; that a test which was skipped called nothing says nothing."""
        return not self.failed and not self.refusals() and (not self.skipped or cassette.recorded > 0)


class _Shared:
    """A cassette that a marker names: which tests it has, and what they played."""

    def __init__(self) -> None:
        self.tests: set[str] = set()
        self.ran: set[str] = set()
        self.played: set[Any] = set()
        self.recorded: set[Any] = set()
        self.kept: set[str] = set()


class Session:
    """A pytest plugin object: one a session, with all of a session's state."""

    def __init__(self, config: pytest.Config, settings: SessionSettings) -> None:
        self._config = config
        self.settings = settings
        self._opening = threading.RLock()
        self._test: _Test | None = None
        self.outside_calls: list[str] = []
        self._own_run = os.urandom(8).hex()
        self._shared: dict[Path, _Shared] = {}
        self._partial = False
        self._uses: list[CassetteUse] = []
        # Of the last test: its file, and the folder of that file's cassettes.
        self._last_file: tuple[Path | None, Path] = None, settings.folder
        # Of the last cassette: its folder, and how the terminal shows that.
        self._last_folder: tuple[str | None, str] = None, ""
        self._guard: _Guard | None = None
        if self.settings.auto or self.settings.record_mode == "none":
            self._guard = _Guard(self)

    def end(self) -> None:
        """Leave the process as it was."""
        if self._guard is not None:
            self._guard.leave()

    @property
    def _worker(self) -> dict[str, Any]:
        """What pytest-xdist tells a worker, such as the one name of the run in all of them; else nothing."""
        told: dict[str, Any] = getattr(self._config, "workerinput", {})
        return told

    # Which tests share a cassette

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Count the tests of each named cassette, before any is deselected."""
        whole = {
            config.rootpath,
            config.invocation_params.dir,
            *map(config.rootpath.joinpath, config.getini("testpaths")),
        }
        self._partial |= not {config.invocation_params.dir / arg for arg in config.args} <= whole
        # These keep tests from being collected at all, so that none is deselected.
        self._partial |= any(config.getoption(name, default=None) for name in ("lf", "ignore", "ignore_glob"))
        for item in items:
            with contextlib.suppress(GroqtapeError):  # the test says so when it runs
                name = MarkerSettings.of(item).name
                if name is not None:
                    shared = self._shared.setdefault(self._path(item, name), _Shared())
                    shared.tests.add(item.nodeid)

    def pytest_deselected(self) -> None:
        """Remember that this run is not the whole suite."""
        self._partial = True

    def _path(self, item: pytest.Item, name: str | None) -> Path:
        if name is not None:
            return self.settings.folder / shared_name(name)
        if self._last_file[0] != item.path:
            file = os.path.relpath(item.path, self._config.rootpath).replace(os.sep, "/")
            self._last_file = item.path, self.settings.folder / folder_name(file)
        return self._last_file[1] / file_name(item)

    # One test

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Know which test runs; leave nothing of it behind, also when the session is interrupted."""
        self._test = item.stash[_TEST] = _Test(item)
        try:
            return (yield)
        finally:
            self._test = None
            cassette = item.stash[_TEST].cassette
            if cassette is not None:
                cassette.close(keep=False)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Open a test's cassette, if it asks for one, before its fixtures are set up."""
        self._test = item.stash[_TEST]
        if item.get_closest_marker("groq_cassette") or _FIXTURES.intersection(
            getattr(item, "fixturenames", ())
        ):
            self.open(item)

    def open(self, item: pytest.Item) -> Cassette:
        """The cassette of a test; opened, if it is not."""
        test = item.stash[_TEST]
        with self._opening:  # with groq_auto, the first calls of several threads ask at the same time
            if test.cassette is None:
                test.cassette = self._open(test)
            return test.cassette

    def _open(self, test: _Test) -> Cassette:
        # Imported here: a suite that does not use it pays nothing for groq, vcrpy and httpx.
        with gc_paused():
            from groqtape.recorder.cassette import Cassette
            from groqtape.recorder.settings import Owner

        # The cassette refers to the item, not to the `_Test`, which refers to it: what is in a circle is kept
        # until Python next looks for garbage.
        item = test.item
        try:
            marker = test.marker = MarkerSettings.of(item)
            path = self._path(item, marker.name)
            cassette = Cassette(
                path,
                self.settings.cassette_settings(marker),
                Owner(
                    run=self._worker.get("testrunuid", self._own_run),
                    spare_others=self._is_shared(path),
                    refusal=_Failed,
                    command=lambda mode: self._command_for(item, mode, marker, path),
                ),
            )
        except CassetteError as error:
            error.record_anew_with(self._command(item, "all"))
            test.refused.append(f"{item.nodeid}: {error}")
        except GroqtapeError as error:
            test.refused.append(f"{item.nodeid}: {error}")
        else:
            cassette.open()
            return cassette
        raise _Failed(test.refused[-1])

    def _is_shared(self, path: Path) -> bool:
        """Whether other tests use a cassette too, as far as this run can know."""
        shared = self._shared.get(path)
        return shared is not None and (self._partial or len(shared.tests) > 1)

    def _command_for(self, item: pytest.Item, mode: str, marker: MarkerSettings, path: Path) -> str:
        """The command that records a test's cassette; one that others share, for all of them."""
        if mode == "all" and self._is_shared(path):
            file = os.path.relpath(path, self._config.invocation_params.dir)
            update = " --snapshot-update" if _has_snapshot(item) else ""
            return f"rm {shlex.quote(file)} && pytest --groq-record=once{update}  # other tests use it too"
        return self._command(item, mode, marker.record_mode)

    def _command(self, item: pytest.Item, mode: str, marked_mode: str | None = None) -> str:
        """The command that records a test, as it is typed where this session was started."""
        file = os.path.relpath(item.path, self._config.invocation_params.dir)
        test = shlex.quote(f"{file}::{item.nodeid.partition('::')[2]}".removesuffix("::"))
        command = f"pytest {test} --groq-record={mode}{' --snapshot-update' if _has_snapshot(item) else ''}"
        if marked_mode in (None, mode):
            return command
        return f'{command}  # after taking record_mode="{marked_mode}" out of its marker'

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None]:
        """Fail a test that passed although a call was refused, or interactions were left unplayed."""
        result = yield
        test = item.stash[_TEST]
        for text in test.refusals():
            _fail(text)
        if not test.tears_down:
            self._check_unplayed(test)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
        """Note that a test has a fixture that may call Groq when the test is over."""
        if self._test is not None and _tears_down(fixturedef):
            self._test.tears_down = True
        cassette = self._test.cassette if self._test else None
        if cassette is None or fixturedef.scope == "function":
            return (yield)
        # A fixture of several tests may open a cassette, which is not to stand before this test's own.
        from groqtape.recorder.interceptors import interceptors

        with interceptors.under(cassette):
            return (yield)

    def _check_unplayed(self, test: _Test) -> None:
        cassette, marker = test.cassette, test.marker
        if cassette is None or marker is None or marker.allow_unplayed or self.settings.unplayed == "ignore":
            return
        shared = self._shared.get(cassette.path)
        if shared is not None:
            shared.ran.add(test.item.nodeid)
            shared.played |= cassette.played_signatures
            if shared.ran != shared.tests or self._partial or self._worker:
                return
        text = cassette.unplayed(also_played=shared.played if shared else ())
        if text and self.settings.unplayed == "warn":
            warnings.warn(UnplayedWarning(text), stacklevel=1)
        elif text:
            _fail(text)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None]:
        """Close a test's cassette when its fixtures are torn down; keep what it recorded, if it passed."""
        test = item.stash[_TEST]
        known = len(test.refusals())
        try:
            result = yield
            if test.tears_down and not test.failed and not test.skipped:
                self._check_unplayed(test)
        except BaseException:
            test.failed = True
            raise
        finally:
            self._close(test)
        for text in test.refusals()[known:]:
            _fail(text)
        return result

    def _close(self, test: _Test) -> None:
        self._test = None
        test.item.stash[_TEST] = _Test(test.item)  # it may run again
        cassette = test.cassette
        if cassette is None:
            return
        try:
            keep = test.is_worth_keeping(cassette)
            cassette.close(keep=keep, retain=self._retained(test, cassette) if keep else None)
        except GroqtapeError as error:
            test.failed = True
            _fail(f"{test.item.nodeid}: {error}")
        finally:
            test.item.stash[_USE] = self._usage(test, cassette)

    def _retained(self, test: _Test, cassette: Cassette) -> set[Any] | None:
        """What of a shared cassette stays when all its tests have recorded it anew; None as long as not."""
        shared = self._shared.get(cassette.path)
        if shared is None or cassette.record_mode != "all":
            return None
        shared.recorded |= cassette.recorded_signatures
        shared.kept.add(test.item.nodeid)
        return shared.recorded if shared.kept == shared.tests and not self._partial else None

    def _usage(self, test: _Test, cassette: Cassette) -> CassetteUse:
        return CassetteUse(
            test=test.item.nodeid,
            path=self._shown(cassette.path),
            record_mode=cassette.record_mode,
            played=cassette.played,
            recorded=cassette.recorded,
            chunks=cassette.chunks_recorded,
            interactions=cassette.interactions,
            written=cassette.written,
            hint=self._hint(test.item),
        )

    def _shown(self, path: Path) -> str:
        """A cassette's path as the terminal shows it: from where this session was started."""
        folder, name = os.path.split(path)
        if self._last_folder[0] != folder:  # tests whose cassettes are in one folder follow each other
            self._last_folder = folder, os.path.relpath(folder, self._config.invocation_params.dir)
        return os.path.normpath(os.path.join(self._last_folder[1], name))  # noqa: PTH118

    def _hint(self, item: pytest.Item) -> str:
        """What to do where a recording was dropped: perhaps the test failed for want of a snapshot."""
        if not _has_snapshot(item) or self._config.getoption("update_snapshots", default=True):
            return ""
        return " (a new or changed answer needs --snapshot-update in the same run)"

    # Reports

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Note failures, and say in them which cassette was used."""
        report = yield
        test = item.stash[_TEST]
        refusals = test.refusals()
        if report.skipped and refusals and not hasattr(report, "wasxfail"):
            # "Skipped: Groq can't be reached" would hide that the call was refused.
            report.outcome, report.longrepr = "failed", refusals[0]
        test.failed |= report.failed
        test.skipped |= report.skipped
        usage = item.stash.get(_USE, None)
        if usage is not None:
            del item.stash[_USE]
            vars(report)["groqtape"] = list(usage)  # travels with the report
        elif report.failed and test.cassette is not None:
            usage = self._usage(test, test.cassette)
        if report.failed and usage is not None:
            said = [str(usage), *(text for text in refusals if text not in str(report.longrepr))]
            report.sections.append(("groqtape", "\n\n".join(said)))
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Fail the collection of a module that called Groq, also where it swallowed the refusal."""
        known = len(self.outside_calls)
        report = yield
        if report.passed and self.outside_calls[known:]:
            report.outcome, report.longrepr = "failed", self.outside_calls[known]
        del self.outside_calls[known:]  # they are told
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        """Fail the session if Groq was called outside a test, by a thread that had outlived its own."""
        output: dict[str, Any] | None = getattr(self._config, "workeroutput", None)
        if output is not None:
            output["groqtape"] = self.outside_calls  # pytest-xdist sends it when all others are done
        result = yield
        if self.outside_calls and session.exitstatus in (
            pytest.ExitCode.OK,
            pytest.ExitCode.NO_TESTS_COLLECTED,
        ):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        return result

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Collect what pytest-xdist's workers say."""
        self.outside_calls += getattr(node, "workeroutput", {}).get("groqtape", ())

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect what reports say of cassettes; in pytest-xdist's main process, those of all workers."""
        usage: list[Any] | None = getattr(report, "groqtape", None)
        if usage is not None:
            self._uses.append(CassetteUse(*usage))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say which cassettes were written, and with `-v` which were used."""
        write_summary(terminalreporter, self._uses)
        for text in self.outside_calls:
            terminalreporter.section("groqtape: a call outside a test", red=True, bold=True)
            terminalreporter.write_line(text)

    # Calls by tests that have no cassette

    def without_cassette(self, request: httpx.Request) -> Handler | None:
        """What becomes of a call to Groq that no cassette covers.

        Raises:
            pytest.fail.Exception: While replaying, it must not leave the machine.
        """
        test = self._test
        if self.settings.auto and test is not None:
            return self.open(test.item).handler_for(request)
        if self.settings.record_mode != "none":
            return None
        from groqtape.recorder import messages as refusals

        text = refusals.without_cassette(
            request=f"{request.method} {request.url}",
            command=self._command(test.item, "once") if test else None,
        )
        (test.refused if test else self.outside_calls).append(text)
        raise _Failed(text)


class _Guard:
    """The layer under all cassettes, for as long as the session lasts."""

    def __init__(self, session: Session) -> None:
        from groqtape.recorder.hosts import GroqHosts
        from groqtape.recorder.interceptors import interceptors
        from groqtape.recorder.mocks import mocked_below

        self._interceptors = interceptors
        self._mocked_below = mocked_below
        self._session = session
        self._hosts = GroqHosts(session.settings.hosts)
        interceptors.push(self)

    def covers(self, url: httpx.URL) -> bool:
        """Whether calls to this URL are Groq's."""
        return self._hosts.cover(url.scheme, url.host, url.port)

    def handler_for(self, request: httpx.Request) -> Handler | None:
        """Leave it to a mock that stands behind this, or else to the session."""
        return None if self._mocked_below() else self._session.without_cassette(request)

    def leave(self) -> None:
        """Guard no longer."""
        self._interceptors.remove(self)


_TEST = pytest.StashKey[_Test]()
_USE = pytest.StashKey[CassetteUse]()


def _tears_down(fixturedef: pytest.FixtureDef[Any]) -> bool:
    """Whether a fixture of the project's own, or a `teardown_method` and the like, has a teardown."""
    function = inspect.unwrap(fixturedef.func)
    if not (inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)):
        return False
    return fixturedef.argname.startswith("_xunit_") or not (
        "site-packages" in function.__code__.co_filename or function.__module__.startswith("groqtape.")
    )


def _has_snapshot(item: pytest.Item) -> bool:
    return not {"snapshot", "groq_snapshot"}.isdisjoint(getattr(item, "fixturenames", ()))


def _Failed(text: str) -> BaseException:  # noqa: N802  # it stands where a class does
    """A failure of pytest's own, without the SDK's frames."""
    return pytest.fail.Exception(text, pytrace=False)


def _fail(text: str) -> NoReturn:
    raise _Failed(text)
