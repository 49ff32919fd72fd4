"""A cassette's file: which part of it a run reads, and how the run's recordings are added to it."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, Any

from vcr.record_mode import RecordMode

from groqtape.cassettes.store import Store
from groqtape.recorder.genuine_files import on_genuine_files
from groqtape.recorder.vcr_cassette import IndexedVcrCassette

if TYPE_CHECKING:
    from collections.abc import Iterable

    from groqtape.cassettes.run_notes import RunNotes
    from groqtape.recorder.comparison import Comparison
    from groqtape.recorder.kept_recordings import KeptAside, KeptRecording
    from groqtape.recorder.recording import Recording
    from groqtape.recorder.settings import CassetteSettings, Owner
    from groqtape.redaction.redactor import Redaction, Redactor

__all__ = ["CassetteFile"]


class CassetteFile:
    """The file of a cassette in use.

    Args:
        path: Where it is, or will be.
        settings: How the cassette is used.
        owner: What opens it.
        redactor: Redacts what is read and written.
        comparison: How requests are compared.
    """

    @on_genuine_files
    def __init__(
        self,
        path: Path,
        settings: CassetteSettings,
        owner: Owner,
        redactor: Redactor,
        comparison: Comparison,
    ) -> None:
        self._path = path
        self._settings = settings
        self._owner = owner
        self._redactor = redactor
        self._comparison = comparison
        self.aside = _kept_aside(owner, redactor)
        """What tests that failed have recorded, if this run keeps that."""
        self._kept = self.aside.recordings if self.aside else []
        self._resumed = self._is_resumed()
        replaces = settings.record_mode == "all" or (self.aside is not None and self.aside.from_scratch)
        self._from_scratch = replaces and not self._resumed
        self._state_before = None if settings.record_mode == "none" else self._state()
        self._requests_before: list[Any] = []
        self.paths = (path, *map(Path, settings.also_read))
        """This file, and further ones that it answers from."""
        self.written = False
        """Whether `add` has written the file."""
        self.replaced: tuple[int, bytes] | None = None
        """When the file that `add` replaced was written (in nanoseconds), and its content."""
        self.redactions: Counter[Redaction] = Counter()
        """What has been redacted from what `add` has written, and how often."""

    @on_genuine_files
    def read(self) -> IndexedVcrCassette:
        """The vcrpy cassette to answer from; without interactions where the file is recorded from scratch.

        Raises:
            CassetteError: The file is no valid cassette.
        """
        mode = self._settings.record_mode
        adds = self._resumed or (self._kept and mode != "none")
        vcr_cassette = self._empty("new_episodes" if adds else mode)
        if self.aside is not None and self._kept:
            vcr_cassette.load(*self._settings.also_read, self.aside.path, alone=self._from_scratch)
        elif not self._from_scratch:
            vcr_cassette.load(*self._settings.also_read)
            # Another test of this run may have begun the file just before it was read.
            if not self._resumed and self._is_resumed():
                vcr_cassette = self._empty("new_episodes")
                vcr_cassette.load()
        if mode != "none" or self._kept:
            self._requests_before = vcr_cassette.requests
        return vcr_cassette

    def is_outdated_by(self, recordings: list[Recording]) -> bool:
        """Whether the file has to be written: something was recorded, or `all` recorded nothing."""
        if recordings or self._kept:
            return True
        return self._from_scratch and not self._owner.spare_others and self._state() is not None

    @on_genuine_files
    def keep_aside(self, recordings: list[Recording]) -> None:
        """Keep what the test that failed has recorded, for a later run."""
        if self.aside is not None:
            self.aside.keep(recordings, from_scratch=self._from_scratch)

    @on_genuine_files
    def add(self, new: list[Recording], retain: Iterable[Any] | None) -> IndexedVcrCassette:
        """Add recordings to what is in the file now: other processes may have written since it was read.

        Args:
            new: What was recorded. What was kept aside, and played, comes before it.
            retain: Signatures of the other interactions that stay in the file; None for all of them.

        Returns:
            The vcrpy cassette as it was written; without interactions, the file was deleted.

        Raises:
            CassetteError: It can't be written; the old file is as it was.
        """
        from groqtape.cassettes.locking import CassetteLock

        recordings: list[Recording | KeptRecording] = [*self._kept, *new]
        kept = None if retain is None else set(retain)
        notes, spare_others = self._notes(), self._owner.spare_others
        with CassetteLock(self._path).held():
            # Outside pytest there are no runs: whatever changed the file meanwhile records beside this.
            state = self._state()
            others = notes.has_begun if notes is not None else state != self._state_before
            begins = state is None or (self._from_scratch and not others and not spare_others)
            vcr_cassette = self._empty("new_episodes")
            if not begins:
                vcr_cassette.load()
            noted = set() if notes is None else notes.renewed
            renewed = noted
            if self._from_scratch and spare_others:
                anew = self._digests(recordings)
                replaced = {one for digest, one in anew.items() if digest not in noted}
                renewed = noted | anew.keys()
                vcr_cassette.retain(
                    lambda one: replaced.isdisjoint(one) and (kept is None or not kept.isdisjoint(one))
                )
            elif not begins and notes is not None and not others:
                recordings = self._without_those_of_another_run(vcr_cassette, recordings)
                if not recordings:
                    return vcr_cassette
            for recording in recordings:
                vcr_cassette.append(recording.request, recording.response())
            if not len(vcr_cassette):  # the test no longer calls Groq
                self._path.unlink(missing_ok=True)
                self.written = True
                return vcr_cassette
            draft = None
            if notes is not None and (begins or renewed != noted):
                draft = notes.draft(begun=begins or others, renewed=renewed)
            self.replaced = self._content()
            self._redactor.take_redactions()
            vcr_cassette.save()
            self.written = True
            if self.aside is not None:
                self.aside.discard()
            self.redactions = self._redactor.take_redactions()
            for recording in new:
                self.redactions.update(recording.request.redactions)
            if draft is not None:
                draft.publish()
        return vcr_cassette

    def _is_resumed(self) -> bool:
        """Whether another test of this run has begun the file already: then this one adds to it."""
        notes = self._notes() if self._settings.record_mode in ("once", "all") else None
        if notes is None or self._state() is None:
            return False
        from groqtape.cassettes.locking import CassetteLock

        CassetteLock(self._path).wait()  # a test that writes the file right now notes it when it is done
        return notes.has_begun

    def _notes(self) -> RunNotes | None:
        if self._owner.run is None:
            return None
        from groqtape.cassettes.run_notes import RunNotes

        return RunNotes(self._path, self._owner.run)

    def _without_those_of_another_run(
        self, vcr_cassette: IndexedVcrCassette, recordings: list[Recording | KeptRecording]
    ) -> list[Recording | KeptRecording]:
        """Leave out the requests that another run has recorded into the file since it was read."""
        signature = self._comparison.signature
        new = Counter(map(signature, vcr_cassette.requests)) - Counter(map(signature, self._requests_before))
        return [recording for recording in recordings if signature(recording.request) not in new]

    def _content(self) -> tuple[int, bytes] | None:
        try:
            state = self._path.stat()
            # A pipe or a device may have no end; writing in its place is an error, which saving raises.
            return (state.st_mtime_ns, self._path.read_bytes()) if S_ISREG(state.st_mode) else None
        except (OSError, ValueError):
            return None

    def _state(self) -> tuple[int, ...] | None:
        """What tells this file from one written in its place; None where there is none."""
        try:
            stat = self._path.stat()
        except (OSError, ValueError):
            return None
        return stat.st_ino, stat.st_mtime_ns, stat.st_size

    def _empty(self, record_mode: str) -> IndexedVcrCassette:
        return IndexedVcrCassette(
            comparison=self._comparison,
            path=str(self._path),
            persister=Store(self._redactor),
            record_mode=RecordMode(record_mode),
            before_record_request=self._redactor.request,
            allow_playback_repeats=self._settings.allow_repeats,
        )

    def _digests(self, recordings: list[Recording | KeptRecording]) -> dict[str, Any]:
        """The signatures of recorded requests, by what a note has for each."""
        signatures = {self._comparison.signature(recording.request) for recording in recordings}
        return {hashlib.sha256(repr(one).encode()).hexdigest(): one for one in signatures}


def _kept_aside(owner: Owner, redactor: Redactor) -> KeptAside | None:
    if owner.aside is None:
        return None
    from groqtape.recorder.kept_recordings import KeptAside

    return KeptAside(owner.aside, redactor)
