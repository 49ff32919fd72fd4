"""Transports of httpx that are initialised when something is first sent through them.

To initialise one, httpx imports httpcore and makes a connection pool. A client that only replays never
sends anything, so it needs neither.
"""

from __future__ import annotations

import functools
import ssl
import sys
import threading
from typing import TYPE_CHECKING, Any

from groqtape.recorder.hosts import note_base_url
from groqtape.recorder.patches import bound
from groqtape.recorder.tls import sharing

if TYPE_CHECKING:
    from collections.abc import Callable

    from groqtape.recorder.transports import Transport

__all__ = ["lazily_initialised", "lazy_init"]

# The attribute of a lazy transport that says how to initialise it.
_HOW = "_groqtape_lazy_init"
_LOCK = threading.RLock()


@functools.lru_cache(maxsize=8)
def lazily_initialised(is_wanted: Callable[[], bool], transport: Transport, owner: Any, genuine: Any) -> Any:
    """A transport's `__init__` that shares TLS contexts, and puts off what only sending needs.

    Args:
        is_wanted: Whether to do so now. Otherwise it is the genuine one.
        transport: The transport.
        owner: Its class.
        genuine: Its own `__init__`, as it stands in the class.
    """

    def init(self: Any, **arguments: Any) -> None:
        bound(genuine, self)(**arguments)

    create_context = sys.modules[owner.__module__.partition(".")[0]].create_ssl_context
    lazy = sharing(lazy_init(owner, init, transport.closing), owner.__init__, create_context)

    @functools.wraps(lazy)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807  # it is one
        if is_wanted():
            lazy(self, *args, **kwargs)
        else:
            bound(genuine, self)(*args, **kwargs)

    return __init__


def lazy_init(owner: Any, genuine: Callable[..., None], closing: str) -> Callable[..., None]:
    """An `__init__` that puts off the genuine one where that can neither fail nor have a visible effect.

    Args:
        owner: The transport's class; its subclasses are initialised at once.
        genuine: Its own `__init__`.
        closing: The name of the method that closes it.
    """
    lazy = _lazy(owner, closing)

    def __init__(self: Any, **arguments: Any) -> None:  # noqa: N807  # it is one
        note_base_url()  # it may be another one when the client first sends
        if (
            type(self) is owner
            and isinstance(arguments.get("verify"), ssl.SSLContext)
            and arguments.get("cert") is None
            and arguments.get("proxy") is None
            and hasattr(arguments.get("limits"), "max_connections")
        ):
            vars(self)[_HOW] = genuine, arguments
            self.__class__ = lazy
        else:
            genuine(self, **arguments)

    return __init__


@functools.lru_cache(maxsize=8)
def _lazy(owner: Any, closing: str) -> Any:
    """A subclass that initialises itself when a missing attribute is read, or any attribute is set."""

    def initialise(self: Any) -> None:
        with _LOCK:
            how = vars(self).pop(_HOW, None)
            if how is not None:
                genuine, arguments = how
                try:
                    genuine(self, **arguments)
                except BaseException:
                    vars(self)[_HOW] = how  # the next use tries again
                    raise
                self.__class__ = owner

    def __getattr__(self: Any, name: str) -> Any:  # noqa: N807
        initialise(self)
        return object.__getattribute__(self, name)

    def __setattr__(self: Any, name: str, value: Any) -> None:  # noqa: N807
        if name != "__class__":
            initialise(self)
        object.__setattr__(self, name, value)

    def close(self: Any) -> None:
        """There is nothing to close."""

    async def aclose(self: Any) -> None:
        """There is nothing to close."""

    members = {
        "__module__": owner.__module__,
        "__qualname__": owner.__qualname__,
        "__getattr__": __getattr__,
        "__setattr__": __setattr__,
        closing: {"close": close, "aclose": aclose}[closing],
    }
    return type(owner.__name__, (owner,), members)
