"""Where a test's cassette lies, and how the terminal shows that."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

__all__ = ["CassettePaths"]


class CassettePaths:
    """The paths of a session's cassettes.

    Args:
        folder: The folder of all cassettes. With `{test_dir}` (the folder of a test file, from rootdir) and
            `{module}` (the file's name without its extension), a folder for each test file.
        names: `groqtape` or `pytest-recording`: how files are named.
        config: The session's configuration.
    """

    def __init__(self, folder: Path, names: str, config: pytest.Config) -> None:
        self._folder = folder
        self._is_for_each_file = any(name in str(folder) for name in ("{test_dir}", "{module}"))
        self._names = names
        self._root = config.rootpath
        self._started_in = config.invocation_params.dir
        # Tests of one file, and cassettes of one folder, follow each other: the last answer is kept.
        self._last_file: tuple[Path | None, Path] = None, folder
        self._last_folder: tuple[str | None, str] = None, ""

    def of_test(self, item: pytest.Item, name: str | None) -> Path:
        """The path of a test's cassette.

        Args:
            item: The test.
            name: The name that its marker gives, if it does.
        """
        # Imported here: a suite without cassettes needs no names.
        from groqtape.pytest_plugin.naming import file_name, pytest_recording_name, shared_name

        if name is not None and not self._is_for_each_file:
            return self._folder / shared_name(name)
        if self._last_file[0] != item.path:
            self._last_file = item.path, self._folder_of(item.path)
        if name is not None:
            return self._last_file[1] / shared_name(name)
        named = pytest_recording_name if self._names == "pytest-recording" else file_name
        return self._last_file[1] / named(item)

    def _folder_of(self, path: Path) -> Path:
        """The folder for the cassettes of a test file, or of a folder with tests."""
        from groqtape.pytest_plugin.naming import folder_name

        file = os.path.relpath(path, self._root).replace(os.sep, "/")
        if not self._is_for_each_file:
            return self._folder / folder_name(file)
        test_dir, module = os.path.split(file[:-3]) if file.endswith(".py") else (file, "")
        text = str(self._folder).replace("{test_dir}", test_dir).replace("{module}", module)
        return type(path)(os.path.normpath(text))

    def of_fixture(self, node: Any, name: str) -> Path:
        """The path of a fixture's cassette.

        Args:
            node: The node of its scope: a module, a class, a package or the session.
            name: Its name, with a mark that no test's name has.
        """
        from groqtape.pytest_plugin.naming import fixture_file_name

        return self._folder_of(node.path) / fixture_file_name(node, name)

    def shown(self, path: Path) -> str:
        """A path as the terminal shows it: relative to where this session was started."""
        folder, name = os.path.split(path)
        if self._last_folder[0] != folder:
            self._last_folder = folder, os.path.relpath(folder, self._started_in)
        return os.path.normpath(os.path.join(self._last_folder[1], name))  # noqa: PTH118
