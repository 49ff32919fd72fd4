"""Who sees the placeholder key: clients made without a key, and tests that have to do with groqtape."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest

from groqtape.recorder.key import KeylessClients, PlaceholderKey, needed_key

if TYPE_CHECKING:
    from collections.abc import Generator

    from groqtape.pytest_plugin.settings import SessionSettings
    from groqtape.recorder.cassette import Cassette

__all__ = ["Placeholder"]

# Compiled when first used: only a session without a key needs it.
_MENTION = rb"groqtape|groq_(?:cassette|client|stream|snapshot)"
_MENTION_OF_VCR = _MENTION + rb"|mark\.vcr"


class Placeholder:
    """A plugin object that stands in for `GROQ_API_KEY` where it is not set.

    `groq.Groq()` can be made anywhere. The environment has the placeholder only while a test replays its
    cassette, so that other tests, and what may load a `.env` for a recording, find no key.

    Args:
        settings: The session's settings.
    """

    def __init__(self, settings: SessionSettings) -> None:
        self._is_off = settings.placeholder_key == "off"
        self._replays = settings.record_mode == "none"
        self._mention = _MENTION_OF_VCR if settings.serves_vcr else _MENTION
        self._clients = None if self._is_off else KeylessClients()
        for_all = settings.placeholder_key == "session" or (settings.auto and not self._is_off)
        self._of_session = PlaceholderKey() if for_all and self._replays else None
        self._of_test: PlaceholderKey | None = None

    def show(self, cassette: Cassette) -> None:
        """Put the placeholder into the environment, for a test that replays its cassette."""
        if self._of_test is None and not self._is_off and cassette.record_mode == "none":
            self._of_test = PlaceholderKey()

    def hide(self) -> None:
        """Take it out of the environment, after that test."""
        if self._of_test is not None:
            self._of_test.remove()
            self._of_test = None

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Let a test module that uses groqtape read `os.environ["GROQ_API_KEY"]` when it is imported."""
        if (
            self._is_off
            or not self._replays
            or "GROQ_API_KEY" in os.environ
            or not isinstance(collector, pytest.Module)
            or not re.search(self._mention, collector.path.read_bytes())
        ):
            return (yield)
        with needed_key():
            return (yield)

    def end(self) -> None:
        """Leave the process as it was."""
        self.hide()
        if self._clients is not None:
            self._clients.remove()
        if self._of_session is not None:
            self._of_session.remove()
