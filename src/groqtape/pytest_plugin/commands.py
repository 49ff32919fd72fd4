"""The commands that messages suggest, as you type them where this session was started."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

import pytest

from groqtape.pytest_plugin.node_ids import own_node_id
from groqtape.pytest_plugin.ownership import has_snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from groqtape.pytest_plugin.marker import MarkerSettings
    from groqtape.pytest_plugin.shared_cassettes import SharedCassettes

__all__ = ["Commands", "relative_path", "replay_kept"]


class Commands:
    """Makes commands.

    Args:
        config: The session's configuration.
        shared: The cassettes that several tests use.

    Attributes:
        started_in: The folder where the session was started.
    """

    def __init__(self, config: pytest.Config, shared: SharedCassettes) -> None:
        self.started_in = config.invocation_params.dir
        self._shared = shared

    def record(self, item: pytest.Item, mode: str) -> str:
        """The command that records a test."""
        return _command(item, self.started_in, f"--groq-record={mode}")

    def record_cassette(self, item: pytest.Item, mode: str, marker: MarkerSettings, path: Path) -> str:
        """The command that records a test's cassette; if other tests share it, the command for all of them.

        Args:
            item: The test.
            mode: The record mode.
            marker: The settings of the test's marker.
            path: The cassette.
        """
        if mode == "all" and self._shared.is_shared(path):
            file = shlex.quote(relative_path(path, self.started_in))
            return f"rm {file} && pytest --groq-record=once{_update(item)}  # other tests use it too"
        command = self.record(item, mode)
        if marker.record_mode in (None, mode):
            return command
        return f'{command}  # after taking record_mode="{marker.record_mode}" out of its marker'


def replay_kept(item: pytest.Item) -> str:
    """The command that replays what a test recorded that then failed."""
    return _command(item, item.config.invocation_params.dir, "--groq-kept")


def _command(item: pytest.Item, start: Path, option: str) -> str:
    file = relative_path(item.path, start)
    test = shlex.quote(f"{file}::{own_node_id(item).partition('::')[2]}".removesuffix("::"))
    return f"pytest {test}{_collecting(item)} {option}{_update(item)}"


def relative_path(path: Path, start: Path) -> str:
    """A path as seen from a folder. `os.path.relpath` would do what event loops may forbid."""
    shared = os.path.commonpath((path, start))
    up = [os.pardir] * len(start.relative_to(shared).parts)
    return os.path.join(*up, *path.relative_to(shared).parts)  # noqa: PTH118


def _collecting(item: pytest.Item) -> str:
    """The option without which pytest does not collect a test."""
    if not isinstance(item, pytest.DoctestItem):
        return ""
    if item.path.suffix == ".py":
        return " --doctest-modules"
    return f" --doctest-glob={shlex.quote(item.path.name)}"


def _update(item: pytest.Item) -> str:
    return " --snapshot-update" if has_snapshot(item) else ""
