"""Reads cassette files and writes them whole, through vcrpy's persister interface."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from vcr.cassette import Cassette as VcrCassette
from vcr.persisters.filesystem import CassetteNotFoundError
from vcr.request import Request
from vcr.serialize import serialize

from groqtape.cassettes.file_text import bytes_of, check_size, text_of
from groqtape.cassettes.reader import read
from groqtape.cassettes.responses import with_body
from groqtape.errors import CassetteError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from groqtape.redaction.redactor import Redactor

__all__ = ["Store"]

# Older versions of vcrpy know no metadata, and take requests and responses alone.
_HAS_METADATA = hasattr(VcrCassette, "get_metadata")


class Store:
    """Reads and writes cassette files; a vcrpy persister.

    Args:
        redactor: Redacts each response before it is written (requests were redacted when they were sent).
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    @staticmethod
    def load_cassette(cassette_path: str | os.PathLike[str], serializer: Any = None) -> Any:  # noqa: ARG004
        """Read a cassette, whichever serializer vcrpy was given.

        Raises:
            CassetteNotFoundError: There is no such file (vcrpy's own error, which its cassette expects).
            CassetteError: There is, and it is no good cassette.
        """
        path = os.fspath(cassette_path)
        try:
            cassette = read(_read(path))
        except FileNotFoundError:
            raise CassetteNotFoundError(
                f"There is no cassette {path}.\nRecord it: pytest --groq-record=once"
            ) from None
        except CassetteError as error:
            error.path = Path(path)
            raise
        interactions = cassette["interactions"]
        requests = [Request(**interaction["request"]) for interaction in interactions]
        metadata = [cassette["metadata"]] if _HAS_METADATA and cassette.get("metadata") else []
        return requests, [interaction["response"] for interaction in interactions], *metadata

    def save_cassette(
        self,
        cassette_path: str | os.PathLike[str],
        cassette_dict: Mapping[str, Any],
        serializer: Any = None,  # noqa: ARG002
    ) -> None:
        """Write a cassette whole: beside its place first, then over it.

        Raises:
            CassetteError: It can't be written; the old file is as it was.
        """
        text = self.text(cassette_dict)
        try:
            path = Path(os.path.realpath(cassette_path))
            path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                _size_of_file(path)
            _write(path, bytes_of(text, cassette_path))
        except CassetteError:
            raise
        except (OSError, ValueError) as error:
            raise CassetteError(
                f"the cassette can't be written: {getattr(error, 'strerror', None) or error}",
                path=cassette_path,
                remedy="Make its folder writable (or set groq_cassette_dir), and record again.",
            ) from error

    def text(self, cassette_dict: Mapping[str, Any]) -> str:
        """The text of a cassette file, redacted."""
        responses = [self._redactor.response(with_body(each)) for each in cassette_dict["responses"]]
        metadata = self._redactor.notes(cassette_dict.get("metadata"))
        return text_of_redacted({**cassette_dict, "responses": responses, "metadata": metadata})


def text_of_redacted(cassette_dict: Mapping[str, Any]) -> str:
    """The text of a cassette file that is redacted already."""
    from groqtape.cassettes.writer import write

    text: str = serialize(cassette_dict, SimpleNamespace(serialize=write))
    return text


def _read(path: str) -> str:
    """The text of a file.

    Raises:
        FileNotFoundError: There is no such file.
        CassetteError: It can't be read, or holds no text.
    """
    try:
        check_size(_size_of_file(path), path)
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123  # quicker than Path's
            data = file.read()
    except (FileNotFoundError, CassetteError):
        raise
    except (OSError, ValueError) as error:
        raise CassetteError(
            f"the cassette can't be read: {getattr(error, 'strerror', None) or error}"
        ) from error
    return text_of(data, path)


def _size_of_file(path: str | os.PathLike[str]) -> int:
    """The size of a regular file in bytes.

    Raises:
        OSError: It is none: a directory is none, and a pipe or a device may never end.
    """
    status = os.stat(path)  # noqa: PTH116  # quicker than Path's
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "it is no regular file")
    return status.st_size


def _write(path: Path, data: bytes) -> None:
    """Write a file beside its place, then rename it, so that a killed process leaves the old or the new."""
    from groqtape.cassettes.side_files import side_file, temporary_files  # to read a file takes none

    # This process holds the cassette's lock, so these are of processes that were killed.
    for left_behind in temporary_files(path):
        with contextlib.suppress(OSError):
            left_behind.unlink()
    temporary = side_file(path, f"-{os.getpid()}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileNotFoundError):
            temporary.chmod(path.stat().st_mode & 0o777)  # a new file has what the process gives new files
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
