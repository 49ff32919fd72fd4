"""The guard: while replaying, no call to Groq leaves the machine, with a cassette or without one."""

from __future__ import annotations

import atexit
import functools
import threading
from typing import TYPE_CHECKING

import pytest

from groqtape.pytest_plugin.running_test import failure
from groqtape.recorder.flow import Flow
from groqtape.recorder.hosts import GroqHosts, is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from groqtape.pytest_plugin.commands import Commands
    from groqtape.pytest_plugin.opening import CassetteOpener
    from groqtape.pytest_plugin.running_test import RunningTest
    from groqtape.pytest_plugin.settings import SessionSettings
    from groqtape.recorder.handlers import Handler

__all__ = ["CallsWithoutCassette", "Guard"]


class CallsWithoutCassette:
    """Decides what becomes of calls to Groq that no cassette covers.

    Args:
        settings: The session's settings.
        opener: Opens cassettes, for `groq_auto`.
        commands: Makes the commands for messages.
        current_test: The test that runs, if one does.
        note_outside_call: Notes the refusal of a call outside a test.
    """

    def __init__(
        self,
        settings: SessionSettings,
        opener: CassetteOpener,
        commands: Commands,
        current_test: Callable[[], RunningTest | None],
        note_outside_call: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._opener = opener
        self._commands = commands
        self._current_test = current_test
        self._note_outside_call = note_outside_call
        self._named_hosts = GroqHosts(settings.hosts)
        self._flow = Flow()

    def handler_for(self, request: httpx.Request) -> Handler | None:
        """With `groq_auto`, the test's cassette; while recording, None: the call is noted and sent.

        While replaying, a mock may answer the call; it must not leave the machine.
        """
        from groqtape.recorder.mocks import MockedOrRefused, may_be_mocked

        test = self._current_test()
        if self._settings.auto and test is not None:
            open_and_handle = functools.partial(self._open_and_handle, test, request)
            return MockedOrRefused(open_and_handle) if may_be_mocked() else open_and_handle()
        if self._stays_here(request.url):
            return None
        if self._settings.record_mode != "none":
            if test is not None:
                test.live_calls += 1
            return None

        def refuse() -> Handler:
            from groqtape.recorder import messages
            from groqtape.recorder.callers import called_at

            command = self._commands.record(test.item, "once") if test else None
            text = messages.without_cassette(
                request=f"{request.method} {request.url}",
                command=command,
                called_at=called_at(self._commands.started_in),
            )
            return self._refuse(text, test)

        return MockedOrRefused(refuse)

    def failed(self, error: Exception, request: httpx.Request) -> Handler:
        """Refuse a call because handling it raised an error."""
        from groqtape.recorder.messages import failure as text_of

        text = text_of(error=error, request=f"{request.method} {request.url}")
        return self._refuse(text, self._current_test())

    def _open_and_handle(self, test: RunningTest, request: httpx.Request) -> Handler:
        try:
            cassette = self._opener.open(test)
        except pytest.fail.Exception as error:  # noted already
            from groqtape.recorder.refusals import RefusedHandler

            return RefusedHandler(error, test.flow)
        return cassette.handler_for(request)

    def _refuse(self, text: str, test: RunningTest | None) -> Handler:
        from groqtape.recorder.refusals import RefusedHandler

        if test is None:
            self._note_outside_call(text)
            return RefusedHandler(failure(text), self._flow)
        test.refused.append(text)
        return RefusedHandler(failure(text), test.flow)

    def _stays_here(self, url: httpx.URL) -> bool:
        """Whether a call stays on this machine, to a server that `groq_hosts` doesn't name."""
        return is_loopback(url.host) and not self._named_hosts.name(url.scheme, url.host, url.port)


class Guard:
    """The interceptor below all cassettes, for as long as the session and what outlives it last."""

    def __init__(self, settings: SessionSettings, without_cassette: CallsWithoutCassette) -> None:
        from groqtape.recorder.interceptors import interceptors

        self._interceptors = interceptors
        self._threads = set(threading.enumerate())
        self._is_over = False
        self._survivors: list[threading.Thread] = []
        self._without_cassette = without_cassette
        self._hosts = GroqHosts(settings.hosts)
        # A suite that does not ask for groqtape keeps its clients as they are.
        interceptors.push(self, lazy_clients=settings.auto)

    def covers(self, url: httpx.URL) -> bool:
        """Whether calls to this URL are calls to Groq, in the session or in what outlives it."""
        if self._is_over and threading.current_thread() not in self._survivors:
            return False
        return self._hosts.cover(url.scheme, url.host, url.port)

    def handler_for(self, request: httpx.Request) -> Handler | None:
        """What answers a call without a cassette; None where it is sent."""
        return self._without_cassette.handler_for(request)

    def failed(self, error: Exception, request: httpx.Request) -> Handler:
        """Refuse a call because handling it raised an error."""
        return self._without_cassette.failed(error, request)

    def end(self) -> None:
        """Guard only what outlives the session: the threads that it leaves, and what runs at exit.

        pytest may have been called by a program that goes on, whose own calls are its own.
        """
        self._survivors = [thread for thread in threading.enumerate() if thread not in self._threads]
        self._is_over = True
        if not self._survivors:
            self._interceptors.remove(self)
        # Functions that were registered last run first at exit.
        _ended[:] = [self]
        atexit.unregister(_guard_exit)
        atexit.register(_guard_exit)

    def guard_exit(self) -> None:
        """Guard every call: the process ends."""
        self._is_over = False
        if not self._survivors:
            self._interceptors.push(self, lazy_clients=False)


# The guard of the session that ended last.
_ended: list[Guard] = []


def _guard_exit() -> None:
    for guard in _ended:
        guard.guard_exit()
