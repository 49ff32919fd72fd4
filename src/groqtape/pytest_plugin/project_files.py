"""The files of a project: its cassettes, its sources."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["files_below"]

_SKIPPED = frozenset({"node_modules", "site-packages", "__pycache__"})


def files_below(folder: Path, suffix: str, *, most_folders: int | None = None) -> Iterator[Path]:
    """The files in a folder and those below it, without hidden ones.

    Args:
        folder: The folder.
        suffix: How their names end.
        most_folders: In how many folders to look; None for all.
    """
    for root, folders, files in itertools.islice(os.walk(folder), most_folders):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in _SKIPPED]
        for name in files:
            if name.endswith(suffix) and not name.startswith("."):
                yield Path(root, name)
