"""The project around the current folder: its root and the ini options that matter here, found as pytest does.

pytest itself is not imported: that takes longer than most commands do.
"""

from __future__ import annotations

import configparser
import shlex
import tomllib
from typing import TYPE_CHECKING, Any, NamedTuple

from groqtape.cli.usage_errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Project", "project_around"]

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
# These count also when they are empty.
_ALWAYS = frozenset({"pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini"})


class Project(NamedTuple):
    """A project.

    Attributes:
        root: pytest's rootdir.
        options: The ini options of its file.
    """

    root: Path
    options: Mapping[str, Any]

    @property
    def cassette_folder(self) -> Path:
        """The folder of the cassettes (`groq_cassette_dir`)."""
        return self.root / str(self.options.get("groq_cassette_dir", "cassettes"))

    @property
    def secrets(self) -> list[str]:
        """`groq_secrets`: a regular expression a line."""
        return self._lines("groq_secrets")

    @property
    def allowed_secrets(self) -> list[str]:
        """`groq_allow_secrets`: a regular expression a line."""
        return self._lines("groq_allow_secrets")

    def _lines(self, option: str) -> list[str]:
        value = self.options.get(option, [])
        lines = value.splitlines() if isinstance(value, str) else map(str, value)
        return [line.strip() for line in lines if line.strip()]

    @property
    def kept_headers(self) -> list[str]:
        """`groq_keep_headers`."""
        value = self.options.get("groq_keep_headers", [])
        return shlex.split(value) if isinstance(value, str) else list(map(str, value))


def project_around(folder: Path) -> Project:
    """Find the project of a folder.

    Raises:
        UsageError: The file with its options can't be read.
    """
    folders = [folder, *folder.parents]
    for each in folders:
        for name, section in _FILES:
            path = each / name
            options = _options_in(path, section) if path.is_file() else None
            if options is not None:
                return Project(each, options)
    for name in ("pyproject.toml", "setup.py"):
        for each in folders:
            if (each / name).is_file():
                return Project(each, {})
    return Project(folder, {})


def _options_in(path: Path, section: str) -> Mapping[str, Any] | None:
    """The options in a file; None where it has no section for pytest."""
    try:
        if path.suffix == ".toml":
            found = _options_in_toml(tomllib.loads(path.read_text(encoding="utf-8")), section)
        else:
            parser = configparser.ConfigParser(interpolation=None, strict=False)
            parser.read_string(path.read_text(encoding="utf-8"))
            found = dict(parser[section]) if parser.has_section(section) else None
    except (OSError, ValueError, configparser.Error) as error:
        raise UsageError(
            f"{path}: expected pytest's options, but it can't be read: {error}\n"
            "Mend the file: it says what is secret, and where the cassettes are."
        ) from error
    return {} if found is None and path.name in _ALWAYS else found


def _options_in_toml(document: Mapping[str, Any], section: str) -> Mapping[str, Any] | None:
    table: Any = document
    for name in section.split("."):
        table = table.get(name) if isinstance(table, dict) else None
    if isinstance(table, dict) and section == "tool.pytest":
        table = table.get("ini_options") or ({k: v for k, v in table.items() if k != "ini_options"} or None)
    return table if isinstance(table, dict) else None
