"""The cassettes of fixtures of a wider scope. It is imported when the first such fixture is set up."""

from __future__ import annotations

import contextlib
import functools
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from groqtape.errors import GroqtapeError, UnplayedWarning
from groqtape.pytest_plugin.ownership import asks_for_cassette
from groqtape.recorder.hosts import GroqHosts, is_loopback
from groqtape.recorder.interceptors import interceptors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx

    from groqtape.pytest_plugin.fixture_owner import FixtureOwner
    from groqtape.pytest_plugin.opening import CassetteOpener
    from groqtape.pytest_plugin.reports import Reports
    from groqtape.pytest_plugin.running_test import RunningTest
    from groqtape.pytest_plugin.settings import SessionSettings
    from groqtape.recorder.cassette import Cassette
    from groqtape.recorder.handlers import Handler

__all__ = ["FixtureCalls", "FixtureCassettes"]


class FixtureCalls:
    """An interceptor that opens the cassette of a fixture at its first call.

    Args:
        hosts: Groq's hosts.
        test: The test that sets the fixture up, or tears it down.
        open_cassette: Opens the cassette.
        takes_loopback: Whether calls to this machine are calls to Groq too, if they go to one of its hosts.
    """

    def __init__(
        self,
        hosts: GroqHosts,
        test: RunningTest,
        open_cassette: Callable[[], Cassette],
        *,
        takes_loopback: bool = False,
    ) -> None:
        self._hosts = hosts
        self._takes_loopback = takes_loopback
        self._test = test
        self._open_cassette = open_cassette
        self.cassette: Cassette | None = None

    def covers(self, url: httpx.URL) -> bool:
        """Whether calls to this URL are calls to Groq, and not to a mock server on this machine."""
        parts = url.scheme, url.host, url.port
        is_groqs = self._takes_loopback or not is_loopback(url.host) or self._hosts.name(*parts)
        return is_groqs and self._hosts.cover(*parts)

    def handler_for(self, request: httpx.Request) -> Handler:
        """The cassette's; a mock may answer before."""
        from groqtape.pytest_plugin.call_handlers import handler_from

        return handler_from(self._opened, request, self._test)

    def failed(self, error: Exception, request: httpx.Request) -> Handler:
        """Refuse a call because handling it raised an error."""
        from groqtape.pytest_plugin.call_handlers import failed_text, refuse

        return refuse(failed_text(error, request), self._test)

    def _opened(self) -> Cassette:
        if self.cassette is None:
            self.cassette = self._open_cassette()
        return self.cassette


class FixtureCassettes:
    """Opens and closes the cassettes of fixtures.

    Args:
        settings: The session's settings.
        opener: Opens the cassettes.
        reports: Notes how they were used.
    """

    def __init__(self, settings: SessionSettings, opener: CassetteOpener, reports: Reports) -> None:
        self._settings = settings
        self._opener = opener
        self._reports = reports

    @contextlib.contextmanager
    def calls_of(self, owner: FixtureOwner, test: RunningTest) -> Iterator[None]:
        """Give a fixture its cassette in this block, in which it is set up or torn down."""
        path = self._opener.path_for(owner, test)
        exists = isinstance(path, Path) and path.exists()
        is_used = exists or self._settings.auto or asks_for_cassette(test.item)
        prepare = functools.partial(self._opener.prepare_for, owner, test, path)
        # The first call may be in an event loop, which must not wait for a file.
        prepared = prepare() if is_used else None

        def open_cassette() -> Cassette:
            return self._opener.opened(test, prepared or prepare())

        hosts = GroqHosts(self._settings.hosts)
        calls = FixtureCalls(hosts, test, open_cassette, takes_loopback=is_used)
        interceptors.push(calls, first_for_its_thread=True, lazy_clients=False)
        keep = False
        try:
            yield
            keep = not test.item.config.getoption("setuponly", default=False)
        finally:
            interceptors.remove(calls)
            if calls.cassette is not None:
                self._close(calls.cassette, owner, test, keep=keep)

    def _close(self, cassette: Cassette, owner: FixtureOwner, test: RunningTest, *, keep: bool) -> None:
        """Close a cassette. What is wrong with it fails the test that runs."""
        test.refused += cassette.refused
        try:
            cassette.close(keep=keep and not cassette.refused)
        except GroqtapeError as error:
            test.refused.append(f"{owner.text}: {error}")
        self._reports.note_use(test.item, cassette, owner.text)
        if not keep or cassette.refused or self._settings.unplayed == "ignore":
            return
        text = cassette.unplayed()
        if text and self._settings.unplayed == "warn":
            warnings.warn(UnplayedWarning(text), stacklevel=1)
        elif text:
            test.refused.append(text)
