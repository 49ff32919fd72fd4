"""PATHS: files, folders and globs, as the cassettes that they name."""

from __future__ import annotations

import glob
import os
from pathlib import Path
from typing import TYPE_CHECKING

from groqtape.cli.project_tree import ProjectTree
from groqtape.cli.usage_errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["cassettes_in", "shown_path"]

_SUFFIXES = (".yaml", ".yml")


def cassettes_in(paths: Iterable[str]) -> list[Path]:
    """The cassette files that PATHS name: each once, those of a folder in the order of their names.

    In a folder, files that end in `.yaml` or `.yml` count, at any depth. A file that is named counts
    whatever its name is.

    Raises:
        UsageError: A path names nothing.
    """
    given = list(paths) or ProjectTree().paths()
    found: dict[Path, None] = {}
    for path in given:
        found.update(dict.fromkeys(_named_by(path)))
    return list(found)


def _named_by(path: str) -> Iterator[Path]:
    if os.path.isdir(path):  # noqa: PTH112  # as below: what is no path is False
        yield from sorted(_in_folder(path))
    elif os.path.lexists(path):
        yield Path(path)
    else:
        matches = sorted(glob.glob(path, recursive=True)) if glob.has_magic(path) else []  # noqa: PTH207
        if not matches:
            raise UsageError(
                f"expected a file, a folder or a glob that matches some, got {path}\n"
                "See what cassettes the project has: groqtape list"
            )
        for match in matches:
            yield from _named_by(match)


def _in_folder(folder: str) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if name.endswith(_SUFFIXES) and not name.startswith("."):
                yield Path(root, name)


def shown_path(path: Path) -> str:
    """A path as it is shown: from the current folder where it lies in it."""
    try:
        return str(path.relative_to(Path.cwd())) if path.is_absolute() else str(path)
    except ValueError:
        return str(path)
