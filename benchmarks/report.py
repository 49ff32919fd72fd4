"""From results.json, which machines read, to results.md, which people do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.figures import Figure, compared, figure_of, met, noise
from benchmarks.rows import NOISE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["report", "table"]

_OURS = "groqtape"


def report(results: Mapping[str, Any]) -> str:
    """The whole report, in Markdown."""
    parts = ["# Benchmarks", _conditions(results), table(results)]
    if results["growth"]:
        parts += ["## Growth", _growth(results)]
    parts += ["## Every figure", _details(results)]
    return "\n\n".join(parts) + "\n"


def _conditions(results: Mapping[str, Any]) -> str:
    machine = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in sorted(results["versions"].items()))
    again = f" Measured again since: {', '.join(results['again'])}." if results.get("again") else ""
    began, ended = (f"{load:.1f}" for load in machine["load"])
    return (
        f"Made by `{results['command']}` ({results['form']} form) on {machine['processors']} processors "
        f"({machine['system']}, {machine['architecture']}), Python {machine['python']}; load {began} when it "
        f"began, {ended} when it ended. {versions}.{again}\n\n"
        "Everything goes over the loopback interface. In each round of a row each subject runs once, in an "
        "order drawn anew. Figures are medians, with the least and the greatest of all rounds in brackets; "
        "those of different rows or runs are not to be compared."
    )


def table(results: Mapping[str, Any]) -> str:
    """The table of goals, which docs/speed.md has too."""
    others = [name for name in results["contenders"] if name != _OURS and name != results["floor"]]
    lines = _table_lines(
        ["", "goal", _OURS, "", *others],
        (
            [
                row["title"],
                row["goal"]["text"],
                _cell(row, _OURS),
                {True: "met", False: "missed", None: ""}[met(row, _OURS, f"{_OURS}{NOISE}")],
                *(_cell(row, name) for name in others),
            ]
            for row in results["rows"]
        ),
    )
    return (
        "\n".join(lines) + "\n\n"
        "× is the ratio to the same work by the SDK over an `httpx.MockTransport`, with neither cassette nor "
        "plugin; where something is recorded, to the SDK over the same network."
    )


def _table_lines(head: Sequence[str], body: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|---" * len(head) + "|"
    for cells in body:
        yield f"| {' | '.join(cells)} |"


def _cell(row: Mapping[str, Any], name: str) -> str:
    if name in row["failed"]:
        return "failed"
    figure = compared(row, name)
    if figure is None:
        return ""
    text = _text(figure, row["comparison"], row["unit"])
    around = noise(row, f"{name}{NOISE}") if f"{name}{NOISE}" in row["samples"] else None
    return text if around is None else f"{text}, noise {around:.1f} {row['unit']}"


def _text(figure: Figure, comparison: str, unit: str) -> str:
    sign = "+" if comparison == "beyond" else ""
    # Ratios need more digits where they are about speed-ups: 0.058 ×.
    digits = (3 if figure.median < 0.5 else 2) if comparison == "ratio" else 1
    after = " ×" if comparison == "ratio" else f" {unit}".rstrip()
    median, least, greatest = (f"{value:{sign}.{digits}f}".replace("-", "−") for value in figure)
    spread = "" if least == greatest else f" ({least} to {greatest})"
    return f"{median}{after}{spread}"


def _growth(results: Mapping[str, Any]) -> str:
    lines = _table_lines(
        ["", "", "of", "time a piece of work", "growth", "against the SDK alone", "peak memory, MB"],
        (cells for row in results["growth"] for cells in _growth_cells(row, results["floor"])),
    )
    return (
        "Time for each piece of work, and the peak memory of the process (of the largest, where there are "
        "several), each in a new process. Growth is the ratio of the last time to the first: what grows with "
        "its work, and not faster, has 1 × or less.\n\n" + "\n".join(lines)
    )


def _growth_cells(row: Mapping[str, Any], floor: str) -> Iterator[list[str]]:
    title = row["title"]
    floors = _times(row, floor)
    for name in row["points"]:
        times = _times(row, name)
        points = row["points"][name]
        ratios = [f"{times[size] / floors[size]:.2f}" for size in times if size in floors and name != floor]
        first, last = (next(iter(order), 0) for order in (times.values(), reversed(times.values())))
        yield [
            title,
            name,
            " → ".join(f"{int(size):,}" for size in times),
            f"{' → '.join(map(_short, times.values()))} {row['unit']} a {row['piece']}"
            if times
            else "failed",
            f"{last / first:.2f} ×" if len(times) > 1 else "",
            f"{' → '.join(ratios)} ×" if ratios else "",
            " → ".join(f"{max(sample['peak'] for sample in points[size]) / 1e6:.0f}" for size in times),
        ]
        title = ""


def _times(row: Mapping[str, Any], name: str) -> dict[str, float]:
    """The median time of a piece of work by size."""
    return {
        size: figure_of([sample["seconds"] * row["scale"] / int(size) for sample in samples]).median
        for size, samples in row["points"].get(name, {}).items()
        if samples
    }


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _details(results: Mapping[str, Any]) -> str:
    lines = _table_lines(
        ["", "", "median (least to greatest)", "processor time", "its ratio", "rounds"],
        (line for row in results["rows"] for line in _detail_cells(row)),
    )
    return (
        "Processor time is that of the measured process alone: on a busy machine its ratio is more reliable "
        "than that of the times.\n\n" + "\n".join(lines)
    )


def _detail_cells(row: Mapping[str, Any]) -> Iterator[list[str]]:
    title = row["title"]
    for name, samples in row["samples"].items():
        figure = _text(_figure(row, name, row["figure"]), "value", row["unit"]) if samples else "failed"
        yield [title, name, figure, *_processor_cells(row, name), str(len(samples))]
        title = ""


def _processor_cells(row: Mapping[str, Any], name: str) -> tuple[str, str]:
    """A subject's processor time, and what it is of the processor time beside."""
    beside = row["beside"].get(name)
    if not _timed(row, name):
        return "", ""
    busy = _figure(row, name, "processor").median
    ratio = (
        f"{busy / _figure(row, beside, 'processor').median:.2f} ×" if beside and _timed(row, beside) else ""
    )
    return f"{busy:.1f} {row['unit']}", "" if beside == name else ratio


def _timed(row: Mapping[str, Any], name: str) -> bool:
    samples = row["samples"][name]
    return bool(samples) and row["figure"] == "seconds" and "processor" in samples[0]


def _figure(row: Mapping[str, Any], name: str, figure: str) -> Figure:
    return figure_of([sample[figure] * row["scale"] for sample in row["samples"][name]])
