"""The cassettes of the project in which a command runs, and of the projects below it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from groqtape.cli.project import project_around, project_beginning_at
from groqtape.cli.project_folders import CassetteFolders
from groqtape.cli.usage_errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from groqtape.cli.project import Project

__all__ = ["ProjectTree"]

# No tests are in these (pytest's norecursedirs), nor in folders whose names begin with a dot.
_NEVER = frozenset({"_darcs", "build", "CVS", "dist", "node_modules", "venv", "{arch}", "__pycache__"})
_MOST_SHOWN = 3


class ProjectTree:
    """The project of the current folder, and those below it. Its folders are walked once.

    Raises:
        UsageError: An ini file can't be read.
    """

    def __init__(self) -> None:
        self._by_root: dict[Path, CassetteFolders] = {}
        self._found: dict[str, str] = {}  # by their real paths: links give a folder several names
        outermost = project_around(Path.cwd())
        top = str(outermost.root)
        owners = {top: self._added(outermost)}
        for place, folders, files in _walked(top):
            own = owners.pop(place)
            if place != top and (project := project_beginning_at(Path(place), files, own.project)):
                own = self._added(project)
            if own.are_beside_tests:
                self._note(own.at(place))
            inner = {name: os.path.join(place, name) for name in folders}  # noqa: PTH118  # fast
            folders[:] = [name for name, path in inner.items() if path not in self._found]
            owners.update((inner[name], own) for name in folders)

    @property
    def projects(self) -> list[CassetteFolders]:
        """Where the cassettes of each project are, the outermost project's first."""
        return list(self._by_root.values())

    def paths(self) -> list[str]:
        """The folders of the cassettes; the cassettes where other files may be beside them.

        Raises:
            UsageError: There is none.
        """
        if not self._found:
            shown = [os.path.relpath(each.folder) for each in self.projects[:_MOST_SHOWN]]
            more = len(self.projects) - len(shown)
            listed = ", ".join(shown) + (f" and in {more} more projects" if more else "")
            raise UsageError(
                f"expected cassettes in {listed} (groq_cassette_dir), but there is no folder\n"
                "Record some with: pytest --groq-record=once\nOr name files or folders: groqtape VERB PATHS…"
            )
        return list(self._found.values())

    def git_paths(self) -> list[str]:
        """The cassettes as git's pathspecs, also those that are gone.

        Raises:
            UsageError: There is none, and nothing tells where they would be.
        """
        specs = [each.git_path for each in self.projects if each.have_a_name]
        if len(specs) < len(self.projects):
            specs += self._found.values()
        return specs or self.paths()

    def has(self, file: Path) -> bool:
        """Whether a file is a cassette of the project in which it is, or one that a project has elsewhere.

        What git finds for a project may be of a project in it.
        """
        own = next((self._by_root[each] for each in file.parents if each in self._by_root), None)
        return os.path.realpath(file) in self._found or any(
            each.hold(file) for each in self.projects if each is own or not each.are_beside_tests
        )

    def _added(self, project: Project) -> CassetteFolders:
        folders = CassetteFolders(project)
        self._by_root[project.root] = folders
        if not folders.is_for_each_file:
            self._note([folders.folder] * folders.may_be_there)
        elif not folders.are_beside_tests:
            for place, *_ in _walked(str(folders.base)):
                self._note(folders.at(place))
        return folders

    def _note(self, found: Iterable[Path]) -> None:
        for each in found:
            self._found.setdefault(os.path.realpath(each), str(each))


def _walked(top: str) -> Iterator[tuple[str, list[str], list[str]]]:
    """Walk a folder, without what is no part of the projects in it: environments, other repositories."""
    for place, folders, files in os.walk(top):
        if place != top and ("pyvenv.cfg" in files or ".git" in files or ".git" in folders):
            folders.clear()
            continue
        folders[:] = sorted(each for each in folders if each not in _NEVER and not each.startswith("."))
        yield place, folders, files
