"""How the code is laid out: short modules, short functions, and imports that point down only."""

from __future__ import annotations

import ast
import os
import re
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
# What is added to which file, the contract that it breaks, and what lint-imports then shows.
FORBIDDEN: dict[str, tuple[dict[str, str], str, str]] = {
    "from the floor below to the one above": (
        {"recorder/pace.py": "\nfrom groqtape.pytest_plugin import naming\n"},
        FLOORS,
        "groqtape.recorder.pace -> groqtape.pytest_plugin.naming",
    ),
    "from the lowest floor to the middle": (
        {"streams/tool_calls.py": "\nimport groqtape.cassettes.sse\n"},
        FLOORS,
        "groqtape.streams.tool_calls -> groqtape.cassettes.sse",
    ),
    "from the errors to a floor": (
        {"errors.py": "\nfrom groqtape.streams import tool_calls\n"},
        FLOORS,
        "groqtape.errors -> groqtape.streams.tool_calls",
    ),
    "upwards, in a function": (
        {"redaction/blobs.py": "\n\ndef late():\n    from groqtape.recorder import key\n"},
        FLOORS,
        "groqtape.redaction.blobs -> groqtape.recorder.key",
    ),
    "upwards, for a type checker": (
        {
            "cassettes/ends.py": "\nfrom typing import TYPE_CHECKING\n"
            "if TYPE_CHECKING:\n    from groqtape.recorder import key\n"
        },
        FLOORS,
        "groqtape.cassettes.ends -> groqtape.recorder.key",
    ),
    "a folder that is no floor": (
        {"helpers/__init__.py": "", "helpers/strings.py": ""},
        FLOORS,
        "- groqtape.helpers",
    ),
    "a module that is no floor": ({"strings.py": ""}, FLOORS, "- groqtape.strings"),
    "a circle of two": (
        {
            "streams/one.py": "from groqtape.streams import two\n",
            "streams/two.py": "from groqtape.streams import one\n",
        },
        CIRCLES,
        ".two -> .one",
    ),
    "a circle of three": (
        {
            "recorder/one.py": "from groqtape.recorder import two\n",
            "recorder/two.py": "from groqtape.recorder import three\n",
            "recorder/three.py": "def late():\n    from groqtape.recorder import one\n",
        },
        CIRCLES,
        ".three -> .one",
    ),
    "pytest in the recorder": (
        {"recorder/pace.py": "\nimport pytest\n"},
        "Only the plugin knows pytest",
        "groqtape.recorder.pace -> pytest",
    ),
    "httpx in a stream": (
        {"streams/tool_calls.py": "\nimport httpx\n"},
        "Plain facts know no file, no recorder and no test runner",
        "groqtape.streams.tool_calls -> httpx",
    ),
}


class TestEachModule:
    def test_is_no_longer_than_one_idea(self) -> None:
        lines = {module: len(module.read_text(encoding="utf-8").splitlines()) for module in MODULES}
        assert {module: count for module, count in lines.items() if count > LONGEST_MODULE} == {}

    def test_has_no_long_function(self) -> None:
        long = [
            (module, node.name)
            for module in MODULES
            for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
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

    def test_fails_when_imports_are_added(self, copy: Path) -> None:
        """All at once: each is shown below the contract that it breaks."""
        for added, _, _ in FORBIDDEN.values():
            for name, text in added.items():
                path = copy / "groqtape" / name
                path.parent.mkdir(exist_ok=True)
                with path.open("a", encoding="utf-8") as file:
                    file.write(text)
        linted = self.lint(copy)
        assert linted.returncode == 1
        _, _, details = linted.stdout.partition("\nBroken contracts\n")
        unnoticed = [
            name
            for name, (_, contract, shown) in FORBIDDEN.items()
            if f"{contract} BROKEN" not in linted.stdout.splitlines()
            or shown not in self.section(details, contract)
        ]
        assert unnoticed == [], linted.stdout

    @staticmethod
    def section(details: str, contract: str) -> str:
        """What is shown below a contract, up to the next one."""
        _, _, below = details.partition(f"\n{contract}\n{'-' * len(contract)}\n")
        return re.split(r"\n-{8,}\n", below)[0]
