"""What each record mode lets out, and what it does to the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from loopback_groq import stream
from recorder.integration.calling import untouched

import groqtape

if TYPE_CHECKING:
    from pathlib import Path

    from loopback_groq import LoopbackGroq
    from recorder.integration.calling import Sdk

    from groqtape.recorder.record_modes import RecordMode

WAYS = ("sync", "asyncio")
MODES = ("none", "once", "new_episodes", "all")


@pytest.fixture
def recorded(blocking: Sdk, server: LoopbackGroq, cassette_path: Path) -> bytes:
    """The bytes of a cassette in which "Hi" is answered by "Old"."""
    server.reply(stream("Old"))
    with groqtape.use_cassette(cassette_path, "once"):
        assert blocking.stream("Hi").text == "Old"
    server.requests.clear()
    return cassette_path.read_bytes()


class TestNone:
    def test_is_the_default(self, cassette_path: Path) -> None:
        with groqtape.use_cassette(cassette_path) as cassette:
            assert cassette.record_mode == "none"

    def test_replays_and_writes_nothing(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path, recorded: bytes
    ) -> None:
        before = cassette_path.stat()
        with untouched(server), groqtape.use_cassette(cassette_path):
            assert sdk.stream("Hi").text == "Old"
        assert cassette_path.read_bytes() == recorded
        assert cassette_path.stat().st_mtime_ns == before.st_mtime_ns
        assert cassette_path.stat().st_ino == before.st_ino

    def test_records_nothing(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path, recorded: bytes
    ) -> None:
        with (
            untouched(server),
            pytest.raises(groqtape.RefusedError),
            groqtape.use_cassette(cassette_path, "none", allow_unplayed=True),
        ):
            sdk.stream("What is new?")
        assert cassette_path.read_bytes() == recorded

    def test_without_a_file_makes_none(self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
        with untouched(server), pytest.raises(groqtape.RefusedError), groqtape.use_cassette(cassette_path):
            sdk.stream()
        assert not cassette_path.parent.exists()


class TestOnce:
    def test_records_where_there_is_no_file(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        server.reply(stream("One"), stream("Two"))
        with groqtape.use_cassette(cassette_path, "once"):
            assert [sdk.stream(prompt).text for prompt in ("a", "b")] == ["One", "Two"]
        with untouched(server), groqtape.use_cassette(cassette_path, "once"):
            assert [sdk.stream(prompt).text for prompt in ("a", "b")] == ["One", "Two"]

    def test_replays_where_there_is_one(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path, recorded: bytes
    ) -> None:
        with untouched(server), groqtape.use_cassette(cassette_path, "once"):
            assert sdk.stream("Hi").text == "Old"
        assert cassette_path.read_bytes() == recorded

    def test_adds_nothing_to_it(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path, recorded: bytes
    ) -> None:
        with (
            untouched(server),
            pytest.raises(groqtape.RefusedError, match="record mode 'once' adds nothing"),
            groqtape.use_cassette(cassette_path, "once", allow_unplayed=True),
        ):
            sdk.stream("What is new?")
        assert cassette_path.read_bytes() == recorded

    def test_asks_again_while_it_records(self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
        """The second of two equal requests is sent too: its answer may be another."""
        server.reply(stream("One"), stream("Two"))
        with groqtape.use_cassette(cassette_path, "once"):
            assert [sdk.stream().text for _ in range(2)] == ["One", "Two"]

    def test_makes_no_file_where_nothing_was_called(self, cassette_path: Path) -> None:
        with groqtape.use_cassette(cassette_path, "once") as cassette:
            pass
        assert cassette.requests == []
        assert not cassette_path.parent.exists()


class TestNewEpisodes:
    def test_records_where_there_is_no_file(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        server.reply(stream("One"))
        with groqtape.use_cassette(cassette_path, "new_episodes"):
            assert sdk.stream().text == "One"
        with groqtape.use_cassette(cassette_path):
            assert sdk.stream().text == "One"

    def test_adds_what_is_missing(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path, recorded: bytes
    ) -> None:
        server.default = stream("New")
        with groqtape.use_cassette(cassette_path, "new_episodes") as cassette:
            assert sdk.stream("Hi").text == "Old"
            assert sdk.stream("What is new?").text == "New"
        assert [request.prompt for request in server.requests] == ["What is new?"]
        assert [stream.content for stream in cassette.streams] == ["Old", "New"]
        assert [stream.content for stream in groqtape.load(cassette_path)] == ["Old", "New"]
        assert cassette_path.read_bytes().startswith(recorded)

    def test_adds_another_answer_to_the_same_request(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path, recorded: bytes
    ) -> None:
        server.default = stream("New")
        with groqtape.use_cassette(cassette_path, "new_episodes"):
            assert [sdk.stream("Hi").text for _ in range(2)] == ["Old", "New"]
        with untouched(server), groqtape.use_cassette(cassette_path):
            assert [sdk.stream("Hi").text for _ in range(2)] == ["Old", "New"]

    def test_leaves_a_file_that_lacks_nothing(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path, recorded: bytes
    ) -> None:
        before = cassette_path.stat()
        with untouched(server), groqtape.use_cassette(cassette_path, "new_episodes"):
            assert sdk.stream("Hi").text == "Old"
        assert cassette_path.read_bytes() == recorded
        assert cassette_path.stat().st_ino == before.st_ino

    def test_complains_of_nothing_unplayed_once_it_recorded(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path, recorded: bytes
    ) -> None:
        server.default = stream("New")
        with groqtape.use_cassette(cassette_path, "new_episodes"):
            sdk.stream("What is new?")
        assert cassette_path.read_bytes().startswith(recorded)


class TestAll:
    def test_records_from_scratch(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path, recorded: bytes
    ) -> None:
        server.default = stream("New")
        with groqtape.use_cassette(cassette_path, "all"):
            assert sdk.stream("Hi").text == "New"
        assert [stream.content for stream in groqtape.load(cassette_path)] == ["New"]

    def test_drops_what_is_asked_for_no_more(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path, recorded: bytes
    ) -> None:
        server.default = stream("New")
        with groqtape.use_cassette(cassette_path, "all"):
            sdk.stream("What is new?")
        assert [stream.content for stream in groqtape.load(cassette_path)] == ["New"]
        assert '"Hi"' not in cassette_path.read_text()

    def test_deletes_the_file_where_nothing_is_called_any_more(
        self, cassette_path: Path, recorded: bytes
    ) -> None:
        with groqtape.use_cassette(cassette_path, "all"):
            pass
        assert not cassette_path.exists()
        with groqtape.use_cassette(cassette_path):
            pass

    def test_makes_no_file_where_nothing_was_called(self, cassette_path: Path) -> None:
        with groqtape.use_cassette(cassette_path, "all"):
            pass
        assert not cassette_path.exists()

    @pytest.mark.parametrize("old", [b"{ this is: [no YAML", b"", b"\x00\xff\xfe", b"version: 99"])
    def test_does_not_even_read_the_old_file(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path, old: bytes
    ) -> None:
        cassette_path.parent.mkdir()
        cassette_path.write_bytes(old)
        server.default = stream("New")
        with groqtape.use_cassette(cassette_path, "all"):
            assert sdk.stream().text == "New"
        assert [stream.content for stream in groqtape.load(cassette_path)] == ["New"]

    def test_asks_again_each_time(self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
        server.reply(stream("One"), stream("Two"))
        with groqtape.use_cassette(cassette_path, "all"):
            assert [sdk.stream().text for _ in range(2)] == ["One", "Two"]
        with untouched(server), groqtape.use_cassette(cassette_path):
            assert [sdk.stream().text for _ in range(2)] == ["One", "Two"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("problem", [ValueError, KeyboardInterrupt, GeneratorExit])
def test_a_block_that_raises_leaves_the_file_as_it_was(
    blocking: Sdk,
    server: LoopbackGroq,
    cassette_path: Path,
    recorded: bytes,
    mode: RecordMode,
    problem: type[BaseException],
) -> None:
    server.default = stream("New")

    def block() -> None:
        with groqtape.use_cassette(cassette_path, mode):
            blocking.stream("Hi")
            if mode in ("new_episodes", "all"):
                assert blocking.stream("What is new?").text == "New"
            raise problem("in the middle")

    with pytest.raises(problem, match="in the middle"):
        block()
    assert cassette_path.read_bytes() == recorded
    assert [file.name for file in cassette_path.parent.iterdir()] == [cassette_path.name]


@pytest.mark.parametrize("mode", ["once", "new_episodes", "all"])
def test_a_block_that_raises_makes_no_file(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path, mode: RecordMode
) -> None:
    server.default = stream("New")

    def block() -> None:
        with groqtape.use_cassette(cassette_path, mode):
            sdk.stream()
            raise ValueError("in the middle")

    with pytest.raises(ValueError, match="in the middle"):
        block()
    assert not cassette_path.exists()


def test_a_record_mode_can_be_vcrpys_own(cassette_path: Path) -> None:
    from vcr.record_mode import RecordMode

    with groqtape.use_cassette(cassette_path, RecordMode.NEW_EPISODES) as cassette:
        assert cassette.record_mode == "new_episodes"


@pytest.mark.parametrize("mode", ["any", "None", "", "rewrite"])
def test_there_are_no_other_modes(cassette_path: Path, mode: RecordMode) -> None:
    with (
        pytest.raises(groqtape.GroqtapeError, match=f"none, once, new_episodes, all.*{mode!r}"),
        groqtape.use_cassette(cassette_path, mode),
    ):
        raise AssertionError("not reached")


def test_identical_requests_replay_in_the_order_recorded(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path
) -> None:
    server.reply(stream("One"), stream("Two"), stream("Three"))
    with groqtape.use_cassette(cassette_path, "once"):
        assert [sdk.stream().text for _ in range(3)] == ["One", "Two", "Three"]
    with untouched(server), groqtape.use_cassette(cassette_path) as cassette:
        assert [sdk.stream().text for _ in range(3)] == ["One", "Two", "Three"]
    assert [stream.content for stream in cassette.streams] == ["One", "Two", "Three"]


def test_one_request_more_than_was_recorded(sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
    server.reply(stream("One"), stream("Two"))
    with groqtape.use_cassette(cassette_path, "once"):
        assert [sdk.stream().text for _ in range(2)] == ["One", "Two"]
    with (
        untouched(server),
        pytest.raises(groqtape.RefusedError, match=r"\(2\) has been played already(?s:.*)allow_repeats"),
        groqtape.use_cassette(cassette_path),
    ):
        assert [sdk.stream().text for _ in range(3)] == ["One", "Two", ""]


class TestAllowRepeats:
    def test_plays_an_answer_again(
        self, sdk: Sdk, cassette_path: Path, server: LoopbackGroq, recorded: bytes
    ) -> None:
        with untouched(server), groqtape.use_cassette(cassette_path, allow_repeats=True) as cassette:
            assert [sdk.stream("Hi").text for _ in range(3)] == ["Old", "Old", "Old"]
        assert len(cassette.streams) == 3

    def test_still_begins_in_the_order_recorded(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        server.reply(stream("One"), stream("Two"))
        with groqtape.use_cassette(cassette_path, "once"):
            assert [sdk.stream().text for _ in range(2)] == ["One", "Two"]
        with untouched(server), groqtape.use_cassette(cassette_path, allow_repeats=True):
            assert [sdk.stream().text for _ in range(2)] == ["One", "Two"]
            assert sdk.stream().text in ("One", "Two")

    def test_still_refuses_what_was_never_recorded(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path, recorded: bytes
    ) -> None:
        with (
            untouched(server),
            pytest.raises(groqtape.RefusedError),
            groqtape.use_cassette(cassette_path, allow_repeats=True),
        ):
            sdk.stream("What is new?")
