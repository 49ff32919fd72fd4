"""How fast a recorded stream is replayed."""

from __future__ import annotations

from typing import Literal

from groqtape.errors import GroqtapeError
from groqtape.recorder.clock import clock

__all__ = ["Pace", "Pacer", "parse_pace"]

Pace = Literal["instant", "recorded"] | float
"""A pace, as `parse_pace` takes it."""


def parse_pace(pace: str | float) -> float:
    """Read a pace as a factor on the recorded waiting times.

    Args:
        pace: `"instant"` (0: no waiting), `"recorded"` (1: as it was), or a factor: 0.5 waits half as
            long as the recording, 2 twice as long.

    Raises:
        GroqtapeError: It is none of these.
    """
    names = {"instant": 0.0, "recorded": 1.0}
    try:
        factor = names[pace] if isinstance(pace, str) and pace in names else float(pace)
    except (TypeError, ValueError, OverflowError):
        factor = -1.0
    if not 0 <= factor < float("inf"):
        raise GroqtapeError(
            f"expected a pace (instant, recorded, or a factor such as 0.5), got {pace!r}\n"
            "Set it with --groq-pace, the ini option groq_pace, the marker's pace= or use_cassette(pace=…)."
        )
    return factor


class Pacer:
    """Gives the time to wait for each event, counted from when the request was sent.

    Args:
        factor: See `parse_pace`.
    """

    def __init__(self, factor: float) -> None:
        self._factor = factor
        self._started = clock.now()

    @property
    def waits(self) -> bool:
        """Whether the pace waits at all."""
        return self._factor > 0

    def wait(self, at: float | None) -> float:
        """Seconds until an event is due that arrived `at` milliseconds after its request; 0 or less: now."""
        if not self._factor or at is None:
            return 0.0
        return self._started + self._factor * at / 1000 - clock.now()

    def since(self, at: float) -> float:
        """Seconds until `at` milliseconds after the request, whatever the pace; negative if that is past."""
        return self._started + at / 1000 - clock.now()
