"""The project of a folder: its root and pytest's ini options in it, found as pytest does.

Cassettes belong to a project. pytest itself is not imported: that takes longer than most commands do.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any, NamedTuple

from groqtape.errors import GroqtapeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["Project", "first_project", "folders_above", "project_around", "project_beginning_at"]

# pytest's files in its order, with the section that makes one count.
_FILES = (
    ("pytest.toml", "pytest"),
    (".pytest.toml", "pytest"),
    ("pytest.ini", "pytest"),
    (".pytest.ini", "pytest"),
    ("pyproject.toml", "tool.pytest"),
    ("tox.ini", "pytest"),
    ("setup.cfg", "tool:pytest"),
)
_FILE_NAMES = frozenset(name for name, _ in _FILES)
# Where there is none of them, a file that describes a build tells where a project begins.
_DESCRIPTIONS = ("pyproject.toml", "setup.py")
# These count also when they are empty.
_ALWAYS = frozenset({"pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini"})


class Project(NamedTuple):
    """A project.

    Attributes:
        root: pytest's rootdir.
        options: The ini options of its file.
        file: The file; None if there is none.
    """

    root: Path
    options: Mapping[str, Any]
    file: Path | None = None

    @property
    def cassette_folder(self) -> Path:
        """The folder of the cassettes (`groq_cassette_dir`)."""
        return self.root / str(self.options.get("groq_cassette_dir", "cassettes"))

    @property
    def has_ini_file(self) -> bool:
        """Whether the file is one of pytest's, and does not just describe a build."""
        return self.file is not None and (bool(self.options) or self.file.name not in _DESCRIPTIONS)

    @property
    def serves_vcr(self) -> bool:
        """`groq_serve_vcr`."""
        return str(self.options.get("groq_serve_vcr")).lower() in ("1", "yes", "true", "on")  # pytest's words

    @property
    def secrets(self) -> list[str]:
        """`groq_secrets`: a regular expression a line."""
        return self._lines("groq_secrets")

    @property
    def allowed_secrets(self) -> list[str]:
        """`groq_allow_secrets`: a regular expression a line."""
        return self._lines("groq_allow_secrets")

    @property
    def kept_headers(self) -> list[str]:
        """`groq_keep_headers`."""
        value = self.options.get("groq_keep_headers", [])
        return shlex.split(value) if isinstance(value, str) else list(map(str, value))

    def _lines(self, option: str) -> list[str]:
        value = self.options.get(option, [])
        lines = value.splitlines() if isinstance(value, str) else map(str, value)
        return [line.strip() for line in lines if line.strip()]


def first_project(folders: Iterable[Path]) -> Project | None:
    """The project that the first of these folders with an ini file of pytest's begins.

    Raises:
        GroqtapeError: An ini file can't be read.
    """
    for each in folders:
        for name, section in _FILES:
            path = each / name
            options = _options_in(path, section) if path.is_file() else None
            if options is not None:
                return Project(each, options, path)
    return None


def project_around(folder: Path) -> Project:
    """The project that a folder belongs to.

    Raises:
        GroqtapeError: The file with its options can't be read.
    """
    folders = [folder, *folder.parents]
    found = first_project(folders)
    if found is not None:
        return found
    for name in _DESCRIPTIONS:
        for each in folders:
            if (each / name).is_file():
                return Project(each, {}, each / name)
    return Project(folder, {})


def project_beginning_at(folder: Path, files: Iterable[str], outer: Project) -> Project | None:
    """The project that begins at a folder, if one does.

    Args:
        folder: The folder.
        files: The names of the files in it.
        outer: The project that the folder is in.

    Raises:
        GroqtapeError: An ini file can't be read.
    """
    names = set(files)
    found = None if names.isdisjoint(_FILE_NAMES) else first_project([folder])
    if found is None and not outer.has_ini_file:
        described = [name for name in _DESCRIPTIONS if name in names]
        return Project(folder, {}, folder / described[0]) if described else None
    return found


def folders_above(folder: Path) -> list[Path]:
    """The folders above a folder, nearest first, up to the one where its git repository begins."""
    found: list[Path] = []
    for each in (folder, *folder.parents):
        if each != folder:
            found.append(each)
        if (each / ".git").exists():
            break
    return found


def _options_in(path: Path, section: str) -> Mapping[str, Any] | None:
    """The options in a file; None where it has no section for pytest."""
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".toml":
            import tomllib

            found = _options_in_toml(tomllib.loads(text), section)
        else:
            found = _options_in_ini(text, section)
    except (OSError, ValueError) as error:
        raise GroqtapeError(f"{path}: expected pytest's options, but it can't be read: {error}") from error
    return {} if found is None and path.name in _ALWAYS else found


def _options_in_ini(text: str, section: str) -> Mapping[str, Any] | None:
    import configparser

    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise ValueError(str(error)) from error
    return dict(parser[section]) if parser.has_section(section) else None


def _options_in_toml(document: Mapping[str, Any], section: str) -> Mapping[str, Any] | None:
    table: Any = document
    for name in section.split("."):
        table = table.get(name) if isinstance(table, dict) else None
    if isinstance(table, dict) and section == "tool.pytest":
        table = table.get("ini_options") or ({k: v for k, v in table.items() if k != "ini_options"} or None)
    return table if isinstance(table, dict) else None
