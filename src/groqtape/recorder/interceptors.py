"""The stack of interceptors in front of the transports.

Whatever client makes a call, it is sent by a transport's `handle_request` (or `handle_async_request`).
While the stack has at least one interceptor (a cassette, or the guard of a session), these methods are
patched: they look for the topmost interceptor that covers the call. Every other call is sent as usual.
"""

from __future__ import annotations

import contextlib
import functools
import threading
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from groqtape.recorder.patches import Patches
from groqtape.recorder.transports import TRANSPORTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx

    from groqtape.recorder.handlers import Interceptor
    from groqtape.recorder.transports import Transport

__all__ = ["SENT_BY_US", "Interceptors", "interceptors"]

SENT_BY_US = "groqtape"
"""The httpx extension of a request that groqtape sends itself: no interceptor handles it again."""


class Interceptors:
    """The stack, and the patches that go with it.

    Patches change the process, so the process has one stack: `interceptors`.

    Attributes:
        observers: What is called with each interceptor that is put on the stack.
    """

    def __init__(self) -> None:
        self._stack: list[Interceptor] = []
        self.observers: list[Callable[[Interceptor], object]] = []
        self._openers: dict[int, tuple[threading.Thread, bool]] = {}
        sender = functools.partial(_intercepted, self.interceptor_for)
        self._sending = Patches(TRANSPORTS, attrgetter("method"), sender)
        httpx_own = [transport for transport in TRANSPORTS if transport.has_default_tls]
        self._noting = Patches(httpx_own, lambda _: "__init__", _noting_base_url)
        lazily = functools.partial(_lazily_initialised, self._wants_lazy_clients)
        self._lazy = Patches(httpx_own, lambda _: "__init__", lazily)
        self._with_lazy_clients: set[int] = set()
        self._lock = threading.RLock()

    def __len__(self) -> int:
        return len(self._stack)

    def push(
        self, interceptor: Interceptor, *, first_for_its_thread: bool = False, lazy_clients: bool = True
    ) -> None:
        """Put an interceptor on top.

        Args:
            interceptor: The interceptor.
            first_for_its_thread: Whether it handles the calls of the thread that pushes it, whatever other
                threads push on top of it.
            lazy_clients: Whether clients made while it is there may be initialised when they first send:
                see lazy_transports.py. It pays where they only replay.
        """
        with self._lock:
            for observe in self.observers:
                observe(interceptor)
            self._stack.append(interceptor)
            self._openers[id(interceptor)] = threading.current_thread(), first_for_its_thread
            if len(self._stack) == 1:
                self._sending.apply()
                self._noting.apply()
            if lazy_clients:
                from groqtape.recorder.certificate_files import look_at_certificates

                look_at_certificates()
                self._with_lazy_clients.add(id(interceptor))
                self._lazy.apply()  # it stays for the next one: to patch is more work than to ask

    def remove(self, interceptor: Interceptor) -> None:
        """Take an interceptor away, wherever it is in the stack; with the last one, undo the patches."""
        with self._lock:
            self._stack.remove(interceptor)
            self._openers.pop(id(interceptor), None)
            self._with_lazy_clients.discard(id(interceptor))
            if not self._stack:
                self._lazy.undo()
                self._noting.undo()
                self._sending.undo()

    @contextlib.contextmanager
    def under(self, interceptor: Interceptor) -> Iterator[None]:
        """After this block, move what it pushed and did not remove under an interceptor."""
        known = list(self._stack)
        try:
            yield
        finally:
            with self._lock:
                new = [each for each in self._stack if each not in known]
                others = [each for each in self._stack if each in known]
                at = others.index(interceptor) if interceptor in others else len(others)
                self._stack[:] = [*others[:at], *new, *others[at:]]

    def _wants_lazy_clients(self) -> bool:
        return bool(self._with_lazy_clients)

    def interceptor_for(self, request: httpx.Request) -> Interceptor | None:
        """The interceptor that handles a call: the topmost, or that of the thread that calls.

        None if there is none, or if an interceptor sends the call itself.
        """
        if SENT_BY_US in request.extensions:
            return None
        with self._lock:
            stack = [(each, *self._openers[id(each)]) for each in reversed(self._stack)]
        covering = [each for each in stack if each[0].covers(request.url)]
        here = threading.current_thread()
        for interceptor, thread, first_for_its_thread in covering:
            if thread is here:
                if first_for_its_thread:
                    return interceptor
                break
        return covering[0][0] if covering else None


# What a patch needs is imported with the first transport that is: a suite that calls nothing has none.


def _intercepted(interceptor_for: Callable[[httpx.Request], Interceptor | None], *patched: Any) -> Any:
    from groqtape.recorder.sending import intercepted

    return intercepted(interceptor_for, *patched)


def _noting_base_url(transport: Transport, owner: type, genuine: Any) -> Any:
    from groqtape.recorder.sending import noting_base_url

    return noting_base_url(transport, owner, genuine)


def _lazily_initialised(is_wanted: Callable[[], bool], *patched: Any) -> Any:
    from groqtape.recorder.lazy_transports import lazily_initialised

    return lazily_initialised(is_wanted, *patched)


interceptors = Interceptors()
