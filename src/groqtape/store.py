"""Cassette files: found, read and written whole, through vcrpy's persister interface."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vcr.persisters.filesystem import CassetteNotFoundError
from vcr.serialize import deserialize, serialize

from groqtape.errors import CassetteError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from groqtape.redaction import Redactor

__all__ = ["Store"]


class Store:
    """Reads and writes cassette files; a vcrpy persister.

    Args:
        redactor: What each response passes before it is written (requests are redacted as they come).
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    @staticmethod
    def load_cassette(cassette_path: str | os.PathLike[str], serializer: Any) -> Any:
        """Read a cassette.

        Raises:
            CassetteNotFoundError: There is no such file (vcrpy's own error, which its cassette expects).
            CassetteError: There is, and it is no good cassette.
        """
        path = Path(cassette_path)
        try:
            text = path.read_bytes().decode("utf-8")
        except FileNotFoundError:
            raise CassetteNotFoundError(str(path)) from None
        except OSError as error:
            raise CassetteError(f"the cassette can't be read: {error.strerror}", path=path) from error
        except UnicodeDecodeError as error:
            raise CassetteError(f"expected UTF-8 text, but byte {error.start} is none", path=path) from error
        if not text.strip():
            raise CassetteError("expected a cassette, but the file is empty", path=path)
        try:
            return deserialize(text, serializer)
        except CassetteError as error:
            error.path = path
            raise

    def save_cassette(
        self, cassette_path: str | os.PathLike[str], cassette_dict: Mapping[str, Any], serializer: Any
    ) -> None:
        """Write a cassette whole: beside its place first, then over it.

        Raises:
            CassetteError: It can't be written; the old file is as it was.
        """
        responses = [self._redactor.response(response) for response in cassette_dict["responses"]]
        text = serialize({**cassette_dict, "responses": responses}, serializer)
        path = Path(os.path.realpath(cassette_path))
        temporary = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(prefix=".groqtape-", suffix=".tmp", dir=path.parent)
            with os.fdopen(handle, "wb") as file:
                file.write(text.encode("utf-8"))
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(_mode_of(path))
            Path(temporary).replace(path)
        except OSError as error:
            raise CassetteError(
                f"the cassette can't be written: {error.strerror}",
                path=path,
                remedy="Make its folder writable (or set groq_cassette_dir), and record again.",
            ) from error
        finally:
            if temporary is not None:
                with contextlib.suppress(FileNotFoundError):
                    Path(temporary).unlink()


def _mode_of(path: Path) -> int:
    """The permissions a file has, or would be given if it were made now."""
    try:
        return path.stat().st_mode & 0o777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
