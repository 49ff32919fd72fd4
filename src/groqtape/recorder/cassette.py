"""The cassette while it is in use: it answers calls from what is recorded, and records what is not."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from vcr.errors import CannotOverwriteExistingCassetteException
from vcr.record_mode import RecordMode

from groqtape.cassettes.ends import CLOSED
from groqtape.cassettes.store import Store
from groqtape.errors import GroqtapeError, RefusedError, UnplayedError
from groqtape.recorder.hosts import GroqHosts
from groqtape.recorder.interceptors import interceptors
from groqtape.recorder.matching import matchers, parsed, signature
from groqtape.recorder.pace import parse_pace
from groqtape.recorder.playback import Playback
from groqtape.recorder.record_modes import RECORD_MODES
from groqtape.recorder.vcr_cassette import IndexedVcrCassette
from groqtape.redaction.placeholder import PLACEHOLDER_KEY
from groqtape.redaction.redactor import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import httpx

    from groqtape.cassettes.locking import CassetteLock
    from groqtape.recorder.recording import Recording
    from groqtape.streams.stream import GroqStream

__all__ = ["Cassette"]


class _Exchange:
    """One call of this run: as it was sent, as it is compared, and what became of it."""

    def __init__(self, body: bytes, asked: Any) -> None:
        self.body = body
        self.asked = asked
        # Neither: it was refused.
        self.playback: Playback | None = None
        self.take: Recording | None = None


class _Refusals:
    """The calls that were refused: what swallows the exception does not save the test.

    Args:
        make: Makes what is raised, from a text.
    """

    def __init__(self, make: Callable[[str], BaseException]) -> None:
        self._make = make
        self.texts: list[str] = []

    def refuse(self, text: str) -> NoReturn:
        """Refuse a call, and remember it."""
        self.texts.append(text)
        raise self._make(text)

    def check(self) -> None:
        """Raise what the first was refused with once more."""
        if self.texts:
            raise self._make(self.texts[0])


class Cassette:
    """A cassette in use.

    Args:
        path: The file.
        record_mode: `none` (replay alone), `once` (record if there is no file yet), `new_episodes`
            (record what the file lacks) or `all` (record everything, from scratch).
        pace: See `groqtape.recorder.pace.parse_pace`.
        match_on: Names of vcrpy matchers, or matchers; None for method, path, query and body.
        allow_repeats: Whether an interaction may be played more than once.
        hosts: Hosts that are Groq's too: see `groqtape.recorder.hosts.GroqHosts`.
        keep_headers: Names of headers to keep, beside the few that replaying needs.
        secrets: Regular expressions for what else is a secret.
        run: Names the test run, in whichever of its processes; what the same run began is gone on with.
        spare_others: Whether `all` replaces only what it records anew: others use the cassette too.
        refusal: Makes what is raised in place of an answer, from its text.
        command: Gives the command that records in a mode, for the texts.

    Raises:
        CassetteError: The file is no good cassette.
        GroqtapeError: An argument is not as it should be.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        record_mode: str = "none",
        *,
        pace: str | float = "instant",
        match_on: Iterable[Any] | None = None,
        allow_repeats: bool = False,
        hosts: Iterable[str] = (),
        keep_headers: Iterable[str] = (),
        secrets: Iterable[str] = (),
        run: str | None = None,
        spare_others: bool = False,
        refusal: Callable[[str], BaseException] = RefusedError,
        command: Callable[[str], str] | None = None,
    ) -> None:
        record_mode = getattr(record_mode, "value", record_mode)
        if record_mode not in RECORD_MODES:
            raise GroqtapeError(f"expected a record mode ({', '.join(RECORD_MODES)}), got {record_mode!r}")
        self._path = path if isinstance(path, Path) else Path(path)
        self._record_mode = record_mode
        self._pace = parse_pace(pace)
        self._matchers = matchers(match_on)
        self._indexed = match_on is None
        self._allow_repeats = allow_repeats
        self._hosts = GroqHosts(hosts)
        self._run = run
        self._spare_others = spare_others
        self._refusals = _Refusals(refusal)
        self._command = command or (
            lambda mode: f'groqtape.use_cassette({str(path)!r}, record_mode="{mode}")'
        )
        self._redactor = Redactor(keep_headers, secrets)
        self._lock = threading.RLock()
        self._exchanges: list[_Exchange] = []
        self._failing: dict[Any, Any] = {}
        self._closed = False
        self._process = os.getpid()
        self._written = False
        resumed = False
        if run is not None and record_mode in ("once", "all"):
            lock = self._file_lock()
            with lock.held():  # who writes it now has then said that this run began it
                resumed = lock.is_begun_by(run)
        self._from_scratch = record_mode == "all" and not resumed
        self._was = None if record_mode == "none" else self._state()
        self._engine = self._new_engine("new_episodes" if resumed else record_mode)
        if not self._from_scratch:
            self._engine.load()

    def _file_lock(self) -> CassetteLock:
        from groqtape.cassettes.locking import CassetteLock

        return CassetteLock(self._path)

    def _state(self) -> tuple[int, ...] | None:
        """What tells the file from one that somebody writes in its place; None where there is none."""
        try:
            stat = self._path.stat()
        except (OSError, ValueError):
            return None
        return stat.st_ino, stat.st_mtime_ns, stat.st_size

    def _new_engine(self, record_mode: str) -> IndexedVcrCassette:
        return IndexedVcrCassette(
            indexed=self._indexed,
            path=str(self._path),
            persister=Store(self._redactor),
            record_mode=RecordMode(record_mode),
            match_on=self._matchers,
            before_record_request=self._redactor.request,
            allow_playback_repeats=self._allow_repeats,
        )

    def __repr__(self) -> str:
        return (
            f"<Cassette {str(self._path)!r} record_mode={self._record_mode} "
            f"interactions={self.interactions} played={self.played} recorded={self.recorded}>"
        )

    # What tests look at

    @property
    def path(self) -> Path:
        """The cassette's file."""
        return self._path

    @property
    def record_mode(self) -> str:
        """`none`, `once`, `new_episodes` or `all`."""
        return self._record_mode

    @property
    def requests(self) -> list[Any]:
        """The bodies of the requests sent in this run, in their order, parsed where they are JSON."""
        return [parsed(exchange.body) for exchange in self._exchanges]

    @property
    def streams(self) -> list[GroqStream]:
        """The chat streams of this run as the cassette holds them, in the order of their requests."""
        responses = []
        for exchange in self._exchanges:
            if exchange.playback:
                responses.append(exchange.playback.response())
            elif exchange.take:
                responses.append(self._redactor.response(exchange.take.response()))
        return _streams_in(responses)

    # What the transport asks

    def covers(self, url: httpx.URL) -> bool:
        """Whether calls to this URL are Groq's, and so this cassette's business."""
        return self._hosts.cover(url.scheme, url.host, url.port)

    def handler_for(self, request: httpx.Request) -> Playback | Recording:
        """Play the answer to a call, or begin to record it.

        Raises:
            RefusedError: It is not recorded, and the record mode adds nothing (or what `refusal` makes).
        """
        if self._redactor.learn_from(request.headers.multi_items()):
            with self._lock:
                self._engine.redact_anew()
        asked = self._redactor.call(request)
        retry = _retry(request)
        with self._lock:
            if retry and (failing := self._failing.get(signature(asked))):
                # The same failure once more: the recording's SDK had tried as often.
                return self._playback(failing, request, asked, retry)
            exchange = _Exchange(request.content, asked)
            self._exchanges.append(exchange)
            if self._engine.can_play_response_for(asked):
                response = self._engine.play_response(asked)
                playback = self._playback(response, request, asked, retry)
                if playback.is_tried_again:
                    self._failing[signature(asked)] = response
                exchange.playback = playback
                return playback
            if self._engine.write_protected:
                self._refusals.refuse(self._unrecorded(asked))
            if PLACEHOLDER_KEY in request.headers.get("authorization", ""):
                from groqtape.recorder.messages import no_key

                self._refusals.refuse(no_key(path=self._path, asked=asked))
            # Imported here, like all that only some tests need: one that just replays pays for nothing else.
            from groqtape.recorder.recording import Recording

            exchange.take = take = Recording(asked, retry)
            self._forget_failed_try(take)
            return take

    def _playback(self, response: Any, request: httpx.Request, asked: Any, retry: int) -> Playback:
        # It knows no more of this cassette than it needs: what knew each other in a circle would be kept,
        # with its events, until Python next looks for garbage.
        path, command, refuse = self._path, self._command, self._refusals.refuse

        def refuse_past_end() -> NoReturn:
            from groqtape.recorder.messages import past_end

            refuse(past_end(path=path, asked=asked, command=command))

        return Playback(response, request, self._pace, refuse_past_end, retry)

    def _forget_failed_try(self, take: Recording) -> None:
        """Put this try in the place of the one it makes good: the SDK counts its retries in a header."""
        for exchange in reversed(self._exchanges):
            before = exchange.take
            if (
                before is not None
                and before.failed
                and before.retry == take.retry - 1
                and signature(exchange.asked) == signature(take.request)
            ):
                self._exchanges[self._exchanges.index(exchange)] = self._exchanges.pop()
                return

    def _unrecorded(self, asked: Any) -> str:
        from groqtape.recorder.messages import unrecorded

        error = CannotOverwriteExistingCassetteException(cassette=self._engine, failed_request=asked)
        numbers = {id(request): number for number, request in enumerate(self._engine.requests, 1)}
        return unrecorded(
            path=self._path,
            record_mode=self._record_mode,
            reason=error.reason,
            asked=asked,
            similar=[
                (numbers[id(request)], request, [name for name, _ in failed])
                for request, _, failed in error.similar_requests
            ],
            command=self._command,
        )

    # Opening and closing

    def open(self) -> None:
        """Begin to answer calls."""
        interceptors.push(self, first_for_its_thread=True)

    def close(self, *, keep: bool, retain: Iterable[Any] | None = None) -> None:
        """Stop answering calls; write what was recorded, or leave the file as it was.

        Args:
            keep: Whether what was recorded is worth keeping.
            retain: Signatures of what else is to stay in the file; None for all that is there.

        Raises:
            CassetteError: It can't be written; the old file is as it was.
        """
        with self._lock:
            if self._closed:
                return
            self._closed = True
        interceptors.remove(self)
        takes = self._takes()
        for take in takes:
            take.ends(CLOSED)
        keep = keep and os.getpid() == self._process  # what a fork of it leaves is its parent's to write
        if keep and (takes or (self._from_scratch and not self._spare_others and self._state() is not None)):
            self._save(takes, None if retain is None else set(retain))

    def _save(self, takes: list[Recording], retain: set[Any] | None) -> None:
        """Add what was recorded to what is in the file now: others may have written since it was read."""
        for take in takes:
            self._redactor.learn_from(take.response_headers)
        lock = self._file_lock()
        with lock.held():
            # Outside pytest there are no runs: what others wrote meanwhile is of those who record beside us.
            is_now = self._state()
            others = lock.is_begun_by(self._run) if self._run is not None else is_now != self._was
            begins = is_now is None or (self._from_scratch and not others and not self._spare_others)
            self._engine = self._new_engine("new_episodes")
            if not begins:
                self._engine.load()
            if self._from_scratch and self._spare_others:
                replaced = self._replaced(lock)
                self._engine.retain(lambda one: one not in replaced and (retain is None or one in retain))
            for take in takes:
                self._engine.append(take.request, take.response())
            self._engine.save()
            if begins and self._run is not None:
                lock.begin(self._run)
        self._written = True

    def _replaced(self, lock: CassetteLock) -> set[Any]:
        """Signatures of what is recorded anew, but for what another test of this run has recorded anew."""
        run = self._run or ""
        renewed = lock.renewed_by(run)
        anew = {hashlib.sha256(repr(one).encode()).hexdigest(): one for one in self.recorded_signatures}
        lock.renew(run, renewed | anew.keys())
        return {one for digest, one in anew.items() if digest not in renewed}

    def _takes(self) -> list[Recording]:
        return [exchange.take for exchange in self._exchanges if exchange.take]

    @property
    def refused(self) -> list[str]:
        """The texts of the calls that were refused."""
        return list(self._refusals.texts)

    @property
    def written(self) -> bool:
        """Whether closing it wrote the file."""
        return self._written

    @property
    def played(self) -> int:
        """How many calls were answered from the file."""
        return sum(exchange.playback is not None for exchange in self._exchanges)

    @property
    def recorded(self) -> int:
        """How many calls were recorded (kept, if closing it wrote the file)."""
        return len(self._takes())

    @property
    def recorded_signatures(self) -> set[Any]:
        """What the requests recorded are compared by."""
        return {signature(take.request) for take in self._takes()}

    @property
    def interactions(self) -> int:
        """How many interactions it holds."""
        return len(self._engine)

    @property
    def chunks_recorded(self) -> int:
        """How many chunks the recorded streams have."""
        return sum(len(stream.chunks) for stream in _streams_in([take.response() for take in self._takes()]))

    @property
    def played_signatures(self) -> set[Any]:
        """What the recorded requests that were played are compared by."""
        return {signature(request) for _, request in self._engine.numbers(played=True)}

    def unplayed(self, also_played: Iterable[Any] = ()) -> str | None:
        """What the run never asked for, as a text; None if that is nothing, or if it recorded anything.

        Args:
            also_played: Signatures of requests that other tests of a shared cassette played. Workers that
                recorded it in parallel may each have an answer to the same request there.
        """
        others = set(also_played)
        left = [one for one in self._engine.numbers(played=False) if signature(one[1]) not in others]
        if not left or self.recorded:
            return None
        from groqtape.recorder.messages import unplayed

        return unplayed(path=self._path, left=left, total=self._engine.loaded, command=self._command)

    def check(self, *, allow_unplayed: bool = False) -> None:
        """See that nothing was refused, and (unless that is allowed) nothing left unplayed.

        Raises:
            RefusedError: A call was refused, and something swallowed it.
            UnplayedError: Interactions were left unplayed.
        """
        self._refusals.check()
        left = None if allow_unplayed else self.unplayed()
        if left:
            raise UnplayedError(left)


def _streams_in(responses: list[dict[str, Any]]) -> list[GroqStream]:
    if not responses:
        return []
    # Imported here: who looks at no stream pays nothing for the classes of its chunks.
    from groqtape.cassettes.loading import streams_in

    return streams_in(responses)


def _retry(request: httpx.Request) -> int:
    count = request.headers.get("x-stainless-retry-count", "0")
    return int(count) if count.isdecimal() else 0
