"""Only calls to Groq are touched; whatever makes them over httpx."""

from __future__ import annotations

import ssl
from collections import deque
from typing import TYPE_CHECKING, Any

import anyio
import groq
import httpx
import pytest
from loopback_groq import LoopbackGroq, completion, error, json_reply, stream, stream_body
from recorder.integration.calling import question, untouched

import groqtape
from groqtape.recorder import hosts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from recorder.integration.calling import Sdk

    from groqtape.recorder.record_modes import RecordMode

WAYS = ("sync", "asyncio")
CHAT = "/openai/v1/chat/completions"


@pytest.fixture(scope="module")
def running_elsewhere() -> Iterator[LoopbackGroq]:
    with LoopbackGroq(api_key=None) as other:
        yield other


@pytest.fixture
def elsewhere(running_elsewhere: LoopbackGroq) -> LoopbackGroq:
    """A server that has nothing to do with Groq."""
    running_elsewhere.clear()
    running_elsewhere.default = json_reply({"weather": "rain"})
    return running_elsewhere


def get(url: str, backend: str) -> Any:
    """A plain call over httpx, blocking or not."""
    if backend == "sync":
        return httpx.get(url).json()

    async def whole() -> Any:
        async with httpx.AsyncClient() as client:
            return (await client.get(url)).json()

    return anyio.run(whole, backend=backend)


@pytest.fixture
def recorded(blocking: Sdk, server: LoopbackGroq, cassette_path: Path) -> str:
    """A cassette in which "Hi" is answered, and what it is answered."""
    server.reply(stream("Mistborn"))
    with groqtape.use_cassette(cassette_path, "once"):
        received = blocking.stream().text
    server.requests.clear()
    return received


class TestOthers:
    @pytest.mark.parametrize("mode", ["none", "once", "new_episodes", "all"])
    @pytest.mark.parametrize("path", ["/weather", CHAT])
    def test_another_server_is_reached_for_real(
        self,
        sdk: Sdk,
        server: LoopbackGroq,
        elsewhere: LoopbackGroq,
        cassette_path: Path,
        mode: RecordMode,
        path: str,
    ) -> None:
        server.default = stream("Mistborn")
        with groqtape.use_cassette(cassette_path, "once"):
            sdk.stream()
        with groqtape.use_cassette(cassette_path, mode) as cassette:
            assert get(elsewhere.base_url + path, sdk.way) == {"weather": "rain"}
            assert sdk.stream().text == "Mistborn"
        assert [request.path for request in elsewhere.requests] == [path]
        assert len(cassette.requests) == 1
        assert elsewhere.base_url not in cassette_path.read_text()

    def test_and_sees_the_request_as_it_was(self, elsewhere: LoopbackGroq, cassette_path: Path) -> None:
        """Not even `accept-encoding` is touched."""
        httpx.get(elsewhere.base_url)
        with groqtape.use_cassette(cassette_path, "all"):
            httpx.get(elsewhere.base_url)
        without, within = elsewhere.requests
        assert within.headers == without.headers

    def test_its_errors_are_its_own(self, cassette_path: Path, elsewhere: LoopbackGroq) -> None:
        elsewhere.reply(error(500, "Oops"))
        with groqtape.use_cassette(cassette_path, "once"):
            assert httpx.get(elsewhere.base_url).status_code == 500
        assert not cassette_path.exists()

    def test_another_port_of_the_same_host_is_another_server(
        self, blocking: Sdk, server: LoopbackGroq, elsewhere: LoopbackGroq, cassette_path: Path
    ) -> None:
        """`GROQ_BASE_URL` names a port."""
        elsewhere.default = completion("From elsewhere")
        with groqtape.use_cassette(cassette_path) as cassette:
            answer = blocking.create(options={"base_url": elsewhere.base_url})
        assert answer["choices"][0]["message"]["content"] == "From elsewhere"
        assert cassette.requests == []


class TestGroqs:
    def test_its_own_host_always_is(
        self, sdk: Sdk, recorded: str, cassette_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for base_url in ("http://127.0.0.1:9", ""):
            monkeypatch.setenv("GROQ_BASE_URL", base_url)
            with groqtape.use_cassette(cassette_path):
                assert sdk.stream(options={"base_url": "https://api.groq.com"}).text == recorded

    def test_is_refused_there_too(
        self, sdk: Sdk, cassette_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("GROQ_BASE_URL")
        with pytest.raises(groqtape.RefusedError), groqtape.use_cassette(cassette_path):
            sdk.stream(options={"base_url": "https://api.groq.com"})

    def test_the_host_of_groq_base_url_is_as_it_is_when_called(
        self, server: LoopbackGroq, recorded: str, cassette_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("GROQ_BASE_URL")
        with untouched(server), groqtape.use_cassette(cassette_path), monkeypatch.context() as within:
            within.setenv("GROQ_BASE_URL", server.base_url)
            with groq.Groq() as client:
                chunks = list(client.chat.completions.create(**question(stream=True)))
        assert len(chunks) == 3

    @pytest.mark.parametrize("form", ["{host}", "{host}:{port}", "http://{host}:{port}", "{url}/openai/v1/"])
    def test_hosts_are_too(
        self,
        sdk: Sdk,
        server: LoopbackGroq,
        recorded: str,
        cassette_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        form: str,
    ) -> None:
        monkeypatch.delenv("GROQ_BASE_URL")
        host = form.format(host="127.0.0.1", port=server.port, url=server.base_url)
        with untouched(server), groqtape.use_cassette(cassette_path, hosts=[host]):
            assert sdk.stream().text == recorded

    def test_hosts_of_another_port_are_not(
        self,
        blocking: Sdk,
        server: LoopbackGroq,
        recorded: str,
        cassette_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.delenv("GROQ_BASE_URL")
        monkeypatch.setattr(hosts, "_base_urls", deque())  # as where it was never set
        server.default = stream("For real")
        with groqtape.use_cassette(cassette_path, hosts=["127.0.0.1:1"], allow_unplayed=True):
            assert blocking.stream().text == "For real"
        assert len(server.requests) == 1

    @pytest.mark.parametrize("host", ["http://[::1", "gateway.example:eighty"])
    def test_a_host_that_is_none(self, cassette_path: Path, host: str) -> None:
        with (
            pytest.raises(groqtape.GroqtapeError, match="expected a host") as caught,
            groqtape.use_cassette(cassette_path, hosts=[host]),
        ):
            raise AssertionError("not reached")
        assert repr(host) in str(caught.value)


class TestWhateverMakesTheCall:
    def test_a_client_made_from_the_environment(
        self, server: LoopbackGroq, recorded: str, cassette_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GROQ_API_KEY", "any")
        with (
            untouched(server),
            groqtape.use_cassette(cassette_path),
            groq.Groq() as client,
            client.chat.completions.create(**question(stream=True)) as chunks,
        ):
            assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == recorded

    def test_a_client_made_before_the_cassette_was_opened(
        self, server: LoopbackGroq, recorded: str, cassette_path: Path
    ) -> None:
        server.default = completion("For real")
        with groq.Groq() as client:
            client.chat.completions.create(**question())
            with groqtape.use_cassette(cassette_path):
                chunks = list(client.chat.completions.create(**question(stream=True)))
            assert len(chunks) == 3
            client.chat.completions.create(**question())
        assert len(server.requests) == 2

    def test_httpx_used_directly(self, server: LoopbackGroq, cassette_path: Path) -> None:
        events = stream_body("One two", fixed=7, model="m", completion_id="chatcmpl-1")
        server.default = stream("One two", fixed=7, completion_id="chatcmpl-1")
        headers = {"authorization": f"Bearer {server.api_key}"}
        url = server.base_url + CHAT
        body = {"model": "m", "messages": [], "stream": True}
        for mode in ("once", "none"):
            with groqtape.use_cassette(cassette_path, mode) as cassette:
                response = httpx.post(url, json=body, headers=headers)
                assert response.content == b"".join(events)
            assert cassette.requests == [body]
            assert [held.content for held in cassette.streams] == ["One two"]
        assert len(server.requests) == 1

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_httpx_used_directly_and_async(
        self, server: LoopbackGroq, cassette_path: Path, backend: str
    ) -> None:
        server.default = stream("One two", fixed=7)

        async def whole() -> bytes:
            headers = {"authorization": f"Bearer {server.api_key}"}
            async with (
                httpx.AsyncClient(base_url=server.base_url, headers=headers) as client,
                client.stream("POST", CHAT, json=question(stream=True)) as response,
            ):
                return b"".join([read async for read in response.aiter_raw()])

        with groqtape.use_cassette(cassette_path, "once"):
            recorded = anyio.run(whole, backend=backend)
        with untouched(server), groqtape.use_cassette(cassette_path):
            assert anyio.run(whole, backend=backend) == recorded != b""

    def test_a_body_that_is_streamed_up(self, server: LoopbackGroq, cassette_path: Path) -> None:
        """A request's body may come from an iterator: it is read, and sent all the same."""
        server.default = completion("Heard")
        headers = {"authorization": f"Bearer {server.api_key}", "content-type": "application/json"}

        def call() -> Any:
            parts = iter([b'{"model":"m",', b'"messages":[]}'])
            return httpx.post(server.base_url + CHAT, content=parts, headers=headers).json()

        with groqtape.use_cassette(cassette_path, "once") as cassette:
            recorded = call()
        assert server.requests[0].json == {"model": "m", "messages": []}
        assert cassette.requests == [{"model": "m", "messages": []}]
        with untouched(server), groqtape.use_cassette(cassette_path):
            assert call() == recorded

    def test_a_transport_of_ones_own_that_is_httpxs(
        self, server: LoopbackGroq, recorded: str, cassette_path: Path
    ) -> None:
        class Counting(httpx.HTTPTransport):
            calls = 0

            def handle_request(self, request: httpx.Request) -> httpx.Response:
                Counting.calls += 1
                return super().handle_request(request)

        http_client = httpx.Client(transport=Counting(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)))
        with (
            untouched(server),
            groqtape.use_cassette(cassette_path),
            groq.Groq(http_client=http_client) as client,
        ):
            assert len(list(client.chat.completions.create(**question(stream=True)))) == 3
        assert Counting.calls == 1

    def test_hooks_and_headers_of_a_client_of_ones_own(
        self, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        server.default = stream("One")
        seen: list[int] = []

        def hook(response: httpx.Response) -> None:
            seen.append(response.status_code)

        for mode in ("once", "none"):
            http_client = httpx.Client(event_hooks={"response": [hook]}, headers={"x-mine": "1"})
            with groqtape.use_cassette(cassette_path, mode), groq.Groq(http_client=http_client) as client:
                list(client.chat.completions.create(**question(stream=True)))
        assert seen == [200, 200]
        assert server.requests[0].headers["x-mine"] == "1"


class TestMocksStayTheirs:
    """A client whose transport is no network's is the test's own affair: nothing is recorded or refused."""

    @pytest.mark.parametrize("mode", ["none", "once", "all"])
    def test_a_mock_transport(self, server: LoopbackGroq, cassette_path: Path, mode: RecordMode) -> None:
        def answer(request: httpx.Request) -> httpx.Response:
            body = b"".join(stream_body("Mocked"))
            return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=body)

        http_client = httpx.Client(transport=httpx.MockTransport(answer))
        with (
            untouched(server),
            groqtape.use_cassette(cassette_path, mode) as cassette,
            groq.Groq(http_client=http_client) as client,
        ):
            chunks = list(client.chat.completions.create(**question(stream=True)))
        assert chunks[1].choices[0].delta.content == "Mocked"
        assert cassette.requests == []
        assert not cassette_path.exists()

    async def test_a_mock_transport_async(self, server: LoopbackGroq, cassette_path: Path) -> None:
        async def answer(request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, json={"object": "list", "data": []})

        http_client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
        with untouched(server), groqtape.use_cassette(cassette_path):
            async with groq.AsyncGroq(http_client=http_client) as client:
                assert (await client.models.list()).data == []

    def test_a_mock_mounted_on_groqs_url(self, server: LoopbackGroq, cassette_path: Path) -> None:
        mock = httpx.MockTransport(lambda request: httpx.Response(200, json={"object": "list", "data": []}))
        http_client = httpx.Client(mounts={server.base_url: mock})
        with (
            untouched(server),
            groqtape.use_cassette(cassette_path),
            groq.Groq(http_client=http_client) as client,
        ):
            assert client.models.list().data == []
