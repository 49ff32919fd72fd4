"""The tests that there are, for those that see to it that a page of the docs names such."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def names_in(folder: Path, file: str) -> set[str]:
    """A file of tests, its tests and its classes, as pytest names them from a folder."""
    names = set()
    for node in ast.parse((folder / file).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(f"{file}::{node.name}")
        if isinstance(node, ast.ClassDef):
            inner = (each.name for each in node.body if isinstance(each, ast.FunctionDef))
            names.update(f"{file}::{node.name}::{name}" for name in inner)
    return {file, *(name for name in names if re.search(r"::(test_\w+|Test\w+)$", name))}
