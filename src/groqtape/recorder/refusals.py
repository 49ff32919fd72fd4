"""The calls that a cassette refuses: each is noted first, and then raised or answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from groqtape.errors import GroqtapeError
from groqtape.recorder.forks import RefusedTexts
from groqtape.recorder.httpx_module import httpx

if TYPE_CHECKING:
    from collections.abc import Callable

    from groqtape.recorder.flow import Flow
    from groqtape.recorder.handlers import Send, SendAsync

__all__ = ["REFUSED_STATUS", "Refusals", "RefusedHandler"]

REFUSED_STATUS = 418
"""The HTTP status of a refusal that is answered: Groq never sends it, and no SDK retries it."""


class RefusedHandler:
    """Refuses a call.

    It raises the error in the flow of the test. In a thread or task that others share it answers with an
    HTTP error instead (`x-should-retry: false`), because that ends neither.

    Args:
        error: The error; its text is the body of the answer.
        flow: The flow of the test.
    """

    def __init__(self, error: BaseException, flow: Flow) -> None:
        self._error = error
        self._flow = flow

    def handle(self, request: httpx.Request, send: Send) -> httpx.Response:  # noqa: ARG002  # nothing is sent
        """Raise or answer."""
        return self._refuse()

    async def handle_async(self, request: httpx.Request, send: SendAsync) -> httpx.Response:  # noqa: ARG002
        """Raise or answer."""
        return self._refuse()

    def _refuse(self) -> httpx.Response:
        if self._flow.is_current:
            raise self._error
        return httpx.Response(
            REFUSED_STATUS,
            headers={"x-should-retry": "false", "content-type": "text/plain; charset=utf-8"},
            stream=httpx.ByteStream(str(self._error).encode()),
            extensions={"http_version": b"HTTP/1.1", "reason_phrase": b"Refused by groqtape"},
        )


class Refusals:
    """Notes each refusal, so that the test fails also where the application catches it.

    Args:
        make: Makes the exception, from its text. It should be no `Exception`: the SDK would retry the call.
        flow: The flow of the test.
    """

    def __init__(self, make: Callable[[str], BaseException], flow: Flow) -> None:
        self._make = make
        self._flow = flow
        self.texts = RefusedTexts()

    def handler(self, text: str) -> RefusedHandler:
        """Note the text; the handler refuses the call with it."""
        self.texts.append(text)
        return RefusedHandler(self._make(text), self._flow)

    def stop(self, text: str) -> NoReturn:
        """Note the text and raise it: for a stream, whose answer has begun."""
        self.texts.append(text)
        raise self._make(text) if self._flow.is_current else GroqtapeError(text)

    def check(self) -> None:
        """Raise the first refusal once more, if there was any."""
        for text in self.texts.all():
            raise self._make(text)
