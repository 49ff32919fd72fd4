"""A pytest plugin without a network: reaching for one fails the test, even where exceptions are caught."""

import sys
from typing import Any

_REACHES_OUT = ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname")


class NetworkUsedError(BaseException):
    """Something used the network. It is no `Exception`, so that no client takes it for a network error."""


def _refuse(event: str, args: tuple[Any, ...]) -> None:
    if event in _REACHES_OUT:
        raise NetworkUsedError(f"{event}{args[-1:]}")


sys.addaudithook(_refuse)
