"""groqtape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.contender import WORKING_TREE, Contender

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path


class Groqtape(Contender):
    """groqtape as it comes, from the working tree."""

    name = "groqtape"
    environment = "groqtape"
    installs = (WORKING_TREE,)
    shows = ("groqtape", "vcrpy", "PyYAML")
    plugins = ("groqtape",)
    brings = ("syrupy",)
    plugin_module = "groqtape.pytest_plugin.plugin"
    suite_head = """\
import groq
import pytest

pytestmark = pytest.mark.groq_cassette
"""
    recording_options = ("--groq-record=all",)

    def recording(self, path: Path) -> AbstractContextManager[Any]:
        """Record from scratch."""
        import groqtape

        return groqtape.use_cassette(path, "all")

    def replaying(self, path: Path) -> AbstractContextManager[Any]:
        """Replay alone."""
        import groqtape

        return groqtape.use_cassette(path, allow_unplayed=True)

    def load(self, path: Path) -> int:
        """`groqtape.load`, down to the chunk objects."""
        import groqtape

        return sum(len(stream.chunks) for stream in groqtape.load(path))


CONTENDER = Groqtape()
