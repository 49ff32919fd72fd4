"""What a cassette does with each call: replay the recorded answer, record a live one, or refuse."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, NoReturn

from groqtape.recorder.flow import Flow
from groqtape.recorder.pace import parse_pace
from groqtape.recorder.playback import Playback
from groqtape.recorder.redirects import Redirects
from groqtape.recorder.refusals import Refusals
from groqtape.redaction.placeholder import PLACEHOLDER_KEY

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from groqtape.recorder.comparison import Comparison
    from groqtape.recorder.handlers import Handler
    from groqtape.recorder.recording import Recording
    from groqtape.recorder.settings import CassetteSettings, Owner
    from groqtape.recorder.vcr_cassette import IndexedVcrCassette
    from groqtape.redaction.redactor import Redactor

__all__ = ["Answers", "Call"]


class Call:
    """One call of this run.

    Attributes:
        body: The request's body as it was sent.
        request: The request as it is compared: vcrpy's, redacted.
        playback: The recorded answer, if the call was replayed.
        recording: The live answer, if the call was recorded. A call with neither was refused.
    """

    def __init__(self, body: bytes, request: Any) -> None:
        self.body = body
        self.request = request
        self.playback: Playback | None = None
        self.recording: Recording | None = None


class Answers:
    """Answers the calls of a run, in whichever threads and tasks they are made.

    Args:
        path: The cassette's file, for messages.
        settings: How the cassette is used.
        owner: What opened it.
        redactor: Redacts requests before they are compared.
        comparison: How requests are compared.
        vcr_cassette: What is recorded already.

    Raises:
        GroqtapeError: The pace is none.
    """

    def __init__(
        self,
        path: Path,
        settings: CassetteSettings,
        owner: Owner,
        redactor: Redactor,
        comparison: Comparison,
        vcr_cassette: IndexedVcrCassette,
    ) -> None:
        self._path = path
        self._here = owner.here
        self._pace = parse_pace(settings.pace)
        self._settings = settings
        self._owner = owner
        self._command = owner.command
        self._comparison = comparison
        self._redactor = redactor
        self.vcr_cassette = vcr_cassette
        self.refusals = Refusals(owner.refusal, owner.flow or Flow())
        self.redirects = Redirects()
        self.calls: list[Call] = []
        self._failing: dict[Any, Any] = {}
        self._lock = threading.RLock()

    @property
    def recordings(self) -> list[Recording]:
        """The live answers, in the order in which their requests were sent."""
        return [call.recording for call in self.calls if call.recording]

    def handler_for(self, httpx_request: httpx.Request) -> Handler:
        """Replay the answer to a call, begin to record it, or refuse it."""
        self._learn_from(httpx_request.headers)
        request = self._redactor.call(httpx_request)
        retry = _retry(httpx_request)
        with self._lock:
            if retry and (failing := self._failing.get(self._comparison.signature(request))):
                # The same failure once more: the SDK tried as often while it was recorded.
                return self._playback(failing, httpx_request, request, retry)
            call = Call(httpx_request.content, request)
            self.calls.append(call)
            if self.vcr_cassette.can_play_response_for(request):
                response = self.vcr_cassette.play_response(request)
                playback = self._playback(response, httpx_request, request, retry)
                if playback.is_tried_again:
                    self._failing[self._comparison.signature(request)] = response
                call.playback = playback
                return playback
            if self.vcr_cassette.write_protected:
                return self.refusals.handler(self._unrecorded(request))
            if PLACEHOLDER_KEY in httpx_request.headers.get("authorization", ""):
                from groqtape.recorder.callers import called_at
                from groqtape.recorder.messages import no_key

                text = no_key(path=self._shown, now=request, called_at=called_at(self._here))
                return self.refusals.handler(text)
            # Imported here, like everything that only some tests need: a test that just replays doesn't pay.
            from groqtape.recorder.recording import Recording
            from groqtape.recorder.recording_handler import RecordingHandler

            call.recording = recording = Recording(request, retry)
            self._replace_failed_try(recording)
            return RecordingHandler(recording, self._begun)

    def _begun(self, request: httpx.Request, response: httpx.Response) -> None:
        """Note where an answer leads, and its cookies: a snapshot may show them before it is written."""
        self.redirects.note(request, response.status_code, response.headers)
        self._learn_from(response.headers)

    def _learn_from(self, headers: httpx.Headers) -> None:
        if self._redactor.learn_from(headers.multi_items()):
            with self._lock:
                self.vcr_cassette.redact_anew()

    def _playback(self, response: Any, httpx_request: httpx.Request, request: Any, retry: int) -> Playback:
        # The playback holds no reference to this object: a reference cycle would keep its events in memory
        # until Python's next garbage collection.
        path, here, command, refusals = self._path, self._here, self._command, self.refusals

        def refuse_past_end() -> NoReturn:
            from groqtape.recorder.callers import called_at
            from groqtape.recorder.messages import past_end, shown

            read_at = called_at(here, "read at")
            refusals.stop(past_end(path=shown(path, here), now=request, command=command, read_at=read_at))

        def fail(error: Exception) -> NoReturn:
            refusals.stop(_failure(error, httpx_request))

        return Playback(response, httpx_request, self._pace, refuse_past_end, fail, self.redirects, retry)

    def are_in(self, path: Path) -> bool:
        """Whether the file of another cassette has an answer to each call."""
        from groqtape.recorder.cassette_file import CassetteFile
        from groqtape.recorder.settings import Owner

        other = CassetteFile(path, self._settings, Owner(), self._redactor, self._comparison).read()
        return all(other.can_play_response_for(call.request) for call in self.calls)

    def failed(self, error: Exception, httpx_request: httpx.Request) -> Handler:
        """Refuse a call because handling it raised an error."""
        return self.refusals.handler(_failure(error, httpx_request))

    @property
    def _shown(self) -> str:
        from groqtape.recorder.messages import shown

        return shown(self._path, self._here)

    def _replace_failed_try(self, recording: Recording) -> None:
        """Put this try in the place of the failed one before it: the SDK counts its retries in a header."""
        signature = self._comparison.signature
        for call in reversed(self.calls):
            before = call.recording
            if (
                before is not None
                and before.failed
                and before.retry == recording.retry - 1
                and signature(call.request) == signature(recording.request)
            ):
                self.calls[self.calls.index(call)] = self.calls.pop()
                return

    def _unrecorded(self, request: Any) -> str:
        from groqtape.recorder.advice import advice
        from groqtape.recorder.callers import called_at
        from groqtape.recorder.misses import unrecorded
        from groqtape.recorder.nearest import nearest

        reason, similar = self.vcr_cassette.why_not(request)
        numbers = {id(recorded): number for number, recorded in enumerate(self.vcr_cassette.requests, 1)}
        unplayed = {number for number, _ in self.vcr_cassette.numbers(played=False)}
        candidates = [(numbers[id(recorded)], recorded, failed) for recorded, failed in similar]
        # A request that has changed is more likely one that nothing has played.
        preferred = [each for each in candidates if each[0] in unplayed] or candidates
        closest = nearest(request, preferred, self._comparison)
        return unrecorded(
            path=self._shown,
            record_mode=self._settings.record_mode,
            reason=reason,
            now=request,
            similar=len(similar),
            nearest=closest,
            advice=advice(request, closest, self._settings, self._owner.setting) if closest else (),
            command=self._command,
            is_additional=not any(self.vcr_cassette.numbers(played=False)),
            called_at=called_at(self._here),
        )


def _failure(error: Exception, httpx_request: httpx.Request) -> str:
    from groqtape.recorder.messages import failure

    return failure(error=error, request=f"{httpx_request.method} {httpx_request.url.path}")


def _retry(httpx_request: httpx.Request) -> int:
    count = httpx_request.headers.get("x-stainless-retry-count", "0")
    return int(count) if count.isdecimal() else 0
