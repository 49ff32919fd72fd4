"""Cassettes that other recorders wrote: loaded, replayed through the SDK, and added to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cassettes.other_recorders.answers import ask
from cassettes.other_recorders.recorders import FILES, written
from cassettes.yaml_halves import HALVES
from loopback_groq import stream
from recorder.integration.calling import untouched

import groqtape

if TYPE_CHECKING:
    from pathlib import Path

    from cassettes.other_recorders.answers import Recording
    from loopback_groq import LoopbackGroq
    from recorder.integration.calling import Sdk

    from groqtape.recorder.record_modes import RecordMode


@pytest.fixture(params=FILES)
def cassette_file(request: pytest.FixtureRequest, cassette_path: Path, recording: Recording) -> Path:
    """A file by each recorder, with the same three interactions."""
    cassette_path.parent.mkdir()
    cassette_path.write_text(written(request.param, recording.interactions), "utf-8", newline="")
    return cassette_path


def assert_loads(path: Path, recording: Recording) -> None:
    (loaded,) = groqtape.load(path)
    assert [item.chunk.model_dump() for item in loaded.chunks] == recording.answers.stream.chunks
    assert loaded.content == recording.answers.stream.text
    assert loaded.error is None


def test_is_loaded(cassette_file: Path, recording: Recording) -> None:
    """With each half of PyYAML; what was loaded is used in the same way."""
    assert_loads(cassette_file, recording)


@pytest.mark.parametrize("yaml_half", HALVES[-1:], indirect=True)
class TestACassetteOfAnotherRecorder:
    def test_replays_as_it_was_live(
        self, cassette_file: Path, recording: Recording, sdk: Sdk, server: LoopbackGroq
    ) -> None:
        with untouched(server), groqtape.use_cassette(cassette_file) as cassette:
            assert ask(sdk) == recording.answers
        assert [item.content for item in cassette.streams] == [recording.answers.stream.text]

    @pytest.mark.parametrize("mode", ["none", "once", "new_episodes"])
    def test_is_left_alone_where_nothing_is_recorded(
        self, cassette_file: Path, mode: RecordMode, blocking: Sdk, server: LoopbackGroq
    ) -> None:
        before, data = cassette_file.stat(), cassette_file.read_bytes()
        with untouched(server), groqtape.use_cassette(cassette_file, mode):
            ask(blocking)
        assert cassette_file.read_bytes() == data
        after = cassette_file.stat()
        assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)

    def test_is_left_alone_where_the_test_fails(
        self, cassette_file: Path, blocking: Sdk, server: LoopbackGroq
    ) -> None:
        data = cassette_file.read_bytes()
        server.reply(stream("New"))
        with pytest.raises(AssertionError), groqtape.use_cassette(cassette_file, "new_episodes"):
            assert blocking.stream("What is new?").text == "Old"
        assert cassette_file.read_bytes() == data

    def test_keeps_everything_when_something_is_added(
        self, cassette_file: Path, recording: Recording, blocking: Sdk, server: LoopbackGroq
    ) -> None:
        server.reply(stream("New"))
        with groqtape.use_cassette(cassette_file, "new_episodes"):
            assert ask(blocking) == recording.answers
            new = blocking.stream("What is new?")
        assert new.text == "New"
        assert len(server.requests) == 1
        loaded = groqtape.load(cassette_file)
        assert [item.content for item in loaded] == [recording.answers.stream.text, "New"]
        with untouched(server), groqtape.use_cassette(cassette_file):
            assert ask(blocking) == recording.answers
            assert blocking.stream("What is new?") == new

    def test_is_then_a_file_of_ours(self, cassette_file: Path, blocking: Sdk, server: LoopbackGroq) -> None:
        server.reply(stream("New"))
        with groqtape.use_cassette(cassette_file, "new_episodes", allow_unplayed=True):
            blocking.stream("What is new?")
        text = cassette_file.read_text("utf-8")
        assert text.startswith("version: 1\ninteractions:\n- request:\n    method: POST\n")
        assert text.count("    stream:\n") == text.count("      end: complete\n") == 2
        assert "!!binary" not in text
        assert "gsk_" not in text.replace("gsk_REDACTED", "")
        assert "__cf_bm" not in text
        groqtape.load(cassette_file)

    def test_is_replaced_by_a_recording_from_scratch(
        self, cassette_file: Path, blocking: Sdk, server: LoopbackGroq
    ) -> None:
        server.reply(stream("New"))
        with groqtape.use_cassette(cassette_file, "all"):
            blocking.stream("What is new?")
        assert [item.content for item in groqtape.load(cassette_file)] == ["New"]
