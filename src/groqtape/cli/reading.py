"""Cassettes read one after the other; one that can't be read is reported, and the others are read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groqtape.cli.many import with_progress
from groqtape.cli.paths import shown_path
from groqtape.cli.usage_errors import UsageError
from groqtape.errors import CassetteError
from groqtape.reports.cassette_files import CassetteFile, read_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from groqtape.cli.output import Output
    from groqtape.cli.secrets import Secrets

__all__ = ["Reader", "error_as_data", "opened", "report_errors"]


def opened(file: str, secrets: Secrets | None) -> CassetteFile:
    """Read the one cassette that a command is about.

    Args:
        file: The file.
        secrets: What takes secrets out; None for a cassette as it is.

    Raises:
        UsageError: There is no such file.
        CassetteError: It is no good cassette.
    """
    path = Path(file)
    if not os.path.lexists(path):
        raise UsageError(
            f"expected a cassette file, but there is no {file}\n"
            "See what cassettes the project has: groqtape list"
        )
    cassette = read_file(path)
    return secrets.cassette(cassette) if secrets else cassette


class Reader:
    """Reads cassettes, and keeps what was wrong with those that can't be read.

    Args:
        output: Where to say what was wrong.

    Attributes:
        errors: What was wrong, in the order of the files.
    """

    def __init__(self, output: Output) -> None:
        self._output = output
        self.errors: list[CassetteError] = []

    def read(self, paths: Sequence[Path]) -> Iterator[CassetteFile]:
        """Read cassettes."""
        for path in with_progress(paths, "Reading cassettes"):
            try:
                yield read_file(path)
            except CassetteError as error:
                error.path = shown_path(path)
                self.errors.append(error)

    def finish(self) -> int:
        """Print to standard error what was wrong; the exit code is 1 if anything was."""
        report_errors(self._output, self.errors)
        return 1 if self.errors else 0


def report_errors(output: Output, errors: Iterable[CassetteError]) -> None:
    """Print to standard error what was wrong with cassettes."""
    for error in errors:
        output.error(str(error))


def error_as_data(error: CassetteError) -> dict[str, Any]:
    """What is wrong with a cassette, for JSON."""
    return {"path": str(error.path), "line": error.line, "problem": error.problem, "remedy": error.remedy}
