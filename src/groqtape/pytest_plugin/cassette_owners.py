"""Which cassettes in a project's cassette folder belong to no test.

A cassette is unused only if nothing speaks for it: it is of no test of this run, of no fixture, of no test
file that the run did not collect, nothing used it, and no source of the project has its name in quotes.
"""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groqtape.cassettes.reader import read
from groqtape.errors import CassetteError, GroqtapeError
from groqtape.pytest_plugin.fixture_owner import fixture_name
from groqtape.pytest_plugin.marker import MarkerSettings
from groqtape.pytest_plugin.naming import file_name, pytest_recording_name
from groqtape.pytest_plugin.project_files import files_below

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pytest

    from groqtape.pytest_plugin.cassette_paths import CassettePaths, Place

__all__ = ["CassetteOwners"]

_BEGINS = "version: 1\ninteractions:\n- request:\n"
_STATUS = "\n    status: {code: "


class CassetteOwners:
    """The tests and fixtures of a session, which cassettes belong to.

    Args:
        paths: Where cassettes lie.

    Attributes:
        elsewhere: The cassette folders that are outside of their project: others may use them, too.
    """

    def __init__(self, paths: CassettePaths) -> None:
        self.elsewhere: set[Path] = set()
        self._paths = paths
        self._places: set[Place] = set()
        self._owned: set[Path] = set()
        self._functions: dict[Path, set[str]] = {}
        self._fixtures: set[str] = set()

    def add_tests(self, items: Iterable[pytest.Item]) -> None:
        """Note the cassettes that belong to tests by their names, whether or not the tests run."""
        for item in items:
            function = getattr(item, "originalname", None) or item.name.partition("[")[0]
            self._functions.setdefault(item.path, set()).add(function)
            definitions: dict[str, Any] = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
            self._fixtures.update(map(fixture_name, definitions))
            with contextlib.suppress(GroqtapeError):  # the test reports it when it runs
                place = self._paths.place_of(item.path.parent)
                self._places.add(place)
                name = MarkerSettings.of(item).name
                self._owned.add(self._paths.of_test(item, name))
                if name is None:
                    folder = place.folder_of(item.path)
                    self._owned |= {folder / file_name(item), folder / pytest_recording_name(item)}

    def add_used(self, paths: Iterable[Path]) -> None:
        """Note cassettes that something used, under whichever name."""
        self._owned.update(Path(os.path.abspath(path)) for path in paths)  # noqa: PTH100  # no link is followed

    def unused(self) -> list[Path]:
        """The cassettes that belong to no test, sorted."""
        found: set[Path] = set()
        for place in self._places:
            if not place.base.resolve().is_relative_to(place.root.resolve()):
                self.elsewhere.add(place.base)
                continue
            left = {path for path in _files(place.base, ".yaml") if self._is_left(path, place)}
            found |= _not_named_in_source(left, place.root)
        return sorted(path for path in found if _is_ours(path))

    def _is_left(self, cassette: Path, place: Place) -> bool:
        """Whether no test and no fixture of this session, nor any that it did not collect, has a cassette."""
        if cassette in self._owned or (place.is_for_each_file and place.test_files(cassette) is None):
            return False
        stem, changed, _ = cassette.stem.partition("[")[0].partition("~")
        stem = stem.removesuffix(".teardown")
        if "@" in stem and self._has_fixture(stem.partition("@")[2], is_start=bool(changed)):
            return False
        files = place.test_files(cassette) or []
        functions = {name for file in files for name in self._functions.get(file, ())}
        if files and not functions:
            return False  # this run has not collected the file
        function = stem.rpartition(".")[2]
        # A test may be defined, and collected only elsewhere: on another system, say.
        return function in functions or not any(_defines(file, function) for file in files)

    def _has_fixture(self, name: str, *, is_start: bool) -> bool:
        return name in self._fixtures or (is_start and any(each.startswith(name) for each in self._fixtures))


def _files(folder: Path, suffix: str) -> Iterator[Path]:
    """The files in a folder and those below, without hidden ones and links."""
    return (path for path in files_below(folder, suffix) if not path.is_symlink())


def _defines(file: Path, function: str) -> bool:
    source = file.read_text(encoding="utf-8", errors="replace")
    return re.search(rf"\bdef\s+{re.escape(function)}\b", source) is not None


def _not_named_in_source(cassettes: set[Path], root: Path) -> set[Path]:
    """Those that no source of a project names in quotes, as a marker and `use_cassette` do."""
    left = set(cassettes)
    named = {path: re.compile(rf"[\"'/\\]{re.escape(path.stem)}(?:\.yaml)?[\"']") for path in left}
    for file in _files(root, ".py") if left else ():
        source = file.read_text(encoding="utf-8", errors="replace")
        left -= {path for path in left if path.stem in source and named[path].search(source)}
    return left


def _is_ours(path: Path) -> bool:
    """Whether a file is a good cassette in the form in which groqtape alone writes it."""
    text = path.read_bytes().decode("utf-8", "replace")
    if not text.startswith(_BEGINS) or _STATUS not in text:
        return False
    with contextlib.suppress(CassetteError):
        read(text)
        return True
    return False
