"""docs/trust.md: each row of its tables names tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from names_of_tests import names_in

TESTS = Path(__file__).parent
LINES = (TESTS.parent / "docs/trust.md").read_text(encoding="utf-8").splitlines()
ROWS = [line for line in LINES if line.startswith("| ") and not line.endswith("| test |")]


@pytest.mark.parametrize("row", ROWS)
def test_each_row_names_its_tests(row: str) -> None:
    named = re.findall(r"`([^`]+)`", row.rstrip("|").rpartition("|")[2])
    assert named
    for name in named:
        assert name in names_in(TESTS, name.partition("::")[0])


def test_there_are_rows_of_every_kind() -> None:
    assert sum(line.endswith("| test |") for line in LINES) == sum(line.startswith("|---") for line in LINES)
    assert len(ROWS) > 40
