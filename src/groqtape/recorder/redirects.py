"""Where answers redirect their client to: those calls belong to the cassette too, whatever their host."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import httpx

__all__ = ["Redirects"]

_STATUSES = frozenset({301, 302, 303, 307, 308})


class Redirects:
    """The URLs that the answers of a cassette led to."""

    def __init__(self) -> None:
        self._urls: set[str] = set()

    def note(self, request: httpx.Request, status: int, locations: Iterable[str]) -> None:
        """Note where an answer leads, if it leads anywhere."""
        if status in _STATUSES:
            self._urls.update(_comparable(request.url.join(location)) for location in locations)

    def cover(self, url: httpx.URL) -> bool:
        """Whether an answer led to this URL."""
        return bool(self._urls) and _comparable(url) in self._urls


def _comparable(url: httpx.URL) -> str:
    return str(url).partition("#")[0]
