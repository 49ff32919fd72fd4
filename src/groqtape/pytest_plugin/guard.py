"""The guard: while replaying, no call to Groq leaves the machine, with a cassette or without one."""

from __future__ import annotations

import atexit
import functools
import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from groqtape.pytest_plugin.calls_without_cassette import CallsWithoutCassette
    from groqtape.pytest_plugin.settings import SessionSettings
    from groqtape.recorder.handlers import Handler
    from groqtape.recorder.hosts import GroqHosts

__all__ = ["Guard"]


class Guard:
    """The interceptor below all cassettes, for as long as the session and what outlives it last.

    Args:
        settings: The session's settings.
        without_cassette: Gives what decides on calls that no cassette covers.
    """

    def __init__(
        self, settings: SessionSettings, without_cassette: Callable[[], CallsWithoutCassette]
    ) -> None:
        from groqtape.recorder.interceptors import interceptors

        self._interceptors = interceptors
        self._threads = set(threading.enumerate())
        self._is_over = False
        self._survivors: list[threading.Thread] = []
        self._without_cassette = without_cassette
        self._named_hosts = settings.hosts
        self._base_url = os.environ.get("GROQ_BASE_URL")  # a plugin may have made a client already
        # A suite that does not ask for groqtape keeps its clients as they are.
        interceptors.push(self, lazy_clients=settings.auto)

    @functools.cached_property
    def _hosts(self) -> GroqHosts:
        # Imported here: a suite that calls nothing does not need it.
        from groqtape.recorder.hosts import GroqHosts, note_base_url

        note_base_url(self._base_url)
        return GroqHosts(self._named_hosts)

    def covers(self, url: httpx.URL) -> bool:
        """Whether calls to this URL are calls to Groq, in the session or in what outlives it."""
        if self._is_over and threading.current_thread() not in self._survivors:
            return False
        return self._hosts.cover(url.scheme, url.host, url.port)

    def handler_for(self, request: httpx.Request) -> Handler | None:
        """What answers a call without a cassette; None where it is sent."""
        return self._without_cassette().handler_for(request)

    def failed(self, error: Exception, request: httpx.Request) -> Handler:
        """Refuse a call because handling it raised an error."""
        return self._without_cassette().failed(error, request)

    def end(self, *, process_ends: bool) -> None:
        """Guard only what outlives the session: the threads that it leaves, and what runs at exit.

        Args:
            process_ends: Whether the process ends with the session. Then all of it is guarded. Otherwise
                a program goes on that called pytest, whose own calls are its own.
        """
        if process_ends:
            return
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
