"""What is patched while a cassette is open, and that nothing is afterwards."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from loopback_groq import stream
from recorder.integration.calling import untouched

import groqtape
from groqtape.recorder.settings import CassetteSettings

if TYPE_CHECKING:
    from pathlib import Path

    from loopback_groq import LoopbackGroq
    from recorder.integration.calling import Sdk

WAYS = ("sync", "asyncio")
# That nothing is patched after each test, the fixture `genuine` sees to.


def patched(genuine: dict[type, Any]) -> list[bool]:
    return [
        httpx.HTTPTransport.handle_request is not genuine[httpx.HTTPTransport],
        httpx.AsyncHTTPTransport.handle_async_request is not genuine[httpx.AsyncHTTPTransport],
    ]


class TestNothingIsLeft:
    def test_after_a_block(self, genuine: dict[type, Any], cassette_path: Path) -> None:
        with groqtape.use_cassette(cassette_path):
            assert patched(genuine) == [True, True]
        assert patched(genuine) == [False, False]

    def test_after_a_block_that_raises(self, genuine: dict[type, Any], cassette_path: Path) -> None:
        with pytest.raises(KeyboardInterrupt), groqtape.use_cassette(cassette_path):
            raise KeyboardInterrupt
        assert patched(genuine) == [False, False]

    def test_after_a_refusal(self, genuine: dict[type, Any], sdk: Sdk, cassette_path: Path) -> None:
        with pytest.raises(groqtape.RefusedError), groqtape.use_cassette(cassette_path):
            sdk.stream()
        assert patched(genuine) == [False, False]

    def test_after_a_cassette_that_could_not_be_opened(
        self, genuine: dict[type, Any], cassette_path: Path
    ) -> None:
        cassette_path.parent.mkdir()
        cassette_path.write_text("")
        with pytest.raises(groqtape.CassetteError), groqtape.use_cassette(cassette_path):
            raise AssertionError("not reached")
        assert patched(genuine) == [False, False]

    def test_after_a_cassette_that_could_not_be_written(
        self, genuine: dict[type, Any], blocking: Sdk, server: LoopbackGroq, tmp_path: Path
    ) -> None:
        server.default = stream("One")
        (tmp_path / "file").write_text("no folder")
        with (
            pytest.raises(groqtape.CassetteError, match="can't be written"),
            groqtape.use_cassette(tmp_path / "file" / "book.yaml", "all"),
        ):
            blocking.stream()
        assert patched(genuine) == [False, False]

    def test_after_a_decorated_function(
        self, genuine: dict[type, Any], sdk: Sdk, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        @groqtape.use_cassette(cassette_path, "once")
        def call() -> str:
            assert patched(genuine) == [True, True]
            return sdk.stream().text

        server.reply(stream("One"))
        assert call() == call() == "One"
        assert len(server.requests) == 1
        assert patched(genuine) == [False, False]


class TestNested:
    @pytest.fixture(autouse=True)
    def scripted(self, server: LoopbackGroq) -> None:
        server.reply(stream("One"), stream("Two"), stream("Three"))

    def test_the_innermost_answers(self, sdk: Sdk, cassette_path: Path, tmp_path: Path) -> None:
        inner = tmp_path / "inner.yaml"
        with groqtape.use_cassette(cassette_path, "once") as outer:
            first = sdk.stream("Hi").text
            with groqtape.use_cassette(inner, "once") as within:
                second = sdk.stream("Hi").text
            third = sdk.stream("Hi").text
        assert [first, second, third] == ["One", "Two", "Three"]
        assert [held.content for held in outer.streams] == ["One", "Three"]
        assert [held.content for held in within.streams] == ["Two"]
        assert [held.content for held in groqtape.load(cassette_path)] == ["One", "Three"]
        assert [held.content for held in groqtape.load(inner)] == ["Two"]

    def test_what_the_innermost_lacks_it_refuses(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path, tmp_path: Path
    ) -> None:
        with groqtape.use_cassette(cassette_path, "once"):
            inner = groqtape.use_cassette(tmp_path / "inner.yaml")
            with untouched(server), pytest.raises(groqtape.RefusedError), inner:
                sdk.stream("Hi")
            assert sdk.stream("Hi").text == "One"

    def test_the_same_file_twice(self, sdk: Sdk, cassette_path: Path) -> None:
        """The inner one writes it; the outer one then has nothing to write."""
        with groqtape.use_cassette(cassette_path, "once"):
            with groqtape.use_cassette(cassette_path, "once"):
                assert sdk.stream("Hi").text == "One"
            with groqtape.use_cassette(cassette_path):
                assert sdk.stream("Hi").text == "One"
        assert [held.content for held in groqtape.load(cassette_path)] == ["One"]

    def test_closed_in_the_wrong_order(
        self, genuine: dict[type, Any], sdk: Sdk, cassette_path: Path, tmp_path: Path
    ) -> None:
        outer = groqtape.Cassette(cassette_path, CassetteSettings("once"))
        inner = groqtape.Cassette(tmp_path / "inner.yaml", CassetteSettings("once"))
        outer.open()
        inner.open()
        outer.close(keep=True)
        assert patched(genuine) == [True, True]
        assert sdk.stream("Hi").text == "One"
        inner.close(keep=True)
        assert patched(genuine) == [False, False]
        assert [held.content for held in groqtape.load(tmp_path / "inner.yaml")] == ["One"]

    def test_in_threads(self, genuine: dict[type, Any], tmp_path: Path) -> None:
        """The first to go does not take the patches from under the second."""
        both_open, first_gone = threading.Barrier(2), threading.Event()
        still: list[list[bool]] = []

        def first() -> None:
            with groqtape.use_cassette(tmp_path / "first.yaml"):
                both_open.wait(5)
            first_gone.set()

        thread = threading.Thread(target=first)
        thread.start()
        with groqtape.use_cassette(tmp_path / "second.yaml"):
            both_open.wait(5)
            thread.join()
            assert first_gone.is_set()
            still.append(patched(genuine))
        assert still == [[True, True]]
        assert patched(genuine) == [False, False]


class Tool:
    """Another tool that patches httpx as vcrpy, respx and others do: it counts the calls that pass."""

    def __init__(self) -> None:
        self.calls = 0
        self._saw: Any = None

    def patch(self) -> None:
        saw = self._saw = httpx.HTTPTransport.handle_request

        def handle_request(transport: Any, request: httpx.Request) -> httpx.Response:
            self.calls += 1
            response: httpx.Response = saw(transport, request)
            return response

        httpx.HTTPTransport.handle_request = handle_request  # type: ignore[assignment,method-assign]

    def restore(self) -> None:
        httpx.HTTPTransport.handle_request = self._saw  # type: ignore[method-assign]


class TestBesideAnotherTool:
    @pytest.fixture(autouse=True)
    def scripted(self, server: LoopbackGroq) -> None:
        server.default = stream("For real")

    def test_that_patched_before_and_restores_after(
        self, genuine: dict[type, Any], blocking: Sdk, cassette_path: Path
    ) -> None:
        tool = Tool()
        tool.patch()
        with groqtape.use_cassette(cassette_path, "once"):
            blocking.stream()
        assert tool.calls == 1
        with groqtape.use_cassette(cassette_path):
            blocking.stream()
        assert tool.calls == 1
        tool.restore()
        assert patched(genuine) == [False, False]

    def test_that_patched_in_between_and_restores_in_between(
        self, genuine: dict[type, Any], blocking: Sdk, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        tool = Tool()
        with groqtape.use_cassette(cassette_path, "once"):
            tool.patch()
            blocking.stream()
            tool.restore()
        assert tool.calls == 1
        assert patched(genuine) == [False, False]
        assert [held.content for held in groqtape.load(cassette_path)] == ["For real"]

    def test_that_patched_in_between_and_is_still_there(
        self,
        genuine: dict[type, Any],
        blocking: Sdk,
        server: LoopbackGroq,
        cassette_path: Path,
        tmp_path: Path,
    ) -> None:
        """Its patch stays, its calls go out for real, and the next cassette works as ever."""
        tool = Tool()
        with groqtape.use_cassette(cassette_path, "once"):
            tool.patch()
            blocking.stream()
        assert patched(genuine) == [True, False]
        assert blocking.stream().text == "For real"
        assert (tool.calls, len(server.requests)) == (2, 2)
        with groqtape.use_cassette(tmp_path / "next.yaml", "once") as cassette:
            blocking.stream()
        assert len(cassette.requests) == 1
        with untouched(server), groqtape.use_cassette(cassette_path):
            blocking.stream()
        tool.restore()
        # The tool put back what it had found, which lets everything through once no cassette is open.
        assert blocking.stream().text == "For real"
        with groqtape.use_cassette(cassette_path):
            assert blocking.stream().text == "For real"
        httpx.HTTPTransport.handle_request = genuine[httpx.HTTPTransport]  # type: ignore[method-assign]


def test_a_process_that_is_forked_writes_nothing(
    blocking: Sdk, server: LoopbackGroq, cassette_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.default = stream("Hello")
    with groqtape.use_cassette(cassette_path, record_mode="all"):
        blocking.stream()
        monkeypatch.setattr("os.getpid", lambda: 1)
    assert not cassette_path.exists()
