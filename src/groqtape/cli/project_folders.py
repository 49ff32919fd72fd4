"""Where a project's cassettes are: in one folder, or in one for each test file (`{test_dir}`, `{module}`)."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groqtape.cli.project import Project

__all__ = ["CassetteFolders"]


class CassetteFolders:
    """The folders of a project's cassettes.

    Args:
        project: The project.

    Attributes:
        project: The project.
        folder: The folder, or its template.
        is_for_each_file: Whether it is a template.
        are_beside_tests: Whether they are found where the test files are.
        have_a_name: Whether they are known by a name, as `{test_dir}/cassettes` are, but not `{test_dir}`.
    """

    def __init__(self, project: Project) -> None:
        folder = project.cassette_folder
        if project.serves_vcr and "groq_cassette_dir" not in project.options:
            folder = project.root / "{test_dir}" / "cassettes"  # where pytest-recording has them
        self.project = project
        self.folder = Path(os.path.normpath(folder))
        self.is_for_each_file = "{test_dir}" in str(self.folder) or "{module}" in str(self.folder)
        self.are_beside_tests = self.is_for_each_file and project.root.is_relative_to(self.base)
        name = re.sub(r"\{test_dir\}|\{module\}|[/\\.]", "", os.path.relpath(self.folder, project.root))
        self.have_a_name = not self.is_for_each_file or name != ""
        pattern = re.escape(f"{self.folder.as_posix()}/").replace(r"\{module\}", "(?P<module>[^/]+)", 1)
        pattern = pattern.replace(r"\{test_dir\}/", "(?P<test_dir>(?:.+/)?)", 1)
        self._pattern = re.compile(pattern.replace(r"\{test_dir\}", "(?P<test_dir>.*)", 1))

    @property
    def base(self) -> Path:
        """The folder in which a template begins."""
        parts = self.folder.parts
        return Path(*parts[: next(number for number, part in enumerate(parts) if "{" in part)])

    @property
    def may_be_there(self) -> bool:
        """Whether there is the folder, or test files may have one."""
        return self.is_for_each_file or self.folder.is_dir()

    @property
    def glob(self) -> Path:
        """The folders as a glob."""
        return Path(_as_glob(str(self.folder)))

    @property
    def git_path(self) -> str:
        """The folders as git's pathspec, also when they are gone."""
        if not self.is_for_each_file:
            return f":(literal){self.folder}"
        literal = re.sub(r"([*?\[\\])", r"\\\1", self.folder.as_posix())
        return f":(glob){_as_glob(literal)}/**"

    def hold(self, file: Path) -> bool:
        """Whether a file, which may be gone, is in one of them; False where they have no name."""
        if not self.is_for_each_file:
            return str(file).startswith(f"{self.folder}{os.sep}")
        return self.have_a_name and any(
            self._pattern.fullmatch(f"{each.as_posix()}/") for each in file.parents
        )

    def at(self, place: str) -> Iterator[Path]:
        """A folder of the file system, if it is one of them; its cassettes, where it may have other files."""
        match = self._pattern.fullmatch(f"{place}/".replace(os.sep, "/"))
        if match and self.have_a_name:
            yield Path(place)
        elif match and self._has_tests(match.groupdict()):
            yield from sorted(Path(place).glob("*.yaml"))

    def _has_tests(self, found: dict[str, str]) -> bool:
        """Whether there is a test file whose cassettes are in a folder, where any folder could be one."""
        folder = self.project.root / found.get("test_dir", "")
        if "module" in found:
            return (folder / f"{found['module']}.py").is_file()
        return any(folder.glob("test_*.py")) or any(folder.glob("*_test.py"))


def _as_glob(template: str) -> str:
    return template.replace("{test_dir}", "**").replace("{module}", "*")
