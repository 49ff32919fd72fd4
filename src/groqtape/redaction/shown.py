"""The gate for everything that is shown or named: the terminal, reports, snapshots, names of files.

A text that passes it has no secret, and no control character that a terminal or a CI log would act upon.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from groqtape.errors import GroqtapeError, show_errors_by
from groqtape.redaction.printable import on_one_line, printable, without_commands

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from groqtape.redaction.redactor import Redactor

__all__ = ["Gate", "gate"]


class Gate:
    """Redacts texts, and makes what acts visible.

    It redacts by the options of the sessions that have begun, and by what the open cassettes have learned.
    """

    def __init__(self) -> None:
        self._options: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
        self._of_sessions: dict[tuple[tuple[str, ...], tuple[str, ...]], Redactor] = {}
        self._of_cassettes: list[Redactor] = []

    def begin_session(self, secrets: Iterable[str] = (), allow: Iterable[str] = ()) -> None:
        """Redact by these options (`groq_secrets`, `groq_allow_secrets`) from now on."""
        self._options.append((tuple(secrets), tuple(allow)))

    def end_session(self) -> None:
        """Redact by the options of the session around the last one again."""
        self._options.pop()

    def open(self, redactor: Redactor) -> None:
        """Redact also by a cassette's redactor."""
        self._of_cassettes.append(redactor)

    def close(self, redactor: Redactor) -> None:
        """Redact no longer by a cassette's redactor."""
        self._of_cassettes = [one for one in self._of_cassettes if one is not redactor]

    def redacted(self, text: str) -> str:
        """Return a text without secrets, for a file."""
        for redactor in (self._of_session(), *self._of_cassettes):
            text = redactor.shown(text)
        return text

    def redacted_pieces(self, values: Sequence[Any]) -> Sequence[Any]:
        """Return values without secrets, also where a secret is in several: see redaction/pieces.py."""
        from groqtape.redaction.pieces import redacted_pieces

        for redactor in (self._of_session(), *self._of_cassettes):
            values = redacted_pieces(redactor, values)
        return values

    def line(self, text: str) -> str:
        """Return a text for the terminal on one line. Whatever would act stands as its escape."""
        return on_one_line(self.redacted(text))

    def lines(self, text: str) -> str:
        """Return a text of several lines for the terminal. No line of it is a command to a CI system."""
        return without_commands(printable(self.redacted(text)))

    def _of_session(self) -> Redactor:
        options = self._options[-1] if self._options else ((), ())
        redactor = self._of_sessions.get(options)
        if redactor is None:
            from groqtape.redaction.redactor import Redactor

            try:
                redactor = Redactor(secrets=options[0], allow=options[1])
            except GroqtapeError:  # the error that is shown, perhaps
                redactor = Redactor()
            self._of_sessions[options] = redactor
        return redactor


gate = Gate()
"""The gate of this process."""
show_errors_by(gate.lines)
