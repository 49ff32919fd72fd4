"""A process that has imported everything, and forks a child for each recording that it is to make.

The child first changes what cannot be changed back: its user, its umask or the size that its files may have.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

import httpx
from trust.kills import answer, record

import groqtape

if TYPE_CHECKING:
    from collections.abc import Callable

    from groqtape.recorder.record_modes import RecordMode

TESTS = Path(__file__).parents[1]


def become_nobody() -> None:
    if os.geteuid() == 0:  # permissions do not apply to root
        os.setgid(65534)
        os.setuid(65534)


def limit_file_size() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))


def set_umask() -> None:
    os.umask(0o027)


SETUPS: dict[str, Callable[[], None]] = {
    each.__name__: each for each in (become_nobody, limit_file_size, set_umask)
}


class ForkingRecorder:
    """The process, as the tests use it."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "trust.forking_recorder"],
            cwd=TESTS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()
        assert self._process.returncode == 0

    def record(self, path: Path, *, setup: Callable[[], None], mode: str = "new_episodes") -> str:
        """Record into a cassette in a child process that has run a setup.

        Returns:
            `recorded`, or the text of the error.
        """
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{json.dumps([setup.__name__, str(path), mode])}\n")
        self._process.stdin.flush()
        result: str = json.loads(self._process.stdout.readline())
        return result


def _run(job: list[str]) -> str:
    setup, path, mode = job
    SETUPS[setup]()
    try:
        record(Path(path), "new", cast("RecordMode", mode))
    except groqtape.CassetteError as error:
        return str(error)
    return "recorded"


def main() -> None:
    """Fork for each line of standard input, until it ends."""
    setattr(httpx.HTTPTransport, "handle_request", answer)  # noqa: B010
    with tempfile.TemporaryDirectory() as folder:  # imports what recording imports lazily
        for mode in ("once", "new_episodes"):
            record(Path(folder) / "book.yaml", mode, mode)
    for line in sys.stdin:
        process = os.fork()
        if process == 0:
            result: Any = "an error"
            try:
                result = _run(json.loads(line))
            except BaseException as error:
                result = f"{type(error).__name__}: {error}"
            finally:
                print(json.dumps(result), flush=True)
                os._exit(0)
        os.waitpid(process, 0)


if __name__ == "__main__":
    main()
