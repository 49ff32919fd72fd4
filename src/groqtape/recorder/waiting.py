"""Waiting in an event loop, also where its clock is frozen or `anyio.sleep` is a mock."""

from __future__ import annotations

from anyio import sleep, to_thread
from anyio.lowlevel import checkpoint

from groqtape.recorder.clock import clock

__all__ = ["wait"]


async def wait(seconds: float) -> None:
    """Wait; 0 seconds only let other tasks run."""
    if seconds <= 0:
        await checkpoint()
    elif clock.is_genuine_elsewhere:
        await sleep(seconds)
    else:
        # A loop whose clock stands still would never wake up.
        await to_thread.run_sync(clock.sleep, seconds, abandon_on_cancel=True)
