"""How many instructions the replay tests take, counted by valgrind's callgrind, and the plugin's import time.

    python -m benchmarks.instructions [CHECKOUT …] [--form FORM] [--keep FOLDER]

Times differ from run to run by more than a change of one per cent; instructions do not. Each checkout is run
by the Python of its own `.venv`, on a suite that it has recorded itself, with Python's garbage collector off
and hashes that do not change. The first checkout is what the others are compared with.
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import suites
from benchmarks.contenders.groqtape import CONTENDER
from benchmarks.environments import ROOT
from benchmarks.processes import FailedError, run_measured, serve
from benchmarks.sizes import SIZES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.sizes import Sizes

__all__ = ["Count", "main", "table"]

_TOTAL = re.compile(r"^(?:summary|totals): (\d+)$", re.MULTILINE)
_VARIABLES = {"PYTHONHASHSEED": "0"}
_PYTEST = "import gc, sys; gc.disable(); import pytest; sys.exit(pytest.main(sys.argv[1:]))"
_OPTIONS = ("-q", "-pno:cacheprovider")
_IMPORT = (
    "import sys, time, pytest; from importlib.metadata import entry_points; "
    f"(plugin,) = entry_points(group='pytest11', name='{CONTENDER.plugins[0]}'); "
    "began = time.perf_counter(); plugin.load(); "
    "open(sys.argv[1], 'w').write(repr(time.perf_counter() - began))"
)


@dataclass(frozen=True)
class Count:
    """What was measured of one checkout.

    Attributes:
        checkout: Its folder.
        instructions: Those of one whole pytest run.
        import_ms: Milliseconds that importing the plugin takes once pytest is imported: the median.
    """

    checkout: str
    instructions: int
    import_ms: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Count, and print a table.

    Returns:
        0, or 1 where a checkout's tests did not pass or nothing can be counted.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.instructions", description=main.__doc__)
    parser.add_argument("checkouts", nargs="*", type=Path, default=[ROOT], help="folders that have a .venv")
    parser.add_argument("--form", choices=SIZES, default="full", help="how many tests, chunks and imports")
    parser.add_argument("--keep", type=Path, help="where callgrind's files go, for callgrind_annotate")
    options = parser.parse_args(arguments)
    sizes = SIZES[options.form]
    try:
        counts = [
            _count(number, checkout, sizes, options.keep) for number, checkout in enumerate(options.checkouts)
        ]
    except FailedError as error:
        print(error, file=sys.stderr)
        return 1
    print(table(counts, sizes.tests))
    return 0


def table(counts: Sequence[Count], tests: int) -> str:
    """The counts as a Markdown table, compared with the first of them."""
    first = counts[0].instructions
    rows = [
        f"| {each.checkout} | {each.instructions:,} | {each.instructions / first - 1:+.2%} "
        f"| {each.import_ms:.2f} ms |"
        for each in counts
    ]
    head = f"| checkout | instructions of {tests} replay tests | against the first | importing the plugin |"
    return "\n".join([head, "|---|---|---|---|", *rows])


def _count(number: int, checkout: Path, sizes: Sizes, keep: Path | None) -> Count:
    """Record a suite with a checkout's groqtape, and replay it under callgrind.

    Raises:
        FailedError: valgrind or the checkout's environment is missing, or a test failed.
    """
    valgrind, python = _valgrind(), _python(checkout)
    with tempfile.TemporaryDirectory(prefix="groqtape-instructions-") as scratch, serve() as server:
        where = server.answer()
        variables = {**_VARIABLES, "GROQ_BASE_URL": where["base_url"], "GROQ_API_KEY": where["api_key"]}
        # Names of one length for all runs: what a path is made of is counted too.
        first, folder = Path(scratch, "first"), Path(scratch, "suite")
        suites.write(CONTENDER, first, sizes.tests, sizes.short)
        command = [str(python), "-c", _PYTEST, *_OPTIONS]
        run_measured([*command, *CONTENDER.recording_options], first, variables)
        suites.multiply(first, folder, sizes.tests)
        run_measured(command, folder, variables)  # compiles what is not compiled yet
        out = Path(scratch, "callgrind.out")
        under = [valgrind, "--tool=callgrind", f"--callgrind-out-file={out}"]
        run_measured([*under, *command], folder, variables)
        found = _TOTAL.findall(out.read_text())
        if keep is not None:
            keep.mkdir(parents=True, exist_ok=True)
            shutil.copy(out, keep / f"callgrind.out.{number}")
        return Count(
            str(checkout), int(found[-1]), _import_ms(python, Path(scratch), variables, sizes.rounds)
        )


def _import_ms(python: Path, scratch: Path, variables: Mapping[str, str], rounds: int) -> float:
    figure, seconds = scratch / "import", []
    for _ in range(rounds):
        run_measured([str(python), "-c", _IMPORT, str(figure)], scratch, variables)
        seconds.append(float(figure.read_text()))
    return statistics.median(seconds) * 1000


def _valgrind() -> str:
    found = shutil.which("valgrind")
    if found is None:
        raise FailedError(
            "valgrind is not on the PATH, and callgrind, which counts the instructions, is a part of it.\n"
            "Install it (on Debian and Ubuntu: apt-get install valgrind), then run make instructions again."
        )
    return found


def _python(checkout: Path) -> Path:
    python = checkout.resolve() / ".venv/bin/python"
    if not python.exists():
        raise FailedError(
            f"{python}: expected the Python of the checkout's environment, found no such file.\n"
            f"Make it first: make -C {checkout} .venv/.ready"
        )
    return python


if __name__ == "__main__":
    sys.exit(main())
