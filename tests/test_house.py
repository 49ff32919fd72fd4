"""How the code is laid out: short modules, short functions, and imports that point down only."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "src/groqtape"
MODULES = sorted(SOURCES.rglob("*.py"))
LONGEST_MODULE = 250
LONGEST_FUNCTION = 64

FLOORS = "The floors: imports point down only"
CIRCLES = "No circles"
# What is added to which file, and the contract that it breaks.
FORBIDDEN: dict[str, tuple[str, dict[str, str]]] = {
    "from the floor below to the one above": (
        FLOORS,
        {"recorder/pace.py": "\nfrom groqtape.pytest_plugin import naming\n"},
    ),
    "from the lowest floor to the middle": (
        FLOORS,
        {"streams/tool_calls.py": "\nimport groqtape.cassettes.sse\n"},
    ),
    "from the errors to a floor": (FLOORS, {"errors.py": "\nfrom groqtape.streams import tool_calls\n"}),
    "upwards, in a function": (
        FLOORS,
        {"redaction/blobs.py": "\n\ndef late():\n    from groqtape.recorder import key\n"},
    ),
    "upwards, for a type checker": (
        FLOORS,
        {
            "cassettes/ends.py": "\nfrom typing import TYPE_CHECKING\n"
            "if TYPE_CHECKING:\n    from groqtape.recorder import key\n"
        },
    ),
    "a folder that is no floor": (FLOORS, {"helpers/__init__.py": "", "helpers/strings.py": ""}),
    "a module that is no floor": (FLOORS, {"helpers.py": ""}),
    "a circle of two": (
        CIRCLES,
        {
            "streams/one.py": "from groqtape.streams import two\n",
            "streams/two.py": "from groqtape.streams import one\n",
        },
    ),
    "a circle of three": (
        CIRCLES,
        {
            "recorder/one.py": "from groqtape.recorder import two\n",
            "recorder/two.py": "from groqtape.recorder import three\n",
            "recorder/three.py": "def late():\n    from groqtape.recorder import one\n",
        },
    ),
    "pytest in the recorder": ("Only the plugin knows pytest", {"recorder/pace.py": "\nimport pytest\n"}),
    "httpx in a stream": (
        "Plain facts know no file, no recorder and no test runner",
        {"streams/tool_calls.py": "\nimport httpx\n"},
    ),
}


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


class TestImportLinter:
    """`lint-imports` fails when an import is added that the contracts in pyproject.toml forbid."""

    @pytest.fixture
    def copy(self, tmp_path: Path) -> Path:
        shutil.copy(ROOT / "pyproject.toml", tmp_path)
        shutil.copytree(SOURCES, tmp_path / "groqtape", ignore=shutil.ignore_patterns("__pycache__"))
        return tmp_path

    @staticmethod
    def lint(copy: Path) -> subprocess.CompletedProcess[str]:
        python = ROOT / ".venv-lint/bin/python"
        if not python.exists():
            pytest.skip(f"{python} is not there; make test and make check install it")
        command = ["from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"]
        return subprocess.run(
            [python, "-c", *command],
            cwd=copy,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(copy), "COLUMNS": "200", "NO_COLOR": "1"},
            check=False,
        )

    def test_passes_as_it_is(self, copy: Path) -> None:
        linted = self.lint(copy)
        assert linted.returncode == 0, linted.stdout + linted.stderr
        assert "0 broken" in linted.stdout

    @pytest.mark.parametrize(("contract", "added"), FORBIDDEN.values(), ids=FORBIDDEN.keys())
    def test_fails_when_an_import_is_added(self, copy: Path, contract: str, added: dict[str, str]) -> None:
        for name, text in added.items():
            path = copy / "groqtape" / name
            path.parent.mkdir(exist_ok=True)
            with path.open("a", encoding="utf-8") as file:
                file.write(text)
        linted = self.lint(copy)
        assert linted.returncode == 1
        assert f"{contract} BROKEN" in linted.stdout.splitlines()
