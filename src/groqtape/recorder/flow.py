"""Whether a call is made by the code that opened a cassette, or by a thread or task that others share.

A refusal that is no `Exception` ends whatever it passes through. In a test that is wanted. But it must not
end the event loop behind a shared `TestClient`, a server in a thread, or a worker that serves later tests.
"""

from __future__ import annotations

import itertools
import threading
from contextvars import ContextVar

__all__ = ["Flow"]

_numbers = itertools.count(1)
_newest: ContextVar[int] = ContextVar("groqtape_flow", default=0)


class Flow:
    """The thread that makes this object, and in it the tasks that are begun from now on."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()
        self._number = next(_numbers)
        # A task has a copy of the context in which it was begun: an older task doesn't see this.
        _newest.set(self._number)

    @property
    def is_current(self) -> bool:
        """Whether the code that runs belongs to this flow."""
        return threading.get_ident() == self._thread and _newest.get() >= self._number
