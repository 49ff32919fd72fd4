"""A snapshot of a stream that was not read to its end: it would hold what happened to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from groqtape.pytest_plugin.running_test import fail
from groqtape.reports.figures import plural

if TYPE_CHECKING:
    from groqtape.streams.stream import GroqStream

__all__ = ["fail_unread"]


def fail_unread(stream: GroqStream) -> NoReturn:
    """Fail the test that compares a stream with a snapshot before it has read it.

    Raises:
        pytest.fail.Exception: Always.
    """
    read = f"only {plural(len(stream.chunks), 'chunk')} of it" if stream.chunks else "nothing"
    keyword = "async for" if stream.is_async else "for"
    close = "await stream.aclose()" if stream.is_async else "stream.close()"
    lines = [
        f"A stream was compared with groq_snapshot before it was read to its end: {read} was read.",
        f"The stream is {stream!r}.",
        "",
        "Read it before the comparison:",
        f"  {keyword} chunk, tool_call in stream:",
        "      pass",
        f"If your code stops early on purpose, close it before the comparison:  {close}",
    ]
    fail("\n".join(lines))
