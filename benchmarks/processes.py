"""The processes of a run: the loopback Groq, a worker for each contender, and pytest."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from benchmarks.environments import ROOT, clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["FailedError", "Process", "run_measured", "serve", "work"]


class FailedError(Exception):
    """What was to be measured did not work, so there is no figure for it."""


class Process:
    """A process that answers with JSON lines.

    Args:
        command: What to run, from the root folder.
        environment: Its environment variables.
    """

    def __init__(self, command: Iterable[str], environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            list(command), cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def answer(self) -> dict[str, Any]:
        """Its next answer.

        Raises:
            FailedError: It ended without one, or it answered that it failed.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise FailedError(f"{self._process.args!r} ended with {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        if "failed" in answer:
            raise FailedError(answer["failed"])
        return answer

    def do(self, what: str, **arguments: Any) -> dict[str, Any]:
        """Send an order, and wait for the answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": what, **arguments}) + "\n")
        self._process.stdin.flush()
        return self.answer()

    def stop(self) -> None:
        """End it, by ending its input."""
        self._process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def serve() -> Process:
    """Start the loopback Groq. Its first answer has its base URL and key."""
    return Process([sys.executable, "-m", "benchmarks.server"], clean())


def work(python: Path, contender: str, variables: Mapping[str, str]) -> Process:
    """Start a worker in a contender's environment."""
    return Process([str(python), "-m", "benchmarks.worker", contender], {**clean(), **variables})


def run_measured(
    command: Iterable[str], folder: Path, variables: Mapping[str, str], *, ends_with: int = 0
) -> dict[str, Any]:
    """Run a command in a folder: its seconds, its processor time and its peak memory.

    Raises:
        FailedError: It ended with another exit code than `ends_with`.
    """
    with tempfile.TemporaryDirectory() as scratch:
        figures, output = Path(scratch, "figures"), Path(scratch, "output")
        wrapped = [sys.executable, str(ROOT / "benchmarks" / "measured.py"), str(figures), str(output)]
        done = subprocess.run(
            [*wrapped, *command], cwd=folder, env={**clean(), **variables}, check=False, capture_output=True
        )
        if done.returncode != ends_with:
            printed = output.read_text(errors="replace") if output.exists() else done.stderr.decode()
            raise FailedError(f"{' '.join(command)} ended with {done.returncode}:\n{printed[-3000:]}")
        read: dict[str, Any] = json.loads(figures.read_text())
        return read
