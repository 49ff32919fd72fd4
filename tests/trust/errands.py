"""A process that has imported everything, and forks another for each recording it is told to make.

So that may be done to the other what can't be undone: it becomes another user, or may write no more.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import httpx
from trust.kills import answer, record

import groqtape

if TYPE_CHECKING:
    from collections.abc import Callable

TESTS = Path(__file__).parents[1]


def become_nobody() -> None:
    if os.geteuid() == 0:  # whom no permissions hold up
        os.setgid(65534)
        os.setuid(65534)


def write_no_long_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))


def let_others_only_read() -> None:
    os.umask(0o027)


FIRST: dict[str, Callable[[], None]] = {
    each.__name__: each for each in (become_nobody, write_no_long_files, let_others_only_read)
}


class Errands:
    """The process, as the tests have it."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "trust.errands"],
            cwd=TESTS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()
        assert self._process.returncode == 0

    def record(self, path: Path, *, first: Callable[[], None], mode: str = "new_episodes") -> str:
        """Record into a cassette, in a process of its own, after something was done to that.

        Returns:
            What it says of it: `recorded`, or the text of the error.
        """
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{json.dumps([first.__name__, str(path), mode])}\n")
        self._process.stdin.flush()
        said: str = json.loads(self._process.stdout.readline())
        return said


def _run(errand: list[str]) -> str:
    first, path, mode = errand
    FIRST[first]()
    try:
        record(Path(path), "new", mode)
    except groqtape.CassetteError as error:
        return str(error)
    return "recorded"


def main() -> None:
    """Run errands until there are no more."""
    setattr(httpx.HTTPTransport, "handle_request", answer)  # noqa: B010
    with tempfile.TemporaryDirectory() as folder:  # what is imported late is imported now
        for mode in ("once", "new_episodes"):
            record(Path(folder) / "tape.yaml", mode, mode)
    for line in sys.stdin:
        process = os.fork()
        if process == 0:
            said: Any = "an error"
            try:
                said = _run(json.loads(line))
            except BaseException as error:
                said = f"{type(error).__name__}: {error}"
            finally:
                print(json.dumps(said), flush=True)
                os._exit(0)
        os.waitpid(process, 0)


if __name__ == "__main__":
    main()
