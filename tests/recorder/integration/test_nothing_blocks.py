"""In an event loop that forbids blocking calls, nothing that groqtape does there blocks."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING, Any

import certifi
import groq
import pytest
from blockbuster import BlockBuster, BlockingError
from installed_versions import older_than
from loopback_groq import LoopbackGroq, completion, stream
from recorder.integration.calling import question

import groqtape
from groqtape.recorder.cassette import Cassette
from groqtape.recorder.settings import CassetteSettings, Owner

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from pathlib import Path


@pytest.fixture
def forbidden() -> Iterator[None]:
    """Blocking calls raise in event loops."""
    blockbuster = BlockBuster()
    blockbuster.activate()
    yield
    blockbuster.deactivate()


@pytest.fixture(params=[True, False], ids=["certificates", "no certificates"])
def certificates(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`SSL_CERT_FILE`, set to a file that is there, or not set."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    if request.param:
        monkeypatch.setenv("SSL_CERT_FILE", certifi.where())


async def ask(prompt: str = "Hi", *, streams: bool = True) -> str:
    """A client is made in the loop, as an application does it."""
    async with groq.AsyncGroq(max_retries=0) as client:
        answer: Any = await client.chat.completions.create(**question(prompt, stream=streams))
        if not streams:
            return str(answer.choices[0].message.content)
        return "".join([chunk.choices[0].delta.content or "" async for chunk in answer])


def run(scenario: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    return asyncio.run(scenario())


@pytest.mark.usefixtures("forbidden", "certificates")
class TestInTheLoop:
    def test_blocking_is_noticed(self, tmp_path: Path) -> None:
        async def read() -> None:
            (tmp_path / "file").stat()

        with pytest.raises(BlockingError):
            run(read)

    @pytest.mark.parametrize("streams", [True, False])
    def test_recording_and_replaying(
        self, server: LoopbackGroq, cassette_path: Path, *, streams: bool
    ) -> None:
        server.reply(stream("Hello") if streams else completion("Hello"))
        with groqtape.use_cassette(cassette_path, "once"):
            assert run(lambda: ask(streams=streams)) == "Hello"
        with groqtape.use_cassette(cassette_path):
            assert run(lambda: ask(streams=streams)) == "Hello"

    @pytest.mark.parametrize("recorded", [True, False])
    def test_refusing(self, server: LoopbackGroq, cassette_path: Path, *, recorded: bool) -> None:
        server.reply(stream("Hello"))
        if recorded:
            with groqtape.use_cassette(cassette_path, "once"):
                run(ask)
        expected = "content differs from" if recorded else "There is no cassette"
        with pytest.raises(groqtape.RefusedError, match=expected), groqtape.use_cassette(cassette_path):
            run(lambda: ask("Another"))

    def test_reading_past_the_end(self, server: LoopbackGroq, cassette_path: Path) -> None:
        async def first_only() -> None:
            async with groq.AsyncGroq(max_retries=0) as client:
                answer = await client.chat.completions.create(**question(stream=True))
                await anext(answer)
                await answer.close()

        server.reply(stream("One two"))
        with groqtape.use_cassette(cassette_path, "once"):
            run(first_only)
        with pytest.raises(groqtape.RefusedError, match="past the end"), groqtape.use_cassette(cassette_path):
            run(ask)

    def test_an_error_of_a_matcher(self, server: LoopbackGroq, cassette_path: Path) -> None:
        def broken(now: Any, recorded: Any) -> bool:
            raise ZeroDivisionError("a matcher's own error")

        server.reply(stream("Hello"))
        with groqtape.use_cassette(cassette_path, "once"):
            run(ask)
        with (
            pytest.raises(groqtape.RefusedError, match="ZeroDivisionError: a matcher's own error"),
            groqtape.use_cassette(cassette_path, match_on=[broken]),
        ):
            run(ask)

    def test_a_client_that_is_made_and_never_used(self, cassette_path: Path) -> None:
        async def make() -> None:
            async with groq.AsyncGroq():
                pass

        with groqtape.use_cassette(cassette_path, allow_unplayed=True):
            run(make)

    @pytest.mark.skipif(older_than("httpx", 0, 28), reason="httpx itself looks for the file when it connects")
    def test_a_file_of_certificates_that_is_named_in_the_loop(
        self, server: LoopbackGroq, cassette_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = str(shutil.copy(certifi.where(), tmp_path))

        async def name_it_and_ask() -> str:
            monkeypatch.setenv("SSL_CERT_FILE", path)
            return await ask()

        server.reply(stream("Hello"))
        with groqtape.use_cassette(cassette_path, "once"):
            assert run(name_it_and_ask) == "Hello"


@pytest.mark.usefixtures("forbidden")
def test_a_message_is_written_after_the_folder_was_left(
    server: LoopbackGroq, cassette_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paths in messages are those of the folder in which the cassette was opened."""
    monkeypatch.chdir(tmp_path)
    cassette = Cassette(cassette_path, CassetteSettings(), Owner(here=tmp_path))
    cassette.open()
    monkeypatch.chdir("/")
    try:
        with pytest.raises(groqtape.RefusedError, match=r"There is no cassette cassettes/book\.yaml,"):
            run(ask)
    finally:
        cassette.close(keep=False)
