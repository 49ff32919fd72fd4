"""A process that is killed while it writes leaves the old file or the new one; see kills.py."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from effort import EFFORT
from loopback_groq import stream
from trust.kills import LEFT_BEHIND, record

import groqtape

if TYPE_CHECKING:
    from loopback_groq import LoopbackGroq

TESTS = Path(__file__).parents[1]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_kills_at_each_line_and_at_any_moment() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "trust.kills", f"{9 * EFFORT}", f"{max(16 // EFFORT, 1)}"],
        cwd=TESTS,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    figures = json.loads(done.stdout)
    assert figures["lost"] == []
    assert figures["old"] + figures["new"] == figures["killed"] > 30 * EFFORT
    # They came before, after and in the middle of it.
    assert min(figures["old"], figures["new"], figures["litter"]) > 0


def test_what_was_left_behind_is_never_read(tmp_path: Path) -> None:
    """Other programs' files with similar names are not removed."""
    path = tmp_path / "book.yaml"
    others = [tmp_path / name for name in (".groqtape-other.tmp", "book.yaml.tmp", ".book.yaml.swp")]
    for other in others:
        other.write_text("version: 1\ninteractions: []\n")
    with groqtape.use_cassette(path, "none") as cassette:
        assert cassette.interactions == 0
    with pytest.raises(FileNotFoundError):
        groqtape.load(path)
    assert all(other.exists() for other in others)


def test_two_cassettes_in_one_folder_leave_each_others_files(
    server: LoopbackGroq, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two are written at once: the temporary file of the other is not a leftover."""
    monkeypatch.setattr(server, "api_key", None)
    server.default = stream(" ".join(map(str, range(151))))
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    seen: list[list[str]] = []
    genuine = os.fsync

    def fsync(descriptor: int) -> None:
        genuine(descriptor)
        seen.append(sorted(each.name for each in tmp_path.glob(LEFT_BEHIND)))
        if len(seen) == 1:
            record(second, "of the second")

    monkeypatch.setattr(os, "fsync", fsync)
    record(first, "of the first")
    assert [len(names) for names in seen] == [1, 2]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["first.yaml", "second.yaml"]
    assert len(groqtape.load(first)) == len(groqtape.load(second)) == 1
