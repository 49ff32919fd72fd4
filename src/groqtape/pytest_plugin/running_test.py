"""One test while it runs: its cassette, the calls that were refused, and how it went."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import pytest

from groqtape.recorder.flow import Flow
from groqtape.recorder.forks import RefusedTexts

if TYPE_CHECKING:
    from groqtape.errors import GroqtapeError
    from groqtape.pytest_plugin.marker import MarkerSettings
    from groqtape.recorder.cassette import Cassette

__all__ = ["TEST", "RunningTest", "fail", "failure"]


class RunningTest:
    """One test while it runs.

    Attributes:
        item: The test.
        marker: Its marker's settings, once its cassette has been opened.
        prepared: Its cassette, or the error that reading it raised, once it has been read.
        cassette: Its cassette, once it has been opened.
        live_calls: How many calls it sent to Groq without a cassette.
        refused: The texts of the calls refused without a cassette.
        failed: Whether a phase of it failed.
        skipped: Whether a phase of it was skipped.
        called: Whether the test function ran to its end; in a dry run (`--setup-only`) it does not.
        tears_down: Whether it has a fixture that may call Groq after the test function has returned.
        flow: The thread and the tasks that are its own: see recorder/flow.py.
    """

    def __init__(self, item: pytest.Item) -> None:
        self.item = item
        self.marker: MarkerSettings | None = None
        self.prepared: Cassette | GroqtapeError | None = None
        self.cassette: Cassette | None = None
        self.live_calls = 0
        self.refused = RefusedTexts()
        self.failed = False
        self.skipped = False
        self.called = False
        self.tears_down = False
        self.flow = Flow()

    def refusals(self) -> list[str]:
        """The texts of all calls refused, with a cassette or without one."""
        # A cassette that only a forked process opened has been read here.
        return [*self.refused.all(), *getattr(self.prepared, "refused", ())]

    def is_worth_keeping(self, cassette: Cassette) -> bool:
        """Whether to write the recording: a test that was skipped before it called anything has none."""
        if not self.called or self.failed or self.refusals():
            return False
        return not self.skipped or cassette.recorded > 0


TEST = pytest.StashKey[RunningTest]()
"""Where an item keeps its `RunningTest`."""


def failure(text: str) -> BaseException:
    """A failure of pytest's own, shown without the SDK's frames."""
    from groqtape.redaction.shown import gate

    return pytest.fail.Exception(gate.lines(text), pytrace=False)


def fail(text: str) -> NoReturn:
    """Fail the test that runs."""
    raise failure(text)
