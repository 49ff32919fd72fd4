"""What the processes of a test run note for each other: what the run has recorded anew.

The notes lie in a folder of the user's own in the folder for temporary files. Its owner and mode are checked,
since other users of the machine can make folders there. Notes of earlier runs are removed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import stat
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groqtape.errors import CassetteError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Draft", "RunNotes"]

_LONGEST_RUN = 24 * 60 * 60
_REMEDY = "Have a folder for temporary files that can be written (TMPDIR), and record again."


class RunNotes:
    """What a test run, in any of its processes, has noted on one cassette.

    Args:
        path: The cassette's file.
        run: The name of the run.
    """

    def __init__(self, path: Path, run: str) -> None:
        self._path = path
        self._user_folder = Path(tempfile.gettempdir()) / f"groqtape-{_user()}"
        self._folder = self._user_folder / _digest(run.encode())
        with contextlib.suppress(ValueError):  # a path that can't exist has no notes either
            path = Path(os.path.realpath(path))
        self._file = self._folder / f"{_digest(os.fsencode(path))}.json"

    @property
    def has_begun(self) -> bool:
        """Whether this run began the cassette that is there now."""
        return self._path.exists() and bool(self._read().get("begun"))

    @property
    def renewed(self) -> set[str]:
        """The requests that this run has recorded anew, in a cassette of which other parts stay."""
        return set(self._read().get("renewed", ()))

    def draft(self, *, begun: bool, renewed: Iterable[str]) -> Draft:
        """Write a note that holds once it is published; all that needs room on the disk is done here.

        Raises:
            CassetteError: It can't be written.
        """
        text = json.dumps({"begun": begun, "renewed": sorted(renewed)})
        draft = self._file.with_suffix(f".{os.getpid()}")
        try:
            self._make_folder()
            draft.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CassetteError(
                f"the run can't be noted in {self._file}: {error.strerror or error}",
                path=self._path,
                remedy=_REMEDY,
            ) from error
        return Draft(self._path, draft, self._file)

    def _read(self) -> dict[str, Any]:
        try:
            _check_private(self._user_folder)
            noted: dict[str, Any] = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return noted

    def _make_folder(self) -> None:
        self._user_folder.mkdir(mode=0o700, exist_ok=True)
        _check_private(self._user_folder)
        if self._folder.exists():
            return
        oldest = time.time() - _LONGEST_RUN
        for other in self._user_folder.iterdir():
            with contextlib.suppress(OSError):
                if other.lstat().st_mtime < oldest:
                    shutil.rmtree(other) if other.is_dir() else other.unlink()
        self._folder.mkdir(mode=0o700, exist_ok=True)


class Draft:
    """A note that is written, but does not hold yet."""

    def __init__(self, path: Path, draft: Path, file: Path) -> None:
        self._path = path
        self._draft = draft
        self._file = file

    def publish(self) -> None:
        """Let the note hold, after the cassette was written.

        Raises:
            CassetteError: It can't be renamed.
        """
        try:
            self._draft.replace(self._file)
        except OSError as error:
            raise CassetteError(
                f"the cassette was written, but the run can't be noted in {self._file}: "
                f"{error.strerror or error}",
                path=self._path,
                remedy=_REMEDY,
            ) from error


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]


def _check_private(folder: Path) -> None:
    """Check that a folder is this user's own and nobody else can write there.

    Raises:
        OSError: It is not.
    """
    status = folder.lstat()  # a link to a folder is none
    if not stat.S_ISDIR(status.st_mode):
        raise NotADirectoryError(f"{folder} is no folder")
    if hasattr(os, "getuid") and (status.st_uid != os.getuid() or status.st_mode & 0o077):
        raise PermissionError(
            f"{folder} is not a folder of this user alone (owner {status.st_uid}, "
            f"mode {stat.S_IMODE(status.st_mode):o}); remove it"
        )


def _user() -> str:
    """The user, for the folder's name: on a shared machine each user has a folder."""
    if hasattr(os, "getuid"):
        return str(os.getuid())
    import getpass

    return hashlib.sha256(getpass.getuser().encode()).hexdigest()[:8]
