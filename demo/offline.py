"""A pytest plugin without a network: what reaches for one fails the test, whatever catches exceptions."""

import sys
from typing import Any

_REACHES_OUT = ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname")


class NetworkUsedError(BaseException):
    """Something reached for the network. It is no `Exception`, so that no client takes it for a bad line."""


def _refuse(event: str, args: tuple[Any, ...]) -> None:
    if event in _REACHES_OUT:
        raise NetworkUsedError(f"{event}{args[-1:]}")


sys.addaudithook(_refuse)
