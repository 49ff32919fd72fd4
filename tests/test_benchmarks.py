"""The benchmarks in their smallest form: every way of measuring runs, and what comes out is whole."""

from __future__ import annotations

import importlib
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
# One row for each way of measuring: everything else is the same code with other sizes.
ROWS = [
    "suite",
    "stream",
    "stream-async",
    "load",
    "open",
    "bytes-short",
    "import",
    "first-chunk-async",
    "record",
    "chunks-open",
]


def run(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("benchmarks")
    run("--form", "tiny", "--output", str(folder), "--only", *ROWS)
    return folder


@pytest.fixture(scope="module")
def results(output: Path) -> dict[str, Any]:
    read: dict[str, Any]
    read = json.loads((output / "results.json").read_text())
    return read


def test_each_row_has_samples_of_everybody(results: dict[str, Any]) -> None:
    rows = {row["key"]: row for row in results["rows"]}

    assert [*rows, *(growth["key"] for growth in results["growth"])] == ROWS
    for row in rows.values():
        assert row["failed"] == {}
        assert set(row["samples"]) >= ({"groqtape", "SDK alone"} if row["beside"] else {"groqtape"})
        assert all(sample[row["figure"]] > 0 for samples in row["samples"].values() for sample in samples)
        assert all(len(samples) == 1 for samples in row["samples"].values())


def test_what_grows_has_time_and_memory_at_each_size(results: dict[str, Any]) -> None:
    (growth,) = results["growth"]

    assert {name: [*points] for name, points in growth["points"].items()} == {
        "groqtape": ["6"],
    }
    samples = [
        sample for points in growth["points"].values() for samples in points.values() for sample in samples
    ]
    assert len(samples) == 1
    assert all(sample["seconds"] > 0 and sample["peak"] > 1_000_000 for sample in samples)


def test_versions_are_said(results: dict[str, Any]) -> None:
    assert set(results["versions"]) == {"groqtape", "groq", "httpx", "pydantic", "vcrpy", "PyYAML"}


def test_report_follows_from_results(output: Path, results: dict[str, Any]) -> None:
    report = (output / "results.md").read_text()

    table = run("--table", "--output", str(output)).strip()
    assert table in report
    assert all(row["title"] in report for row in [*results["rows"], *results["growth"]])
    assert "failed" not in report


# What is made of samples.


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(ROOT)
    return lambda module: importlib.import_module(f"benchmarks.{module}")


def row(comparison: str, most: float | None = 1.0, **samples: list[float]) -> dict[str, Any]:
    return {
        "comparison": comparison,
        "figure": "seconds",
        "scale": 1000,
        "unit": "ms",
        "goal": {"most": most, "text": ""},
        "beside": dict.fromkeys(samples, "floor"),
        "samples": {name: [{"seconds": value} for value in values] for name, values in samples.items()},
        "failed": {},
    }


@pytest.mark.parametrize(
    ("comparison", "median", "least", "greatest"),
    [("ratio", 1.5, 1.0, 1.5), ("beyond", 1000.0, 0.0, 2000.0), ("value", 3000.0, 2000.0, 6000.0)],
)
def test_figures_compare_within_rounds(
    package: Any, comparison: str, median: float, least: float, greatest: float
) -> None:
    rows = row(comparison, floor=[2.0, 2.0, 4.0], ours=[2.0, 3.0, 6.0])

    assert package("figures").compared(rows, "ours") == pytest.approx((median, least, greatest))


def test_floor_is_compared_with_nothing(package: Any) -> None:
    assert package("figures").compared(row("ratio", floor=[2.0]), "floor") is None


@pytest.mark.parametrize(("most", "met"), [(1.5, True), (1.4, False)])
def test_goal(package: Any, most: float, met: bool) -> None:
    rows = row("ratio", most, floor=[2.0], ours=[3.0])

    assert package("figures").met(rows, "ours", "again") is met


@pytest.mark.parametrize(("again", "met"), [([2.0, 4.0, 1.0], True), ([2.0, 2.1, 1.9], False)])
def test_goal_of_no_more_than_the_noise(package: Any, again: list[float], met: bool) -> None:
    rows = row("beyond", None, floor=[2.0, 2.0, 2.0], ours=[2.5, 2.5, 2.5], again=again)

    assert package("figures").met(rows, "ours", "again") is met


def test_rounds_take_turns_and_leave_out_the_warm_up_and_who_fails(package: Any) -> None:
    rounds, failed_error = package("rounds"), package("processes").FailedError
    turns: list[str] = []

    def measure(name: str) -> dict[str, float]:
        turns.append(name)
        if name == "c" and len(turns) > 5:
            raise failed_error("no more")
        return {"seconds": len(turns)}

    samples, failed = rounds.interleaved(
        {name: lambda name=name: measure(name) for name in "abc"}, lambda _: 3, random.Random(0), warm_up=True
    )

    assert [sorted(turns[at : at + 3]) for at in (0, 3)] == [["a", "b", "c"]] * 2
    assert {name: len(found) for name, found in samples.items()} == {"a": 3, "b": 3, "c": 0}
    assert failed == {"c": "no more"}
    assert all(sample["seconds"] > 3 for found in samples.values() for sample in found)
