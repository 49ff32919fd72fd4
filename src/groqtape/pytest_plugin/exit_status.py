"""The process that runs pytest: whether it ends with the session, and its exit status."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    import pytest

__all__ = ["ends_with_session", "fail_process"]

# pytest's functions, in whichever version, that run a session, and those that are the command `pytest`.
_MAIN = frozenset({"main", "_main"})
_COMMAND = frozenset({"console_main", "_console_main"})


def ends_with_session(config: pytest.Config) -> bool:
    """Whether this process ends after the session: it is the command `pytest`, or pytest-xdist's worker.

    A program that calls `pytest.main` may go on. Call this within the session.
    """
    names = _functions_of_pytest()
    return hasattr(config, "workerinput") or (
        any(name in _MAIN for name in names) and next(names, None) in _COMMAND
    )


def _functions_of_pytest() -> Iterator[str]:
    """The functions of pytest's configuration that are being called, the innermost first."""
    frame: FrameType | None = sys._getframe()  # noqa: SLF001  # nothing else tells who has called
    while frame is not None:
        if frame.f_globals.get("__name__") == "_pytest.config":
            yield frame.f_code.co_name
        frame = frame.f_back


def fail_process() -> None:
    """Let the process end with exit status 120, as Python does where something fails while it ends.

    Whatever is to run at exit still runs. `os._exit` would stop it.
    """
    if not isinstance(sys.stderr, _Failing):
        sys.stderr = _Failing(sys.stderr)


class _Failing:
    """Stands for standard error. Flushing it fails when Python flushes it for the last time.

    https://docs.python.org/3/library/sys.html#sys.exit
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.closed = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def flush(self) -> None:
        self._stream.flush()
        if sys.is_finalizing():
            raise OSError("Groq was called while the process ended")
