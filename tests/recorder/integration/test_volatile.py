"""`use_cassette(volatile=…, ignore=…)`: what does not count when requests are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import groq
import pytest
from loopback_groq import stream
from recorder.integration.calling import question, untouched

import groqtape

if TYPE_CHECKING:
    from pathlib import Path

    from loopback_groq import LoopbackGroq


def ask(server: LoopbackGroq, day: int) -> str:
    with groq.Groq(base_url=server.base_url, api_key=server.api_key) as client:
        answer = client.chat.completions.create(**question(f"On 2026-11-{day}", seed=day), stream=True)
        return "".join(chunk.choices[0].delta.content or "" for chunk in answer if chunk.choices)


def test_another_day_replays_as_the_miss_advises(server: LoopbackGroq, cassette_path: Path) -> None:
    server.default = stream("Hello")
    with groqtape.use_cassette(cassette_path, "once"):
        ask(server, 26)

    with (
        untouched(server),
        pytest.raises(groqtape.RefusedError) as refused,
        groqtape.use_cassette(cassette_path),
    ):
        ask(server, 27)

    text = str(refused.value)
    assert (
        "If this changes in each run, have it not count:\n"
        f"  groqtape.use_cassette({str(cassette_path)!r}, volatile=['@date'], ignore=['seed'])\n\n"
    ) in text
    with (
        untouched(server),
        groqtape.use_cassette(cassette_path, volatile=["@date"], ignore=["seed"]) as cassette,
    ):
        assert ask(server, 27) == "Hello"
    assert cassette.requests[0]["seed"] == 27


def test_two_requests_that_are_one_keep_their_answers_in_order(
    server: LoopbackGroq, cassette_path: Path
) -> None:
    server.default = stream("Hello")
    with groqtape.use_cassette(cassette_path, "once", volatile="@date", ignore="seed"):
        ask(server, 26)
        ask(server, 27)

    with untouched(server), groqtape.use_cassette(cassette_path, volatile="@date", ignore="seed") as cassette:
        ask(server, 1)
        ask(server, 2)
    assert (cassette.played, cassette.interactions) == (2, 2)
