"""Which calls are calls to Groq: groqtape touches no others."""

from __future__ import annotations

import contextlib
import functools
import ipaddress
import os
import re
from collections import deque
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from groqtape.errors import GroqtapeError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["GROQ_HOST", "GroqHosts", "is_loopback", "note_base_url"]

GROQ_HOST = "api.groq.com"
_PORTS = {"http": 80, "https": 443}
_ANY_SUBDOMAIN = "*."
# A label of a name may have an underscore: container networks use it. Compiled when first used.
_NAME = r"[^\W_](?:[\w-]*\w)?(?:\.\w(?:[\w-]*\w)?)*"

# The last values of GROQ_BASE_URL in this process: a client keeps the one with which it was made. In some
# suites, each test has a server of its own.
_base_urls: deque[str] = deque(maxlen=128)


class GroqHosts:
    """Groq's own host, the hosts that `GROQ_BASE_URL` names or named, and any others.

    Args:
        others: Hosts: `gateway.example` (at any port), `gateway.example:8443`, `*.gateway.example` (each
            host below that one), or a URL, whose path does not count.

    Raises:
        GroqtapeError: One of them is no host.
    """

    def __init__(self, others: Iterable[str] = ()) -> None:
        self._others = [_parsed(other) for other in others]
        self._fixed = [_host(GROQ_HOST), *self._others]
        self._base_urls: tuple[str, ...] = ()
        self._all = self._fixed

    def cover(self, scheme: str, host: str, port: int | None) -> bool:
        """Whether a URL of these parts is Groq's."""
        note_base_url()
        base_urls = tuple(_base_urls)
        if self._base_urls != base_urls:
            self._base_urls = base_urls
            self._all = [*self._fixed, *_hosts_of(base_urls)]
        return any(known.is_at(scheme, host, port) for known in self._all)

    def name(self, scheme: str, host: str, port: int | None) -> bool:
        """Whether one of the others is at a URL of these parts."""
        return any(known.is_at(scheme, host, port) for known in self._others)


def note_base_url(base_url: str | None = None) -> None:
    """Note a value of `GROQ_BASE_URL`, by default the present one: a client that is made now keeps it."""
    base_url = base_url or os.environ.get("GROQ_BASE_URL")
    if base_url and base_url not in _base_urls:
        _base_urls.append(base_url)


def is_loopback(host: str) -> bool:
    """Whether a call to a host stays on this machine."""
    name = _plain(host.strip("[]"))
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


class _Host:
    """A host of Groq's.

    Args:
        text: What names it.

    Raises:
        ValueError: The text names no host that a call could go to.
    """

    def __init__(self, text: str) -> None:
        parts = urlsplit(text if "//" in text else f"//{text}")
        if parts.scheme not in ("", *_PORTS):
            raise ValueError(f"{parts.scheme} is neither http nor https")
        name = _plain(parts.hostname or "")
        self._is_suffix = name.startswith(_ANY_SUBDOMAIN)
        self._name = name.removeprefix("*") if self._is_suffix else name
        _check(name.removeprefix(_ANY_SUBDOMAIN))
        self._port = parts.port or _PORTS.get(parts.scheme)

    def is_at(self, scheme: str, host: str, port: int | None) -> bool:
        here = _plain(host)
        is_named = here.endswith(self._name) if self._is_suffix else here == self._name
        return is_named and self._port in (None, port or _PORTS.get(scheme))


# Each cassette needs the same ones.
_host = functools.lru_cache(maxsize=256)(_Host)


def _check(name: str) -> None:
    """Check that a call can go to a host of this name.

    Raises:
        ValueError: It can't.
    """
    with contextlib.suppress(ValueError):
        ipaddress.ip_address(name)
        return
    if not re.fullmatch(_NAME, name) or name.rpartition(".")[2].isdigit():
        raise ValueError(f"{name!r} is no host")


def _hosts_of(base_urls: Iterable[str]) -> list[_Host]:
    hosts = []
    for url in base_urls:
        # An invalid URL is the client's to report; no request can be sent there.
        with contextlib.suppress(ValueError):
            hosts.append(_host(url))
    return hosts


@functools.lru_cache(maxsize=64)
def _plain(host: str) -> str:
    """A host as it is compared: in lower case, without the dot that may end a full name, not as punycode."""
    name = host.lower().removesuffix(".")
    if "xn--" in name:
        with contextlib.suppress(UnicodeError):
            return name.encode("ascii").decode("idna")
    return name


def _parsed(text: str) -> _Host:
    try:
        return _host(text)
    except ValueError:
        raise GroqtapeError(
            "expected a host (gateway.example, gateway.example:8443, *.gateway.example) or a URL, "
            f"got {text!r}\n"
            "Correct the ini option groq_hosts (entries are separated by spaces) or use_cassette(hosts=…)."
        ) from None
