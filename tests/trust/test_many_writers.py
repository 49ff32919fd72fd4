"""Processes, threads and pytest-xdist's workers that record into one cassette lose nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from effort import EFFORT, slow
from loopback_groq import stream
from pytest_plugin.conftest import WITHOUT_TRIO
from trust.kills import answer, contents

import groqtape
from groqtape.cassettes.locking import CassetteLock
from groqtape.cassettes.run_notes import Draft
from groqtape.recorder.cassette import Cassette
from groqtape.recorder.settings import CassetteSettings, Owner

if TYPE_CHECKING:
    from collections.abc import Callable

    from loopback_groq import LoopbackGroq

TESTS = Path(__file__).parents[1]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_processes() -> None:
    """See writers.py."""
    writers, recordings, readers = 3 * EFFORT, 2 * EFFORT, EFFORT
    done = subprocess.run(
        [sys.executable, "-m", "trust.writers", f"{writers}", f"{recordings}", f"{readers}"],
        cwd=TESTS,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    for mode, figures in json.loads(done.stdout).items():
        assert figures["lost"] == [], mode
        each = recordings if mode == "new_episodes" else 1
        assert figures["there"] == figures["recorded"] == writers * each
        assert figures["files"] == ["book.yaml"]
        assert figures["reads"] > 0


def recorded_by_hand(path: Path, mode: str, prompt: str, **owner: Any) -> Cassette:
    """A cassette that has recorded a call, and is not closed yet."""
    cassette = Cassette(path, CassetteSettings(mode), Owner(**owner))
    cassette.open()
    url = "https://api.groq.com/openai/v1/chat/completions"
    body = {"messages": [{"role": "user", "content": prompt}]}
    request = httpx.Request("POST", url, json=body)
    response = cassette.handler_for(request).handle(request, lambda sent: answer(httpx.HTTPTransport(), sent))
    response.read()
    return cassette


@pytest.mark.parametrize("mode", ["once", "new_episodes", "all"])
def test_threads(tmp_path: Path, mode: str) -> None:
    """Each with a cassette of its own in the same file; all are closed at the same time."""
    path = tmp_path / "book.yaml"
    cassettes = [recorded_by_hand(path, mode, f"{number}") for number in range(6)]
    everybody = threading.Barrier(len(cassettes))

    def close(cassette: Cassette) -> None:
        everybody.wait(10)
        cassette.close(keep=True)

    threads = [threading.Thread(target=close, args=(cassette,)) for cassette in cassettes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(contents(path)) == [f"{number}" for number in range(6)]
    assert [each.name for each in tmp_path.iterdir()] == ["book.yaml"]


def test_all_begins_anew_where_nobody_else_records(tmp_path: Path) -> None:
    path = tmp_path / "book.yaml"
    for prompt in ("first", "second"):
        recorded_by_hand(path, "all", prompt).close(keep=True)
    assert contents(path) == ["second"]


def test_who_opens_it_while_another_worker_writes_it_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file exists, and it is not noted yet that this run began it: the second waits for that note."""
    path = tmp_path / "book.yaml"
    first = recorded_by_hand(path, "once", "first", run="this run")
    second: list[Cassette] = []
    genuine: Callable[..., None] = Draft.publish

    def publish(draft: Draft) -> None:
        assert path.exists()
        thread.start()
        thread.join(0.1)
        assert thread.is_alive()
        genuine(draft)

    def open_it() -> None:
        second.append(recorded_by_hand(path, "once", "second", run="this run"))

    thread = threading.Thread(target=open_it)
    monkeypatch.setattr(Draft, "publish", publish)
    first.close(keep=True)
    thread.join(10)
    monkeypatch.undo()
    second[0].close(keep=True)
    assert contents(path) == ["first", "second"]


class TestTheLock:
    def test_that_takes_too_long_is_an_error_of_the_cassette(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "book.yaml"
        cassette = recorded_by_hand(path, "once", "first")
        monkeypatch.setattr(CassetteLock.__init__, "__defaults__", (0.05,))
        with (
            CassetteLock(path, timeout=1).held(),
            pytest.raises(groqtape.CassetteError, match=r"its only writer within 0\.05 s") as caught,
        ):
            cassette.close(keep=True)
        text = str(caught.value)
        assert f"process {os.getpid()} since {time.strftime('%H:')}" in text
        assert str(path) in text
        assert "record again" in text
        assert list(tmp_path.iterdir()) == []

    def test_is_one_for_all_names_of_a_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = tmp_path / "folder" / "book.yaml"
        path.parent.mkdir()
        (tmp_path / "link.yaml").symlink_to(path)
        monkeypatch.chdir(tmp_path)
        names = [
            tmp_path / "link.yaml",
            Path("folder/book.yaml"),
            path.parent / ".." / "folder" / "book.yaml",
        ]
        with CassetteLock(path).held():
            for name in names:
                with pytest.raises(groqtape.CassetteError), CassetteLock(name, timeout=0.01).held():
                    raise AssertionError("not reached")

    def test_where_there_can_be_none(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        cassette = recorded_by_hand(tmp_path / "no-folder" / "book.yaml", "once", "first")
        (tmp_path / "no-folder").write_text("")
        with pytest.raises(groqtape.CassetteError, match=r"can't be written: .*its lock, ") as caught:
            cassette.close(keep=True)
        assert "groq_cassette_dir" in str(caught.value)
        assert not cassette.written

    def test_whose_disk_has_no_room_left(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The name of the holder is only for those that wait; a run that can't be noted writes nothing."""
        path = tmp_path / "book.yaml"
        monkeypatch.setattr(Path, "write_text", no_room)
        recorded_by_hand(path, "once", "first").close(keep=True)
        assert contents(path) == ["first"]
        before = path.read_bytes()
        for options in ({}, {"spare_others": True}):
            cassette = recorded_by_hand(path, "all", "second", run="this run", **options)
            with pytest.raises(groqtape.CassetteError, match=r"be noted in .*: No space left on device"):
                cassette.close(keep=True)
            assert not cassette.written
            assert path.read_bytes() == before
        assert [each.name for each in tmp_path.iterdir()] == ["book.yaml"]

    def test_what_is_written_counts_as_written_whatever_fails_afterwards(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "book.yaml"
        cassette = recorded_by_hand(path, "once", "first", run="this run")
        genuine_replace, genuine_unlink = Path.replace, Path.unlink

        def replace(self: Path, target: Path) -> Path:
            if self.suffix != ".tmp":
                raise OSError(5, "Input/output error")
            return genuine_replace(self, target)

        def unlink(self: Path, missing_ok: bool = False) -> None:
            genuine_unlink(self, missing_ok=missing_ok)
            raise OSError(13, "Permission denied")

        monkeypatch.setattr(Path, "replace", replace)
        monkeypatch.setattr(Path, "unlink", unlink)
        with pytest.raises(groqtape.CassetteError, match="the cassette was written, but the run can't be"):
            cassette.close(keep=True)
        monkeypatch.undo()
        assert cassette.written
        assert contents(path) == ["first"]


def no_room(*args: object, **kwargs: object) -> int:
    raise OSError(28, "No space left on device")


class TestTwoRuns:
    """Of one suite, at the same time, that record the same cassette."""

    @pytest.mark.parametrize("mode", ["once", "new_episodes"])
    def test_the_second_does_not_add_what_the_first_has_just_recorded(
        self, tmp_path: Path, mode: str
    ) -> None:
        path = tmp_path / "book.yaml"
        if mode == "new_episodes":
            recorded_by_hand(path, mode, "old", run="before").close(keep=True)
        first = recorded_by_hand(path, mode, "same", run="first")
        second = recorded_by_hand(path, mode, "same", run="second")
        first.close(keep=True)
        written = path.read_bytes()
        second.close(keep=True)
        assert first.written
        assert not second.written
        assert path.read_bytes() == written

    def test_the_second_adds_what_only_it_recorded(self, tmp_path: Path) -> None:
        path = tmp_path / "book.yaml"
        runs = [recorded_by_hand(path, "once", prompt, run=prompt) for prompt in ("one", "two")]
        for run in runs:
            run.close(keep=True)
            assert run.written
        assert contents(path) == ["one", "two"]

    def test_tests_of_one_run_each_add_theirs(self, tmp_path: Path) -> None:
        path = tmp_path / "book.yaml"
        tests = [recorded_by_hand(path, "once", "same", run="this run") for _ in range(2)]
        for test in tests:
            test.close(keep=True)
        assert contents(path) == ["same", "same"]

    def test_their_folders_for_temporary_files_may_differ(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "tapes" / "book.yaml"
        for folder in ("a", "b"):
            (tmp_path / folder).mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "a"))
        with CassetteLock(path).held():
            monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "b"))
            with pytest.raises(groqtape.CassetteError), CassetteLock(path, timeout=0.01).held():
                raise AssertionError("not reached")


class TestWorkers:
    """pytest-xdist: each worker has tests of the one cassette, some of which ask the same."""

    TESTS = """
        import groq, pytest

        def ask(prompt):
            with groq.Groq(api_key="k") as client:
                messages = [{"role": "user", "content": prompt}]
                chunks = client.chat.completions.create(model="m", messages=messages, stream=True)
                return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)

        @pytest.mark.groq_cassette("shared")
        @pytest.mark.parametrize("number", range(6))
        def test_it(number):
            assert ask(f"prompt {number}") == f"answer to {number}"
            for _ in range(2 - number // 3):
                assert ask("the same") == "the same answer"
    """

    @pytest.fixture
    def project(
        self, pytester: pytest.Pytester, server: LoopbackGroq, monkeypatch: pytest.MonkeyPatch
    ) -> pytest.Pytester:
        monkeypatch.setattr(server, "api_key", None)
        for number in range(6):
            server.on(f"prompt {number}", stream(f"answer to {number}"))
        server.on("the same", stream("the same answer"))
        for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_TESTRUNUID", "GROQ_API_KEY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("SSL_CERT_DIR", str(pytester.path))  # no client reads certificates
        monkeypatch.setenv("PYTHONPATH", WITHOUT_TRIO, prepend=os.pathsep)
        pytester.makepyfile(self.TESTS)
        pytester.makeini("[pytest]\nfilterwarnings = error\n")
        return pytester

    @pytest.mark.parametrize("mode", ["once", pytest.param("all, and there was one", marks=slow)])
    def test_record_and_replay(self, project: pytest.Pytester, server: LoopbackGroq, mode: str) -> None:
        cassette_path = project.path / "cassettes" / "shared.yaml"
        plugins = ("-p", "no:hypothesispytest", "-p", "no:asyncio", "-p", "no:cacheprovider")
        mode, _, was = mode.partition(",")
        if was:
            cassette_path.parent.mkdir()
            cassette_path.write_text("version: 1\ninteractions: []\n")
        result = project.runpytest_inprocess(f"--groq-record={mode}", "-n2", *plugins)
        result.assert_outcomes(passed=6)
        prompts = [
            json.loads(each["request"]["body"])["messages"][0]["content"]
            for each in interactions(cassette_path)
        ]
        assert {f"prompt {number}" for number in range(6)} <= set(prompts)
        seen = len(server.requests)
        project.runpytest_inprocess("-n0", *plugins).assert_outcomes(passed=6)
        assert len(server.requests) == seen


def interactions(path: Path) -> list[dict[str, Any]]:
    """What is in a cassette."""
    read: list[dict[str, Any]] = groqtape.serializer.deserialize(path.read_text())["interactions"]
    return read
