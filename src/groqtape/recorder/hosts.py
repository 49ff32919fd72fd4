"""Which calls are calls to Groq: groqtape touches no others."""

from __future__ import annotations

import contextlib
import functools
import os
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from groqtape.errors import GroqtapeError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["GROQ_HOST", "GroqHosts"]

GROQ_HOST = "api.groq.com"
_PORTS = {"http": 80, "https": 443}


class GroqHosts:
    """Groq's own host, the host of `GROQ_BASE_URL` (at the time of a call), and any others.

    Args:
        others: Hosts, with or without a port (`gateway.example`, `gateway.example:8443`) or as a
            URL; without a port, every port counts.

    Raises:
        GroqtapeError: One of them is no host.
    """

    def __init__(self, others: Iterable[str] = ()) -> None:
        self._fixed = [_host(GROQ_HOST), *(_parsed(other) for other in others)]
        self._base_url: str | None = None
        self._all = self._fixed

    def cover(self, scheme: str, host: str, port: int | None) -> bool:
        """Whether a URL of these parts is Groq's."""
        base_url = os.environ.get("GROQ_BASE_URL")
        if base_url != self._base_url:
            self._base_url = base_url
            self._all = self._fixed
            # An invalid URL is the client's to report; no request can be sent there.
            with contextlib.suppress(ValueError):
                self._all = [*self._fixed, _host(base_url or "")]
        return any(known.is_at(scheme, host, port) for known in self._all)


class _Host:
    def __init__(self, text: str) -> None:
        parts: SplitResult = urlsplit(text if "//" in text else f"//{text}")
        if not parts.hostname:
            raise ValueError(f"no host in {text!r}")
        self._name = _plain(parts.hostname)
        self._port = parts.port or _PORTS.get(parts.scheme)

    def is_at(self, scheme: str, host: str, port: int | None) -> bool:
        return self._name == _plain(host) and self._port in (None, port or _PORTS.get(scheme))


# Each cassette needs the same ones.
_host = functools.lru_cache(maxsize=32)(_Host)


def _plain(host: str) -> str:
    """A host as it is compared: in lower case, without the dot that may end a full name."""
    return host.lower().removesuffix(".")


def _parsed(text: str) -> _Host:
    try:
        return _host(text)
    except ValueError:
        raise GroqtapeError(
            f"expected a host (gateway.example, gateway.example:8443) or a URL, got {text!r}\n"
            "Correct the ini option groq_hosts or use_cassette(hosts=…)."
        ) from None
