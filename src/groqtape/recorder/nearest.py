"""The recorded request that is closest to one that the cassette does not answer, and how they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from groqtape.recorder.compared import original
from groqtape.recorder.matching import ABSENT, differences
from groqtape.redaction.request_body import request_body

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from groqtape.recorder.comparison import Comparison

__all__ = ["Change", "Nearest", "nearest"]


class Change(NamedTuple):
    """A field in which two requests differ; a value that only one has is `ABSENT` in the other."""

    field: str
    recorded: Any
    now: Any


class Nearest(NamedTuple):
    """A recorded request.

    Attributes:
        number: Its number in the cassette; the first is 1.
        request: The request.
        changes: Where it differs, as far as that counts.
    """

    number: int
    request: Any
    changes: list[Change]


def nearest(
    now: Any, similar: Iterable[tuple[int, Any, Sequence[str]]], comparison: Comparison
) -> Nearest | None:
    """The recorded request whose text differs least.

    Args:
        now: The request.
        similar: Recorded requests: number in the cassette, request, names of the failing matchers.
        comparison: How they are compared.
    """
    found = [
        Nearest(number, recorded, _changes(recorded, now, failed, comparison))
        for number, recorded, failed in similar
    ]
    return min(found, key=lambda one: (sum(map(_distance, one.changes)), len(one.changes)), default=None)


def _distance(change: Change) -> int:
    """How many characters differ, from the first that does to the last."""
    texts = [str(change.recorded), str(change.now)]
    start = _same(*texts)
    ends = [text[start:][::-1] for text in texts]
    return max(map(len, ends)) - _same(*ends)


def _same(one: str, other: str) -> int:
    """How many characters two texts have in common before they first differ."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _changes(recorded: Any, now: Any, failed: Sequence[str], comparison: Comparison) -> list[Change]:
    changes: list[Change] = []
    for matcher in failed:
        if matcher in ("body", "raw_body"):
            found = differences(comparison.content(recorded), comparison.content(now))
            # Bodies with equal content can differ in their text: a JSON string is not the bare text.
            changes += [
                Change(field, original(before), original(after)) for field, before, after in found
            ] or [Change("body", _text(recorded), _text(now))]
        else:
            changes.append(Change(matcher, getattr(recorded, matcher, ABSENT), getattr(now, matcher, ABSENT)))
    return changes


def _text(request: Any) -> str:
    return (request_body(request) or b"").decode("utf-8", "backslashreplace")
