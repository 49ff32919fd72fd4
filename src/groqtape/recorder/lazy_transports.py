"""Transports of httpx that are made when something is sent through them.

To make one takes a pool of connections, and httpcore to be imported, whether or not anything is ever sent:
for a client that only replays, nothing is.
"""

from __future__ import annotations

import functools
import ssl
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["lazy_init"]

# Where such a transport notes how it is to be made.
_HOW = "_groqtape_is_to_make_it"
_LOCK = threading.RLock()


def lazy_init(owner: Any, genuine: Callable[..., None], closing: str) -> Callable[..., None]:
    """An `__init__` that waits, where the genuine one could neither fail nor be seen, until it is needed.

    Args:
        owner: The transport's class; those of others that derive from it are made at once.
        genuine: Its own `__init__`.
        closing: The name of the method that closes it.
    """
    unmade = _unmade(owner, closing)

    def __init__(self: Any, **arguments: Any) -> None:  # noqa: N807  # it is one
        if (
            type(self) is owner
            and isinstance(arguments.get("verify"), ssl.SSLContext)
            and arguments.get("cert") is None
            and arguments.get("proxy") is None
            and hasattr(arguments.get("limits"), "max_connections")
        ):
            vars(self)[_HOW] = genuine, arguments
            self.__class__ = unmade
        else:
            genuine(self, **arguments)

    return __init__


@functools.lru_cache(maxsize=8)
def _unmade(owner: Any, closing: str) -> Any:
    """The class of those that wait: who looks for something that one lacks, or sets something, makes it."""

    def make(self: Any) -> None:
        with _LOCK:
            how = vars(self).pop(_HOW, None)
            if how is not None:
                genuine, arguments = how
                try:
                    genuine(self, **arguments)
                except BaseException:
                    vars(self)[_HOW] = how  # whoever needs it next tries again
                    raise
                self.__class__ = owner

    def __getattr__(self: Any, name: str) -> Any:  # noqa: N807
        make(self)
        return object.__getattribute__(self, name)

    def __setattr__(self: Any, name: str, value: Any) -> None:  # noqa: N807
        if name != "__class__":
            make(self)
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
