"""A stream as a picture (SVG): its events along a time axis, and how its text grew.

It has no text of its own, so that it can be stretched to any width; its title says what it shows, and the
times stand in a picture of their own below it. Colours stand in attributes as well as in the page's style
sheet: where a policy takes style sheets away, the picture stays.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from groqtape.reports.events import KINDS
from groqtape.reports.time_axis import label, marks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from groqtape.reports.events import Event
    from groqtape.reports.timing import Stall

__all__ = ["COLOURS", "axis", "picture"]

COLOURS = {
    "role": "#8a8f98",
    "reasoning": "#a05cd5",
    "content": "#3b82c4",
    "tool call": "#c77d0a",
    "executed tool": "#0e9384",
    "finish": "#2e9e56",
    "usage": "#8a8f98",
    "error": "#d6453d",
    "done": "#8a8f98",
    "other": "#d6453d",
}
"""Kinds of events, with a colour that can be seen on white and on black."""

_WIDTH = 1000
_CURVE = 84
_TOP = 92
_TICK = 28
_HEIGHT = _TOP + _TICK
_MARGIN = 3  # for half of the line at either end
_MOST_MARKS = 5  # as there is room for on a phone
_GROWS = frozenset({"content", "reasoning", "tool call", "executed tool"})


def picture(events: Sequence[Event], duration: float, stalls: Iterable[Stall], title: str) -> str:
    """Draw a stream.

    Args:
        events: Its events; those without a time are not drawn.
        duration: What the whole width stands for, in milliseconds.
        stalls: Its stalls.
        title: What the picture shows, for those who do not see it.
    """
    timed = [event for event in events if event.at is not None]
    blue, amber = COLOURS["content"], COLOURS["tool call"]
    grown = (
        f'<path class="g" fill="{blue}" fill-opacity=".2" stroke="{blue}" stroke-width="1.5" '
        f'vector-effect="non-scaling-stroke" d="{_growth(timed, duration)}"/>'
    )
    lines = "".join(f"M{_x(at, duration)} 0v{_HEIGHT}" for at in marks(duration, _MOST_MARKS))
    grid = f'stroke="#8a8f98" stroke-opacity=".25" vector-effect="non-scaling-stroke" d="{lines}"'
    parts = [f'<path class="m" {grid}/>', grown]
    for stall in stalls:
        x, end = _x(stall.start, duration), _x(stall.start + stall.length, duration)
        parts.append(
            f'<rect class="s" fill="{amber}" fill-opacity=".18" x="{x}" width="{max(end - x, 1)}" '
            f'height="{_HEIGHT}"><title>stall: {stall.length:.0f} ms</title></rect>'
        )
    for kind in KINDS:
        at = (_x(event.at, duration) for event in timed if event.kind == kind and event.at is not None)
        ticks = "".join(f"M{x} {_TOP}v{_TICK}" for x in at)
        if ticks:
            parts.append(
                f'<path class="k {kind.replace(" ", "-")}" stroke="{COLOURS[kind]}" stroke-width="2" '
                f'vector-effect="non-scaling-stroke" d="{ticks}"><title>{kind}</title></path>'
            )
    box = f"{-_MARGIN} 0 {_WIDTH + 2 * _MARGIN} {_HEIGHT}"
    return (
        f'<svg role="img" viewBox="{box}" width="100%" height="{_HEIGHT}" '
        f'preserveAspectRatio="none"><title>{escape(title)}</title>{"".join(parts)}</svg>'
    )


def axis(duration: float) -> str:
    """The times along a picture's axis, which are not stretched with it."""
    labels = []
    for at in marks(duration, _MOST_MARKS):
        percent = (_x(at, duration) + _MARGIN) / (_WIDTH + 2 * _MARGIN) * 100
        anchor = "start" if percent < 5 else "end" if percent > 95 else "middle"
        labels.append(f'<text x="{percent:.1f}%" y="13" text-anchor="{anchor}">{label(at)}</text>')
    return f'<svg class="axis" aria-hidden="true" width="100%" height="18">{"".join(labels)}</svg>'


def _x(at: float, duration: float) -> int:
    return round(at / duration * _WIDTH) if duration > 0 else 0


def _growth(events: Sequence[Event], duration: float) -> str:
    """How many characters there were at each time: an area of steps."""
    total = sum(len(event.text) for event in events if event.kind in _GROWS) or 1
    grown, path, last = 0, [f"M0 {_CURVE}"], (0, _CURVE)
    for event in events:
        if event.kind in _GROWS and event.text:
            grown += len(event.text)
            here = _x(event.at or 0, duration), round(_CURVE - grown / total * (_CURVE - 4))
            if here != last:
                path.append(f"H{here[0]}V{here[1]}")
                last = here
    return "".join([*path, f"H{_WIDTH}V{_CURVE}z"])
