"""Streams that run at the same time each keep their answer, in the order of their requests."""

from __future__ import annotations

import concurrent.futures
import threading
from typing import TYPE_CHECKING, Any

import anyio
import groq
import pytest
from loopback_groq import Wait, stream
from recorder.integration.calling import question, untouched

import groqtape

if TYPE_CHECKING:
    from pathlib import Path

    from loopback_groq import LoopbackGroq

PROMPTS = ["first", "second", "third"]
ANSWERS = {"first": "One and on", "second": "Two and on", "third": "Three and on"}


def content_of(chunks: list[Any]) -> str:
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks)


def in_one_thread() -> dict[str, str]:
    """Three streams of one client, a chunk of each after the other; the last to begin ends first."""
    received: dict[str, list[Any]] = {}
    with groq.Groq() as client:
        streams = {
            prompt: client.chat.completions.create(**question(prompt, stream=True)) for prompt in PROMPTS
        }
        for _ in range(2):
            for prompt, chunks in streams.items():
                received.setdefault(prompt, []).append(next(chunks))
        for prompt in reversed(PROMPTS):
            received[prompt] += streams[prompt]
    return {prompt: content_of(chunks) for prompt, chunks in received.items()}


def in_threads() -> dict[str, str]:
    """A client for each of three threads, all of which are in the middle of their stream at once."""
    middle = threading.Barrier(len(PROMPTS))

    def call(prompt: str) -> str:
        with groq.Groq() as client:
            chunks = client.chat.completions.create(**question(prompt, stream=True))
            first = next(chunks)
            middle.wait(5)
            return content_of([first, *chunks])

    with concurrent.futures.ThreadPoolExecutor(len(PROMPTS)) as pool:
        return dict(zip(PROMPTS, pool.map(call, PROMPTS), strict=True))


def in_tasks(backend: str) -> dict[str, str]:
    """Three tasks on one client."""
    received: dict[str, str] = {}

    async def whole() -> None:
        async with groq.AsyncGroq() as client, anyio.create_task_group() as tasks:
            begun = {prompt: anyio.Event() for prompt in PROMPTS}

            async def call(prompt: str) -> None:
                chunks = await client.chat.completions.create(**question(prompt, stream=True))
                first = await anext(chunks)
                begun[prompt].set()
                for other in begun.values():
                    await other.wait()
                received[prompt] = content_of([first] + [chunk async for chunk in chunks])

            for prompt in PROMPTS:
                tasks.start_soon(call, prompt)

    anyio.run(whole, backend=backend)
    return received


WAYS = {
    "one thread": in_one_thread,
    "threads": in_threads,
    "asyncio": lambda: in_tasks("asyncio"),
    "trio": lambda: in_tasks("trio"),
}


@pytest.fixture(autouse=True)
def scripted(server: LoopbackGroq) -> None:
    for prompt, answer in ANSWERS.items():
        server.on(prompt, stream(answer))


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_each_keeps_its_answer(server: LoopbackGroq, cassette_path: Path, way: Any) -> None:
    with groqtape.use_cassette(cassette_path, "once") as cassette:
        assert way() == ANSWERS
    prompts = [request["messages"][0]["content"] for request in cassette.requests]
    assert sorted(prompts) == PROMPTS
    for held in (cassette.streams, groqtape.load(cassette_path)):
        assert [each.content for each in held] == [ANSWERS[prompt] for prompt in prompts]
    with untouched(server), groqtape.use_cassette(cassette_path):
        assert way() == ANSWERS


@pytest.mark.parametrize("replayed", WAYS.values(), ids=[f"in {way}" for way in WAYS])
def test_recorded_one_after_the_other_and_replayed_at_once(
    server: LoopbackGroq, cassette_path: Path, replayed: Any
) -> None:
    with groqtape.use_cassette(cassette_path, "once"), groq.Groq() as client:
        for prompt in reversed(PROMPTS):
            list(client.chat.completions.create(**question(prompt, stream=True)))
    with untouched(server), groqtape.use_cassette(cassette_path):
        assert replayed() == ANSWERS


def test_in_the_order_of_the_requests_not_of_the_ends(server: LoopbackGroq, cassette_path: Path) -> None:
    server.clear()
    last_has_ended = threading.Event()
    server.reply(stream("One and on", gates={2: Wait(last_has_ended, timeout=5)}), stream("Two and on"))
    with groqtape.use_cassette(cassette_path, "once") as cassette, groq.Groq() as client:
        first = client.chat.completions.create(**question(stream=True))
        second = client.chat.completions.create(**question(stream=True))
        assert content_of(list(second)) == "Two and on"
        last_has_ended.set()
        assert content_of(list(first)) == "One and on"
    assert [held.content for held in cassette.streams] == ["One and on", "Two and on"]
    # Identical requests: whichever is sent first gets the answer that the first one got.
    with groqtape.use_cassette(cassette_path), groq.Groq() as client:
        first = client.chat.completions.create(**question(stream=True))
        second = client.chat.completions.create(**question(stream=True))
        assert (content_of(list(second)), content_of(list(first))) == ("Two and on", "One and on")


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_many_identical_requests_at_once(server: LoopbackGroq, cassette_path: Path, backend: str) -> None:
    """None is lost, and none played twice."""
    server.clear()
    answers = [f"Answer {number}" for number in range(12)]
    server.reply(*(stream(answer) for answer in answers))

    async def whole() -> list[str]:
        received = []
        async with groq.AsyncGroq() as client:

            async def call() -> None:
                chunks = await client.chat.completions.create(**question(stream=True))
                received.append(content_of([chunk async for chunk in chunks]))

            async with anyio.create_task_group() as tasks:
                for _ in answers:
                    tasks.start_soon(call)
        return sorted(received)

    for mode in ("once", "none"):
        with groqtape.use_cassette(cassette_path, mode):
            assert anyio.run(whole, backend=backend) == sorted(answers)


def test_many_identical_requests_in_threads(server: LoopbackGroq, cassette_path: Path) -> None:
    server.clear()
    answers = [f"Answer {number}" for number in range(12)]
    server.reply(*(stream(answer) for answer in answers))

    def all_of_them() -> list[str]:
        with groq.Groq() as client, concurrent.futures.ThreadPoolExecutor(4) as pool:

            def call(_: str) -> str:
                return content_of(list(client.chat.completions.create(**question(stream=True))))

            return sorted(pool.map(call, answers))

    for mode in ("once", "none"):
        with groqtape.use_cassette(cassette_path, mode):
            assert all_of_them() == sorted(answers)
