"""Reads a cassette, from its file or from what version control has of it."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from groqtape.errors import CassetteError
from groqtape.reports.interaction import Interaction

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["CassetteFile", "read_bytes", "read_file", "read_text"]


class CassetteFile(NamedTuple):
    """A cassette that was read.

    Attributes:
        name: The file as the user names it.
        size: How many bytes it has.
        interactions: What is in it.
        metadata: What else vcrpy's persister gives.
        written: When the file was written, in seconds after 1970; 0 where that is not known.
    """

    name: str
    size: int
    interactions: list[Interaction]
    metadata: Any = None
    written: float = 0.0

    @property
    def written_at(self) -> datetime.datetime:
        """When the file was written; 1970 where that is not known."""
        return datetime.datetime.fromtimestamp(self.written, tz=datetime.UTC)


def read_file(path: Path) -> CassetteFile:
    """Read a cassette file.

    Raises:
        CassetteError: There is none, it can't be read, or it is no good cassette.
    """
    from vcr.persisters.filesystem import CassetteNotFoundError

    from groqtape.cassettes.store import Store

    try:
        requests, responses, *more = Store.load_cassette(path)
        stat = path.stat()
        metadata = more[0] if more else None
    except (CassetteNotFoundError, OSError):
        raise CassetteError(
            "there is no such file", path=path, remedy="Look for it with: groqtape list"
        ) from None
    cassette = _cassette(str(path), stat.st_size, zip(requests, responses, strict=True))
    return cassette._replace(metadata=metadata, written=stat.st_mtime)


def read_bytes(data: bytes, name: str) -> CassetteFile:
    """Read a cassette that is not in a file.

    Args:
        data: What would be in the file.
        name: What to call it.

    Raises:
        CassetteError: It is no good cassette.
    """
    from vcr.request import Request

    from groqtape.cassettes.reader import read

    try:
        cassette = read(data.decode().removeprefix("\ufeff"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CassetteError(
            f"expected text in UTF-8, but byte {error.start} is none", path=name, line=line
        ) from error
    except CassetteError as error:
        error.path = name
        raise
    found = cassette["interactions"]
    return _cassette(name, len(data), ((Request(**each["request"]), each["response"]) for each in found))


def read_text(path: Path) -> tuple[str, CassetteFile]:
    """Read a cassette file, with its text.

    Raises:
        CassetteError: There is none, it can't be read, or it is no good cassette.
    """
    cassette = read_file(path)
    return path.read_bytes().decode("utf-8-sig"), cassette


def _cassette(name: str, size: int, pairs: Any) -> CassetteFile:
    interactions = [Interaction(number, *pair) for number, pair in enumerate(pairs, 1)]
    return CassetteFile(name, size, interactions)
