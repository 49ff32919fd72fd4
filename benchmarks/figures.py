"""From samples to figures: medians, their spread, and what they are beside another subject's."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Figure", "compared", "figure_of", "met", "noise"]


class Figure(NamedTuple):
    """A median, and the least and the greatest of what it is the median of."""

    median: float
    least: float
    greatest: float


def figure_of(values: Sequence[float]) -> Figure:
    """The figure of some values."""
    return Figure(median(values), min(values), max(values))


def _values(row: Mapping[str, Any], subject: str) -> list[float]:
    return [sample[row["figure"]] * row["scale"] for sample in row["samples"].get(subject, ())]


def compared(row: Mapping[str, Any], subject: str) -> Figure | None:
    """A subject's figure in the table: a ratio, a difference or a value; None where it has none.

    A ratio is that of the medians, and its spread that of the rounds' own ratios; a difference is the median
    of the rounds' own differences.
    """
    values = _values(row, subject)
    beside = row["beside"].get(subject)
    if not values or row["comparison"] == "value":
        return figure_of(values) if values else None
    others = _values(row, beside) if beside else []
    if not others or beside == subject:
        return None
    pairs = list(zip(values, others, strict=True))
    if row["comparison"] == "beyond":
        return figure_of([value - other for value, other in pairs])
    ratios = figure_of([value / other for value, other in pairs])
    return ratios._replace(median=median(values) / median(others))


def noise(row: Mapping[str, Any], again: str) -> float | None:
    """How far the same thing is from itself, done twice: the median of the distances."""
    values, others = _values(row, again), _values(row, row["beside"].get(again, ""))
    return median(abs(value - other) for value, other in zip(values, others, strict=True)) if values else None


def met(row: Mapping[str, Any], subject: str, again: str) -> bool | None:
    """Whether a subject meets the goal; None where that is unknown."""
    figure = compared(row, subject)
    most = row["goal"]["most"]
    if most is None:
        most = noise(row, again)
    return None if figure is None or most is None else figure.median <= most
