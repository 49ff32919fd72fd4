"""The ways in which a response can end, by the names they have in a cassette."""

from __future__ import annotations

__all__ = ["CLOSED", "COMPLETE", "ERRORS", "is_end"]

COMPLETE = "complete"
"""It was read to its end."""

CLOSED = "closed"
"""Its consumer left before the end."""

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
"""The httpx errors that can cut it."""


def is_end(name: object) -> bool:
    """Whether a cassette may say that a response ended like this."""
    return isinstance(name, str) and (name in (COMPLETE, CLOSED) or name in ERRORS)
