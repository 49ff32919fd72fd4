"""A file that is no good cassette gives one clear error when it is opened, and stays as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from loopback_groq import stream
from recorder.integration.calling import untouched

import groqtape

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from loopback_groq import LoopbackGroq
    from recorder.integration.calling import Sdk

    from groqtape.recorder.record_modes import RecordMode

WAYS = ("sync", "asyncio")
GOOD = """\
version: 1
interactions:
- request:
    method: POST
    uri: https://api.groq.com/openai/v1/chat/completions
    headers: {}
    body: |
      {"model": "m"}
  response:
    status: {code: 200, message: OK}
    headers:
      content-type: [text/event-stream]
    stream:
      end: complete
      events: |
        @ data: {"choices":[{"index":0,"delta":§}],"object":"chat.completion.chunk"}
          1.0 {"content":"Hello"}
          2.0 data: [DONE]
"""
NOT_CASSETTES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "only spaces": (b" \n\n\t\n", "empty"),
    "binary": (b"\x89PNG\r\n\x1a\n\x00\xff\xfe", "UTF-8"),
    "another encoding": ("Grüße".encode("latin-1"), "UTF-8"),
    "control characters": (b"version: 1\x00\x01\n", "YAML"),
    "broken YAML": (b"version: 1\ninteractions: [\n", "line 3"),
    "another broken YAML": (b"version: 1\ninteractions:\n- a: b: c\n", "line 3"),
    "a text": (b"Hello", "got 'Hello'"),
    "a list": (b"- 1\n- 2\n", "mapping"),
    "no interactions": (b"version: 1\n", "interactions"),
    "interactions of another type": (b"version: 1\ninteractions: {}\n", "interactions"),
    "another version": (b"version: 2\ninteractions: []\n", "version 1, got 2"),
    "a merge conflict": (
        GOOD.replace("  response:", "<<<<<<< ours\n  response:\n=======\n>>>>>>> theirs").encode(),
        "line ",
    ),
    "half a file": (GOOD[: GOOD.index("    status")].encode(), "response"),
    "an interaction that is none": (b"version: 1\ninteractions:\n- 7\n", "line 3"),
    "a request without its method": (GOOD.replace("    method: POST\n", "").encode(), "method"),
    "a response without its status": (
        GOOD.replace("    status: {code: 200, message: OK}\n", "").encode(),
        "status",
    ),
    "a stream without its end": (GOOD.replace("      end: complete\n", "").encode(), "end"),
    "a stream with another end": (GOOD.replace("complete", "happily").encode(), "line 1"),
    "a delta that is no JSON": (GOOD.replace('{"content":"Hello"}', '{"content":Hello}').encode(), "line 17"),
    "an event that is none": (GOOD.replace("2.0 data:", "2.0 dat").encode(), "line 18"),
    "an envelope without a hole": (GOOD.replace("§", "").encode(), "line 16"),
    "a Python object": (b"version: 1\ninteractions: !!python/object/apply:os.getcwd []\n", "line 2"),
}
OPENED: dict[str, Callable[[Path], object]] = {
    "none": lambda path: groqtape.use_cassette(path, "none").__enter__(),
    "once": lambda path: groqtape.use_cassette(path, "once").__enter__(),
    "new_episodes": lambda path: groqtape.use_cassette(path, "new_episodes").__enter__(),
    "load": groqtape.load,
}


def test_the_good_one_is_good(tmp_path: Path) -> None:
    path = tmp_path / "book.yaml"
    path.write_text(GOOD)
    (held,) = groqtape.load(path)
    assert held.content == "Hello"


@pytest.mark.parametrize("opened", OPENED)
@pytest.mark.parametrize(("content", "problem"), NOT_CASSETTES.values(), ids=NOT_CASSETTES.keys())
def test_is_named_and_left_as_it_was(tmp_path: Path, content: bytes, problem: str, opened: str) -> None:
    path = tmp_path / "book.yaml"
    path.write_bytes(content)
    with pytest.raises(groqtape.CassetteError) as caught:
        OPENED[opened](path)
    text = str(caught.value)
    assert str(path) in text
    assert problem in text
    assert "record it anew: " in text
    assert caught.value.path == path
    assert path.read_bytes() == content
    assert [each.name for each in tmp_path.iterdir()] == ["book.yaml"]


def test_is_an_error_of_ours_that_value_error_catches_too(tmp_path: Path) -> None:
    path = tmp_path / "book.yaml"
    path.write_bytes(b"")
    with pytest.raises(ValueError, match="empty") as caught:
        groqtape.load(path)
    assert isinstance(caught.value, groqtape.GroqtapeError)


def test_is_reported_before_anything_is_called(blocking: Sdk, server: LoopbackGroq, tmp_path: Path) -> None:
    server.default = stream("Not to be sent")
    path = tmp_path / "book.yaml"
    path.write_bytes(b"Hello")
    with untouched(server), pytest.raises(groqtape.CassetteError), groqtape.use_cassette(path, "once"):
        blocking.stream()


class TestMissing:
    def test_is_no_error_until_something_is_called(self, tmp_path: Path) -> None:
        with groqtape.use_cassette(tmp_path / "book.yaml") as cassette:
            pass
        assert cassette.streams == []

    def test_names_the_file_when_it_is(self, sdk: Sdk, server: LoopbackGroq, tmp_path: Path) -> None:
        path = tmp_path / "no" / "such" / "book.yaml"
        with (
            untouched(server),
            pytest.raises(groqtape.RefusedError, match="There is no cassette") as caught,
            groqtape.use_cassette(path),
        ):
            sdk.stream()
        assert str(path) in str(caught.value)
        assert list(tmp_path.iterdir()) == []

    def test_load_names_it(self, tmp_path: Path) -> None:
        path = tmp_path / "book.yaml"
        with pytest.raises(FileNotFoundError) as caught:
            groqtape.load(path)
        assert str(path) in str(caught.value)


class TestFolders:
    @pytest.mark.parametrize("mode", ["none", "once", "new_episodes"])
    def test_a_folder_is_no_cassette(self, tmp_path: Path, mode: RecordMode) -> None:
        with (
            pytest.raises(groqtape.CassetteError, match="can't be read") as caught,
            groqtape.use_cassette(tmp_path, mode),
        ):
            raise AssertionError("not reached")
        assert str(tmp_path) in str(caught.value)

    def test_nor_can_one_be_written_over(self, blocking: Sdk, server: LoopbackGroq, tmp_path: Path) -> None:
        folder = tmp_path / "book.yaml"
        folder.mkdir()
        server.default = stream("One")
        with (
            pytest.raises(groqtape.CassetteError, match="can't be written") as caught,
            groqtape.use_cassette(folder, "all"),
        ):
            blocking.stream()
        assert str(folder) in str(caught.value)
        assert folder.is_dir()
        assert [each.name for each in tmp_path.iterdir()] == ["book.yaml"]

    def test_folders_are_made(self, blocking: Sdk, server: LoopbackGroq, tmp_path: Path) -> None:
        server.default = stream("One")
        path = tmp_path / "a" / "b" / "book.yaml"
        with groqtape.use_cassette(path, "once"):
            blocking.stream()
        assert path.is_file()

    def test_a_path_may_be_a_string(self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
        server.default = stream("One")
        with groqtape.use_cassette(str(cassette_path), "once") as cassette:
            blocking.stream()
        assert cassette.path == cassette_path
        assert [held.content for held in groqtape.load(str(cassette_path))] == ["One"]

    def test_a_path_from_the_current_folder(
        self, blocking: Sdk, server: LoopbackGroq, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server.default = stream("One")
        monkeypatch.chdir(tmp_path)
        with groqtape.use_cassette("book.yaml", "once"):
            blocking.stream()
        assert (tmp_path / "book.yaml").is_file()
