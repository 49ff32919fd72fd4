"""What can go wrong, and the base classes of everything groqtape raises.

Every message says what was expected, what came, where, and the way out. It shows no secret and no control
character, wherever it is printed.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike

__all__ = [
    "CassetteError",
    "GroqtapeError",
    "RefusedError",
    "StreamCheckError",
    "UnplayedError",
    "UnplayedWarning",
    "show_errors_by",
]

# How the text of an error is shown. Redaction lies above this module, and sets it.
_shown: Callable[[str], str] = str


def show_errors_by(gate: Callable[[str], str]) -> None:
    """Let the texts of all errors pass a gate."""
    global _shown
    _shown = gate


class GroqtapeError(Exception):
    """The base class of groqtape's ordinary errors."""

    def __str__(self) -> str:
        return _shown(super().__str__())


class CassetteError(GroqtapeError, ValueError):
    """A file is no good cassette, or a cassette can't be written.

    Attributes:
        problem: What was expected and what came.
        path: The file, where it is known.
        line: The line in it (the first is 1), where it is known.
    """

    def __init__(
        self,
        problem: str,
        *,
        path: str | PathLike[str] | None = None,
        line: int | None = None,
        remedy: str | None = None,
    ) -> None:
        self.problem = problem
        self.path = path
        self.line = line
        self._remedy = remedy
        self._command: str | None = None
        super().__init__(problem)

    def record_anew_with(self, command: str) -> None:
        """Name the command that records this very cassette anew, where that is the way out."""
        self._command = command

    @property
    def remedy(self) -> str:
        """The way out."""
        if self._remedy is not None:
            return self._remedy
        # Recording once records what has no cassette: this one, when it is removed.
        remove = "remove it, then" if self.path is None else f"rm {shlex.quote(str(self.path))} &&"
        command = self._command or f"{remove} pytest --groq-record=once"
        return f"Mend it by hand, restore it from version control, or record it anew: {command}"

    def __str__(self) -> str:
        where = "" if self.path is None else f"{self.path}"
        if self.line is not None:
            where += f"{', ' if where else ''}line {self.line}"
        return _shown(f"{where}{': ' if where else ''}{self.problem}\n{self.remedy}")


class StreamCheckError(GroqtapeError, AssertionError):
    """A stream breaks a rule that holds for every good stream.

    It is an `AssertionError`, so that `GroqStream.check()` fails a test as `assert` does.

    Attributes:
        problems: What was expected and what came, with the chunk, one text for each problem.
    """

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__(problems)

    def __str__(self) -> str:
        lines = "".join(f"\n  {problem}" for problem in self.problems)
        return _shown(
            f"this is not a good stream:{lines}\n"
            "`stream.deltas()` shows what each chunk added. If the recording is at fault, record what"
            " failed anew: pytest --lf --lfnf=none --groq-record=all"
        )


class UnplayedError(GroqtapeError):
    """A cassette holds interactions that the run never asked for."""


class UnplayedWarning(UserWarning):
    """As `UnplayedError`, where `groq_unplayed = warn`."""

    def __str__(self) -> str:
        return _shown(super().__str__())


class RefusedError(BaseException):
    """A call to Groq that a cassette does not answer and must not let out.

    It is no `Exception`, because it is raised inside httpx: the SDK retries every
    `Exception` and wraps it as a connection error, and applications catch them.
    Under pytest the same text fails the test through `pytest.fail`.
    """

    def __str__(self) -> str:
        return _shown(super().__str__())
