"""One writer at a time for a cassette, among all threads and processes that see its folder."""

from __future__ import annotations

import contextlib
import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groqtape.cassettes.side_files import side_file
from groqtape.errors import CassetteError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CassetteLock"]

TIMEOUT = 60.0
"""How many seconds a writer waits for another."""


class CassetteLock:
    """The lock of one cassette: a file beside it, which exists only while the lock is held.

    Args:
        path: The cassette's file.
        timeout: How many seconds to wait.
    """

    def __init__(self, path: Path, timeout: float = TIMEOUT) -> None:
        self._path = path
        self._timeout = timeout
        with contextlib.suppress(ValueError):  # a path that can't exist can't be written either
            path = Path(os.path.realpath(path))
        self._file = side_file(path, ".lock")

    def wait(self) -> None:
        """Wait until nobody writes the cassette.

        Raises:
            CassetteError: Another process or thread held the lock all the time.
        """
        # Where a lock is left in a folder that can't be written, nobody writes.
        with contextlib.suppress(OSError):
            if self._file.exists():
                with self._acquired():
                    pass

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Wait for the lock, and hold it. The cassette's folder is made if it is missing.

        Raises:
            CassetteError: Another process or thread held it all the time (the error names the process), or
                there can be no lock.
        """
        with contextlib.ExitStack() as stack:
            try:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                stack.enter_context(self._acquired())
            except (OSError, ValueError) as error:
                raise CassetteError(
                    f"the cassette can't be written: {getattr(error, 'strerror', None) or error} "
                    f"(its lock, {self._file.name}, can't be taken)",
                    path=self._path,
                    remedy="Make its folder writable (or set groq_cassette_dir), and record again.",
                ) from error
            yield

    @contextlib.contextmanager
    def _acquired(self) -> Iterator[None]:
        # Imported here: a session that only replays takes no lock.
        from filelock import FileLock, Timeout

        lock = FileLock(self._file, timeout=self._timeout)
        try:
            lock.acquire()
        except Timeout:
            raise CassetteError(
                f"expected to be its only writer within {self._timeout:g} s, but {self._holder()} holds it",
                path=self._path,
                remedy="Wait until that process has ended, or end it, and record again.",
            ) from None
        except NotImplementedError as error:
            raise OSError(str(error)) from error
        try:
            with contextlib.suppress(OSError):
                note = {"process": os.getpid(), "since": time.strftime("%H:%M:%S")}
                self._file.write_text(json.dumps(note), encoding="utf-8")
            yield
        finally:
            # A process that waits takes no lock on a file that was removed: filelock makes a new one for it.
            with contextlib.suppress(OSError):
                self._file.unlink()
            lock.release()

    def _holder(self) -> str:
        try:
            note: dict[str, Any] = json.loads(self._file.read_text(encoding="utf-8"))
            return f"process {note['process']} since {note['since']}"
        except (OSError, ValueError, KeyError, TypeError):
            return "a process that left no note"
