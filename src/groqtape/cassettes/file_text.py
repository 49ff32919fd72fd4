"""The text of a cassette file and its bytes on the disk: UTF-8, and gzip where the name ends in `.gz`."""

from __future__ import annotations

import gzip
import os
import shlex
import zlib

from groqtape.errors import CassetteError

__all__ = ["LARGEST_CASSETTE", "bytes_of", "check_size", "text_of"]

LARGEST_CASSETTE = 64 * 2**20
"""How many bytes the text of a cassette may have. Reading one takes some five times as much memory."""

_GZIP = b"\x1f\x8b"
_GIT_LFS = "version https://git-lfs.github.com/spec/"


def text_of(data: bytes, path: str) -> str:
    """Read the bytes of a file.

    Raises:
        CassetteError: They hold no text of a cassette.
    """
    if data.startswith(_GZIP):
        data = _decompressed(data, path)
    check_size(len(data), path)
    try:
        text = data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise CassetteError(
            f"expected text in UTF-8, but byte {error.start} is none",
            line=data.count(b"\n", 0, error.start) + 1,
        ) from error
    if text.startswith(_GIT_LFS):
        raise CassetteError(
            "expected a cassette, but this is a Git LFS pointer to one",
            line=1,
            remedy=f"Get the file itself: git lfs pull --include {shlex.quote(os.path.basename(path))}",  # noqa: PTH119
        )
    if not text.strip():
        raise CassetteError("expected a cassette, but the file is empty")
    return text


def bytes_of(text: str, path: str | os.PathLike[str]) -> bytes:
    """The bytes of a file with this text.

    Raises:
        CassetteError: It could not be read again.
    """
    data = text.encode("utf-8")
    check_size(len(data), path)
    return gzip.compress(data, mtime=0) if os.fspath(path).endswith(".gz") else data


def check_size(size: int, path: str | os.PathLike[str]) -> None:
    """Check that a cassette is not too large.

    Raises:
        CassetteError: It is.
    """
    if size > LARGEST_CASSETTE:
        raise CassetteError(
            f"expected a cassette of at most {LARGEST_CASSETTE // 2**20} MiB, got {-(-size // 2**20)} MiB",
            path=path,
            remedy="Divide it: give tests that share it cassettes of their own, or record less in one.",
        )


def _decompressed(data: bytes, path: str) -> bytes:
    if not path.endswith(".gz"):
        name, compressed = shlex.quote(path), shlex.quote(f"{path}.gz")
        raise CassetteError(
            "expected text in UTF-8, but the file is compressed with gzip",
            line=1,
            remedy=f"Decompress it: mv {name} {compressed} && gunzip {compressed}",
        )
    inflate = zlib.decompressobj(31)
    try:
        text = inflate.decompress(data, LARGEST_CASSETTE + 1)
    except zlib.error as error:
        raise CassetteError(f"expected a file compressed with gzip, as its name says: {error}") from error
    if not inflate.eof and len(text) <= LARGEST_CASSETTE:
        raise CassetteError("expected a file compressed with gzip, as its name says, but it breaks off")
    return text
