"""The demonstration: what it shows, and that it fails where a step is not as it should be."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from effort import slow

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
CASSETTE = Path("cassettes/demo/test_books/test_recommends_a_book.yaml")
SNAPSHOT = Path("demo/__snapshots__/test_books.ambr")


def _environment() -> dict[str, str]:
    # The demonstration has to ignore the user's own settings.
    return {**os.environ, "GROQ_API_KEY": "gsk_ours", "GROQ_BASE_URL": "http://127.0.0.1:9"}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """What the demonstration needs until it has recorded, to break something in it."""
    for folder in ("demo", "cassettes", "tests/loopback_groq"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@slow  # `make demo` goes through the same steps, and checks each
def test_it_shows_every_step() -> None:
    kept = {path: (ROOT / path).read_bytes() for path in (CASSETTE, SNAPSHOT)}

    shown = subprocess.run(
        [sys.executable, str(ROOT / "demo" / "demo.py")],
        capture_output=True,
        encoding="utf-8",
        env={**_environment(), "PYTHONUTF8": "1", "COLUMNS": "100"},
        timeout=120,
        check=False,
    )

    assert shown.stderr == ""
    assert shown.returncode == 0, shown.stdout
    _, server, recording, replay, cassette, snapshot, miss, committed = re.split(
        r"^\d\. ", shown.stdout, flags=re.MULTILINE
    )
    assert "http://127.0.0.1:" in server
    assert "def test_recommends_a_book(groq_stream, groq_snapshot):" in server

    arrivals = re.findall(r"^ +(\d+) ms  '(.*)'$", recording, flags=re.MULTILINE)
    content = "".join(text for _, text in arrivals)
    assert content.startswith("Try A Wizard")
    assert [int(at) for at, _ in arrivals] == sorted({int(at) for at, _ in arrivals})
    assert f"{CASSETTE.as_posix()}: 1 interaction, {len(arrivals) + 9} chunks recorded" in recording
    assert "1 snapshot generated" in recording

    for run_again in (replay, committed):
        assert "1 snapshot passed" in run_again
        assert "1 passed" in run_again

    assert f"{CASSETTE.as_posix()}\n" in cassette
    for _, text in arrivals:
        assert f'{{"content":"{text}"}}\n' in cassette
    for text in ("User", " wants", " a", " fantasy", " book.", " Suggest", " Earthsea."):
        assert f'{{"reasoning":"{text}","channel":"analysis"}}\n' in cassette
    assert "reasoning='User wants a fantasy book. Suggest Earthsea.'" in snapshot
    assert "gsk_" not in shown.stdout
    assert f"content='{content}'" in snapshot
    assert (
        'messages[0].content: recorded "Recommend a fantasy book" / now "Recommend a science fiction book"'
        in miss
    )
    assert {path: (ROOT / path).read_bytes() for path in kept} == kept


@pytest.fixture
def run_copy(copy: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """The copy's demonstration, in this process."""
    spec = importlib.util.spec_from_file_location("copied_demo", copy / "demo/demo.py")
    assert spec is not None
    assert spec.loader is not None
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setenv("SSL_CERT_DIR", str(copy))  # no client reads certificates
    demo = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(demo)

    def run(*args: str, **settings: object) -> int:
        for name, value in {"DELAY": 0, **settings}.items():
            monkeypatch.setattr(demo, name, value)
        monkeypatch.setattr(sys, "argv", ["demo.py", *args])
        status: int = demo.main()
        return status

    return run


def test_a_stream_that_is_held_back_is_noticed(
    copy: Path, run_copy: Callable[..., int], capfd: pytest.CaptureFixture[str]
) -> None:
    test = copy / "demo" / "test_books.py"
    test.write_text(test.read_text().replace("for chunk, _ in stream:", "for chunk, _ in list(stream):"))

    assert run_copy(LONGEST_WAIT=0.2) == 1

    shown = capfd.readouterr().err
    assert "Not as it should be: Chunk 1 was not printed when it was sent" in shown


def test_another_snapshot_than_the_one_that_is_kept_is_noticed(
    copy: Path, run_copy: Callable[..., int], capfd: pytest.CaptureFixture[str]
) -> None:
    snapshot = copy / SNAPSHOT
    snapshot.write_text(snapshot.read_text().replace("Earthsea", "Oz"))

    assert run_copy() == 1

    shown = capfd.readouterr()
    assert f"Not as it should be: The snapshot is not the one in {SNAPSHOT.as_posix()}" in shown.err
    assert "Replay" not in shown.out


def test_keep_puts_what_was_recorded_in_the_place_of_what_is_kept(
    copy: Path, run_copy: Callable[..., int], capfd: pytest.CaptureFixture[str]
) -> None:
    before = (copy / CASSETTE).read_bytes()
    (copy / SNAPSHOT).unlink()

    assert run_copy("--keep") == 0

    assert f"Kept: {CASSETTE.as_posix()}\n" in capfd.readouterr().out
    assert (copy / SNAPSHOT).read_bytes() == (ROOT / SNAPSHOT).read_bytes()
    assert (copy / CASSETTE).read_bytes() not in (before, b"")


def test_reaching_for_the_network_fails_the_test_whatever_catches_exceptions(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import socket\n\n"
        "def test_it():\n"
        "    try:\n"
        "        socket.create_connection(('127.0.0.1', 9))\n"
        "    except Exception:\n"
        "        pass\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "offline", "-p", "no:hypothesispytest"]

    shown = subprocess.run(
        command,
        cwd=tmp_path,
        env={**_environment(), "PYTHONPATH": str(ROOT / "demo")},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )

    assert shown.returncode == 1
    assert "offline.NetworkUsedError: socket.getaddrinfo" in shown.stdout
