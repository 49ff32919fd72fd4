"""Clients over httpx2, httpx's successor: recorded and replayed like all others."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from loopback_groq import Cut, LoopbackGroq, raw, stream
from recorder.integration.calling import untouched

import groqtape
from groqtape.recorder.interceptors import interceptors

if TYPE_CHECKING:
    from pathlib import Path

BODY = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "stream": True}
Ask = Callable[[LoopbackGroq], list[bytes]]


def ask(server: LoopbackGroq) -> list[bytes]:
    with httpx2.Client(headers={"authorization": f"Bearer {server.api_key}"}) as client:
        url = f"{server.base_url}/openai/v1/chat/completions"
        with client.stream("POST", url, json=BODY) as response:
            assert response.status_code == 200
            assert response.headers["content-type"] == "text/event-stream"
            return list(response.iter_bytes())


def ask_async(server: LoopbackGroq) -> list[bytes]:
    async def main() -> list[bytes]:
        async with httpx2.AsyncClient(headers={"authorization": f"Bearer {server.api_key}"}) as client:
            url = f"{server.base_url}/openai/v1/chat/completions"
            async with client.stream("POST", url, json=BODY) as response:
                assert response.status_code == 200
                return [data async for data in response.aiter_bytes()]

    return asyncio.run(main())


@pytest.mark.parametrize("way", [ask, ask_async])
class TestACall:
    def test_is_recorded_and_replays(self, way: Ask, server: LoopbackGroq, cassette_path: Path) -> None:
        server.reply(stream("Hello there"))
        with groqtape.use_cassette(cassette_path, "once") as cassette:
            live = way(server)
            assert cassette.streams[0].content == "Hello there"
        with untouched(server), groqtape.use_cassette(cassette_path) as cassette:
            assert b"".join(way(server)) == b"".join(live)
            assert cassette.requests == [BODY]

    def test_that_was_cut_ends_with_its_error(
        self, way: Ask, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        server.default = raw(b"data: {}\n\n", Cut())
        for mode in ("once", "none"):
            # Caught inside: a block that raises keeps nothing.
            with (
                groqtape.use_cassette(cassette_path, mode),
                pytest.raises(httpx2.RemoteProtocolError, match="peer closed connection"),
            ):
                way(server)
        assert "end: RemoteProtocolError" in cassette_path.read_text()

    def test_that_is_not_recorded_is_refused(
        self, way: Ask, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        refused = pytest.raises(groqtape.RefusedError, match="There is no cassette")
        with untouched(server), refused, groqtape.use_cassette(cassette_path):
            way(server)

    def test_that_an_interceptor_lets_go_goes_its_way(self, way: Ask, server: LoopbackGroq) -> None:
        urls: list[str] = []

        class LetsGo:
            def covers(self, url: Any) -> bool:
                return True

            def handler_for(self, request: Any) -> None:
                urls.append(str(request.url))

            def failed(self, error: Exception, request: Any) -> Any:
                raise AssertionError("nothing fails")

        server.reply(stream("Hello"))
        interceptor = LetsGo()
        interceptors.push(interceptor)
        try:
            assert b"[DONE]" in b"".join(way(server))
        finally:
            interceptors.remove(interceptor)
        assert urls == [f"{server.base_url}/openai/v1/chat/completions"]


def test_a_reader_who_leaves_closes_the_body(server: LoopbackGroq, cassette_path: Path) -> None:
    server.reply(stream("a b c"))
    with groqtape.use_cassette(cassette_path, "once"), httpx2.Client() as client:
        headers = {"authorization": f"Bearer {server.api_key}"}
        url = f"{server.base_url}/openai/v1/chat/completions"
        with client.stream("POST", url, content=json.dumps(BODY), headers=headers) as response:
            assert next(response.iter_raw()).startswith(b"data: ")
    assert "end: closed" in cassette_path.read_text()
