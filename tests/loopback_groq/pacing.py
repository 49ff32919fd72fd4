"""When and in which pieces the events of a stream go out."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence

from .steps import Cut, Ending, Note, Reset, Send, Sleep, Stall, Step, Wait

Tear = int | Sequence[int] | Callable[[bytes], Iterable[int]]
"""Where sends are cut: every n bytes, at these offsets, or at the offsets computed from the whole body."""

Hold = threading.Event | Step | Sequence[Step]
"""What happens at a gate: wait for this event, or do this step or these."""


def paced(
    events: Sequence[bytes],
    *,
    delay: float = 0,
    events_per_read: int | Sequence[int] = 1,
    tear: Tear | None = None,
    cut_after: int | None = None,
    cut: Ending = Cut(),  # noqa: B008 - it is a constant
    gates: Mapping[int, Hold] | None = None,
) -> list[Step]:
    """Handler events into steps.

    Args:
        events: The events' bytes.
        delay: Seconds from one send to the next (with `tear`: from one event to the next).
        events_per_read: How many events go out in one send; several numbers are used in rotation.
        tear: Where to cut sends, whatever the events are. A delay or a gate cuts too.
        cut_after: So many events, then `cut`.
        cut: How it is cut off: `Cut()`, `Reset()` or `Stall()`.
        gates: What happens before event k; k may be the number of events: before the body's end.
    """
    if cut_after is not None:
        if cut_after > len(events):
            raise ValueError(f"there are only {len(events)} events to cut off after")
        events = events[:cut_after]
    starts = list(itertools.accumulate((len(event) for event in events), initial=0))
    body = b"".join(events)

    sizes = [events_per_read] if isinstance(events_per_read, int) else list(events_per_read)
    if not all(size > 0 for size in sizes):
        raise ValueError("a read has at least one event")
    cycle = itertools.cycle(sizes)
    reads, at = [0], 0
    while (at := at + next(cycle)) < len(events):
        reads.append(starts[at])

    holds: dict[int, list[Step]] = {}
    if delay:
        holds = {offset: [Sleep(delay)] for offset in reads if offset}
    for number, hold in (gates or {}).items():
        if not 0 <= number <= len(events):
            raise ValueError(f"there is no event {number} to hold before: the stream has {len(events)}")
        holds.setdefault(starts[number], []).extend(_held(hold))

    cuts = {*(reads if tear is None else _offsets(tear, body)), *holds, 0, len(body)}
    steps: list[Step] = []
    for start, end in itertools.pairwise([*sorted(cuts), len(body)]):
        steps += holds.get(start, [])
        if end > start:
            steps.append(Send(body[start:end]))
    if cut_after is not None:
        steps.append(cut)
    return steps


def _held(hold: Hold) -> list[Step]:
    if isinstance(hold, threading.Event):
        return [Wait(hold)]
    if isinstance(hold, Send | Sleep | Wait | Note | Cut | Reset | Stall):
        return [hold]
    return list(hold)


def _offsets(tear: Tear, body: bytes) -> set[int]:
    if isinstance(tear, int):
        return set(range(0, len(body), tear))
    offsets = set(tear(body) if callable(tear) else tear)
    if beyond := [offset for offset in sorted(offsets) if not 0 <= offset <= len(body)]:
        raise ValueError(f"the body has {len(body)} bytes: it cannot be torn at {beyond}")
    return offsets
