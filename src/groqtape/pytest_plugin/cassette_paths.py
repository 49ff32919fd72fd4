"""Where a test's cassette lies, and how the terminal shows that.

Cassettes lie in the project of the test file, whichever folder and arguments pytest is started with. The
project begins at the nearest ini file of pytest's above the test file; without one, at rootdir. Cassettes
that were recorded from another root are found there.
"""

from __future__ import annotations

import itertools
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from groqtape.errors import GroqtapeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pytest

__all__ = ["CASSETTE_NAMES", "CassettePaths", "Place"]

CASSETTE_NAMES = ("groqtape", "pytest-recording")
"""How files can be named (`groq_cassette_names`)."""


class Place(NamedTuple):
    """Where the cassettes of a project are.

    Attributes:
        root: Where the project begins.
        folder: The folder of all cassettes. With `{test_dir}` (the folder of a test file, from the root) and
            `{module}` (the file's name without its extension), a folder for each test file.
        names: One of `CASSETTE_NAMES`.
    """

    root: Path
    folder: Path
    names: str

    @property
    def is_for_each_file(self) -> bool:
        """Whether each test file has a folder."""
        return any(name in str(self.folder) for name in ("{test_dir}", "{module}"))

    def folder_of(self, path: Path) -> Path:
        """The folder for the cassettes of a test file, or of a folder with tests."""
        from groqtape.pytest_plugin.naming import folder_name

        file = os.path.relpath(path, self.root).replace(os.sep, "/")
        if not self.is_for_each_file:
            return self.folder / folder_name(file)
        test_dir, module = os.path.split(file[:-3]) if file.endswith(".py") else (file, "")
        text = str(self.folder).replace("{test_dir}", test_dir).replace("{module}", module)
        return Path(os.path.normpath(text))

    def shared_folder(self, path: Path) -> Path:
        """The folder for the cassettes that the markers of a test file name."""
        return self.folder_of(path) if self.is_for_each_file else self.folder

    @property
    def base(self) -> Path:
        """The folder below which all cassettes are."""
        return Path(str(self.folder).partition("{")[0])

    def test_files(self, cassette: Path) -> list[Path] | None:
        """The files that may have the test of a cassette; None if its path does not tell."""
        template = self.folder if self.is_for_each_file else self.folder / "{test_dir}" / "{module}"
        pattern = re.escape(template.as_posix())
        pattern = pattern.replace(r"/\{test_dir\}", "(?P<test_dir>(?:/.+)?)", 1)
        pattern = pattern.replace(r"\{module\}", "(?P<module>[^/]+)", 1)
        match = re.fullmatch(pattern, cassette.parent.as_posix())
        if match is None or "test_dir" not in match.groupdict():
            return None
        folder = self.root / match["test_dir"].strip("/")
        module = match.groupdict().get("module")
        files = [folder / f"{module}.py"] if module else list(folder.glob("*.py"))
        if "@" in cassette.name:  # a fixture's
            folders = (each for each in (folder, *folder.parents) if each.is_relative_to(self.root))
            files += [each / "conftest.py" for each in folders]
        return [file for file in files if file.exists()]


class CassettePaths:
    """The paths of a session's cassettes.

    Args:
        folder: The session's `groq_cassette_dir`, below rootdir.
        names: The session's `groq_cassette_names`.
        config: The session's configuration.
    """

    def __init__(self, folder: Path, names: str, config: pytest.Config) -> None:
        self._of_session = Place(config.rootpath, folder, names)
        self._config = config
        self._started_in = config.invocation_params.dir
        # Tests of one file, and cassettes of one folder, follow each other: the last answer is kept.
        self._last_place: tuple[Path | None, Place] = None, self._of_session
        self._last_file: tuple[Path | None, Place, Path] = None, self._of_session, folder
        self._last_folder: tuple[str | None, str] = None, ""

    def of_test(self, item: pytest.Item, name: str | None) -> Path:
        """The path of a test's cassette.

        Args:
            item: The test.
            name: The name that its marker gives, if it does.

        Raises:
            GroqtapeError: An ini file above the test can't be read, or has a wrong value.
        """
        # Imported here: a suite without cassettes needs no names.
        from groqtape.pytest_plugin.naming import file_name, pytest_recording_name, shared_name

        file = item.path
        if name is not None:
            shared = shared_name(name)
            return self._first(file.parent, lambda place: place.shared_folder(file) / shared, own=False)[1]
        if self._last_file[0] != file:
            self._last_file = file, *self._first(file.parent, lambda place: place.folder_of(file))
        _, place, folder = self._last_file
        named = pytest_recording_name if place.names == "pytest-recording" else file_name
        return folder / named(item)

    def of_fixture(self, node: Any, name: str, defined_in: Path, test: Path) -> Path:
        """The path of a fixture's cassette.

        Args:
            node: The node of its scope: a module, a class, a package or the session.
            name: Its name, with a mark that no test's name has.
            defined_in: The file that defines it. It tells the project: a session may have tests of several.
            test: The file of the test that sets it up.
        """
        from groqtape.pytest_plugin.naming import fixture_file_name

        file = fixture_file_name(node, name)
        path: Path = node.path
        if path != self._of_session.root:
            folder = path.parent if path.suffix else path
            return self._first(folder, lambda place: place.folder_of(path) / file)[1]
        folder = defined_in.parent
        if not (folder.is_relative_to(path) or test.is_relative_to(folder)):
            folder = path  # the file is another project's
        return self._first(folder, lambda place: place.folder_of(place.root) / file, own=False)[1]

    def _first(
        self, folder: Path, path_in: Callable[[Place], Path], *, own: bool = True
    ) -> tuple[Place, Path]:
        """The place of a path: where the cassettes of a folder's tests belong, unless only another has it.

        Args:
            folder: The folder of a test file.
            path_in: The path in a place.
            own: Whether the path tells the test file. Another project may have the same path else.
        """
        if self._last_place[0] != folder:
            self._last_place = folder, self.place_of(folder)
        place = self._last_place[1]
        path = path_in(place)
        if (own or (place is self._of_session and self._config.inipath is None)) and not path.exists():
            for other in self.other_places(folder):
                if path_in(other).exists():
                    return other, path_in(other)
        return place, path

    def place_of(self, folder: Path) -> Place:
        """Where the cassettes of a folder's tests belong.

        Raises:
            GroqtapeError: An ini file can't be read, or has a wrong value.
        """
        root = self._of_session.root
        if folder == root or self._is_given:
            return self._of_session
        from groqtape.cassettes.projects import first_project

        # The ini file of rootdir, or the one that pytest found above it, is the session's.
        own = itertools.takewhile(lambda each: not root.is_relative_to(each), (folder, *folder.parents))
        project = first_project(own)
        if project is None:
            return self._of_session
        overridden = {each.partition("=")[0] for each in self._config.option.override_ini or ()}
        if not overridden.isdisjoint(("groq_cassette_dir", "groq_cassette_names")):
            return self._at(project.root)
        names = str(project.options.get("groq_cassette_names", "groqtape"))
        if names not in CASSETTE_NAMES:
            raise GroqtapeError(
                f"{project.file}: ini option groq_cassette_names: expected one of "
                f"{', '.join(CASSETTE_NAMES)}, got {names!r}"
            )
        return Place(project.root, project.cassette_folder, names)

    def other_places(self, folder: Path) -> Iterator[Place]:
        """Where they are if pytest was started in another way when they were recorded."""
        if not self._is_given:
            from groqtape.cassettes.projects import folders_above

            yield self._of_session
            yield from map(self._at, (folder, *folders_above(folder)))

    @property
    def _is_given(self) -> bool:
        """Whether the command line says where the project is."""
        options = self._config.option
        return bool(options.rootdir or options.inifilename)

    def _at(self, root: Path) -> Place:
        """The place in another root with the session's settings."""
        own_root, folder, names = self._of_session
        # An absolute groq_cassette_dir is the same everywhere.
        return Place(
            root, root / (folder.relative_to(own_root) if own_root in folder.parents else folder), names
        )

    def shown(self, path: Path) -> str:
        """A path as the terminal shows it: relative to where this session was started."""
        folder, name = os.path.split(path)
        if self._last_folder[0] != folder:
            self._last_folder = folder, os.path.relpath(folder, self._started_in)
        return os.path.normpath(os.path.join(self._last_folder[1], name))  # noqa: PTH118
