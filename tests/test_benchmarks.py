"""The benchmarks in their smallest form: every way of measuring runs, and what comes out is whole."""

from __future__ import annotations

import importlib
import json
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from effort import slow

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
    "help",
    "chunks-open",
    "cli-list",
    "cli-check",
    "cli-diff",
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


@slow  # `make bench-short` runs them all
def test_every_way_of_measuring_gives_figures(tmp_path: Path) -> None:
    run("--form", "tiny", "--output", str(tmp_path), "--only", *ROWS)
    results = json.loads((tmp_path / "results.json").read_text())

    rows = {row["key"]: row for row in results["rows"]}
    growths = {row["key"]: row for row in results["growth"]}
    assert [*rows, *growths] == ROWS
    for row in rows.values():
        assert row["failed"] == {}
        beside = {row["beside"]["groqtape"]} if row["beside"] else set()
        assert set(row["samples"]) >= {"groqtape", *beside}
        for (sample,) in row["samples"].values():
            assert sample[row["figure"]] > 0
    for growth in growths.values():
        ((sample,),) = growth["points"]["groqtape"].values()
        assert growth["failed"] == {}
        assert sample["seconds"] > 0
        assert sample["peak"] > 1_000_000
    assert set(results["versions"]) == {"groqtape", "groq", "httpx", "pydantic", "vcrpy", "PyYAML"}

    report = (tmp_path / "results.md").read_text()
    assert run("--table", "--output", str(tmp_path)).strip() in report
    assert all(row["title"] in report for row in [*rows.values(), *growths.values()])
    assert "failed" not in report


def test_rows_measured_again_take_the_place_of_the_old(package: Any) -> None:
    renewed = package("command").renewed
    same = {"form": "full", "versions": {"groq": "1"}, "sizes": {"tests": 2}}
    old = {**same, "rows": [{"key": "a", "n": 1}, {"key": "b", "n": 1}], "growth": [{"key": "c", "n": 1}]}
    new = {**same, "rows": [{"key": "b", "n": 2}], "growth": []}
    newer = {**same, "rows": [], "growth": [{"key": "c", "n": 3}]}
    merged = renewed(renewed(old, new), newer)
    assert merged["rows"] == [{"key": "a", "n": 1}, {"key": "b", "n": 2}]
    assert merged["growth"] == [{"key": "c", "n": 3}]
    assert merged["again"] == ["b", "c"]
    for name, other in (("form", "tiny"), ("versions", {}), ("sizes", {})):
        assert renewed(old, {**new, name: other}) == {**new, name: other}


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(ROOT)
    return lambda module: importlib.import_module(f"benchmarks.{module}")


class TestInstructions:
    """They are counted by valgrind, which most machines lack: here a script runs the command in its place."""

    @pytest.fixture
    def valgrind(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        script = tmp_path / "bin" / "valgrind"
        script.parent.mkdir()
        script.write_text(
            '#!/bin/sh\n[ "$1" = --tool=callgrind ] || exit 9\n'
            'echo "events: Ir\nsummary: 12345" >"${2#--callgrind-out-file=}"; shift 2; exec "$@"\n'
        )
        script.chmod(0o755)
        monkeypatch.setenv("PATH", f"{script.parent}:/usr/bin:/bin")
        return script

    @pytest.fixture
    def checkout(self, tmp_path: Path) -> Path:
        """A checkout whose environment is the one that the tests run in."""
        python = tmp_path / "checkout" / ".venv" / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
        python.chmod(0o755)
        return tmp_path / "checkout"

    @slow
    @pytest.mark.usefixtures("valgrind")
    def test_are_those_of_a_whole_run(
        self, package: Any, checkout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        kept = tmp_path / "kept"
        assert package("instructions").main([str(checkout), "--form", "tiny", "--keep", str(kept)]) == 0
        printed = capsys.readouterr().out
        assert f"| {checkout} | 12,345 | +0.00% | " in printed
        assert "| instructions of 2 replay tests |" in printed
        assert float(re.findall(r"([\d.]+) ms", printed)[0]) > 0
        assert "summary: 12345" in (kept / "callgrind.out.0").read_text()

    def test_of_tests_that_fail_are_not_counted(
        self, package: Any, checkout: Path, valgrind: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        # The runs before that one pass, at once.
        (checkout / ".venv/bin/python").write_text("#!/bin/sh\nmkdir -p cassettes\n")
        valgrind.write_text("#!/bin/sh\necho 'a test failed'; exit 1\n")
        assert package("instructions").main([str(checkout), "--form", "tiny"]) == 1
        assert "a test failed" in capsys.readouterr().err

    def test_need_valgrind(
        self,
        package: Any,
        checkout: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        assert package("instructions").main([str(checkout)]) == 1
        assert "valgrind is not on the PATH" in (text := capsys.readouterr().err)
        assert "apt-get install valgrind" in text

    @pytest.mark.usefixtures("valgrind")
    def test_need_the_environment_of_a_checkout(
        self, package: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert package("instructions").main([str(tmp_path)]) == 1
        assert f"make -C {tmp_path} .venv/.ready" in capsys.readouterr().err

    def test_are_compared_with_the_first(self, package: Any) -> None:
        instructions = package("instructions")
        counts = [instructions.Count("old", 1000, 4.0), instructions.Count("new", 1012, 4.5)]
        assert "| new | 1,012 | +1.20% | 4.50 ms |" in instructions.table(counts, 200)


# What is made of samples.


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


def test_rounds_omit_the_warm_up_and_what_fails(package: Any) -> None:
    rounds, failed_error = package("rounds"), package("processes").FailedError
    calls: list[str] = []

    def measure(name: str) -> dict[str, float]:
        calls.append(name)
        if name == "c" and len(calls) > 5:
            raise failed_error("no more")
        return {"seconds": len(calls)}

    samples, failed = rounds.interleaved(
        {name: lambda name=name: measure(name) for name in "abc"}, lambda _: 3, random.Random(0), warm_up=True
    )

    assert [sorted(calls[at : at + 3]) for at in (0, 3)] == [["a", "b", "c"]] * 2
    assert {name: len(found) for name, found in samples.items()} == {"a": 3, "b": 3, "c": 0}
    assert failed == {"c": "no more"}
    assert all(sample["seconds"] > 3 for found in samples.values() for sample in found)
