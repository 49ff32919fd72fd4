"""Groq is reached over TLS: recorded and replayed so too, with one default context for all clients.

What a default context is made from is read from a file of certificates, each time: that is counted.
"""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, cast

import anyio
import groq
import httpcore
import httpx
import pytest
import trustme
from anyio.from_thread import start_blocking_portal
from anyio.streams.tls import TLSListener
from loopback_groq import LoopbackGroq, Note, Wait, completion, json_reply, stream, stream_body
from recorder.integration.calling import Sdk, driven, each, question, settled

import groqtape

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from groqtape.recorder.record_modes import RecordMode

PIECES = ["One", " two", " three"]


async def _copy(source: anyio.abc.ByteReceiveStream, sink: anyio.abc.ByteSendStream) -> None:
    with contextlib.suppress(anyio.EndOfStream, anyio.BrokenResourceError):
        while True:
            await sink.send(await source.receive())


@contextlib.asynccontextmanager
async def _forwarding(port: int, context: ssl.SSLContext) -> AsyncIterator[str]:
    async def forward(client: anyio.abc.ByteStream) -> None:
        async with (
            client,
            await anyio.connect_tcp("127.0.0.1", port) as server,
            anyio.create_task_group() as copying,
        ):
            copying.start_soon(_copy, client, server)
            await _copy(server, client)
            copying.cancel_scope.cancel()

    sockets = await anyio.create_tcp_listener(local_host="127.0.0.1")
    async with (
        TLSListener(sockets, context, standard_compatible=False) as listener,
        anyio.create_task_group() as serving,
    ):
        serving.start_soon(listener.serve, forward)
        yield f"https://127.0.0.1:{sockets.extra(anyio.abc.SocketAttribute.local_port)}"
        serving.cancel_scope.cancel()


@contextlib.contextmanager
def over_tls(
    server: LoopbackGroq, authority: trustme.CA, *, asks_for_a_certificate: bool = False
) -> Iterator[str]:
    """The URL of what forwards to the server, and has a certificate of this authority's."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    if asks_for_a_certificate:
        # From version 1.3 on, a client without one learns of it only after it has sent its request.
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.verify_mode = ssl.CERT_REQUIRED
        authority.configure_trust(context)
    with (
        start_blocking_portal("trio") as portal,
        portal.wrap_async_context_manager(_forwarding(server.port, context)) as url,
    ):
        yield url


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def pem(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("authority") / "it.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificate of an authority that no server here has one of."""
    path = tmp_path_factory.mktemp("stranger") / "it.pem"
    trustme.CA().cert_pem.write_to_path(str(path))
    return path


@pytest.fixture(scope="module")
def running_https(running_server: LoopbackGroq, authority: trustme.CA) -> Iterator[str]:
    with over_tls(running_server, authority) as url:
        yield url


@pytest.fixture
def https(running_https: str, server: LoopbackGroq) -> str:
    """Where the server is reached over TLS."""
    return running_https


@pytest.fixture(autouse=True)
def groq_is_the_server(https: str, server: LoopbackGroq, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_BASE_URL", https)
    monkeypatch.setenv("GROQ_API_KEY", str(server.api_key))


@pytest.fixture(autouse=True)
def trusted(pem: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of each test's own by which the authority is trusted: no context is left of another test's."""
    path = tmp_path / "authority.pem"
    shutil.copy(pem, path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    monkeypatch.delenv("SSLKEYLOGFILE", raising=False)
    return path


@pytest.fixture
def sdk(request: pytest.FixtureRequest, https: str, server: LoopbackGroq) -> Sdk:
    return over_https(request.param, https, server)


@pytest.fixture
def blocking(https: str, server: LoopbackGroq) -> Sdk:
    return over_https("sync", https, server)


def over_https(way: str, url: str, server: LoopbackGroq) -> Sdk:
    """The SDK with its own default HTTP client."""
    sdk = Sdk(way, url, str(server.api_key))
    sdk.options |= {"http_client": None, "max_retries": 0}
    return sdk


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """The files of certificates that were read, in order: one for each default context that is made."""
    files: list[str | None] = []
    genuine = ssl.SSLContext.load_verify_locations

    def load_verify_locations(
        context: ssl.SSLContext, cafile: Any = None, capath: Any = None, cadata: Any = None
    ) -> None:
        files.append(cafile or capath)
        genuine(context, cafile, capath, cadata)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", load_verify_locations)
    return files


def ask(prompt: str = "Hi", **options: Any) -> Any:
    """What a new client, made as most are, is answered."""
    with groq.Groq(max_retries=0, **options) as client:
        return answer(client, prompt)


def answer(client: groq.Groq, prompt: str = "Hi") -> Any:
    return client.chat.completions.create(**question(prompt)).choices[0].message.content


def counted_pools(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The pools of connections that are made from here on."""
    pools: list[Any] = []
    for kind in (httpcore.ConnectionPool, httpcore.AsyncConnectionPool):
        genuine = kind.__init__

        def __init__(  # noqa: N807
            self: Any, *args: Any, genuine: Callable[..., None] = genuine, **kwargs: Any
        ) -> None:
            pools.append(self)
            genuine(self, *args, **kwargs)

        monkeypatch.setattr(kind, "__init__", __init__)
    return pools


def raised(call: Callable[[], Any]) -> list[tuple[type[BaseException], str]]:
    """What a call raises, and what that was raised from."""
    try:
        call()
    except Exception as error:
        chain: list[BaseException] = [error]
        while chain[-1].__cause__ is not None:
            chain.append(chain[-1].__cause__)
        return [(type(link), str(link)) for link in chain]
    return []


def is_distrust(way: str, errors: list[tuple[type[BaseException], str]]) -> bool:
    """Whether a call failed for the server's certificate. Over trio, httpx does not say why."""
    kinds, texts = zip(*errors, strict=True)
    why = "certificate verify failed" in texts[1] or way == "trio"
    return kinds[:2] == (groq.APIConnectionError, httpx.ConnectError) and why


def make_call(sdk: Sdk, **options: Any) -> None:
    """A stream that is read to its end, whichever that is."""
    error = sdk.stream(options=options).error
    if error is not None:
        raise error


class TestAStream:
    def test_comes_live_and_replays_with_nobody_there(
        self,
        sdk: Sdk,
        authority: trustme.CA,
        cassette_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        chunks = len(stream_body(PIECES)) - 1  # the last event is no chunk
        may_send = [threading.Event() for _ in range(chunks + 1)]
        sent = [threading.Event() for _ in range(chunks + 1)]
        may_send[0].set()
        gates: dict[int, Any] = {
            number: [Wait(may_send[number], timeout=5), Note(sent[number])] for number in range(chunks + 1)
        }
        live: list[Any] = []

        async def scenario(client: Any) -> None:
            async for chunk in each(await settled(client.chat.completions.create(**question(stream=True)))):
                assert not sent[len(live) + 1].is_set(), "the next was sent before this was read"
                may_send[len(live) + 1].set()
                live.append(chunk.model_dump())

        with LoopbackGroq() as own, over_tls(own, authority) as url:
            monkeypatch.setenv("GROQ_BASE_URL", url)
            sdk = over_https(sdk.way, url, own)
            own.reply(stream(PIECES, gates=gates))
            with groqtape.use_cassette(cassette_path, "once"):
                sdk.run(scenario)
            assert own.problems == []
        assert len(live) == chunks
        with groqtape.use_cassette(cassette_path):
            assert sdk.stream().chunks == live
        assert isinstance(sdk.stream().error, groq.APIConnectionError)

    def test_of_a_server_that_is_not_trusted_is_refused(
        self,
        sdk: Sdk,
        server: LoopbackGroq,
        cassette_path: Path,
        trusted: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """And what was refused replays, even where the server would be trusted."""
        server.default = stream("Hello")
        monkeypatch.delenv("SSL_CERT_FILE")
        without = raised(lambda: make_call(sdk))
        assert is_distrust(sdk.way, without)
        with groqtape.use_cassette(cassette_path, "once"):
            assert raised(lambda: make_call(sdk)) == without
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        with groqtape.use_cassette(cassette_path):
            assert raised(lambda: make_call(sdk))[:2] == without[:2]
        assert server.requests == []
        assert sdk.stream().text == "Hello"


class TestWhileReplaying:
    def test_no_context_is_made(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path, trusted: Path, read: list[str | None]
    ) -> None:
        server.default = stream("Hello")
        with groqtape.use_cassette(cassette_path, "once"):
            live = [sdk.stream().chunks for _ in range(3)]
        assert read == [str(trusted)]
        another = trusted.with_name("another.pem")
        shutil.copy(trusted, another)
        with pytest.MonkeyPatch.context() as within:
            within.setenv("SSL_CERT_FILE", str(another))
            with groqtape.use_cassette(cassette_path):
                assert [sdk.stream().chunks for _ in range(3)] == live
        assert len(read) == 1
        assert len(server.requests) == 3

    def test_afterwards_each_client_has_its_own_again(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path, trusted: Path, read: list[str | None]
    ) -> None:
        server.default = stream("Hello")
        with groqtape.use_cassette(cassette_path, "once"):
            sdk.stream()
        with groqtape.use_cassette(cassette_path):
            sdk.stream()
        read.clear()
        assert [sdk.stream().text for _ in range(3)] == ["Hello"] * 3
        assert read == [str(trusted)] * 3

    def test_no_pool_of_connections_is_made(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Only a client that goes on when the cassette is closed has one made, which is closed with it."""
        server.default = stream("Hello")
        with groqtape.use_cassette(cassette_path, "once"):
            live = sdk.stream().chunks
        pools = counted_pools(monkeypatch)

        async def scenario(client: Any) -> list[int]:
            made = [len(pools)]
            with groqtape.use_cassette(cassette_path):
                stream = await settled(client.chat.completions.create(**question(stream=True)))
                assert [chunk.model_dump() async for chunk in each(stream)] == live
                made.append(len(pools))
            stream = await settled(client.chat.completions.create(**question(stream=True)))
            assert len([chunk async for chunk in each(stream)]) == len(live)
            made.append(len(pools))
            return made

        with groqtape.use_cassette(cassette_path):
            assert sdk.stream().chunks == live
            assert pools == []
            client = http_client(sdk.way)
        before, replayed, live_again = sdk.run(scenario, http_client=client)
        assert (replayed, live_again) == (before, before + 1)
        assert [pool.connections for pool in pools] == [[]] * len(pools)

    def test_a_transport_tells_what_was_said_wrong_at_once(self, cassette_path: Path) -> None:
        wrong: list[Callable[[], Any]] = [
            lambda: httpx.HTTPTransport(verfy=True),  # type: ignore[call-arg]
            lambda: httpx.HTTPTransport(limits=None),  # type: ignore[arg-type]
            lambda: httpx.HTTPTransport(proxy="ftp://nowhere"),
            lambda: httpx.HTTPTransport(cert="no/such.pem"),
        ]
        without = [raised(call)[0][0] for call in wrong]
        with groqtape.use_cassette(cassette_path):
            assert [raised(call)[0][0] for call in wrong] == without

    def test_what_is_said_of_a_transport_by_position_holds(
        self, server: LoopbackGroq, cassette_path: Path, trusted: Path, read: list[str | None]
    ) -> None:
        server.default = completion("Hello")
        with groqtape.use_cassette(cassette_path, "all"):
            assert ask(http_client=httpx.Client(transport=httpx.HTTPTransport(True, None))) == "Hello"
            assert ask(http_client=httpx.Client(transport=httpx.HTTPTransport(False))) == "Hello"
        assert read == [str(trusted)]


class TestWhileRecording:
    def test_one_context_serves_all_clients_of_all_cassettes(
        self, sdk: Sdk, server: LoopbackGroq, tmp_path: Path, trusted: Path, read: list[str | None]
    ) -> None:
        server.default = stream("Hello")
        for name in ("one", "two", "three"):
            with groqtape.use_cassette(tmp_path / f"{name}.yaml", "all"):
                assert [sdk.stream().text for _ in range(2)] == ["Hello"] * 2
        assert len(server.requests) == 6
        assert read == [str(trusted)]

    def test_a_client_outlives_the_cassette(
        self, server: LoopbackGroq, cassette_path: Path, read: list[str | None]
    ) -> None:
        server.default = completion("Hello")
        with groqtape.use_cassette(cassette_path, "once"):
            client = groq.Groq()
        with client:
            assert answer(client) == "Hello"
        assert len(read) == 1
        assert not cassette_path.exists()

    def test_other_certificates_are_another_context(
        self,
        server: LoopbackGroq,
        cassette_path: Path,
        trusted: Path,
        stranger: Path,
        read: list[str | None],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        server.default = completion("Hello")
        with groqtape.use_cassette(cassette_path, "all"):
            assert ask() == "Hello"
            monkeypatch.setenv("SSL_CERT_FILE", str(stranger))
            assert is_distrust("sync", raised(ask))
            monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
            assert ask() == "Hello"
        assert read == [str(trusted), str(stranger)]

    def test_a_client_trusts_what_was_trusted_when_it_was_made(
        self,
        server: LoopbackGroq,
        cassette_path: Path,
        trusted: Path,
        stranger: Path,
        read: list[str | None],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Whatever the variables are when it connects; and those after it trust what they trust."""
        server.default = completion("Hello")
        with groqtape.use_cassette(cassette_path, "all"):
            with groq.Groq() as client:
                monkeypatch.setenv("SSL_CERT_FILE", str(stranger))
                monkeypatch.setenv("SSL_CERT_DIR", str(stranger.parent))
                assert answer(client) == "Hello"
            assert is_distrust("sync", raised(ask))
            monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
            monkeypatch.delenv("SSL_CERT_DIR")
            assert ask() == "Hello"
        assert read == [str(trusted), str(stranger)]

    def test_a_client_distrusts_what_is_trusted_only_later(
        self, server: LoopbackGroq, cassette_path: Path, trusted: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server.default = completion("Hello")
        monkeypatch.delenv("SSL_CERT_FILE")
        monkeypatch.setenv("SSL_CERT_DIR", str(trusted.parent))  # where OpenSSL finds none by that name
        with groqtape.use_cassette(cassette_path, "all"), groq.Groq(max_retries=0) as client:
            monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
            assert is_distrust("sync", raised(lambda: answer(client)))
            assert os.environ["SSL_CERT_FILE"] == str(trusted)
            assert ask() == "Hello"

    @pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"])
    @pytest.mark.parametrize("to", ["nowhere/at all", "", "folder", "text", "no.pem"])
    def test_a_variable_that_leads_astray_does_as_without(
        self,
        server: LoopbackGroq,
        cassette_path: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        name: str,
        to: str,
    ) -> None:
        (tmp_path / "folder").mkdir()
        (tmp_path / "text").write_text("Nothing of the kind.\n")
        (tmp_path / "no.pem").touch()
        server.default = completion("Hello")
        if name == "SSL_CERT_DIR":
            monkeypatch.delenv("SSL_CERT_FILE")
        monkeypatch.setenv(name, str(tmp_path / to) if to else "")
        made = raised(lambda: groq.Groq().close())
        then = raised(ask)
        with groqtape.use_cassette(cassette_path, "all"):
            assert raised(lambda: groq.Groq().close()) == made
            assert raised(ask) == then

    @pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")  # httpcore leaves it open then
    def test_certificates_that_are_not_sound_show_when_it_connects(
        self, server: LoopbackGroq, cassette_path: Path, trusted: Path
    ) -> None:
        trusted.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        without = raised(lambda: groq.Groq().close())
        with groqtape.use_cassette(cassette_path, "all"):
            groq.Groq().close()
            assert raised(ask)[-1] == without[-1]
        gc.collect()

    def test_other_certificates_in_the_same_file_are_another_context(
        self, server: LoopbackGroq, cassette_path: Path, trusted: Path, stranger: Path, read: list[str | None]
    ) -> None:
        server.default = completion("Hello")
        trusts = trusted.read_bytes()
        with groqtape.use_cassette(cassette_path, "all"):
            trusted.write_bytes(stranger.read_bytes() + b"\n")
            assert is_distrust("sync", raised(ask))
            trusted.write_bytes(trusts)
            assert ask() == "Hello"
        assert read == [str(trusted)] * 2

    def test_the_keys_of_connections_are_logged_as_without(
        self, server: LoopbackGroq, cassette_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server.default = completion("Hello")
        with groqtape.use_cassette(cassette_path, "all"):
            assert ask() == "Hello"
            monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
            assert ask() == "Hello"
        assert "SECRET" in (tmp_path / "keys").read_text()

    def test_another_host_is_reached_through_it(
        self,
        sdk: Sdk,
        server: LoopbackGroq,
        authority: trustme.CA,
        cassette_path: Path,
        trusted: Path,
        read: list[str | None],
    ) -> None:
        server.default = stream("Hello")

        async def scenario(client: Any) -> tuple[Any, int]:
            weather = (await settled(client.get(url))).json()
            chunks = await settled(
                client.post(f"{sdk.options['base_url']}{chat}", json=body, headers=headers)
            )
            return weather, chunks.status_code

        chat, body = "/openai/v1/chat/completions", question(stream=True)
        headers = {"authorization": f"Bearer {server.api_key}"}
        with LoopbackGroq(api_key=None) as elsewhere, over_tls(elsewhere, authority) as url:
            elsewhere.default = json_reply({"weather": "rain"})
            for mode, times in (("once", 1), ("none", 2)):
                with groqtape.use_cassette(cassette_path, cast("RecordMode", mode)) as cassette:
                    assert with_httpx(sdk.way, scenario) == ({"weather": "rain"}, 200)
                assert len(cassette.requests) == 1
                assert len(elsewhere.requests) == times
        assert len(server.requests) == 1
        assert read == [str(trusted)]

    def test_threads_share_it_too(
        self, server: LoopbackGroq, cassette_path: Path, trusted: Path, read: list[str | None]
    ) -> None:
        server.default = completion("Hello")
        together = threading.Barrier(8, timeout=5)

        def talk(prompt: str) -> Any:
            together.wait()
            with groq.Groq() as client:
                together.wait()
                return answer(client, prompt)

        with groqtape.use_cassette(cassette_path, "once"), ThreadPoolExecutor(8) as threads:
            assert list(threads.map(talk, "abcdefgh")) == ["Hello"] * 8
        assert len(server.requests) == 8
        assert read == [str(trusted)]


def with_httpx(way: str, scenario: Callable[[Any], Any]) -> Any:
    """Run a scenario with a client of httpx's own."""
    if way == "sync":
        with httpx.Client() as client:
            return driven(scenario(client))

    async def whole() -> Any:
        async with httpx.AsyncClient() as client:
            return await scenario(client)

    return anyio.run(whole, backend=way)


class _Counting(ssl.SSLContext):
    """A context that knows how often it was used."""

    used = 0

    def wrap_socket(self, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        self.used += 1
        return super().wrap_socket(*args, **kwargs)

    def wrap_bio(self, *args: Any, **kwargs: Any) -> ssl.SSLObject:
        self.used += 1
        return super().wrap_bio(*args, **kwargs)


def http_client(way: str, **options: Any) -> Any:
    return (groq.DefaultHttpxClient if way == "sync" else groq.DefaultAsyncHttpxClient)(**options)


class TestWhoSaysHow:
    """What an app says of TLS itself is done, and no default context is made for it."""

    def test_with_a_context_of_its_own(
        self,
        sdk: Sdk,
        server: LoopbackGroq,
        authority: trustme.CA,
        cassette_path: Path,
        stranger: Path,
        read: list[str | None],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(stranger))
        server.default = stream("Hello")
        context = _Counting(ssl.PROTOCOL_TLS_CLIENT)
        authority.configure_trust(context)
        read.clear()
        with groqtape.use_cassette(cassette_path, "all"):
            for used in (1, 2):
                received = sdk.stream(options={"http_client": http_client(sdk.way, verify=context)})
                assert (received.text, context.used) == ("Hello", used)
        assert read == []

    def test_with_a_context_that_does_not_trust(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path, read: list[str | None]
    ) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

        def call() -> None:
            make_call(sdk, http_client=http_client(sdk.way, verify=context))

        without = raised(call)
        assert is_distrust(sdk.way, without)
        with groqtape.use_cassette(cassette_path, "all"):
            assert raised(call) == without
        assert (server.requests, read) == ([], [])

    def test_that_it_trusts_anyone(
        self,
        sdk: Sdk,
        server: LoopbackGroq,
        cassette_path: Path,
        stranger: Path,
        read: list[str | None],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """It alone does: a client beside it that says nothing refuses."""
        monkeypatch.setenv("SSL_CERT_FILE", str(stranger))
        server.default = stream("Hello")
        with groqtape.use_cassette(cassette_path, "all"):
            assert sdk.stream(options={"http_client": http_client(sdk.way, verify=False)}).text == "Hello"
            assert read == []
            assert isinstance(sdk.stream().error, groq.APIConnectionError)
            assert sdk.stream(options={"http_client": http_client(sdk.way, verify=False)}).text == "Hello"

    def test_that_the_environment_says_nothing(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        server.default = stream("Hello")

        def call() -> None:
            make_call(sdk, http_client=http_client(sdk.way, trust_env=False))

        without = raised(call)
        assert is_distrust(sdk.way, without)
        with groqtape.use_cassette(cassette_path, "all"):
            assert sdk.stream().text == "Hello"
            assert raised(call) == without
            assert sdk.stream().text == "Hello"

    @pytest.mark.filterwarnings("ignore:`cert=:DeprecationWarning")
    def test_with_a_certificate_of_its_own(
        self,
        sdk: Sdk,
        server: LoopbackGroq,
        authority: trustme.CA,
        cassette_path: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        server.default = stream("Hello")
        cert = tmp_path / "client.pem"
        authority.issue_cert("client@example.org").private_key_and_cert_chain_pem.write_to_path(str(cert))
        with over_tls(server, authority, asks_for_a_certificate=True) as url:
            monkeypatch.setenv("GROQ_BASE_URL", url)
            sdk.options["base_url"] = url
            with groqtape.use_cassette(cassette_path, "all"):
                assert isinstance(sdk.stream().error, groq.APIConnectionError)
                received = sdk.stream(options={"http_client": http_client(sdk.way, cert=str(cert))})
                assert received.text == "Hello"
                assert isinstance(sdk.stream().error, groq.APIConnectionError)

    def test_nothing_in_a_client_or_transport_of_its_own(
        self, server: LoopbackGroq, cassette_path: Path, trusted: Path, read: list[str | None]
    ) -> None:
        """Both have the default context, which is shared."""
        server.default = completion("Hello")
        with groqtape.use_cassette(cassette_path, "all"):
            assert ask(http_client=httpx.Client()) == "Hello"
            assert ask(http_client=httpx.Client(transport=httpx.HTTPTransport())) == "Hello"
        assert read == [str(trusted)]
