"""A cassette in use: it is opened and closed, and tests look at what was played and recorded."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groqtape.cassettes.ends import CLOSED
from groqtape.errors import UnplayedError
from groqtape.recorder import views
from groqtape.recorder.answers import Answers
from groqtape.recorder.cassette_file import CassetteFile
from groqtape.recorder.comparison import Comparison
from groqtape.recorder.hosts import GroqHosts
from groqtape.recorder.interceptors import interceptors
from groqtape.recorder.matching import parsed
from groqtape.recorder.settings import CassetteSettings, Owner, with_checked_mode
from groqtape.redaction.redactor import Redactor
from groqtape.redaction.shown import gate

if TYPE_CHECKING:
    from collections.abc import Iterable

    import httpx

    from groqtape.recorder.handlers import Handler
    from groqtape.recorder.vcr_view import VcrView
    from groqtape.recorder.views import RawRequest
    from groqtape.streams.stream import GroqStream

__all__ = ["Cassette"]


class Cassette:
    """A cassette in use.

    Args:
        path: The file.
        settings: How the cassette is used.
        owner: What opens it.

    Raises:
        CassetteError: The file is no valid cassette.
        GroqtapeError: A setting is invalid.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        settings: CassetteSettings = CassetteSettings(),  # noqa: B008  # immutable
        owner: Owner = Owner(),  # noqa: B008
    ) -> None:
        settings = with_checked_mode(settings)
        self._path = path if isinstance(path, Path) else Path(path)
        self._settings = settings
        self._command = owner.command
        self._here = owner.here
        self._hosts = GroqHosts(settings.hosts)
        self._redactor = Redactor(settings.keep_headers, settings.secrets, settings.allow_secrets)
        self._comparison = Comparison.of(settings)
        self._file = CassetteFile(self._path, settings, owner, self._redactor, self._comparison)
        self._answers = Answers(
            self._path, settings, owner, self._redactor, self._comparison, self._file.read()
        )
        self._process = os.getpid()
        self._closing = threading.Lock()
        self._closed = False

    def __repr__(self) -> str:
        counts = f"interactions={self.interactions} played={self.played} recorded={self.recorded}"
        return f"<Cassette {str(self._path)!r} record_mode={self.record_mode} {counts}>"

    # What tests look at

    @property
    def path(self) -> Path:
        """The cassette's file."""
        return self._path

    @property
    def record_mode(self) -> str:
        """`none`, `once`, `new_episodes` or `all`."""
        return self._settings.record_mode

    @property
    def requests(self) -> list[Any]:
        """The bodies of the requests sent in this run, in order; parsed where they are JSON."""
        return [parsed(call.body) for call in self._answers.calls]

    @property
    def raw_requests(self) -> list[RawRequest]:
        """The requests of this run, in order: method, URL and headers as redacted, body as it was sent."""
        return views.raw_requests(self._answers.calls)

    @property
    def streams(self) -> list[GroqStream]:
        """The chat streams of this run as the cassette holds them, in the order of their requests."""
        return views.streams(self._answers.calls, self._redactor)

    @property
    def as_vcr(self) -> VcrView:
        """The cassette as vcrpy's own looks, for tests that were written for it."""
        return views.as_vcr(self._answers, self._redactor)

    # What the interceptors call

    def covers(self, url: httpx.URL) -> bool:
        """Whether this cassette handles calls to this URL: to Groq, to where its answers lead, or to all."""
        if self._hosts.cover(url.scheme, url.host, url.port) or self._answers.redirects.cover(url):
            return True
        but = self._settings.other_hosts_but
        return but is not None and url.host not in but

    def handler_for(self, request: httpx.Request) -> Handler:
        """Replay the answer to a call, begin to record it, or refuse it."""
        return self._answers.handler_for(request)

    def failed(self, error: Exception, request: httpx.Request) -> Handler:
        """Refuse a call because handling it raised an error."""
        return self._answers.failed(error, request)

    # Opening and closing

    def open(self) -> None:
        """Begin to answer calls."""
        gate.open(self._redactor)
        interceptors.push(self, first_for_its_thread=True)

    def close(self, *, keep: bool, retain: Iterable[Any] | None = None) -> None:
        """Stop answering calls; write what was recorded, or leave the file as it was.

        Args:
            keep: Whether to keep what was recorded.
            retain: Signatures of the other interactions that stay in the file; None for all of them.

        Raises:
            CassetteError: It can't be written; the old file is as it was.
        """
        with self._closing:
            if self._closed:
                return
            self._closed = True
        interceptors.remove(self)
        gate.close(self._redactor)
        recordings = self._answers.recordings
        for recording in recordings:
            recording.finish(CLOSED)
        if os.getpid() != self._process:  # a forked child writes nothing: its parent does
            return
        if not keep:
            self._file.keep_aside(recordings)
        elif self._file.is_outdated_by(recordings):
            self._answers.vcr_cassette = self._file.add(recordings, retain)

    # What the owner reports

    @property
    def refused(self) -> list[str]:
        """The texts of the calls that were refused."""
        return self._answers.refusals.texts.all()

    @property
    def file(self) -> CassetteFile:
        """Its file: what closing it wrote, and what it replaced."""
        return self._file

    @property
    def keeps_aside(self) -> bool:
        """Whether what was recorded is kept aside for a later run, if the test fails."""
        return self._file.aside is not None and self._file.aside.can_keep(self._answers.recordings)

    @property
    def written(self) -> bool:
        """Whether closing it wrote the file."""
        return self._file.written

    @property
    def played(self) -> int:
        """How many calls were answered from the file."""
        return sum(call.playback is not None for call in self._answers.calls)

    @property
    def recorded(self) -> int:
        """How many calls were recorded (kept, if closing it wrote the file)."""
        return len(self._answers.recordings)

    @property
    def recorded_signatures(self) -> set[Any]:
        """The signatures of the requests that were recorded."""
        return self._signatures(recording.request for recording in self._answers.recordings)

    @property
    def interactions(self) -> int:
        """How many interactions it holds."""
        return len(self._answers.vcr_cassette)

    @property
    def chunks_recorded(self) -> int:
        """How many chunks the recorded streams have."""
        return views.chunk_count(self._answers.recordings)

    @property
    def played_numbers(self) -> list[int]:
        """The numbers of the interactions from the file that were played; the first is 1."""
        return [number for number, _ in self._answers.vcr_cassette.numbers(played=True)]

    @property
    def played_signatures(self) -> set[Any]:
        """The signatures of the recorded requests that were played."""
        return self._signatures(request for _, request in self._answers.vcr_cassette.numbers(played=True))

    def _signatures(self, requests: Iterable[Any]) -> set[Any]:
        return {one for request in requests for one in self._comparison.signatures(request)}

    def unplayed(self, also_played: Iterable[Any] = ()) -> str | None:
        """A text on the interactions that stayed unplayed; None if there are none, or if it recorded any.

        Args:
            also_played: Signatures of requests that other tests of a shared cassette played. Workers that
                recorded it in parallel may each have an answer to the same request there.
        """
        others, signatures = set(also_played), self._comparison.signatures
        numbers = self._answers.vcr_cassette.numbers(played=False)
        unplayed = [one for one in numbers if others.isdisjoint(signatures(one[1]))]
        if not unplayed or self.recorded:
            return None
        from groqtape.recorder import messages

        path = messages.shown(self._path, self._here)
        return messages.unplayed(
            path=path, unplayed=unplayed, total=self._answers.vcr_cassette.loaded, command=self._command
        )

    def is_answered_by(self, path: Path) -> bool:
        """Whether the file of another cassette answers the calls of this run."""
        return self._answers.are_in(path)

    def check(self) -> None:
        """Check that nothing was refused, and (unless that is allowed) nothing stayed unplayed.

        Raises:
            RefusedError: A call was refused, and the application caught the exception.
            UnplayedError: Interactions stayed unplayed.
        """
        self._answers.refusals.check()
        unplayed = None if self._settings.allow_unplayed else self.unplayed()
        if unplayed:
            raise UnplayedError(unplayed)
