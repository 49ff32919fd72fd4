"""A consumer that is taken away from its stream: recorded when, and in replay left to go by itself."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import gc
import re
import threading
from typing import TYPE_CHECKING, Any

import anyio.lowlevel
import pytest
import trio
from loopback_groq import Reply, Stall, Wait, stream
from recorder.integration.calling import each, question, settled, untouched
from trust.clients import async_client, client

import groqtape
from groqtape.recorder import playback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from loopback_groq import LoopbackGroq
    from recorder.integration.calling import Sdk

SAID = "One two three four"
SILENCE = Reply(before=[Stall()])
# How long an application waits in all: long enough for a busy machine to bring three events.
PATIENCE = 1.0
# How long it waits once it has heard them.
SOON = 0.05


def left_at(path: Path) -> float | None:
    """When the consumer of the one stream in a cassette left, if the file says so."""
    text = path.read_text()
    assert re.findall(r"(?m)^ +end: (\w+)$", text) == ["closed"]
    found = re.findall(r"(?m)^ +left_at: ([\d.]+)$", text)
    return float(found[0]) if found else None


@pytest.fixture
def gone(server: LoopbackGroq) -> Iterator[threading.Event]:
    """Set when the consumer has left; until then the server says no more than half."""
    gone = threading.Event()
    server.default = stream(SAID, gates={3: Wait(gone, timeout=5)}, fixed=7)
    yield gone
    gone.set()


# trio complains of the SDK's own generators where nobody closes a stream, with groqtape or without.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

# What an application does until it is taken away


class Heard(list[Any]):
    """The chunks heard; tells when they are as many as there will be."""

    def __init__(self, most: int, patience: float = SOON) -> None:
        super().__init__()
        self.most = most
        self.patience = patience
        self.when_all_are_heard: Callable[[], Any] = int

    def hear(self, chunk: Any) -> None:
        self.append(chunk.model_dump())
        if len(self) == self.most:
            self.when_all_are_heard()


async def waiting_for_the_next_event(heard: Heard) -> None:
    async with async_client(max_retries=0) as groq:
        async for chunk in await groq.chat.completions.create(**question(stream=True)):
            heard.hear(chunk)


async def in_the_block_of_the_stream(heard: Heard) -> None:
    async with (
        async_client(max_retries=0) as groq,
        await groq.chat.completions.create(**question(stream=True)) as chunks,
    ):
        async for chunk in chunks:
            heard.hear(chunk)


async def busy_between_two_events(heard: Heard) -> None:
    async with async_client(max_retries=0) as groq:
        async for chunk in await groq.chat.completions.create(**question(stream=True)):
            heard.hear(chunk)
            if len(heard) == heard.most:
                await anyio.sleep(20)


async def busy_in_the_block_of_the_stream(heard: Heard) -> None:
    async with (
        async_client(max_retries=0) as groq,
        await groq.chat.completions.create(**question(stream=True)) as chunks,
    ):
        async for chunk in chunks:
            heard.hear(chunk)
            if len(heard) == heard.most:
                await anyio.sleep(20)


CONSUMERS: dict[Any, int] = {
    waiting_for_the_next_event: 3,
    in_the_block_of_the_stream: 3,
    busy_between_two_events: 2,
    busy_in_the_block_of_the_stream: 2,
}


# How it is taken away


async def by_wait_for(consume: Any, heard: Heard) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(consume(heard), PATIENCE)


async def by_timeout(consume: Any, heard: Heard) -> None:
    loop = asyncio.get_running_loop()
    limit = asyncio.timeout(None if heard.most else heard.patience)
    heard.when_all_are_heard = lambda: limit.reschedule(loop.time() + SOON)
    with pytest.raises(TimeoutError):
        async with limit:
            await consume(heard)


async def by_cancelling_its_task(consume: Any, heard: Heard) -> None:
    task = asyncio.ensure_future(consume(heard))
    loop = asyncio.get_running_loop()
    heard.when_all_are_heard = lambda: loop.call_later(SOON, task.cancel)
    with pytest.raises(asyncio.CancelledError):
        await task


async def by_move_on_after(consume: Any, heard: Heard) -> None:
    with trio.move_on_after(float("inf") if heard.most else heard.patience) as scope:
        heard.when_all_are_heard = lambda: setattr(scope, "deadline", trio.current_time() + SOON)
        await consume(heard)
    assert scope.cancelled_caught


async def by_fail_after(consume: Any, heard: Heard) -> None:
    with pytest.raises(TimeoutError), anyio.fail_after(PATIENCE):
        await consume(heard)


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


@pytest.mark.parametrize(("backend", "take_away", "consume"), CANCELLATIONS)
def test_cancellation(
    server: LoopbackGroq,
    gone: threading.Event,
    tape: Path,
    backend: str,
    take_away: Any,
    consume: Any,
) -> None:
    def run() -> list[Any]:
        heard = Heard(CONSUMERS[consume])
        anyio.run(take_away, consume, heard, backend=backend)
        return heard

    with groqtape.use_cassette(tape, "once"):
        recorded = run()
    gone.set()
    assert len(recorded) == CONSUMERS[consume]
    assert left_at(tape) is not None
    with untouched(server), groqtape.use_cassette(tape):
        assert run() == recorded


@pytest.mark.parametrize(("backend", "take_away"), TIMEOUTS)
def test_cancellation_before_the_answer_begins(
    server: LoopbackGroq, tape: Path, backend: str, take_away: Any
) -> None:
    server.default = SILENCE

    def run(patience: float) -> None:
        heard = Heard(0, patience)
        anyio.run(take_away, waiting_for_the_next_event, heard, backend=backend)
        assert heard == []

    for patience in (SOON, 1, 10):  # until a busy machine has sent the request by then
        tape.unlink(missing_ok=True)
        with groqtape.use_cassette(tape, "once"):
            run(patience)
        if server.requests:
            break
    assert left_at(tape) is not None
    with groqtape.use_cassette(tape):
        run(SOON)
    assert len(server.requests) == 1


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_leaving_freely_says_nothing_of_when(
    server: LoopbackGroq, gone: threading.Event, tape: Path, backend: str
) -> None:
    """Who breaks off is not waited for in replay: reading on is refused at once."""

    async def consume(*, leave: bool) -> None:
        heard = 0
        async with (
            async_client(max_retries=0) as groq,
            await groq.chat.completions.create(**question(stream=True)) as chunks,
        ):
            async for _ in chunks:
                heard += 1
                if heard == 2 and leave:
                    break

    with groqtape.use_cassette(tape, "once"):
        anyio.run(lambda: consume(leave=True), backend=backend)
    assert left_at(tape) is None
    with pytest.raises(groqtape.RefusedError, match="past the end"), groqtape.use_cassette(tape):
        anyio.run(lambda: consume(leave=False), backend=backend)


@pytest.mark.parametrize(("backend", "take_away"), TIMEOUTS)
@pytest.mark.parametrize("consume", [waiting_for_the_next_event, busy_between_two_events])
def test_who_does_not_go_again_is_refused_in_the_end(
    server: LoopbackGroq,
    gone: threading.Event,
    tape: Path,
    backend: str,
    take_away: Any,
    consume: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with groqtape.use_cassette(tape, "once"):
        anyio.run(take_away, consume, Heard(CONSUMERS[consume]), backend=backend)
    gone.set()
    waits: list[float] = []
    checkpoint = anyio.lowlevel.checkpoint

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await checkpoint()

    monkeypatch.setattr(anyio, "sleep", sleep)
    with (
        untouched(server),
        pytest.raises(groqtape.RefusedError, match="past the end"),
        groqtape.use_cassette(tape),
    ):
        anyio.run(consume, Heard(CONSUMERS[consume]), backend=backend)
    assert waits[-1] > SOON


def test_a_thread_that_nobody_waits_for_any_longer(
    server: LoopbackGroq, gone: threading.Event, tape: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blocking code gives up on a thread, which goes on reading."""
    monkeypatch.setattr(playback, "_GRACE", 0.3)

    def run() -> list[Any]:
        heard: list[Any] = []

        def consume() -> None:
            with client(max_retries=0) as groq:
                for chunk in groq.chat.completions.create(**question(stream=True)):
                    heard.append(chunk.model_dump())
                    has_three.set() if len(heard) == 3 else None

        has_three = threading.Event()
        thread = threading.Thread(target=consume, daemon=True)
        thread.start()
        assert has_three.wait(5)
        thread.join(SOON)
        assert thread.is_alive()
        threads.append(thread)
        return list(heard)

    threads: list[threading.Thread] = []
    with groqtape.use_cassette(tape, "once"):
        recorded = run()
    gone.set()
    assert left_at(tape) is not None
    with untouched(server), groqtape.use_cassette(tape):
        assert run() == recorded
    # It is refused only now, when nobody listens any longer.
    caught: list[Any] = []
    before, threading.excepthook = threading.excepthook, lambda args: caught.append(args.exc_type)
    for thread in threads:
        thread.join(10)
    threading.excepthook = before
    assert caught == [groqtape.RefusedError]


def test_a_call_in_a_thread_that_nobody_waits_for(
    server: LoopbackGroq, tape: Path, monkeypatch: pytest.MonkeyPatch
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
        with groqtape.use_cassette(tape, "once"):
            run()
        assert left_at(tape) is not None
        with groqtape.use_cassette(tape):
            run()
        server.stop()
        server.start()


@pytest.mark.parametrize("read", [0, 1])
def test_a_stream_that_nobody_closed(
    sdk: Sdk, server: LoopbackGroq, gone: threading.Event, tape: Path, read: int
) -> None:
    async def scenario(client: Any) -> list[Any]:
        chunks = await settled(client.chat.completions.create(**question(stream=True)))
        kept.append(chunks)
        return [(await anext(each(chunks))).model_dump() for _ in range(read)]

    kept: list[Any] = []
    with groqtape.use_cassette(tape, "once"):
        recorded = sdk.run(scenario)
    gone.set()
    left_at(tape)  # `closed`, whether or not anybody knows when
    with untouched(server), groqtape.use_cassette(tape):
        assert sdk.run(scenario) == recorded


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_stream_that_was_garbage_collected(
    server: LoopbackGroq, gone: threading.Event, tape: Path, backend: str
) -> None:
    async def whole() -> list[Any]:
        async with async_client() as groq:
            chunks = await groq.chat.completions.create(**question(stream=True))
            heard = [(await anext(aiter(chunks))).model_dump()]
            await chunks.response.aclose() if backend == "trio" else None
            del chunks
            gc.collect()
            await anyio.lowlevel.checkpoint()
            return heard

    with groqtape.use_cassette(tape, "once"):
        recorded = anyio.run(whole, backend=backend)
    assert left_at(tape) is None or backend == "asyncio"
    with untouched(server), groqtape.use_cassette(tape):
        assert anyio.run(whole, backend=backend) == recorded


def test_an_exception_in_the_consumers_loop(
    sdk: Sdk, server: LoopbackGroq, gone: threading.Event, tape: Path
) -> None:
    """Nobody closes the stream but what clears up after the exception."""

    async def scenario(client: Any) -> list[Any]:
        heard = []
        with contextlib.suppress(LookupError):
            async for chunk in each(await settled(client.chat.completions.create(**question(stream=True)))):
                heard.append(chunk.model_dump())
                if len(heard) == 2:
                    raise LookupError
        return heard

    for mode in ("once", "none"):
        with groqtape.use_cassette(tape, mode):
            recorded = sdk.run(scenario)
        gone.set()
        assert len(recorded) == 2
    left_at(tape)
    assert len(server.requests) == 1
