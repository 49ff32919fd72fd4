"""docs/trust.md: each row of its tables names tests that there are."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
LINES = (TESTS.parent / "docs/trust.md").read_text(encoding="utf-8").splitlines()
ROWS = [line for line in LINES if line.startswith("| ") and not line.endswith("| test |")]


def names_in(file: str) -> set[str]:
    """A file of tests, its tests and its classes, as pytest names them."""
    names = {file}
    for node in ast.parse((TESTS / file).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(f"{file}::{node.name}")
        if isinstance(node, ast.ClassDef):
            inner = (each.name for each in node.body if isinstance(each, ast.FunctionDef))
            names.update(f"{file}::{node.name}::{name}" for name in inner)
    return {name for name in names if name == file or re.search(r"::(test_\w+|Test\w+)$", name)}


@pytest.mark.parametrize("row", ROWS)
def test_each_row_names_its_tests(row: str) -> None:
    named = re.findall(r"`([^`]+)`", row.rstrip("|").rpartition("|")[2])
    assert named
    for name in named:
        assert name in names_in(name.partition("::")[0])


def test_there_are_rows_of_every_kind() -> None:
    assert sum(line.endswith("| test |") for line in LINES) == sum(line.startswith("|---") for line in LINES)
    assert len(ROWS) > 40
