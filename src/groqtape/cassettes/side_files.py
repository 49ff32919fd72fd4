"""The files beside a cassette while it is written: the lock, and the temporary file that replaces it.

All are named `.groqtape-…`, and are gone when the writer is done. The next writer removes what a killed
one left.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["side_file", "temporary_files"]


def side_file(cassette: Path, suffix: str) -> Path:
    """A file that belongs to a cassette, in the same folder, with a name of the same length for all."""
    return cassette.parent / f".groqtape-{_stem(cassette)}{suffix}"


def temporary_files(cassette: Path) -> list[Path]:
    """The temporary files that are there."""
    return list(cassette.parent.glob(f".groqtape-{_stem(cassette)}-*.tmp"))


def _stem(cassette: Path) -> str:
    return hashlib.sha256(os.fsencode(cassette.name)).hexdigest()[:16]
