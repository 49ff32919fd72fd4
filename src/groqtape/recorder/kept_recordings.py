"""What a failed test recorded, kept aside: a later run can replay it.

When the test passes, it becomes the cassette. Until then nothing of it is in there.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from groqtape.cassettes.store import Store
from groqtape.errors import CassetteError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from groqtape.recorder.recording import Recording
    from groqtape.redaction.redactor import Redactor

__all__ = ["Aside", "KeptAside", "KeptRecording"]


class Aside(NamedTuple):
    """Where recordings are kept aside.

    Attributes:
        path: The file, without an extension.
        replay: Whether calls are answered from it.
    """

    path: Path
    replay: bool

    @property
    def files(self) -> tuple[Path, Path]:
        """The files for recordings from scratch, and for recordings that are added to what is there."""
        name = self.path.name
        return self.path.with_name(f"{name}-all.yaml"), self.path.with_name(f"{name}-added.yaml")


class KeptRecording:
    """An answer that was recorded by a test that failed."""

    def __init__(self, request: Any, response: dict[str, Any]) -> None:
        self.request = request
        self._response = response

    def response(self) -> dict[str, Any]:
        """The answer as vcrpy's dict."""
        return self._response


class KeptAside:
    """The recordings that are kept aside for one cassette.

    Args:
        aside: Where they are.
        redactor: Redacts them.

    Attributes:
        recordings: Those that this run replays.
        from_scratch: Whether they take the place of all that is in the cassette.
        written: Whether this run has kept some.
        path: The file that they are in.
    """

    def __init__(self, aside: Aside, redactor: Redactor) -> None:
        self._aside = aside
        self._redactor = redactor
        self.recordings: list[KeptRecording] = []
        self.from_scratch = False
        self.written = False
        self.path = aside.path
        if aside.replay:
            self._read()

    def _read(self) -> None:
        for path in filter(Path.is_file, self._aside.files):
            with contextlib.suppress(CassetteError):  # a version that is not this one may have written it
                requests, responses, *_ = Store.load_cassette(path)
                self.recordings = [
                    KeptRecording(self._redactor.request(request), response)
                    for request, response in zip(requests, responses, strict=True)
                ]
                self.path = path
                self.from_scratch = path == self._aside.files[0]

    def can_keep(self, recordings: list[Recording]) -> bool:
        """Whether these are worth keeping: each is a good answer that was read to its end."""
        return bool(recordings) and all(each.is_whole for each in recordings)

    def keep(self, recordings: list[Recording], *, from_scratch: bool) -> None:
        """Keep what a test that failed has recorded, after what it replayed of what was kept before."""
        if not self.can_keep(recordings):
            return
        kept: Iterable[Recording | KeptRecording] = [*self.recordings, *recordings]
        self.discard()
        Store(self._redactor).save_cassette(
            self._aside.files[not from_scratch],
            {"requests": [each.request for each in kept], "responses": [each.response() for each in kept]},
        )
        self.written = True

    def discard(self) -> None:
        """Remove what is kept."""
        for path in self._aside.files:
            path.unlink(missing_ok=True)
