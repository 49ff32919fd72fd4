"""Edits: what is replaced in a body, and what that does to the sizes of its events."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["REDACTED", "Edit", "edited", "in_bytes", "merged", "resized"]

REDACTED = "REDACTED"


class Edit(NamedTuple):
    """Replaces what is from `start` to `end`.

    Attributes:
        start: Where it starts.
        end: Where it ends.
        new: What replaces it.
        rule: The name of the rule that found it, "" for the further pieces of a secret in several events.
    """

    start: int
    end: int
    new: str
    rule: str


def merged(edits: Iterable[Edit]) -> list[Edit]:
    """Sort edits, and make one of those that overlap."""
    result: list[Edit] = []
    for edit in sorted(edits):
        if result and edit.start < result[-1].end:
            last = result[-1]
            result[-1] = last._replace(
                end=max(edit.end, last.end), new=last.new or edit.new, rule=last.rule or edit.rule
            )
        else:
            result.append(edit)
    return result


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Apply edits, which must be sorted and must not overlap."""
    parts: list[str] = []
    at = 0
    for edit in edits:
        parts += text[at : edit.start], edit.new
        at = edit.end
    return "".join([*parts, text[at:]])


def in_bytes(text: str, edits: Sequence[Edit]) -> list[Edit]:
    """Return the edits of a text as edits of its bytes."""
    if text.isascii():
        return list(edits)
    result, at, length = [], 0, 0
    for edit in edits:
        start = length + len(text[at : edit.start].encode("utf-8", "surrogateescape"))
        length = start + len(text[edit.start : edit.end].encode("utf-8", "surrogateescape"))
        at = edit.end
        result.append(edit._replace(start=start, end=length))
    return result


def resized(sizes: Sequence[int], edits: Sequence[Edit]) -> tuple[int, ...]:
    """Return the sizes of events after edits of their bytes.

    What replaces a text in several events counts for the first of them.
    """
    if not edits:
        return tuple(sizes)
    result, coming = [], deque(edits)
    at = ends = 0
    for size in sizes:
        ends, new = ends + size, 0
        while coming and coming[0].start < ends:
            edit = coming.popleft()
            new += edit.start - at + len(edit.new)
            at = edit.end
        result.append(new + max(ends - at, 0))
        at = max(at, ends)
    return tuple(result)
