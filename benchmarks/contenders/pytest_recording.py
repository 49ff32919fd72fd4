"""pytest-recording, which is vcrpy under pytest."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from benchmarks.contender import Contender

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

# vcrpy's default, and the body: a request gets the answer to its own prompt, as in all contenders.
_MATCH_ON = ("method", "scheme", "host", "port", "path", "query", "body")


class PytestRecording(Contender):
    """pytest-recording's plugin, and `vcr.VCR` where there is no pytest."""

    name = "pytest-recording"
    environment = "pytest-recording"
    installs = ("pytest-recording==0.14.1",)
    shows = ("pytest-recording", "vcrpy")
    plugins = ("recording",)
    plugin_module = "pytest_recording.plugin"
    suite_head = """\
import groq
import pytest

pytestmark = pytest.mark.vcr
"""
    suite_conftest = f"""\
import pytest


@pytest.fixture
def vcr_config():
    return {{"match_on": {_MATCH_ON!r}}}
"""
    recording_options = ("--record-mode=rewrite",)

    def recording(self, path: Path) -> AbstractContextManager[Any]:
        """Record from scratch."""
        path.unlink(missing_ok=True)
        return self._use(path, "once")

    def replaying(self, path: Path) -> AbstractContextManager[Any]:
        """Replay alone."""
        return self._use(path, "none")

    @staticmethod
    def _use(path: Path, record_mode: str) -> AbstractContextManager[Any]:
        vcr: Any = importlib.import_module("vcr")
        used: AbstractContextManager[Any] = vcr.VCR(record_mode=record_mode, match_on=_MATCH_ON).use_cassette(
            str(path)
        )
        return used


CONTENDER = PytestRecording()
