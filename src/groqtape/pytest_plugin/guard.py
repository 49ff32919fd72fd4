"""The guard: while replaying, no call to Groq leaves the machine, with a cassette or without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groqtape.pytest_plugin.running_test import failure

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
        outside_calls: Where to note a call outside a test.
    """

    def __init__(
        self,
        settings: SessionSettings,
        opener: CassetteOpener,
        commands: Commands,
        current_test: Callable[[], RunningTest | None],
        outside_calls: list[str],
    ) -> None:
        self._settings = settings
        self._opener = opener
        self._commands = commands
        self._current_test = current_test
        self._outside_calls = outside_calls

    def handler_for(self, request: httpx.Request) -> Handler | None:
        """With `groq_auto`, the test's cassette; while recording, nothing: the call is sent.

        Raises:
            pytest.fail.Exception: While replaying, the call must not leave the machine.
        """
        test = self._current_test()
        if self._settings.auto and test is not None:
            return self._opener.open(test).handler_for(request)
        if self._settings.record_mode != "none":
            return None
        from groqtape.recorder import messages

        text = messages.without_cassette(
            request=f"{request.method} {request.url}",
            command=self._commands.record(test.item, "once") if test else None,
        )
        (test.refused if test else self._outside_calls).append(text)
        raise failure(text)


class Guard:
    """The interceptor below all cassettes, for as long as the session lasts."""

    def __init__(self, hosts: list[str], without_cassette: CallsWithoutCassette) -> None:
        from groqtape.recorder.hosts import GroqHosts
        from groqtape.recorder.interceptors import interceptors
        from groqtape.recorder.mocks import mocked_below

        self._interceptors = interceptors
        self._mocked_below = mocked_below
        self._without_cassette = without_cassette
        self._hosts = GroqHosts(hosts)
        interceptors.push(self)

    def covers(self, url: httpx.URL) -> bool:
        """Whether calls to this URL are calls to Groq."""
        return self._hosts.cover(url.scheme, url.host, url.port)

    def handler_for(self, request: httpx.Request) -> Handler | None:
        """What answers a call without a cassette; None if a mock behind this interceptor does."""
        return None if self._mocked_below() else self._without_cassette.handler_for(request)

    def remove(self) -> None:
        """Guard no longer."""
        self._interceptors.remove(self)
