"""Shared cassettes whose tests run in several processes: what none of them played is known in the end."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groqtape.redaction.shown import gate

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest

    from groqtape.pytest_plugin.cassette_paths import CassettePaths

__all__ = ["SharedInProcesses"]


class SharedInProcesses:
    """What the tests of shared cassettes played, as far as the main process has been told.

    Args:
        paths: Shows the cassettes' paths.
        config: The session's configuration.
    """

    def __init__(self, paths: CassettePaths, config: pytest.Config) -> None:
        self._paths = paths
        self._unplayed = config.getini("groq_unplayed")
        self._ran: dict[str, set[str]] = {}
        self._all: dict[str, int] = {}
        self._played: dict[str, set[int]] = {}
        self._recorded: set[str] = set()
        self._texts: list[str] = []

    def note(self, path: str, test: str, tests: int, played: Iterable[int] | None) -> None:
        """Note what a test played.

        Args:
            path: The cassette.
            test: The test.
            tests: How many tests use the cassette.
            played: The numbers of the interactions that it played; None if it recorded some.
        """
        if played is None:
            self._recorded.add(path)
            return
        self._ran.setdefault(path, set()).add(test)
        self._all[path] = tests
        self._played.setdefault(path, set()).update(played)

    def check(self) -> bool:
        """Look for interactions that no test has played, of the cassettes whose tests have all run.

        Returns:
            Whether there are some, and they fail the session.
        """
        for path, tests in self._all.items():
            if len(self._ran[path]) == tests and path not in self._recorded:
                self._check(Path(path), self._played[path])
        return bool(self._texts) and self._unplayed == "error"

    def _check(self, path: Path, played: set[int]) -> None:
        from groqtape.recorder.messages import unplayed
        from groqtape.reports.cassette_files import read_file

        requests = {each.number: each.request for each in read_file(path).interactions}
        # Workers that recorded in parallel may each have an answer to the same request.
        known = {_identity(requests[number]) for number in played}
        left = [(number, one) for number, one in requests.items() if _identity(one) not in known]
        if left:
            shown = self._paths.shown(path)
            anew = f"rm {shlex.quote(shown)} && pytest --groq-record=once  # other tests use it too"
            self._texts.append(
                unplayed(path=shown, unplayed=left, total=len(requests), command=lambda _: anew)
            )

    def write(self, terminal: pytest.TerminalReporter) -> None:
        """Write what was found."""
        for text in self._texts:
            terminal.section("groqtape: interactions left unplayed", yellow=True, bold=True)
            terminal.write_line(gate.lines(text))


def _identity(request: Any) -> tuple[str, str, Any]:
    return request.method, request.uri, request.body
