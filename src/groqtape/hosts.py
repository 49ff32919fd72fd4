"""Which calls are calls to Groq; all others are none of groqtape's business."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["GROQ_HOST", "GroqHosts"]

GROQ_HOST = "api.groq.com"
_PORTS = {"http": 80, "https": 443}


class GroqHosts:
    """Groq's own host, that of `GROQ_BASE_URL` (as it is at the time of a call), and any others.

    Args:
        others: Hosts, with or without a port (`gateway.example`, `gateway.example:8443`) or as a
            URL; without a port, every port counts.
    """

    def __init__(self, others: Iterable[str] = ()) -> None:
        self._fixed = [_Host(GROQ_HOST), *(_Host(other) for other in others)]
        self._base_url: str | None = None
        self._all = self._fixed

    def cover(self, scheme: str, host: str, port: int | None) -> bool:
        """Whether a URL of these parts is Groq's."""
        base_url = os.environ.get("GROQ_BASE_URL")
        if base_url != self._base_url:
            self._base_url = base_url
            self._all = [*self._fixed, _Host(base_url)] if base_url else self._fixed
        return any(known.is_at(scheme, host, port) for known in self._all)


class _Host:
    def __init__(self, text: str) -> None:
        parts: SplitResult = urlsplit(text if "//" in text else f"//{text}")
        self._name = (parts.hostname or "").lower()
        self._port = parts.port or _PORTS.get(parts.scheme)

    def is_at(self, scheme: str, host: str, port: int | None) -> bool:
        return self._name == host.lower() and self._port in (None, port or _PORTS.get(scheme))
