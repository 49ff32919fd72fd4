"""The house as style goes: rooms of one idea, none of them long."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[1] / "src/groqtape"
MODULES = sorted(SOURCES.rglob("*.py"))
LONGEST_MODULE = 250
LONGEST_FUNCTION = 64


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(SOURCES).as_posix())
class TestAModule:
    def test_is_no_longer_than_one_idea(self, module: Path) -> None:
        assert len(module.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE

    def test_has_no_long_function(self, module: Path) -> None:
        tree = ast.parse(module.read_text(encoding="utf-8"))
        long = [
            node.name
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
        ]
        assert long == []
