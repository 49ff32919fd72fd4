"""A consumer that is cancelled while it reads: the time is recorded, and replay waits for it."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import gc
import re
import threading
from typing import TYPE_CHECKING, Any

import anyio.lowlevel
import anyio.to_thread
import pytest
import trio
from loopback_groq import Note, Reply, Stall, Wait, stream
from recorder.integration.calling import each, question, settled, untouched
from trust.clients import async_client, client

import groqtape
from groqtape.recorder import playback, waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from loopback_groq import LoopbackGroq
    from recorder.integration.calling import Sdk

TEXT = "One two three four"
SILENCE = Reply(before=[Stall()])
# How long an application waits once it has received what will come.
SOON = 0.05


def left_at(path: Path) -> float | None:
    """When the consumer of the one stream in a cassette stopped reading, if the file has it."""
    text = path.read_text()
    assert re.findall(r"(?m)^ +end: (\w+)$", text) == ["closed"]
    found = re.findall(r"(?m)^ +left_at: ([\d.]+)$", text)
    return float(found[0]) if found else None


@pytest.fixture
def gone(server: LoopbackGroq) -> Iterator[threading.Event]:
    """Set when the consumer has stopped reading; until then the server sends no more than half."""
    gone = threading.Event()
    server.default = stream(TEXT, gates={3: Wait(gone, timeout=5)}, fixed=7)
    yield gone
    gone.set()


# trio warns of the SDK's own generators where a stream is not closed, with groqtape or without.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

# What an application does until it is cancelled


class Received(list[Any]):
    """The chunks received; calls back once there are as many as will come."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most
        self.when_complete: Callable[[], Any] = int

    def add(self, chunk: Any) -> None:
        self.append(chunk.model_dump())
        if len(self) == self.most:
            self.when_complete()


async def waiting_for_the_next_event(received: Received) -> None:
    async with async_client(max_retries=0) as groq:
        async for chunk in await groq.chat.completions.create(**question(stream=True)):
            received.add(chunk)


async def in_the_block_of_the_stream(received: Received) -> None:
    async with (
        async_client(max_retries=0) as groq,
        await groq.chat.completions.create(**question(stream=True)) as chunks,
    ):
        async for chunk in chunks:
            received.add(chunk)


async def busy_between_two_events(received: Received) -> None:
    async with async_client(max_retries=0) as groq:
        async for chunk in await groq.chat.completions.create(**question(stream=True)):
            received.add(chunk)
            if len(received) == received.most:
                await anyio.sleep(20)


async def busy_in_the_block_of_the_stream(received: Received) -> None:
    async with (
        async_client(max_retries=0) as groq,
        await groq.chat.completions.create(**question(stream=True)) as chunks,
    ):
        async for chunk in chunks:
            received.add(chunk)
            if len(received) == received.most:
                await anyio.sleep(20)


CONSUMERS: dict[Any, int] = {
    waiting_for_the_next_event: 3,
    in_the_block_of_the_stream: 3,
    busy_between_two_events: 2,
    busy_in_the_block_of_the_stream: 2,
}


# How it is cancelled


async def by_wait_for(consume: Any, received: Received) -> None:
    task, complete = asyncio.ensure_future(consume(received)), asyncio.Event()
    received.when_complete = complete.set
    await complete.wait()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(task, SOON)


async def by_timeout(consume: Any, received: Received) -> None:
    loop = asyncio.get_running_loop()
    limit = asyncio.timeout(None)
    received.when_complete = lambda: limit.reschedule(loop.time() + SOON)
    with pytest.raises(TimeoutError):
        async with limit:
            await consume(received)


async def by_cancelling_its_task(consume: Any, received: Received) -> None:
    task = asyncio.ensure_future(consume(received))
    loop = asyncio.get_running_loop()
    received.when_complete = lambda: loop.call_later(SOON, task.cancel)
    with pytest.raises(asyncio.CancelledError):
        await task


async def by_move_on_after(consume: Any, received: Received) -> None:
    with trio.move_on_after(float("inf")) as scope:
        received.when_complete = lambda: setattr(scope, "deadline", trio.current_time() + SOON)
        await consume(received)
    assert scope.cancelled_caught


async def by_fail_after(consume: Any, received: Received) -> None:
    async def consume_in_time() -> None:
        with anyio.fail_after(20) as scope:
            received.when_complete = lambda: setattr(scope, "deadline", anyio.current_time() + SOON)
            await consume(received)

    with pytest.raises(TimeoutError):
        await consume_in_time()


TIMEOUTS: list[Any] = [
    pytest.param("asyncio", by_timeout, id="asyncio"),
    pytest.param("trio", by_move_on_after, id="trio"),
]
CANCELLATIONS: list[Any] = [
    *(
        pytest.param(*way.values, consume, id=f"{consume.__name__}-{way.values[1].__name__}")
        for way in TIMEOUTS
        for consume in CONSUMERS
    ),
    pytest.param("asyncio", by_wait_for, waiting_for_the_next_event, id="asyncio-wait_for"),
    pytest.param("asyncio", by_cancelling_its_task, busy_between_two_events, id="asyncio-busy-cancel"),
    pytest.param("asyncio", by_cancelling_its_task, in_the_block_of_the_stream, id="asyncio-cancel"),
    pytest.param("asyncio", by_fail_after, waiting_for_the_next_event, id="asyncio-fail_after"),
    pytest.param("trio", by_fail_after, busy_in_the_block_of_the_stream, id="trio-fail_after"),
]


@pytest.mark.parametrize(("backend", "cancel", "consume"), CANCELLATIONS)
def test_cancellation(
    server: LoopbackGroq,
    gone: threading.Event,
    cassette_path: Path,
    backend: str,
    cancel: Any,
    consume: Any,
) -> None:
    def run() -> list[Any]:
        received = Received(CONSUMERS[consume])
        anyio.run(cancel, consume, received, backend=backend)
        return received

    with groqtape.use_cassette(cassette_path, "once"):
        recorded = run()
    gone.set()
    assert len(recorded) == CONSUMERS[consume]
    assert left_at(cassette_path) is not None
    with untouched(server), groqtape.use_cassette(cassette_path):
        assert run() == recorded


@pytest.mark.parametrize(("backend", "cancel"), TIMEOUTS)
def test_cancellation_before_the_answer_begins(
    server: LoopbackGroq, cassette_path: Path, backend: str, cancel: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes once the call has been made: the server has the request, or replay has begun to wait."""
    made = threading.Event()
    server.default = Reply(before=[Note(made), Stall()])
    genuine = waiting.wait

    async def wait(seconds: float) -> None:
        made.set()
        await genuine(seconds)

    async def consume(received: Received) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(waiting_for_the_next_event, received)
            await anyio.to_thread.run_sync(made.wait, 10)
            received.when_complete()

    def run() -> None:
        received = Received(0)
        made.clear()
        anyio.run(cancel, consume, received, backend=backend)
        assert received == []

    monkeypatch.setattr(waiting, "wait", wait)
    with groqtape.use_cassette(cassette_path, "once"):
        run()
    assert left_at(cassette_path) is not None
    with untouched(server), groqtape.use_cassette(cassette_path):
        run()


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_break_records_no_time(
    server: LoopbackGroq, gone: threading.Event, cassette_path: Path, backend: str
) -> None:
    """Replay does not wait after a `break`: reading past it raises at once."""

    async def consume(*, stop: bool) -> None:
        received = 0
        async with (
            async_client(max_retries=0) as groq,
            await groq.chat.completions.create(**question(stream=True)) as chunks,
        ):
            async for _ in chunks:
                received += 1
                if received == 2 and stop:
                    break

    with groqtape.use_cassette(cassette_path, "once"):
        anyio.run(lambda: consume(stop=True), backend=backend)
    assert left_at(cassette_path) is None
    with pytest.raises(groqtape.RefusedError, match="past the end"), groqtape.use_cassette(cassette_path):
        anyio.run(lambda: consume(stop=False), backend=backend)


@pytest.mark.parametrize(("backend", "cancel"), TIMEOUTS)
@pytest.mark.parametrize("consume", [waiting_for_the_next_event, busy_between_two_events])
def test_a_consumer_that_is_not_cancelled_again_raises_in_the_end(
    server: LoopbackGroq,
    gone: threading.Event,
    cassette_path: Path,
    backend: str,
    cancel: Any,
    consume: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with groqtape.use_cassette(cassette_path, "once"):
        anyio.run(cancel, consume, Received(CONSUMERS[consume]), backend=backend)
    gone.set()
    waits: list[float] = []
    checkpoint = anyio.lowlevel.checkpoint

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await checkpoint()

    monkeypatch.setattr(anyio, "sleep", sleep)  # the consumer's
    monkeypatch.setattr(waiting, "sleep", sleep)
    with (
        untouched(server),
        pytest.raises(groqtape.RefusedError, match="past the end"),
        groqtape.use_cassette(cassette_path),
    ):
        anyio.run(consume, Received(CONSUMERS[consume]), backend=backend)
    assert waits[-1] > SOON


def test_a_thread_that_is_no_longer_joined(
    server: LoopbackGroq, gone: threading.Event, cassette_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blocking code gives up on a thread, which goes on reading."""
    monkeypatch.setattr(playback, "_GRACE", 0.3)

    def run() -> list[Any]:
        received: list[Any] = []

        def consume() -> None:
            with client(max_retries=0) as groq:
                for chunk in groq.chat.completions.create(**question(stream=True)):
                    received.append(chunk.model_dump())
                    has_three.set() if len(received) == 3 else None

        has_three = threading.Event()
        thread = threading.Thread(target=consume, daemon=True)
        thread.start()
        assert has_three.wait(5)
        thread.join(SOON)
        assert thread.is_alive()
        threads.append(thread)
        return list(received)

    threads: list[threading.Thread] = []
    with groqtape.use_cassette(cassette_path, "once"):
        recorded = run()
    gone.set()
    assert left_at(cassette_path) is not None
    with untouched(server), groqtape.use_cassette(cassette_path):
        assert run() == recorded
    # It is refused only now. It is a thread of its own, which a refusal may not end: no `RefusedError`.
    caught: list[Any] = []
    before, threading.excepthook = threading.excepthook, lambda args: caught.append(args.exc_type)
    for thread in threads:
        thread.join(10)
    threading.excepthook = before
    assert caught == [groqtape.GroqtapeError]


def test_a_call_in_a_thread_that_is_not_joined(
    server: LoopbackGroq, cassette_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playback, "_GRACE", 0.3)
    server.default = SILENCE

    def run() -> None:
        with client(max_retries=0) as groq:
            future = pool.submit(lambda: groq.chat.completions.create(**question(stream=True)))
            with pytest.raises(concurrent.futures.TimeoutError):
                future.result(timeout=SOON)
            futures.append(future)

    futures: list[Any] = []
    with concurrent.futures.ThreadPoolExecutor() as pool:
        with groqtape.use_cassette(cassette_path, "once"):
            run()
        assert left_at(cassette_path) is not None
        with groqtape.use_cassette(cassette_path):
            run()
        server.stop()
        server.start()


@pytest.mark.parametrize("read", [0, 1])
def test_a_stream_that_is_not_closed(
    sdk: Sdk, server: LoopbackGroq, gone: threading.Event, cassette_path: Path, read: int
) -> None:
    async def scenario(client: Any) -> list[Any]:
        chunks = await settled(client.chat.completions.create(**question(stream=True)))
        kept.append(chunks)
        return [(await anext(each(chunks))).model_dump() for _ in range(read)]

    kept: list[Any] = []
    with groqtape.use_cassette(cassette_path, "once"):
        recorded = sdk.run(scenario)
    gone.set()
    left_at(cassette_path)  # `closed`, with or without a time
    with untouched(server), groqtape.use_cassette(cassette_path):
        assert sdk.run(scenario) == recorded


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_stream_that_was_garbage_collected(
    server: LoopbackGroq, gone: threading.Event, cassette_path: Path, backend: str
) -> None:
    async def whole() -> list[Any]:
        async with async_client() as groq:
            chunks = await groq.chat.completions.create(**question(stream=True))
            received = [(await anext(aiter(chunks))).model_dump()]
            await chunks.response.aclose() if backend == "trio" else None
            del chunks
            gc.collect()
            await anyio.lowlevel.checkpoint()
            return received

    with groqtape.use_cassette(cassette_path, "once"):
        recorded = anyio.run(whole, backend=backend)
    assert left_at(cassette_path) is None or backend == "asyncio"
    with untouched(server), groqtape.use_cassette(cassette_path):
        assert anyio.run(whole, backend=backend) == recorded


def test_an_exception_in_the_consumers_loop(
    sdk: Sdk, server: LoopbackGroq, gone: threading.Event, cassette_path: Path
) -> None:
    """Only the cleanup after the exception closes the stream."""

    async def scenario(client: Any) -> list[Any]:
        received = []
        with contextlib.suppress(LookupError):
            async for chunk in each(await settled(client.chat.completions.create(**question(stream=True)))):
                received.append(chunk.model_dump())
                if len(received) == 2:
                    raise LookupError
        return received

    for mode in ("once", "none"):
        with groqtape.use_cassette(cassette_path, mode):
            recorded = sdk.run(scenario)
        gone.set()
        assert len(recorded) == 2
    left_at(cassette_path)
    assert len(server.requests) == 1
