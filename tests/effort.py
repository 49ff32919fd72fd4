"""How much is tried of what is random: more with `GROQTAPE_TEST_EFFORT=10 make test`."""

from __future__ import annotations

import os

from hypothesis import settings

EFFORT = int(os.environ.get("GROQTAPE_TEST_EFFORT", "1"))


def examples(number: int) -> settings:
    """Let hypothesis try so many examples, times the effort, without a limit on the time of each."""
    return settings(deadline=None, max_examples=number * EFFORT)
