"""cassetter, with its YAML cassettes."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from benchmarks.contender import Contender

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

# Its default, and the body: a request gets the answer to its own prompt, as in all contenders.
_MATCH_ON = ["method", "uri", "json_body"]


class Cassetter(Contender):
    """cassetter as it comes."""

    name = "cassetter"
    environment = "cassetter"
    installs = ("cassetter==0.16.1",)
    shows = ("cassetter",)
    plugins = ("cassetter",)
    plugin_module = "cassetter.pytest_plugin"
    suite_head = """\
import groq
import pytest

pytestmark = pytest.mark.vcr
"""
    suite_conftest = f"""\
import pytest


@pytest.fixture(scope="module")
def vcr_config():
    return {{"match_on": {_MATCH_ON!r}}}
"""
    recording_options = ("--record-mode=rewrite",)

    def recording(self, path: Path) -> AbstractContextManager[Any]:
        """Record from scratch."""
        return self._use(path, "rewrite")

    def replaying(self, path: Path) -> AbstractContextManager[Any]:
        """Replay alone."""
        return self._use(path, "none")

    @staticmethod
    def _use(path: Path, record_mode: str) -> AbstractContextManager[Any]:
        cassetter: Any = importlib.import_module("cassetter")
        used: AbstractContextManager[Any] = cassetter.use_cassette(
            path, record_mode=record_mode, match_on=_MATCH_ON
        )
        return used


CONTENDER = Cassetter()
