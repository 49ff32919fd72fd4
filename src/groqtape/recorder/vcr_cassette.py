"""vcrpy's cassette, which matches, applies record modes and saves; with an index, and one copy fewer."""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Any

from vcr.cassette import Cassette as VcrCassette
from vcr.record_mode import RecordMode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from groqtape.recorder.comparison import Comparison

__all__ = ["IndexedVcrCassette"]


class _Kept(dict[str, Any]):
    """A recorded response. vcrpy copies the responses it keeps; groqtape never changes one."""

    def __deepcopy__(self, memo: dict[int, Any]) -> _Kept:
        return self


class IndexedVcrCassette(VcrCassette):  # type: ignore[misc]  # vcrpy has no types
    """vcrpy's cassette, with vcrpy's own matching, record modes and saving.

    With the default matchers it looks only at interactions with the request's signature: comparing each
    request with each interaction would take quadratic time in a long cassette.
    """

    def __init__(self, *, comparison: Comparison, **options: Any) -> None:
        self._comparison = comparison
        self._index: dict[Any, deque[int]] = {}
        self._indexed_count = 0
        self.loaded = 0
        super().__init__(match_on=comparison.matchers, **options)

    def append(self, request: Any, response: Any) -> None:
        """Add an interaction."""
        super().append(request, _Kept(response))

    def can_play_response_for(self, request: Any) -> bool:
        """Whether an interaction answers a request.

        Where answers may repeat, this run's own recordings answer too, as in vcrpy from version 9.4 on.
        """
        if not self.allow_playback_repeats:
            return bool(super().can_play_response_for(request))
        return self.record_mode != RecordMode.ALL and request in self

    def _responses(self, request: Any) -> Iterator[tuple[int, Any]]:
        repeats = self.allow_playback_repeats
        if not self._comparison.indexed:
            found = list(super()._responses(request))
        else:
            numbers = self._numbers(self._comparison.signature(self._before_record_request(request)))
            while numbers and self.play_counts[numbers[0]] and not repeats:
                numbers.popleft()  # it is not played again
            found = [(index, self.data[index][1]) for index in (numbers if repeats else islice(numbers, 1))]
        # vcrpy plays the first. Where answers may repeat: the next in recorded order, then the last.
        unplayed = [one for one in found if not self.play_counts[one[0]]]
        return iter(unplayed + found[::-1] if repeats else found)

    def _numbers(self, of: Any) -> deque[int]:
        """The numbers of the interactions with a signature. It first indexes what was added since."""
        signature = self._comparison.signature
        for index in range(self._indexed_count, len(self.data)):
            self._index.setdefault(signature(self.data[index][0]), deque()).append(index)
        self._indexed_count = len(self.data)
        return self._index.get(of, deque())

    def redact_anew(self) -> None:
        """Redact the requests again: more secrets are known than when they were read."""
        self.data[:] = [(self._before_record_request(request), response) for request, response in self.data]
        self._index.clear()
        self._indexed_count = 0

    def load(self, *also: Any, alone: bool = False) -> None:
        """Read the file, if there is one, and then others, for this run only.

        Args:
            also: The others.
            alone: Whether to read only the others.
        """
        own: Any = self._path  # type: ignore[has-type]
        for path in also if alone else (own, *also):
            self._path = path
            self._load()
        self._path = own
        self.loaded = len(self.data)

    def retain(self, is_wanted: Callable[[Any], bool]) -> None:
        """Drop the interactions whose signatures are not wanted."""
        self.data[:] = [one for one in self.data if is_wanted(self._comparison.signatures(one[0]))]

    def save(self) -> None:
        """Write all interactions."""
        self._save(force=True)

    def why_not(self, request: Any) -> tuple[str, list[tuple[Any, list[str]]]]:
        """Why a request has no answer, and the closest recorded requests, each with the matchers that failed.

        vcrpy's own error looks at the file, which would block an event loop.

        Returns:
            `cassette_not_found`, `already_played`, `no_match` or `nothing_similar`; and the requests.
        """
        if not self.rewound:
            return "cassette_not_found", []
        found = self.find_requests_with_most_matches(request)
        similar = [(recorded, [name for name, _ in failed]) for recorded, _, failed in found]
        if any(not failed for _, failed in similar):
            return "already_played", similar
        return ("no_match" if similar else "nothing_similar"), similar

    def numbers(self, *, played: bool) -> Iterator[tuple[int, Any]]:
        """The interactions from the file that were (or were not) played: number (the first is 1), request."""
        for index, (request, _) in enumerate(self.data[: self.loaded]):
            if bool(self.play_counts[index]) == played:
                yield index + 1, request
