"""Where a project's cassettes are: in one folder, or in one for each test file (`{test_dir}`, `{module}`)."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from groqtape.cli.project import project_around
from groqtape.cli.usage_errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groqtape.cli.project import Project

__all__ = ["as_glob", "git_paths", "project_paths"]

# No tests are in these (pytest's norecursedirs), nor in folders whose names begin with a dot.
_NEVER = frozenset({"_darcs", "build", "CVS", "dist", "node_modules", "venv", "{arch}", "__pycache__"})


def project_paths() -> list[str]:
    """The folders of the project's cassettes; the cassettes where other files may be beside them.

    Raises:
        UsageError: There is none.
    """
    project = project_around(Path.cwd())
    folder = _folder(project)
    found = list(_of_test_files(project)) if _is_for_each_file(folder) else [folder] * folder.is_dir()
    if not found:
        shown = os.path.relpath(folder)
        raise UsageError(
            f"expected cassettes in {shown} (groq_cassette_dir), but there is no folder\n"
            "Record some with: pytest --groq-record=once\nOr name files or folders: groqtape VERB PATHS…"
        )
    return [str(each) for each in found]


def git_paths() -> list[str]:
    """The project's cassettes, also those that are gone, as git's pathspecs.

    Raises:
        UsageError: There is no folder of cassettes.
    """
    project = project_around(Path.cwd())
    if not _is_for_each_file(_folder(project)) or not _has_a_name(project):
        return project_paths()
    root = re.sub(r"([*?\[\\])", r"\\\1", project.root.as_posix())
    return [f":(glob){root}/{as_glob(project)}/**"]


def as_glob(project: Project) -> str:
    """The folders of the cassettes as a glob, from the root of the project."""
    return _template(project).replace("{test_dir}", "**").replace("{module}", "*")


def _folder(project: Project) -> Path:
    """The folder, or its template; with `groq_serve_vcr`, cassettes are where pytest-recording has them."""
    if project.serves_vcr and "groq_cassette_dir" not in project.options:
        return project.root / "{test_dir}" / "cassettes"
    return project.cassette_folder


def _is_for_each_file(folder: Path) -> bool:
    return "{test_dir}" in str(folder) or "{module}" in str(folder)


def _has_a_name(project: Project) -> bool:
    """Whether the folders are known by a name: those of `{test_dir}/cassettes`, but not of `{test_dir}`."""
    return re.sub(r"\{test_dir\}|\{module\}|[/.]", "", _template(project)) != ""


def _template(project: Project) -> str:
    return os.path.relpath(_folder(project), project.root).replace(os.sep, "/")


def _of_test_files(project: Project) -> Iterator[Path]:
    pattern = re.escape(_template(project)).replace(r"\{module\}", "(?P<module>[^/]+)", 1)
    pattern = pattern.replace(r"\{test_dir\}/", "(?P<test_dir>(?:.+/)?)", 1)
    pattern = pattern.replace(r"\{test_dir\}", "(?P<test_dir>.*)", 1)
    has_a_name = _has_a_name(project)
    for place, folders, _ in os.walk(project.root):
        folder = Path(place).relative_to(project.root).as_posix().removeprefix(".")
        match = re.fullmatch(pattern, folder)
        if match and has_a_name:
            yield Path(place)
        elif match and _has_tests(project.root, match.groupdict()):
            yield from sorted(Path(place).glob("*.yaml"))  # other folders may be in it, with other files
        folders[:] = sorted(each for each in folders if each not in _NEVER and not each.startswith("."))


def _has_tests(root: Path, found: dict[str, str]) -> bool:
    """Whether there is a test file whose cassettes are in a folder, where any folder could be one."""
    folder = root / found.get("test_dir", "")
    if "module" in found:
        return (folder / f"{found['module']}.py").is_file()
    return any(folder.glob("test_*.py")) or any(folder.glob("*_test.py"))
