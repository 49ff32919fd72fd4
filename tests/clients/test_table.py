"""docs/clients.md: each row names a version that is pinned and a test that there is."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from names_of_tests import names_in

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
DOCS = (ROOT / "docs/clients.md").read_text(encoding="utf-8")
MAKE = (ROOT / "clients.mk").read_text(encoding="utf-8")

ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in DOCS.splitlines()
    if line.startswith("| `")
]


def pins(environment: str) -> dict[str, str]:
    """The versions that an environment has."""
    lines = (ROOT / f"requirements/{environment}.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def files_of(variable: str) -> set[str]:
    """The test files that a variable of clients.mk names."""
    (names,) = re.findall(rf"^{variable} := (.*)$", MAKE, flags=re.MULTILINE)
    return {f"test_{name}.py" for name in names.split()}


# Which environments run which test files.
ENVIRONMENTS = {
    "clients-groq1": files_of("WITH_GROQ_1"),
    "clients-groq037": files_of("WITH_GROQ_0"),
    "clients-plugins": {
        "test_assertions.py",
        "test_beside_plugins.py",
        "test_beside_snapshots.py",
        "test_installed_and_unused.py",
        "test_instrumented.py",
        "test_moved_over.py",
    },
}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]} {row[-1]}")
def test_row(row: list[str]) -> None:
    package, versions, _, result, tests = row
    assert result
    ids = re.findall(r"`([^`]+)`", tests)
    assert ids
    pinned = set()
    for test in ids:
        file = test.partition("::")[0]
        assert test in names_in(HERE, file)
        run_in = [name for name, files in ENVIRONMENTS.items() if file in files]
        assert run_in, f"no environment runs {file}"
        pinned |= {pins(name)[package.strip("`")] for name in run_in if package.strip("`") in pins(name)}
    assert set(versions.split(", ")) == pinned


def test_every_test_file_is_run_and_in_a_row() -> None:
    there = {path.name for path in HERE.glob("test_*.py")} - {Path(__file__).name}
    assert there == set().union(*ENVIRONMENTS.values())
    assert there == {test.partition("::")[0] for row in ROWS for test in re.findall(r"`([^`]+)`", row[-1])}


def test_oldest_versions_are_the_bounds_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    oldest = {name.lower(): version for name, version in pins("clients-oldest").items()}
    for dependency in project["dependencies"]:
        name, bound = re.match(r"([\w-]+)>=([\d.]+)", dependency).groups()  # type: ignore[union-attr]
        version = oldest[name.lower()]
        assert version == bound or re.fullmatch(rf"{re.escape(bound)}(\.0)+", version), dependency
        assert f"{name} {version}" in DOCS


def test_pythons_are_the_same_everywhere() -> None:
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "classifiers"
    ]
    named = [each.rpartition(" ")[2] for each in classifiers if re.search(r"Python :: 3\.\d+$", each)]
    (tested,) = re.findall(r"^PYTHONS \?= (.*)$", MAKE, flags=re.MULTILINE)
    assert tested.split() == named
    assert f"| Python | {', '.join(named)} |" in DOCS
