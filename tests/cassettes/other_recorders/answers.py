"""The calls that the recorders record, and what the application receives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import groq
import pytest
import vcr
from loopback_groq import LoopbackGroq, completion, error, stream
from recorder.integration.calling import Sdk, question, settled

if TYPE_CHECKING:
    from pathlib import Path

    from recorder.integration.calling import Received

# Quotes, dashes, a time and a line break: what the recorders write in different ways.
SAYING = "Hello: it's 12:30\n\n“née” — yes?"


@dataclass
class Answers:
    """What an application received: a stream, a plain answer and an error."""

    stream: Received
    plain: dict[str, Any]
    error: tuple[int, Any]


def ask(sdk: Sdk) -> Answers:
    """Call Groq three times."""

    async def failing(client: Any) -> tuple[int, Any]:
        with pytest.raises(groq.APIStatusError) as raised:
            await settled(client.chat.completions.create(**question("Fail")))
        return raised.value.status_code, raised.value.body

    return Answers(sdk.stream("Say it", seed=7), sdk.create("Plainly", temperature=0.5), sdk.run(failing))


@dataclass
class Recording:
    """What vcrpy recorded of three live calls.

    Attributes:
        answers: What the application received.
        interactions: What stands in vcrpy's file.
    """

    answers: Answers
    interactions: list[dict[str, Any]]


def record(path: Path, **options: Any) -> Answers:
    """Record three live calls with vcrpy: a stream, an answer that was compressed, and an error."""
    with LoopbackGroq() as live:
        live.reply(stream(SAYING), completion(SAYING), error(400, "It won’t", code="no"))
        with vcr.use_cassette(str(path), **options):
            return ask(Sdk("sync", live.base_url, str(live.api_key)))
