"""Reads a cassette, from its file or from what version control has of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from groqtape.errors import CassetteError
from groqtape.reports.interaction import Interaction

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["CassetteFile", "read_bytes", "read_file"]


class CassetteFile(NamedTuple):
    """A cassette that was read.

    Attributes:
        name: The file as the user names it.
        size: How many bytes it has.
        interactions: What is in it.
    """

    name: str
    size: int
    interactions: list[Interaction]


def read_file(path: Path) -> CassetteFile:
    """Read a cassette file.

    Raises:
        CassetteError: There is none, it can't be read, or it is no good cassette.
    """
    from vcr.persisters.filesystem import CassetteNotFoundError

    from groqtape.cassettes.store import Store

    try:
        requests, responses, *_ = Store.load_cassette(path)
        size = path.stat().st_size
    except (CassetteNotFoundError, OSError):
        raise CassetteError(
            "there is no such file", path=path, remedy="Look for it with: groqtape list"
        ) from None
    return _cassette(str(path), size, zip(requests, responses, strict=True))


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


def _cassette(name: str, size: int, pairs: Any) -> CassetteFile:
    return CassetteFile(name, size, [Interaction(number, *pair) for number, pair in enumerate(pairs, 1)])
