"""Streams side by side, ended in any order: each keeps its answer, and identical requests their order."""

from __future__ import annotations

import random
import threading
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from loopback_groq import LoopbackGroq, Wait, error, stream
from recorder.integration.calling import question, untouched
from trust.clients import async_client, client

import groqtape

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STREAMS = 6
CLIENTS = 3


class Plan:
    """Which prompts are sent, and in which order the streams begin and end: drawn from a seed.

    Half of the prompts are the same, so that identical requests run side by side.
    """

    def __init__(self, seed: int) -> None:
        chance = random.Random(seed)
        prompts = [f"prompt {number}" for number in range(STREAMS // 2)]
        self.prompts = prompts + ["the same"] * (STREAMS - len(prompts))
        chance.shuffle(self.prompts)
        self.ends = list(range(STREAMS))
        chance.shuffle(self.ends)
        self.replayed_ends = list(range(STREAMS))
        chance.shuffle(self.replayed_ends)

    def script(self, server: LoopbackGroq, gates: list[threading.Event]) -> list[str]:
        """Have the server answer the streams in the order of their requests; return the text of each."""
        answers = [f"answer {number} to {prompt}" for number, prompt in enumerate(self.prompts)]
        server.reply(
            *(stream(answer, gates={2: Wait(gate)}) for answer, gate in zip(answers, gates, strict=True))
        )
        return answers


def text_of(chunks: list[Any]) -> str:
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks)


def in_threads(plan: Plan, ends: list[int], gates: list[threading.Event]) -> list[str]:
    """One thread a stream, on a few clients; begun one after the other, ended in another order."""
    clients = [client() for _ in range(CLIENTS)]
    texts = [""] * STREAMS
    begun = [threading.Event() for _ in range(STREAMS)]
    go_on = [threading.Event() for _ in range(STREAMS)]

    def run(number: int) -> None:
        create = clients[number % CLIENTS].chat.completions.create
        chunks = iter(create(**question(plan.prompts[number], stream=True)))
        first = next(chunks)
        begun[number].set()
        assert go_on[number].wait(10)
        texts[number] = text_of([first, *chunks])

    threads = []
    for number in range(STREAMS):
        threads.append(threading.Thread(target=run, args=(number,)))
        threads[-1].start()
        assert begun[number].wait(10)
    for number in ends:
        gates[number].set()
        go_on[number].set()
        threads[number].join(10)
    for each in clients:
        each.close()
    return texts


def in_tasks(backend: str) -> Callable[[Plan, list[int], list[threading.Event]], list[str]]:
    """One task a stream: what `asyncio.gather` runs, and trio's nurseries."""

    async def whole(plan: Plan, ends: list[int], gates: list[threading.Event]) -> list[str]:
        texts = [""] * STREAMS
        begun = [anyio.Event() for _ in range(STREAMS)]
        go_on = [anyio.Event() for _ in range(STREAMS)]
        ended = [anyio.Event() for _ in range(STREAMS)]
        clients = [async_client() for _ in range(CLIENTS)]

        async def run(number: int) -> None:
            create = clients[number % CLIENTS].chat.completions.create
            chunks = aiter(await create(**question(plan.prompts[number], stream=True)))
            first = await anext(chunks)
            begun[number].set()
            await go_on[number].wait()
            texts[number] = text_of([first] + [chunk async for chunk in chunks])
            ended[number].set()

        async with anyio.create_task_group() as tasks:
            for number in range(STREAMS):
                tasks.start_soon(run, number)
                await begun[number].wait()
            for number in ends:
                gates[number].set()
                go_on[number].set()
                await ended[number].wait()
        for each in clients:
            await each.close()
        return texts

    return lambda *args: anyio.run(whole, *args, backend=backend)


WAYS = {"threads": in_threads, "asyncio": in_tasks("asyncio"), "trio": in_tasks("trio")}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_each_keeps_its_answer(server: LoopbackGroq, cassette_path: Path, way: Any, seed: int) -> None:
    plan = Plan(seed)
    gates = [threading.Event() for _ in range(STREAMS)]
    answers = plan.script(server, gates)
    with groqtape.use_cassette(cassette_path, "once"):
        assert way(plan, plan.ends, gates) == answers
    assert [held.content for held in groqtape.load(cassette_path)] == answers
    with untouched(server), groqtape.use_cassette(cassette_path):
        assert way(plan, plan.replayed_ends, gates) == answers


@pytest.mark.parametrize("replayed", WAYS.values(), ids=WAYS.keys())
@pytest.mark.parametrize("recorded", WAYS.values(), ids=WAYS.keys())
def test_recorded_and_replayed_in_each_way(
    server: LoopbackGroq, cassette_path: Path, recorded: Any, replayed: Any
) -> None:
    plan = Plan(7)
    gates = [threading.Event() for _ in range(STREAMS)]
    answers = plan.script(server, gates)
    with groqtape.use_cassette(cassette_path, "once"):
        recorded(plan, plan.ends, gates)
    with groqtape.use_cassette(cassette_path):
        assert replayed(plan, plan.replayed_ends, gates) == answers


def test_a_call_that_was_tried_again_keeps_its_place(server: LoopbackGroq, cassette_path: Path) -> None:
    """Its first try counts, though an identical call was answered before its second."""
    second_has_ended = threading.Event()
    busy = error(503, "Busy", headers={"retry-after-ms": "1"})
    server.reply(busy, stream("To the second"), stream("To the first"))
    in_between: list[str] = []

    def ask() -> str:
        with client() as groq:
            return text_of(list(groq.chat.completions.create(**question(stream=True))))

    def sleep_while_the_other_asks(_: float) -> None:
        if not in_between:
            in_between.append("")
            in_between[0] = ask()
            second_has_ended.set()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("time.sleep", sleep_while_the_other_asks)
        with groqtape.use_cassette(cassette_path, "once") as cassette:
            first = ask()
    assert (first, in_between) == ("To the first", ["To the second"])
    assert [held.content for held in cassette.streams] == ["To the first", "To the second"]
    with untouched(server), groqtape.use_cassette(cassette_path):
        assert [ask(), ask()] == ["To the first", "To the second"]
