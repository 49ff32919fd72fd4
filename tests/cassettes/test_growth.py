"""Every regular expression of this folder takes time in proportion to the text, whatever the text."""

from __future__ import annotations

import contextlib
import functools
import importlib
import pkgutil
import random
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cassettes.yaml_halves import HALVES
from effort import EFFORT

import groqtape.cassettes
from groqtape.cassettes import serializer
from groqtape.errors import CassetteError

if TYPE_CHECKING:
    from collections.abc import Callable

# A quadratic expression needs some 100,000,000 steps for this many repetitions: seconds. A linear one needs
# less than a millisecond, so the bound leaves room for a slow machine.
REPETITIONS = 10_000
SECONDS = 0.4
SOURCES = "".join(path.read_text("utf-8") for path in Path(groqtape.cassettes.__path__[0]).rglob("*.py"))


def patterns() -> Iterator[tuple[str, re.Pattern[str] | re.Pattern[bytes], str]]:
    """All regular expressions that the modules have by name, with the methods that the code calls."""
    for module in pkgutil.walk_packages(groqtape.cassettes.__path__, "groqtape.cassettes."):
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, re.Pattern):
                used = set(re.findall(rf"\b{name}\.(\w+)\b", SOURCES)) & {*dir(value)}
                assert used, f"{name} is not used"
                for method in used:
                    yield name, value, method


PATTERNS = sorted(patterns(), key=lambda item: (item[0], item[2]))
# What is repeated: what the expressions look for, and the beginnings of it.
PUMPS = [
    *" \t\r\n\"'\\#%-=<>.:,@§0a{}[]|é\x00",
    *(
        "\n ",
        " \n",
        "\r\n",
        "#\n",
        "# \n ",
        "%\n",
        "---\n",
        "<<<<<<< ",
        "a.",
        "a .",
        "'a'.",
        '"a".',
        "\"'",
        "''",
    ),
    *(
        "a: b\n",
        "      a: b\n",
        "      a: 'b'\n",
        "      a: [b]\n",
        "        x\n",
        "        x",
        "- request:\n",
    ),
    *(
        '"a":"b",',
        '{"a":"b"}',
        '{"a":null}\n',
        '"\\u00e9"',
        "\\u",
        "1.5 ",
        "  1.5 {}\n",
        "data: x\n",
        "@ data: §\n",
    ),
    *(
        "data:",
        "data: \n\n",
        "\r\r",
        "\n\n\n",
        "version",
        "version ",
        "[[interactions]]\n",
        "(at line 1",
        "yes",
        "no",
    ),
]
REQUEST = "    method: a\n    uri: b\n    "
BODY = "headers: {}\n    body: |\n      x\n  response:\n    status: a\n"
BEGINNINGS = [
    "",
    *(
        "data: ",
        '{"a":"',
        "{",
        '"',
        "'",
        "version",
        "[[",
        "#",
        "    method: ",
        "@ data: ",
        "1.5 ",
        "(at line ",
    ),
    f"{REQUEST}headers:\n",
    f"{REQUEST}headers: {{}}\n    body: |\n",
    f"{REQUEST}{BODY}    headers:\n",
    f"{REQUEST}{BODY}    headers: {{}}\n    stream:\n      events: |\n",
]

# The beginning of what is read as a whole.
FILES = [
    "",
    "{",
    "version: 1\ninteractions:\n- request:\n    method: ",
    f"version: 1\ninteractions:\n- request:\n{REQUEST}headers: {{}}\n    body: |\n      ",
    "version = 1\n[[interactions]]\n",
]


def seconds(work: Callable[[], object]) -> float:
    """Processor time of this thread: other processes don't count."""
    started = time.thread_time()
    work()
    return time.thread_time() - started


@pytest.mark.parametrize("yaml_half", HALVES[:1], indirect=True)  # it makes no difference here
def test_a_regular_expression_is_linear() -> None:
    assert [found for pattern in PATTERNS for found in slow_texts(*pattern)] == []


def slow_texts(
    name: str, pattern: re.Pattern[str] | re.Pattern[bytes], method: str
) -> Iterator[tuple[str, str, tuple[str, str, str]]]:
    """What takes an expression too long, each with its name and its method."""
    rng = random.Random(name)
    many = [(rng.choice(BEGINNINGS), rng.choice(PUMPS), rng.choice(["", "\n!"])) for _ in range(50 * EFFORT)]
    for beginning, pump, end in [("", pump, end) for pump in PUMPS for end in ("", "\n!")] + many:
        text = beginning + pump * REPETITIONS + end
        given = [text.encode() if isinstance(pattern.pattern, bytes) else text]
        if method == "sub":
            given.insert(0, given[0][:0])
        if seconds(lambda: _all(getattr(pattern, method)(*given))) > SECONDS:  # noqa: B023  # called at once
            yield name, method, (beginning, pump, end)


def _all(found: object) -> None:
    if isinstance(found, Iterator):
        for _ in found:
            pass


def test_a_text_is_read_or_refused_in_linear_time(yaml_half: str) -> None:
    """PyYAML in pure Python needs up to some 50 µs for a character, and tries some of the texts."""
    pumps = PUMPS[:: max(4 // EFFORT, 1)] if yaml_half == "pure" else PUMPS

    def read(text: str) -> None:
        with contextlib.suppress(CassetteError):
            serializer.deserialize(text)

    slow = [
        (beginning, pump)
        for beginning in FILES
        for pump in pumps
        if seconds(functools.partial(read, beginning + pump * 1000)) > 2.0
    ]
    assert slow == []
