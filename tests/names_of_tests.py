"""The names of the tests in a file, for the tests that check the names on a page of the docs."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def names_in(folder: Path, file: str) -> set[str]:
    """A test file, its tests and its classes, by the names that pytest gives them from a folder."""
    names = set()
    for node in ast.parse((folder / file).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(f"{file}::{node.name}")
        if isinstance(node, ast.ClassDef):
            inner = (each.name for each in node.body if isinstance(each, ast.FunctionDef))
            names.update(f"{file}::{node.name}::{name}" for name in inner)
    return {file, *(name for name in names if re.search(r"::(test_\w+|Test\w+)$", name))}
