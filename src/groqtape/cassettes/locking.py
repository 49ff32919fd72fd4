"""One writer at a time for a cassette, among the threads and processes of one machine.

Locks lie in the machine's folder for temporary files, so that none is ever committed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groqtape.errors import CassetteError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["CassetteLock"]

TIMEOUT = 60.0
"""How many seconds a writer waits for another."""

_FOLDER_NEEDED = "Have a folder for temporary files that can be written (TMPDIR), and record again."


class CassetteLock:
    """The lock of one cassette, and notes on the test run that began it.

    Args:
        path: The cassette's file.
        timeout: How many seconds to wait.
    """

    def __init__(self, path: Path, timeout: float = TIMEOUT) -> None:
        self._path = path
        self._timeout = timeout
        self._folder = Path(tempfile.gettempdir()) / f"groqtape-{_user()}"
        with contextlib.suppress(ValueError):  # what is no path can't be written either
            path = Path(os.path.realpath(path))
        stem = hashlib.sha256(os.fsencode(path)).hexdigest()[:32]
        self._lock = self._folder / f"{stem}.lock"
        self._holder = self._folder / f"{stem}.holder"
        self._run = self._folder / f"{stem}.run"
        self._renewed = self._folder / f"{stem}.renewed"

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Wait for the lock, and hold it.

        Raises:
            CassetteError: Another process or thread held it all the time (the error names the process), or
                there can be no lock.
        """
        # Imported here: a session that only replays takes no lock.
        from filelock import FileLock, Timeout

        lock = FileLock(self._lock, timeout=self._timeout)
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            lock.acquire()
        except Timeout:
            raise CassetteError(
                f"expected to be its only writer within {self._timeout:g} s, "
                f"but {self._holder_name()} holds it",
                path=self._path,
                remedy="Wait until that process has ended, or end it, and record again.",
            ) from None
        except (OSError, NotImplementedError) as error:
            raise CassetteError(
                f"its lock {self._lock} can't be taken: {getattr(error, 'strerror', None) or error}",
                path=self._path,
                remedy=_FOLDER_NEEDED,
            ) from error
        try:
            since = time.strftime("%H:%M:%S")
            with contextlib.suppress(OSError):
                note = json.dumps({"process": os.getpid(), "since": since})
                self._holder.write_text(note, encoding="utf-8")
            yield
        finally:
            with contextlib.suppress(OSError):
                self._holder.unlink()
            lock.release()

    def _holder_name(self) -> str:
        try:
            holder: dict[str, Any] = json.loads(self._holder.read_text(encoding="utf-8"))
            return f"process {holder['process']} since {holder['since']}"
        except (OSError, ValueError, KeyError, TypeError):
            return "a process that left no note"

    def begin(self, run: str) -> None:
        """Note that this test run began the cassette: from scratch, or because there was none.

        Raises:
            CassetteError: It can't be noted.
        """
        self._note("that this run began it", self._run, run)

    def is_begun_by(self, run: str) -> bool:
        """Whether this test run, in any of its processes, began the cassette that is there now."""
        try:
            return self._path.exists() and self._run.read_text(encoding="utf-8") == run
        except OSError:
            return False

    def renew(self, run: str, requests: Iterable[str]) -> None:
        """Note which requests this test run has recorded anew, in a cassette of which other parts stay.

        Raises:
            CassetteError: It can't be noted.
        """
        note = json.dumps([run, sorted(requests)])
        self._note("what this run recorded anew", self._renewed, note)

    def renewed_by(self, run: str) -> set[str]:
        """Which requests this test run, in any of its processes, has recorded anew."""
        try:
            noted, requests = json.loads(self._renewed.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return set()
        return set(requests) if noted == run else set()

    def _note(self, what: str, file: Path, text: str) -> None:
        try:
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CassetteError(
                f"{what} can't be noted in {file}: {error.strerror}",
                path=self._path,
                remedy=_FOLDER_NEEDED,
            ) from error


def _user() -> str:
    """The user, for the folder's name: on a shared machine each user has a folder."""
    if hasattr(os, "getuid"):
        return str(os.getuid())
    import getpass

    return hashlib.sha256(getpass.getuser().encode()).hexdigest()[:8]
