"""What becomes of calls to Groq that no cassette covers. It is imported at the first such call."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from groqtape.pytest_plugin.call_handlers import failed_text, handler_from, refuse
from groqtape.pytest_plugin.running_test import failure
from groqtape.recorder.hosts import GroqHosts, is_loopback
from groqtape.recorder.mocks import MockedOrRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from groqtape.pytest_plugin.opening import CassetteOpener
    from groqtape.pytest_plugin.running_test import RunningTest
    from groqtape.pytest_plugin.settings import SessionSettings
    from groqtape.recorder.flow import Flow
    from groqtape.recorder.handlers import Handler

__all__ = ["CallsWithoutCassette"]


class CallsWithoutCassette:
    """Decides what becomes of calls to Groq that no cassette covers.

    Args:
        settings: The session's settings.
        opener: Opens cassettes, for `groq_auto`, and has the commands for messages.
        current_test: The test that runs, if one does.
        note_outside_call: Notes the refusal of a call outside a test.
        flow: The flow of the session.
    """

    def __init__(
        self,
        settings: SessionSettings,
        opener: CassetteOpener,
        current_test: Callable[[], RunningTest | None],
        note_outside_call: Callable[[str], None],
        flow: Flow,
    ) -> None:
        self._settings = settings
        self._opener = opener
        self._current_test = current_test
        self._note_outside_call = note_outside_call
        self._named_hosts = GroqHosts(settings.hosts)
        self._flow = flow

    def handler_for(self, request: httpx.Request) -> Handler | None:
        """With `groq_auto`, the test's cassette; while recording, None: the call is noted and sent.

        While replaying, a mock may answer the call; it must not leave the machine.
        """
        test = self._current_test()
        if self._settings.auto and test is not None:
            return handler_from(functools.partial(self._opener.open, test), request, test)
        if self._stays_here(request.url):
            return None
        if self._settings.record_mode != "none":
            if test is not None:
                test.live_calls += 1
            return None

        def refused() -> Handler:
            from groqtape.recorder import messages
            from groqtape.recorder.callers import called_at

            command = self._opener.commands.record(test.item, "once") if test else None
            text = messages.without_cassette(
                request=f"{request.method} {request.url}",
                command=command,
                called_at=called_at(self._opener.commands.started_in),
            )
            return self._refuse(text, test)

        return MockedOrRefused(refused)

    def failed(self, error: Exception, request: httpx.Request) -> Handler:
        """Refuse a call because handling it raised an error."""
        return self._refuse(failed_text(error, request), self._current_test())

    def _refuse(self, text: str, test: RunningTest | None) -> Handler:
        if test is not None:
            return refuse(text, test)
        from groqtape.recorder.refusals import RefusedHandler

        self._note_outside_call(text)
        return RefusedHandler(failure(text), self._flow)

    def _stays_here(self, url: httpx.URL) -> bool:
        """Whether a call stays on this machine, to a server that `groq_hosts` doesn't name."""
        return is_loopback(url.host) and not self._named_hosts.name(url.scheme, url.host, url.port)
