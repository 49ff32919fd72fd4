"""A stream as lanes of characters: a lane for each kind of event, a column for each stretch of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from groqtape.reports.events import KINDS
from groqtape.reports.figures import span_of_time
from groqtape.reports.time_axis import label, marks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groqtape.reports.events import Event
    from groqtape.reports.timing import Stall

__all__ = ["Lane", "axis_of", "lanes_of", "stalls_of"]

_HEIGHTS = "▁▂▃▄▅▆▇█"
_ROOM_FOR_A_MARK = 14


class Lane(NamedTuple):
    """The events of one kind.

    Attributes:
        kind: The kind: see `events.KINDS`.
        cells: A character for each column: the more events, the higher.
    """

    kind: str
    cells: str


def lanes_of(events: Sequence[Event], duration: float, width: int) -> list[Lane]:
    """Draw events.

    Args:
        events: The events; those without a time are not drawn.
        duration: What the whole width stands for, in milliseconds.
        width: How many columns there are.
    """
    counts: dict[str, list[int]] = {}
    for event in events:
        if event.at is not None:
            counts.setdefault(event.kind, [0] * width)[_column(event.at, duration, width)] += 1
    highest = max((max(row) for row in counts.values()), default=1)
    return [
        Lane(kind, "".join(_height(count, highest) for count in counts[kind]))
        for kind in KINDS
        if kind in counts
    ]


def stalls_of(stalls: Sequence[Stall], duration: float, width: int) -> str:
    """Draw stalls, each from its start to its end, with its length where there is room."""
    cells = [" "] * width
    for stall in stalls:
        start = _column(stall.start, duration, width)
        end = _column(stall.start + stall.length, duration, width)
        length = f" {span_of_time(stall.length)} "
        room = max(end - start, 1)
        drawn = length.center(room, "╌") if room >= len(length) + 2 else "╌" * room
        cells[start : start + len(drawn)] = drawn
    return "".join(cells)[:width]


def axis_of(duration: float, width: int) -> str:
    """The times along the axis, as far as there is room for them."""
    line = [" "] * width
    for at in marks(duration, max(width // _ROOM_FOR_A_MARK, 3)):
        start = _column(at, duration, width)
        mark = f"│{label(at)}"
        if start + len(mark) <= width and line[start - 1] == " ":
            line[start : start + len(mark)] = mark
    return "".join(line).rstrip()


def _column(at: float, duration: float, width: int) -> int:
    return min(int(at / duration * width), width - 1) if duration > 0 else 0


def _height(count: int, highest: int) -> str:
    return _HEIGHTS[max(round(count / highest * len(_HEIGHTS)), 1) - 1] if count else " "
