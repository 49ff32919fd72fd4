"""How much is tried: more of what is random, and what is slow, with `GROQTAPE_TEST_EFFORT=10 make test`."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

EFFORT = int(os.environ.get("GROQTAPE_TEST_EFFORT", "1"))
slow = pytest.mark.skipif(EFFORT == 1, reason="slow: runs with GROQTAPE_TEST_EFFORT=2")
"""For what takes seconds, and has a faster test or a run of its own in CI."""


def examples(number: int) -> settings:
    """Let hypothesis try so many examples, times the effort, without a limit on the time of each."""
    return settings(deadline=None, max_examples=number * EFFORT)
