"""The headers that are written; all others stay out of a cassette."""

from __future__ import annotations

__all__ = ["KEPT_IN_REQUESTS", "KEPT_IN_RESPONSES"]

KEPT_IN_REQUESTS = frozenset({"content-type"})
# `x-should-retry` and `retry-after` change what the SDK does, `location` where it goes, `content-encoding`
# how a body is read.
KEPT_IN_RESPONSES = frozenset(
    {"content-type", "content-encoding", "location", "retry-after", "retry-after-ms", "x-should-retry"}
)
