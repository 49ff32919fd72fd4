"""The command line: measure, and write the results. It never fails because something was slow."""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.command_line import help_row, verb_growths
from benchmarks.field import Field
from benchmarks.growth import Growth, growths
from benchmarks.report import report, table
from benchmarks.rounds import interleaved
from benchmarks.rows import Row, rows
from benchmarks.sizes import SIZES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.sizes import Sizes

__all__ = ["main", "renewed"]

_HERE = Path(__file__).resolve().parent


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks.

    Returns:
        0, or 1 where there is something that groqtape or the SDK alone could not do at all.
    """
    options = _parser().parse_args(arguments)
    if options.table:
        print(table(json.loads((options.output / "results.json").read_text())))
        return 0
    results = _measure(options.form, options.seed, options.only)
    file = options.output / "results.json"
    if options.only and file.exists():
        results = renewed(json.loads(file.read_text()), json.loads(json.dumps(results)))
    text = report(results)
    print(f"\n{text}")
    options.output.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(results, indent=1) + "\n")
    (options.output / "results.md").write_text(text)
    return int(_ours_failed(results))


def renewed(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """Results of some rows, in the place of those that an earlier run of the same kind and versions had.

    Where that was another kind of run, what is new stands alone.
    """
    if any(before[name] != now[name] for name in ("form", "versions", "sizes")):
        return now
    merged = dict(before)
    for kind in ("rows", "growth"):
        rows = {row["key"]: row for row in [*before[kind], *now[kind]]}
        merged[kind] = list(rows.values())
    again = {row["key"] for kind in ("rows", "growth") for row in now[kind]}
    return {**merged, "again": sorted(again.union(before.get("again", [])))}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=main.__doc__)
    parser.add_argument("--form", choices=SIZES, default="full", help="how much is measured")
    parser.add_argument("--only", nargs="+", metavar="ROW", help="measure these rows alone, by their keys")
    parser.add_argument("--seed", type=int, default=1, help="what the order in the rounds is drawn from")
    parser.add_argument("--output", type=Path, default=_HERE, help="where results.json and results.md go")
    parser.add_argument("--table", action="store_true", help="print the table that docs/speed.md has")
    return parser


def _measure(form: str, seed: int, only: Sequence[str] | None) -> dict[str, Any]:
    order = random.Random(seed)
    sizes = SIZES[form]
    load = [_load()]
    with (
        tempfile.TemporaryDirectory(prefix="groqtape-benchmarks-") as folder,
        Field(sizes, Path(folder)) as field,
    ):
        measured = [
            _measure_row(row, sizes, order) for row in (*rows(field), help_row(field)) if _wanted(row, only)
        ]
        grown = [
            _measure_growth(row, order)
            for row in (*growths(field), *verb_growths(field))
            if _wanted(row, only)
        ]
        return {
            "form": form,
            "command": {"full": "make bench", "short": "make bench-short"}.get(form, "python -m benchmarks"),
            "seed": seed,
            "sizes": asdict(sizes),
            "machine": {
                "system": platform.system(),
                "architecture": platform.machine(),
                "processors": os.cpu_count(),
                "python": platform.python_version(),
                "load": [*load, _load()],
            },
            "versions": field.versions(),
            "contenders": list(field.contenders),
            "floor": field.floor,
            "rows": measured,
            "growth": grown,
        }


def _load() -> float:
    """The load average of the last minute; 0 where the system has none."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else 0.0


def _wanted(row: Row | Growth, only: Sequence[str] | None) -> bool:
    return only is None or row.key in only


def _print_time(key: str, began: float) -> None:
    print(f"{key}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


def _measure_row(row: Row, sizes: Sizes, order: random.Random) -> dict[str, Any]:
    began = time.monotonic()
    samples, failed = interleaved(row.subjects, lambda _: row.rounds, order, warm_up=sizes.warm_up)
    _print_time(row.key, began)
    return {
        "key": row.key,
        "title": row.title,
        "comparison": row.comparison,
        "unit": row.unit,
        "scale": row.scale,
        "figure": row.figure,
        "goal": asdict(row.goal),
        "beside": row.beside,
        "samples": samples,
        "failed": failed,
    }


def _measure_growth(growth: Growth, order: random.Random) -> dict[str, Any]:
    began = time.monotonic()
    samples, failed = interleaved(growth.subjects, growth.rounds, order, warm_up=False)
    _print_time(growth.key, began)
    names = dict.fromkeys(point.contender for point in samples)
    return {
        "key": growth.key,
        "title": growth.title,
        "piece": growth.piece,
        "unit": growth.unit,
        "scale": growth.scale,
        "points": {
            name: {str(point.size): samples[point] for point in samples if point.contender == name}
            for name in names
        },
        "failed": {f"{point.contender}, {point.size}": why for point, why in failed.items()},
    }


def _ours_failed(results: dict[str, Any]) -> bool:
    ours = ("groqtape", results["floor"])
    return any(
        name.startswith(ours) for row in [*results["rows"], *results["growth"]] for name in row["failed"]
    )
