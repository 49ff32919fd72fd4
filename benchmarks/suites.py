"""Test suites: the same tests for every contender, each with a cassette of its own."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from benchmarks.streams import body, prompt

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.contender import Contender

__all__ = ["MODULE", "multiply", "unrelated", "write"]

MODULE = 100
"""How many tests a module has."""

_FIRST = "test_module_000"
_BODY = """

def stream(number, chunks={chunks}):
    client = {client}
    seen = 0
    for _ in client.chat.completions.create(
        model="openai/gpt-oss-20b",
        messages=[{{"role": "user", "content": f"{prompt}"}}],
        stream=True,
    ):
        seen += 1
    assert seen == chunks

"""
_TEST = """
def test_{number:03}():
    stream({number})

"""


def write(contender: Contender, folder: Path, tests: int, chunks: int) -> None:
    """Write a suite's first module, which is all that gets recorded."""
    folder.mkdir(parents=True)
    words = prompt(chunks, 0).removesuffix("0") + "{number}"
    text = contender.suite_head + _BODY.format(client=contender.suite_client, chunks=chunks, prompt=words)
    text += "".join(_TEST.format(number=number) for number in range(min(tests, MODULE)))
    (folder / f"{_FIRST}.py").write_text(text)
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "body.sse").write_bytes(body(chunks))
    if contender.suite_conftest:
        (folder / "conftest.py").write_text(contender.suite_conftest)


def multiply(source: Path, folder: Path, tests: int) -> None:
    """Make a suite of that many tests: copies of a recorded first module, with its cassettes."""
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache"))
    recorded = sorted(folder.rglob(f"{_FIRST}*"), key=lambda path: len(path.parts))
    for number in range(1, -(-tests // MODULE)):
        for path in recorded:
            copy = path.with_name(path.name.replace(_FIRST, f"test_module_{number:03}"))
            if path.is_dir():
                shutil.copytree(path, copy)
            else:
                shutil.copy(path, copy)


def unrelated(folder: Path, tests: int) -> None:
    """Write a suite that uses none of the contenders."""
    folder.mkdir(parents=True)
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "test_sums.py").write_text(
        "".join(f"def test_{number}():\n    assert {number} + 1 > {number}\n\n\n" for number in range(tests))
    )
