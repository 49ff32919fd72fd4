"""The floor: the SDK alone. It records nothing, and "replays" from a transport of its own."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from benchmarks.contender import WORKING_TREE, Contender

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

_LAST_EVENT = b"data: [DONE]\n\n"


class SdkAlone(Contender):
    """The `groq` SDK with an `httpx.MockTransport` that hands over each body in one read.

    Its "cassette" is the bytes of the bodies, one after another.
    """

    name = "SDK alone"
    environment = "groqtape"
    installs = (WORKING_TREE,)
    shows = ("groq", "httpx", "pydantic")
    floor = True
    suffix = ".sse"
    suite_head = """\
from pathlib import Path

import groq
import httpx

BODY = Path(__file__).with_name("body.sse").read_bytes()


def answer(request):
    return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=BODY)
"""
    suite_client = "groq.Groq(http_client=httpx.Client(transport=httpx.MockTransport(answer)))"

    def __init__(self) -> None:
        self._bodies: list[bytes] | None = None

    def recording(self, path: Path) -> AbstractContextManager[Any]:  # noqa: ARG002  # it keeps nothing
        """Do nothing."""
        return contextlib.nullcontext()

    @contextlib.contextmanager
    def replaying(self, path: Path) -> Iterator[None]:
        """Let the clients made from here on answer with the bodies in a file."""
        whole = path.read_bytes()
        self._bodies = [body + _LAST_EVENT for body in whole.split(_LAST_EVENT)[:-1]]
        try:
            yield
        finally:
            self._bodies = None

    def client(self) -> Any:
        """A client over the real network, or over the bodies while they are there."""
        import groq
        import httpx

        if self._bodies is None:
            return groq.Groq()
        return groq.Groq(http_client=httpx.Client(transport=self._transport()))

    def async_client(self) -> Any:
        """The same, asynchronous."""
        import groq
        import httpx

        if self._bodies is None:
            return groq.AsyncGroq()
        return groq.AsyncGroq(http_client=httpx.AsyncClient(transport=self._transport()))

    def _transport(self) -> Any:
        import httpx

        bodies = iter(self._bodies or ())
        headers = {"content-type": "text/event-stream"}
        return httpx.MockTransport(lambda _: httpx.Response(200, headers=headers, content=next(bodies)))


CONTENDER = SdkAlone()
