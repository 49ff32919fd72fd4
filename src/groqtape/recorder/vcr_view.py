"""A cassette in use as vcrpy's own looks: what the fixture `vcr` gives suites of pytest-recording."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from groqtape.cassettes.responses import body_of

if TYPE_CHECKING:
    from groqtape.recorder.answers import Answers
    from groqtape.redaction.redactor import Redactor

__all__ = ["VcrView"]


class VcrView:
    """What `vcr.cassette.Cassette` tells tests: its interactions, in the file and new, and what was played.

    Args:
        answers: The answers of the cassette.
        redactor: Redacts the new ones.
    """

    def __init__(self, answers: Answers, redactor: Redactor) -> None:
        self._answers = answers
        self._redactor = redactor

    def __len__(self) -> int:
        return len(self.requests)

    def __contains__(self, request: Any) -> bool:
        """Whether an interaction that was not played answers a request."""
        return request in self._answers.vcr_cassette

    @property
    def requests(self) -> list[Any]:
        """The requests of all interactions, in their order: each a `vcr.request.Request`."""
        new = (recording.request for recording in self._answers.recordings)
        return [*self._answers.vcr_cassette.requests, *new]

    @property
    def responses(self) -> list[dict[str, Any]]:
        """The responses to them: each has `status`, `headers` and `body`, whose `string` is bytes."""
        new = (self._redactor.response(recording.response()) for recording in self._answers.recordings)
        responses = [*self._answers.vcr_cassette.responses, *new]
        return [{**response, "body": {"string": body_of(response)}} for response in responses]

    @property
    def play_count(self) -> int:
        """How many calls were answered from the file."""
        return int(self._answers.vcr_cassette.play_count)

    @property
    def all_played(self) -> bool:
        """Whether each interaction in the file was played."""
        return bool(self._answers.vcr_cassette.all_played)
