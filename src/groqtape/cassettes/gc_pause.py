"""Python's garbage collection, paused while many objects are made that all stay."""

from __future__ import annotations

import contextlib
import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["gc_paused"]


@contextlib.contextmanager
def gc_paused() -> Generator[None]:
    """Collect no garbage in this block: each collection would walk all objects made so far, and free none."""
    restore = gc.enable if gc.isenabled() else gc.disable
    gc.disable()
    try:
        yield
    finally:
        restore()
