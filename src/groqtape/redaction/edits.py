"""Edits: what is replaced in a body, and what that does to the sizes of its events."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["REDACTED", "Edit", "edited", "merged_spans", "resized"]

REDACTED = b"REDACTED"


class Edit(NamedTuple):
    """Replaces the bytes from `start` to `end` with `new`."""

    start: int
    end: int
    new: bytes = REDACTED


def merged_spans(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sort spans, and merge those that overlap."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        elif start < end:
            merged.append((start, end))
    return merged


def edited(data: bytes, edits: Sequence[Edit]) -> bytes:
    """Apply edits, which must be sorted and must not overlap."""
    if not edits:
        return data
    result, at = bytearray(), 0
    for edit in edits:
        result += data[at : edit.start] + edit.new
        at = edit.end
    return bytes(result + data[at:])


def resized(sizes: Sequence[int], edits: Sequence[Edit]) -> tuple[int, ...]:
    """Return the sizes of events after edits. An edit across several events counts for the first one."""
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
