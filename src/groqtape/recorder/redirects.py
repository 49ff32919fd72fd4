"""Where answers redirect their client to: those calls belong to the cassette too, whatever their host."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from groqtape.recorder.httpx_module import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Redirects"]

_STATUSES = frozenset({301, 302, 303, 307, 308})


class Redirects:
    """The URLs that the answers of a cassette led to."""

    def __init__(self) -> None:
        self._urls: set[str] = set()

    def note(self, request: httpx.Request, status: int, headers: httpx.Headers) -> None:
        """Note where an answer leads, if it leads anywhere."""
        if status in _STATUSES and "location" in headers:
            # httpx joins those of several headers.
            for location in {headers["location"], *headers.get_list("location")}:
                self._urls.update(map(_comparable, _targets(request.url, location)))

    def cover(self, url: httpx.URL) -> bool:
        """Whether an answer led to this URL."""
        return bool(self._urls) and _comparable(url) in self._urls


def _targets(base: httpx.URL, location: str) -> Iterator[httpx.URL]:
    """Where a location leads: as the standard has it, and as httpx does where it has no host (`http:///path`)."""
    with contextlib.suppress(httpx.InvalidURL):  # the client reports it
        yield base.join(location)
        url = httpx.URL(location)
        if url.scheme and not url.host:
            yield url.copy_with(host=base.host)


def _comparable(url: httpx.URL) -> str:
    return str(url).partition("#")[0]
