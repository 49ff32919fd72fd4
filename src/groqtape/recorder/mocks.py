"""Whether a mock answers what httpx's transports send, as respx does."""

from __future__ import annotations

import sys

__all__ = ["mocked_below"]

# The methods through which httpx's own transports send.
_POOLS = (("ConnectionPool", "handle_request"), ("AsyncConnectionPool", "handle_async_request"))


def mocked_below() -> bool:
    """Whether something other than httpcore answers what httpx's transports send."""
    httpcore = sys.modules.get("httpcore")
    methods = [getattr(getattr(httpcore, pool, None), method, None) for pool, method in _POOLS]
    return any(method and method.__module__.partition(".")[0] != "httpcore" for method in methods)
