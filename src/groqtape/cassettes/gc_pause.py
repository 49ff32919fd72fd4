"""Python's search for garbage, put off where much is made and none of it is any."""

from __future__ import annotations

import contextlib
import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["gc_paused"]


@contextlib.contextmanager
def gc_paused() -> Generator[None]:
    """Look for no garbage in this block: a search goes through all that was made so far, and finds none."""
    as_it_was = gc.enable if gc.isenabled() else gc.disable
    gc.disable()
    try:
        yield
    finally:
        as_it_was()
