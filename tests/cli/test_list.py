"""`groqtape list`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from cli.cassettes import KINDS, stream, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Ran


@pytest.fixture(autouse=True)
def _project(project: Path) -> None:
    pass


class TestAPipe:
    def test_gets_a_line_a_cassette_under_headings(self, run: Callable[..., Ran]) -> None:
        ran = run("list")
        heading, *lines = ran.out.splitlines()
        assert ran.code == 0
        assert heading.split() == [
            "cassette",
            "interactions",
            "models",
            "chunks",
            "first",
            "chunk",
            "duration",
            "ends",
            "size",
        ]
        assert [line.split()[0] for line in lines] == sorted(
            f"cassettes/{name.replace(' ', '_')}.yaml" for name in KINDS
        )

    @pytest.mark.parametrize(
        ("kind", "line"),
        [
            ("stream", "1 openai/gpt-oss-20b 12 100 ms 220 ms complete"),
            ("closed", "1 openai/gpt-oss-20b 5 100 ms 140 ms closed"),
            ("cut", "1 openai/gpt-oss-20b 5 100 ms 140 ms ReadError"),
            ("error event", "1 openai/gpt-oss-20b 4 100 ms 140 ms error event"),
            ("no done", "1 openai/gpt-oss-20b 12 100 ms 210 ms no [DONE]"),
            ("no times", "1 openai/gpt-oss-20b 12 – – complete"),
            ("rate limit", "1 openai/gpt-oss-20b 0 – – 429"),
            ("unanswered", "1 openai/gpt-oss-20b 0 – – ConnectError"),
            ("transcription", "1 whisper-large-v3 0 – – complete"),
            ("models", "1 – 0 – – complete"),
            ("several", "3 openai/gpt-oss-20b ×3 15 100 ms 350 ms complete ×3"),
            ("nothing", "0 – 0 – – –"),
        ],
    )
    def test_says_of_each_kind(self, run: Callable[..., Ran], kind: str, line: str) -> None:
        _, shown = run("list", f"cassettes/{kind.replace(' ', '_')}.yaml").out.splitlines()
        assert " ".join(shown.split()[1:]).rpartition(line)[1] == line


class TestATerminal:
    def test_of_160_columns_gets_a_table(self, run: Callable[..., Ran]) -> None:
        ran = run("list", "cassettes/cut.yaml", "cassettes/stream.yaml", columns=160)
        assert ran.screen == (
            "cassette               interactions  models              chunks  first chunk  duration  "
            "ends         size\n"
            "cassettes/cut.yaml                1  openai/gpt-oss-20b       5       100 ms    140 ms  "
            "ReadError  1.1 kB\n"
            "cassettes/stream.yaml             1  openai/gpt-oss-20b      12       100 ms    220 ms  "
            "complete   1.7 kB\n"
        )
        assert "\x1b[33mReadError" in ran.out
        assert "\x1b[32mcomplete" in ran.out

    def test_of_80_columns_gets_two_lines_a_cassette(self, run: Callable[..., Ran]) -> None:
        assert run("list", "cassettes/stream.yaml", columns=80).screen == (
            "cassettes/stream.yaml\n"
            "    openai/gpt-oss-20b · 12 chunks in 220 ms · first 100 ms · complete · 1.7 kB\n"
        )

    def test_has_no_colours_where_they_are_not_wanted(self, run: Callable[..., Ran]) -> None:
        assert "\x1b[3" not in run("list", columns=160, NO_COLOR="1").out


class TestJson:
    def test_has_each_interaction(self, run: Callable[..., Ran]) -> None:
        (cassette,) = json.loads(run("list", "--json", "cassettes/several.yaml").out)["cassettes"]
        assert cassette["path"] == "cassettes/several.yaml"
        assert [each["chunks"] for each in cassette["interactions"]] == [12, 3, 0]
        assert cassette["interactions"][0] == {
            "number": 1,
            "method": "POST",
            "path": "/openai/v1/chat/completions",
            "model": "openai/gpt-oss-20b",
            "status": 200,
            "stream": True,
            "chunks": 12,
            "first_chunk_ms": 100.0,
            "duration_ms": 220.0,
            "end": "complete",
        }

    def test_has_what_cannot_be_read(self, run: Callable[..., Ran], project: Path) -> None:
        (project / "cassettes/bad.yaml").write_text("version: 1\n")
        ran = run("list", "--json", "cassettes/bad.yaml")
        (bad,) = json.loads(ran.out)["unreadable"]
        assert ran.code == 1
        assert (bad["path"], bad["line"]) == ("cassettes/bad.yaml", 1)


def test_a_cassette_that_cannot_be_read_does_not_hide_the_others(
    run: Callable[..., Ran], project: Path
) -> None:
    (project / "cassettes/bad.yaml").write_text("version: [\n")
    ran = run("list")
    assert ran.code == 1
    assert "cassettes/stream.yaml" in ran.out
    assert ran.err.startswith("groqtape: cassettes/bad.yaml, line 2: expected a cassette in YAML")
    assert ran.err.count("groqtape: ") == 1
    assert run("list", "cassettes/bad.yaml")[:2] == (1, "")


def test_a_folder_without_cassettes_has_none(run: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ran = run("list", "empty")
    assert (ran.code, ran.out) == (
        0,
        "There are no cassettes. Record some with: pytest --groq-record=once\n",
    )


def test_many_are_read_with_a_progress_bar(run: Callable[..., Ran], tmp_path: Path) -> None:
    for number in range(200):
        write(tmp_path / f"many/{number:03}.yaml", stream())
    ran = run("list", "many", columns=160)
    assert len(ran.screen.splitlines()) == 201
    assert "Reading cassettes" in ran.err
    assert not run("list", "many").err
