"""The lines of the user's own code that made a call: frames of libraries say nothing about a test."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

from groqtape.redaction.shown import gate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

__all__ = ["called_at"]

_LIBRARIES = (os.path.dirname(os.__file__) + os.sep, os.path.dirname(os.path.dirname(__file__)) + os.sep)  # noqa: PTH120
_INSTALLED = re.compile(r"[\\/](?:site|dist)-packages[\\/]")
_SDKS = frozenset({"groq", "openai", "httpx", "httpx2", "httpcore"})
"""They may be installed from a checkout."""
_STARTERS = frozenset({"_pytest", "pluggy"})
_LOOPS = frozenset({"asyncio.events", "asyncio.base_events", "asyncio.runners", "trio._core._run"})
"""What is outside these started the test or the event loop, and did not make the call."""
_MOST = 4


def called_at(here: str | os.PathLike[str] | None, word: str = "called at") -> list[str]:
    """Lines with file, line number and function, innermost first; none if no frame is the user's own.

    It looks at no file: an event loop may forbid that.

    Args:
        here: The folder that files are shown from; None for absolute paths.
        word: What the first line begins with.
    """
    frame = sys._getframe(1)  # noqa: SLF001  # documented, and quicker than inspect.stack
    places = list(_own_places(frame, "" if here is None else os.path.join(here, "")))  # noqa: PTH118
    if len(places) > _MOST:  # the last is the test
        places[_MOST - 1 :] = places[-1:]
    words = [word, *["from".rjust(len(word))] * len(places)]
    return [f"  {gate.line(f'{word} {place}')}" for word, place in zip(words, places, strict=False)]


def _own_places(frame: FrameType | None, folder: str) -> Iterator[str]:
    while frame is not None:
        module = str(frame.f_globals.get("__name__"))
        package = module.partition(".")[0]
        if package in _STARTERS or module in _LOOPS:
            return
        code = frame.f_code
        if package not in _SDKS and _is_own(code.co_filename):
            yield f"{code.co_filename.removeprefix(folder)}:{frame.f_lineno} in {code.co_name}"
        frame = frame.f_back


def _is_own(file: str) -> bool:
    if file.startswith("<"):
        return file.startswith("<doctest")
    return not file.startswith(_LIBRARIES) and not _INSTALLED.search(file)
