"""Broken and hostile files: every verb ends with 0, 1 or 2, and never with a traceback."""

from __future__ import annotations

import os
import random
import re
from typing import TYPE_CHECKING, Any

import pytest
from effort import EFFORT
from trust.fuzz import broken, good_cassettes

from groqtape.cli.overview import VERBS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Ran

GOOD = good_cassettes()
ROUNDS = 40 * EFFORT
COMMANDS = {
    "list": ["list", "{}"],
    "list --json": ["list", "--json", "{}"],
    "show": ["show", "{}"],
    "show --json": ["show", "--json", "{}"],
    "show --text": ["show", "--text", "{}"],
    "play": ["play", "--pace", "instant", "{}"],
    "diff": ["diff", "{}", "good.yaml", "--timing"],
    "check": ["check", "{}"],
    "export vcr": ["export", "{}", "-f", "vcr", "-o", "out"],
    "export sse": ["export", "{}", "-f", "sse", "-o", "out"],
    "export jsonl": ["export", "{}", "-f", "jsonl", "-o", "out"],
    "export har": ["export", "{}", "-f", "har", "-o", "out"],
    "timeline": ["timeline", "{}"],
    "timeline --json": ["timeline", "--json", "{}"],
    "report": ["report", "{}", "-o", "out"],
}
RAW = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def tried(run: Callable[..., Ran], command: list[str], file: str) -> Ran:
    """Run a command; an exception other than an exit fails in `run`."""
    ran = run(*(part.format(file) for part in command))
    assert ran.code in (0, 1, 2)
    assert not RAW.search(ran.out + ran.err)
    assert "Traceback" not in ran.err
    return ran


def test_every_verb_is_tried() -> None:
    assert {name.split()[0] for name in COMMANDS} == set(VERBS) - {"git-config"}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("kind", GOOD)
def test_a_good_file_of_every_kind_is_read(
    run: Callable[..., Ran], tmp_path: Path, command: str, kind: str
) -> None:
    (tmp_path / "book.yaml").write_bytes(GOOD[kind])
    (tmp_path / "good.yaml").write_bytes(GOOD["a stream"])
    ran = tried(run, COMMANDS[command], "book.yaml")
    if ran.code == 2:
        assert command == "export sse"
        assert "expected a stream" in ran.err or "expected one stream" in ran.err


@pytest.mark.parametrize("command", COMMANDS)
def test_a_broken_file_is_one_message(run: Callable[..., Ran], tmp_path: Path, command: str) -> None:
    (tmp_path / "good.yaml").write_bytes(GOOD["a stream"])
    chance = random.Random(command)
    for _ in range(ROUNDS):
        data = broken(chance, list(GOOD.values()))
        (tmp_path / "book.yaml").write_bytes(data)
        ran = tried(run, COMMANDS[command], "book.yaml")
        assert ran.err.count("groqtape: ") <= 1, data


HOSTILE: dict[str, bytes] = {
    "empty": b"",
    "no text": b"\x00\xff\xfe",
    "a bomb": b"a: &a [x,x,x,x,x,x,x,x]\n"
    + b"".join(b"%c: &%c [%s]\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 9)) for n in range(9)),
    "deep": b"[" * 100_000,
    "a merge conflict": b"<<<<<<< HEAD\nversion: 1\n=======\nversion: 2\n>>>>>>> x\n",
    "a tag": b"!!python/object/apply:os.system ['echo x']\n",
    "half": GOOD["a stream"][: len(GOOD["a stream"]) // 2],
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_one_message(
    run: Callable[..., Ran], tmp_path: Path, command: str, kind: str
) -> None:
    (tmp_path / "good.yaml").write_bytes(GOOD["a stream"])
    (tmp_path / "book.yaml").write_bytes(HOSTILE[kind])
    ran = tried(run, COMMANDS[command], "book.yaml")
    assert ran.code == 1
    if command == "check":
        assert ran.out.count(": unreadable: ") == 1
    else:
        assert ran.err.count("groqtape: ") == 1
        assert ran.err.startswith("groqtape: book.yaml")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("what", ["a folder", "a pipe", "a broken link", "nothing"])
def test_what_is_no_file_is_one_message(
    run: Callable[..., Ran], tmp_path: Path, command: str, what: str
) -> None:
    (tmp_path / "good.yaml").write_bytes(GOOD["a stream"])
    place: Any = tmp_path / "book.yaml"
    if what == "a folder":
        place.mkdir()
    elif what == "a pipe":
        os.mkfifo(place)
    elif what == "a broken link":
        place.symlink_to("nowhere")
    ran = tried(run, COMMANDS[command], "book.yaml")
    if what == "a folder" and command.split()[0] in ("list", "check", "report", "diff"):
        return  # a folder without cassettes
    assert ran.code == (2 if what == "nothing" else 1)
    if command != "check" or what == "nothing":
        assert ran.err.count("groqtape: ") == 1
