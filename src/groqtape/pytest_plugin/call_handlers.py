"""How a test's call to Groq is handled: from a cassette that is opened for it, or by refusing it.

It is imported at the first such call. What only refusals need is imported with the first refusal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from groqtape.pytest_plugin.running_test import failure
from groqtape.recorder.mocks import MockedOrRefused, may_be_mocked

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from groqtape.pytest_plugin.running_test import RunningTest
    from groqtape.recorder.cassette import Cassette
    from groqtape.recorder.handlers import Handler

__all__ = ["failed_text", "handler_from", "refuse"]


def handler_from(open_cassette: Callable[[], Cassette], request: httpx.Request, test: RunningTest) -> Handler:
    """The handler of a cassette, which is opened if no mock answers the call.

    Args:
        open_cassette: Gives the cassette. What it raises is noted already.
        request: The call.
        test: The test that runs.
    """

    def handle() -> Handler:
        try:
            cassette = open_cassette()
        except pytest.fail.Exception as error:
            from groqtape.recorder.refusals import RefusedHandler

            return RefusedHandler(error, test.flow)
        return cassette.handler_for(request)

    return MockedOrRefused(handle) if may_be_mocked() else handle()


def refuse(text: str, test: RunningTest) -> Handler:
    """Refuse a call of a test, which then fails."""
    from groqtape.recorder.refusals import RefusedHandler

    test.refused.append(text)
    return RefusedHandler(failure(text), test.flow)


def failed_text(error: Exception, request: httpx.Request) -> str:
    """The text for an error while a call was handled."""
    from groqtape.recorder.messages import failure as text_of

    return text_of(error=error, request=f"{request.method} {request.url}")
