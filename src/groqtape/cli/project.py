"""The project around the current folder, and those in it, for the command line."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from groqtape.cassettes import projects
from groqtape.cassettes.projects import Project, folders_above
from groqtape.cli.usage_errors import UsageError
from groqtape.errors import GroqtapeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["OwnProjects", "Project", "project_around", "project_beginning_at"]


def project_around(folder: Path) -> Project:
    """Find the project of a folder; without an ini file, the nearest one above that has cassettes.

    Raises:
        UsageError: The file with its options can't be read.
    """
    with _usage_errors():
        project = projects.project_around(folder)
    if project.file is None and not project.cassette_folder.is_dir():
        above = (Project(each, {}) for each in folders_above(folder))
        return next((each for each in above if each.cassette_folder.is_dir()), project)
    return project


def project_beginning_at(folder: Path, files: Iterable[str], outer: Project) -> Project | None:
    """The project that begins at a folder with these files, if one does.

    Raises:
        UsageError: The file with its options can't be read.
    """
    with _usage_errors():
        return projects.project_beginning_at(folder, files, outer)


class OwnProjects:
    """The projects that files lie in, where an ini file says so. Each folder is looked at once.

    Args:
        here: The project of the current folder, for files that lie in it, or in none.
    """

    def __init__(self, here: Project) -> None:
        self._here = here
        self._of: dict[Path, Project | None] = {here.root: here}

    def of(self, file: Path) -> Project:
        """The project of a file.

        Raises:
            UsageError: An ini file can't be read.
        """
        return self._around(Path(os.path.abspath(file)).parent) or self._here  # noqa: PTH100  # links stay

    def _around(self, folder: Path) -> Project | None:
        if folder not in self._of:
            with _usage_errors():
                own = projects.first_project([folder])
            self._of[folder] = own or (self._around(folder.parent) if folder != folder.parent else None)
        return self._of[folder]


@contextlib.contextmanager
def _usage_errors() -> Iterator[None]:
    try:
        yield
    except GroqtapeError as error:
        raise UsageError(
            f"{error}\nMend the file: it says what is secret, and where the cassettes are."
        ) from error
