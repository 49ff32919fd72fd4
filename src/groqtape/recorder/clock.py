"""The genuine clock and sleep, also where a test freezes time or replaces functions of `time`.

freezegun replaces such functions wherever a module holds them, time-machine changes `time.time` itself, and
mocks replace attributes of `time`. None of them reaches the attributes of an object that was made before.
"""

from __future__ import annotations

import time

__all__ = ["clock"]


class _Clock:
    """Holds functions of `time` as they were when pytest started."""

    def __init__(self) -> None:
        self.now = time.perf_counter
        self.sleep = time.sleep
        self._monotonic = time.monotonic

    @property
    def is_genuine_elsewhere(self) -> bool:
        """Whether event loops, which count by `time.monotonic`, have the genuine clock too."""
        return time.monotonic is self._monotonic


clock = _Clock()
