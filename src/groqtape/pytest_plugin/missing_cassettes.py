"""What a failed test's report adds where its cassette is missing: the test may have been moved or renamed.

This reads files, which an event loop may forbid: hence in the report, not in the text of the failure.
"""

from __future__ import annotations

import ast
import contextlib
from typing import TYPE_CHECKING

from groqtape.errors import GroqtapeError
from groqtape.pytest_plugin.marker import MarkerSettings
from groqtape.pytest_plugin.moving import move_command
from groqtape.pytest_plugin.project_files import files_below

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from groqtape.pytest_plugin.cassette_paths import CassettePaths, Place
    from groqtape.recorder.cassette import Cassette

__all__ = ["MissingCassettes"]

_MOST_FOLDERS = 3_000
_MOST_READ = 100
_NAMED = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


class MissingCassettes:
    """Looks for the cassettes of tests that were moved or renamed.

    Args:
        paths: Where cassettes lie.
        config: The session's configuration.
    """

    def __init__(self, paths: CassettePaths, config: pytest.Config) -> None:
        self._paths = paths
        self._config = config
        self._cassettes: dict[Path, list[Path]] = {}
        self._sources: dict[Path, ast.Module] = {}
        self._of_session: set[Path] | None = None

    def hint(self, item: pytest.Item, cassette: Cassette) -> str:
        """What to do where a cassette is missing; "" where it is not, or nothing is known.

        Args:
            item: The test that failed.
            cassette: The cassette that it, or a fixture of it, called.
        """
        if cassette.record_mode != "none" or not cassette.refused or cassette.path.exists():
            return ""
        place = self._paths.place_of(item.path.parent)
        of_no_test = [path for path in self._cassettes_of(place) if not self._has_test(item, path, place)]
        moved = _answering(cassette, of_no_test)
        if moved is not None:
            command = move_command(moved, cassette.path, self._config.invocation_params.dir, of_no_test)
            return (
                f"{self._paths.shown(moved)} answers this call, and its own test was not found.\n"
                f"If the test was moved or renamed:  {command}"
            )
        if self._config.inipath is None and not self._config.option.rootdir:
            return (
                f"There is no ini file, so that pytest's rootdir is {self._config.rootpath}.\n"
                "If the cassettes are in another folder, write an empty pytest.ini there, or give --rootdir."
            )
        return ""

    def _cassettes_of(self, place: Place) -> list[Path]:
        """All cassettes in a place, as far as they are found in reasonable time."""
        base = place.base
        if base not in self._cassettes:
            self._cassettes[base] = list(files_below(base, ".yaml", most_folders=_MOST_FOLDERS))
        return self._cassettes[base]

    def _has_test(self, item: pytest.Item, cassette: Path, place: Place) -> bool:
        """Whether the test of a cassette is still there, or nothing tells."""
        if cassette in self._paths_of_session(item):
            return True
        test_files = place.test_files(cassette)
        if test_files is None:
            return True
        # A parametrized function may have its cassette if the session has only some of the tests.
        return (self._is_narrowed or "[" not in cassette.name) and any(
            _defines(self._source(file), cassette) for file in test_files
        )

    def _source(self, file: Path) -> ast.Module:
        if file not in self._sources:
            with contextlib.suppress(SyntaxError, ValueError):
                self._sources[file] = ast.parse(file.read_bytes())
        return self._sources.setdefault(file, ast.Module([], []))

    def _paths_of_session(self, item: pytest.Item) -> set[Path]:
        """The cassettes of the tests of this session."""
        if self._of_session is None:
            self._of_session = set()
            for each in item.session.items:
                with contextlib.suppress(GroqtapeError):  # that test reports it
                    self._of_session.add(self._paths.of_test(each, MarkerSettings.of(each).name))
        return self._of_session

    @property
    def _is_narrowed(self) -> bool:
        """Whether the session may have only some tests of a file."""
        option = self._config.getoption
        narrowed = any(option(name, default=None) for name in ("keyword", "markexpr", "lf", "deselect"))
        return narrowed or any("::" in arg for arg in self._config.args)


def _defines(source: ast.Module, cassette: Path) -> bool:
    """Whether the test or fixture that has a cassette of this name is defined in a file, or may be."""
    stem, changed, _ = cassette.stem.partition("[")[0].partition("~")
    scopes: list[ast.AST] = [source]
    for name in stem.removesuffix(".teardown").split("."):
        if name.startswith("@"):
            name, as_argument = name[1:], f"keyword(arg='name', value=Constant(value={name[1:]!r})"
            if as_argument in ast.dump(source):
                return True
        inner = [each for scope in scopes for each in ast.walk(scope) if isinstance(each, _NAMED)]
        named = [each for each in inner if each.name == name or (changed and each.name.startswith(name))]
        if not named:
            # It may be inherited.
            return any(isinstance(scope, ast.ClassDef) and scope.bases for scope in scopes)
        scopes = [*named]
    return True


def _answering(cassette: Cassette, candidates: list[Path]) -> Path | None:
    """The one of other cassettes that answers a cassette's calls."""
    own = cassette.path
    # A moved test keeps its cassette's name, a renamed one its folder.
    candidates = sorted(candidates, key=lambda path: (path.name != own.name, path.parent != own.parent))
    for path in candidates[:_MOST_READ]:
        with contextlib.suppress(GroqtapeError):  # it is no good cassette
            if cassette.is_answered_by(path):
                return path
    return None
