"""How a response can end: the values of `end` in a cassette."""

from __future__ import annotations

__all__ = ["CLOSED", "COMPLETE", "ERRORS", "UNFINISHED", "is_end"]

COMPLETE = "complete"
"""It was read to its end."""

CLOSED = "closed"
"""Its consumer stopped reading before the end."""

UNFINISHED = "unfinished"
"""Nobody has read it while it is recorded. No file has this."""

ERRORS = frozenset(
    {
        "CloseError",
        "ConnectError",
        "ConnectTimeout",
        "DecodingError",
        "LocalProtocolError",
        "PoolTimeout",
        "ProxyError",
        "ReadError",
        "ReadTimeout",
        "RemoteProtocolError",
        "UnsupportedProtocol",
        "WriteError",
        "WriteTimeout",
    }
)
"""The names of the httpx errors that can cut it."""


def is_end(name: object) -> bool:
    """Whether a value is one of the ends that a cassette may hold."""
    return isinstance(name, str) and (name in (COMPLETE, CLOSED) or name in ERRORS)
