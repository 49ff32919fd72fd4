"""A cassette's file: which part of it a run reads, and how the run's recordings are added to it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from vcr.record_mode import RecordMode

from groqtape.cassettes.store import Store
from groqtape.recorder.matching import matchers, signature
from groqtape.recorder.vcr_cassette import IndexedVcrCassette

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from groqtape.cassettes.locking import CassetteLock
    from groqtape.recorder.recording import Recording
    from groqtape.recorder.settings import CassetteSettings, Owner
    from groqtape.redaction.redactor import Redactor

__all__ = ["CassetteFile"]


class CassetteFile:
    """The file of a cassette in use.

    Args:
        path: Where it is, or will be.
        settings: How the cassette is used.
        owner: What opens it.
        redactor: Redacts what is read and written.

    Raises:
        GroqtapeError: `match_on` names an unknown matcher.
    """

    def __init__(self, path: Path, settings: CassetteSettings, owner: Owner, redactor: Redactor) -> None:
        self._path = path
        self._settings = settings
        self._owner = owner
        self._redactor = redactor
        self._matchers = matchers(settings.match_on)
        # Whether another test of this run has begun the file already: then this one adds to it.
        self._resumed = False
        if owner.run is not None and settings.record_mode in ("once", "all"):
            lock = self._lock()
            with lock.held():  # a test that writes the file right now has noted the run when it is done
                self._resumed = lock.is_begun_by(owner.run)
        self._from_scratch = settings.record_mode == "all" and not self._resumed
        self._state_before = None if settings.record_mode == "none" else self._state()

    def read(self) -> IndexedVcrCassette:
        """The vcrpy cassette to answer from; without interactions where the file is recorded from scratch.

        Raises:
            CassetteError: The file is no valid cassette.
        """
        vcr_cassette = self._empty("new_episodes" if self._resumed else self._settings.record_mode)
        if not self._from_scratch:
            vcr_cassette.load()
        return vcr_cassette

    def is_outdated_by(self, recordings: list[Recording]) -> bool:
        """Whether the file has to be written: something was recorded, or `all` recorded nothing."""
        if recordings:
            return True
        return self._from_scratch and not self._owner.spare_others and self._state() is not None

    def add(self, recordings: list[Recording], retain: Iterable[Any] | None) -> IndexedVcrCassette:
        """Add recordings to what is in the file now: other processes may have written since it was read.

        Args:
            recordings: What was recorded.
            retain: Signatures of the other interactions that stay in the file; None for all of them.

        Returns:
            The vcrpy cassette as it was written.

        Raises:
            CassetteError: It can't be written; the old file is as it was.
        """
        for recording in recordings:
            self._redactor.learn_from(recording.response_headers)
        kept = None if retain is None else set(retain)
        run, spare_others = self._owner.run, self._owner.spare_others
        lock = self._lock()
        with lock.held():
            # Outside pytest there are no runs: whatever changed the file meanwhile records beside this.
            state = self._state()
            others = lock.is_begun_by(run) if run is not None else state != self._state_before
            begins = state is None or (self._from_scratch and not others and not spare_others)
            vcr_cassette = self._empty("new_episodes")
            if not begins:
                vcr_cassette.load()
            if self._from_scratch and spare_others:
                replaced = self._replaced(lock, recordings)
                vcr_cassette.retain(lambda one: one not in replaced and (kept is None or one in kept))
            for recording in recordings:
                vcr_cassette.append(recording.request, recording.response())
            vcr_cassette.save()
            if begins and run is not None:
                lock.begin(run)
        return vcr_cassette

    def _lock(self) -> CassetteLock:
        from groqtape.cassettes.locking import CassetteLock

        return CassetteLock(self._path)

    def _state(self) -> tuple[int, ...] | None:
        """What tells this file from one written in its place; None where there is none."""
        try:
            stat = self._path.stat()
        except (OSError, ValueError):
            return None
        return stat.st_ino, stat.st_mtime_ns, stat.st_size

    def _empty(self, record_mode: str) -> IndexedVcrCassette:
        return IndexedVcrCassette(
            indexed=self._settings.match_on is None,
            path=str(self._path),
            persister=Store(self._redactor),
            record_mode=RecordMode(record_mode),
            match_on=self._matchers,
            before_record_request=self._redactor.request,
            allow_playback_repeats=self._settings.allow_repeats,
        )

    def _replaced(self, lock: CassetteLock, recordings: list[Recording]) -> set[Any]:
        """Signatures of the interactions that these recordings replace.

        An interaction that another test of this run has just recorded anew is not replaced.
        """
        run = self._owner.run or ""
        renewed = lock.renewed_by(run)
        signatures = {signature(recording.request) for recording in recordings}
        anew = {hashlib.sha256(repr(one).encode()).hexdigest(): one for one in signatures}
        lock.renew(run, renewed | anew.keys())
        return {one for digest, one in anew.items() if digest not in renewed}
