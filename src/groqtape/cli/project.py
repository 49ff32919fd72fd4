"""The project around the current folder, for the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groqtape.cassettes import projects
from groqtape.cassettes.projects import Project, folders_above
from groqtape.cli.usage_errors import UsageError
from groqtape.errors import GroqtapeError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Project", "project_around"]


def project_around(folder: Path) -> Project:
    """Find the project of a folder; without an ini file, the nearest one above that has cassettes.

    Raises:
        UsageError: The file with its options can't be read.
    """
    try:
        project = projects.project_around(folder)
    except GroqtapeError as error:
        raise UsageError(
            f"{error}\nMend the file: it says what is secret, and where the cassettes are."
        ) from error
    if project.file is None and not project.cassette_folder.is_dir():
        above = (Project(each, {}) for each in folders_above(folder))
        return next((each for each in above if each.cassette_folder.is_dir()), project)
    return project
