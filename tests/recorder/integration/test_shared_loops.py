"""A refused call ends its test, and no event loop, portal, server or worker that other tests share."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import groq
import httpx
import pytest
from anyio.from_thread import start_blocking_portal
from loopback_groq import LoopbackGroq, stream
from recorder.integration.calling import Sdk, question, settled

import groqtape
from groqtape.recorder.cassette import Cassette
from groqtape.recorder.refusals import REFUSED_STATUS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


async def ask_async(prompt: str = "Hi") -> str:
    async with groq.AsyncGroq() as client:
        answer = await settled(client.chat.completions.create(**question(prompt, stream=True)))
        return "".join([chunk.choices[0].delta.content or "" async for chunk in answer])


def ask(prompt: str = "Hi") -> str:
    with groq.Groq() as client:
        answer = client.chat.completions.create(**question(prompt, stream=True))
        return "".join(chunk.choices[0].delta.content or "" for chunk in answer)


@contextlib.contextmanager
def portal(backend: str) -> Iterator[Callable[[str], str]]:
    """As starlette's TestClient has it."""
    with start_blocking_portal(backend) as started:
        yield lambda prompt: started.call(ask_async, prompt)


@contextlib.contextmanager
def portal_thread(backend: str) -> Iterator[Callable[[str], str]]:
    """A synchronous endpoint, in one of the portal's threads."""
    from anyio.to_thread import run_sync

    with start_blocking_portal(backend) as started:
        yield lambda prompt: started.call(run_sync, ask, prompt)


@contextlib.contextmanager
def http_server(_: str) -> Iterator[Callable[[str], str]]:
    """A server of one thread: what is no `Exception` ends it."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            prompt = self.rfile.read(int(self.headers["content-length"])).decode()
            try:
                status, text = 200, ask(prompt)
            except Exception as error:
                status, text = 500, str(error)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: Any) -> None:
            """Nothing is logged."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/"

        def call(prompt: str) -> str:
            response = httpx.post(url, content=prompt, timeout=5)
            if response.status_code == 500:
                raise RuntimeError(response.text)
            return response.text

        yield call
        server.shutdown()


@contextlib.contextmanager
def worker(_: str) -> Iterator[Callable[[str], str]]:
    """A thread that works through a queue."""
    jobs: queue.Queue[Any] = queue.Queue()
    done: queue.Queue[Any] = queue.Queue()

    def work() -> None:
        while (prompt := jobs.get()) is not None:
            try:
                done.put(ask(prompt))
            except Exception as error:
                done.put(error)

    def call(prompt: str) -> str:
        jobs.put(prompt)
        result = done.get(timeout=5)
        if isinstance(result, Exception):
            raise result
        return str(result)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    yield call
    jobs.put(None)
    thread.join(5)


def refused_in(cassette_path: Path, call: Callable[[], Any], *kinds: type[Exception]) -> Cassette:
    """The cassette of a test in which a shared thread gets an error of one of these kinds."""
    with (
        pytest.raises(groqtape.RefusedError) as refused,
        groqtape.use_cassette(cassette_path) as cassette,
        contextlib.suppress(*kinds),
    ):
        call()
    assert [str(refused.value)] == cassette.refused
    return cassette


SHARED = [(portal, "asyncio"), (portal, "trio"), (portal_thread, "asyncio"), (http_server, ""), (worker, "")]


@pytest.mark.parametrize(("shared", "backend"), SHARED, ids=lambda value: getattr(value, "__name__", value))
def test_one_miss_and_then_a_right_call(
    server: LoopbackGroq, cassette_path: Path, shared: Any, backend: str
) -> None:
    server.reply(stream("Hello"))
    with groqtape.use_cassette(cassette_path, "once"):
        ask()
    with shared(backend) as call:
        # The application gets an error at once, and no retry; the test fails, whatever becomes of the error.
        tried = refused_in(cassette_path, lambda: call("Another prompt"), groq.APIStatusError, RuntimeError)
        assert len(tried.requests) == 1
        with groqtape.use_cassette(cassette_path):
            assert call("Hi") == "Hello"
    assert len(server.requests) == 1


@pytest.mark.parametrize("shared", [portal, worker])
def test_reading_past_the_end(server: LoopbackGroq, cassette_path: Path, shared: Any) -> None:
    server.reply(stream("One two three"))
    with groqtape.use_cassette(cassette_path, "once"), groq.Groq() as client:
        answer = client.chat.completions.create(**question(stream=True))
        next(answer)
        answer.close()
    with shared("asyncio") as call:
        for _ in range(2):
            refused_in(cassette_path, lambda: call("Hi"), groqtape.GroqtapeError)


def test_a_task_that_is_older_than_the_cassette(server: LoopbackGroq, cassette_path: Path) -> None:
    """It serves several tests, in the loop and the thread in which the tests run too."""
    server.reply(stream("Hello"))
    with groqtape.use_cassette(cassette_path, "once"):
        ask()

    async def main() -> None:
        jobs: asyncio.Queue[tuple[str, asyncio.Future[str]]] = asyncio.Queue()

        async def work() -> None:
            while True:
                prompt, future = await jobs.get()
                try:
                    future.set_result(await ask_async(prompt))
                except Exception as error:
                    future.set_exception(error)

        async def call(prompt: str) -> str:
            future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
            await jobs.put((prompt, future))
            return await asyncio.wait_for(future, 5)

        working = asyncio.create_task(work())
        cassette = Cassette(cassette_path)
        cassette.open()
        with pytest.raises(groq.APIStatusError):
            await call("Another")
        cassette.close(keep=False)
        assert len(cassette.refused) == 1
        with groqtape.use_cassette(cassette_path):
            assert await call("Hi") == "Hello"
            # The test's own tasks are ended at once.
        with pytest.raises(groqtape.RefusedError), groqtape.use_cassette(cassette_path):
            await asyncio.gather(ask_async("Another"), ask_async("Another still"))
        working.cancel()

    asyncio.run(main())


def test_the_answer_in_a_shared_thread(server: LoopbackGroq, cassette_path: Path) -> None:
    """Any client gets it: the text of the refusal, and a status that nobody retries."""
    responses: list[httpx.Response] = []

    def post() -> None:
        responses.append(httpx.post(f"{server.base_url}/openai/v1/chat/completions", json={"model": "m"}))

    def call() -> None:
        thread = threading.Thread(target=post)
        thread.start()
        thread.join(5)
        raise RuntimeError

    refused_in(cassette_path, call, RuntimeError)
    assert [response.status_code for response in responses] == [REFUSED_STATUS]
    assert responses[0].reason_phrase == "Refused by groqtape"
    assert responses[0].text.startswith("There is no cassette")


def test_in_the_thread_of_the_test_it_is_raised(sdk: Sdk, cassette_path: Path) -> None:
    with pytest.raises(groqtape.RefusedError), groqtape.use_cassette(cassette_path):
        assert isinstance(sdk.stream().error, groqtape.RefusedError)
