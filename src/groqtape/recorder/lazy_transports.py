"""Transports of httpx that are initialised when something is first sent through them.

To initialise one, httpx imports httpcore and makes a connection pool. A client that only replays never
sends anything, so it needs neither.
"""

from __future__ import annotations

import functools
import ssl
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["lazy_init"]

# The attribute of a lazy transport that says how to initialise it.
_HOW = "_groqtape_lazy_init"
_LOCK = threading.RLock()


def lazy_init(owner: Any, genuine: Callable[..., None], closing: str) -> Callable[..., None]:
    """An `__init__` that puts off the genuine one where that can neither fail nor have a visible effect.

    Args:
        owner: The transport's class; its subclasses are initialised at once.
        genuine: Its own `__init__`.
        closing: The name of the method that closes it.
    """
    lazy = _lazy(owner, closing)

    def __init__(self: Any, **arguments: Any) -> None:  # noqa: N807  # it is one
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
