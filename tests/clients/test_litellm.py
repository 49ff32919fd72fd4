"""litellm, which calls Groq over httpx (and over aiohttp in its async calls)."""

from __future__ import annotations

import asyncio
import warnings
from typing import TYPE_CHECKING, Any

import litellm
import pytest
from loopback_groq import LoopbackGroq, ToolCall, completion, stream

if TYPE_CHECKING:
    from clients.conftest import Suite, Write

BOOK = "The Name of the Wind by Patrick Rothfuss"
CALL = ToolCall("weather", {"city": "Oslo"}, call_id="fc_1")

ASK = """
import litellm

ASK = {"model": f"groq/{MODEL}", "messages": HI, "api_base": f"{GROQ}/openai/v1"}
"""

# litellm's own: pydantic warns that it ignores `ReadOnly` in litellm's types.
NOT_HEEDED = ("-W", "ignore:Item .* is using the `ReadOnly` qualifier:UserWarning")


@pytest.fixture(scope="module", autouse=True)
def _imported() -> None:
    """Make litellm import what it imports when it is first used."""
    with LoopbackGroq() as server, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server.default = stream(BOOK)
        ask: dict[str, Any] = {
            "model": "groq/openai/gpt-oss-20b",
            "messages": [{"role": "user", "content": "Hi"}],
            "api_base": f"{server.base_url}/openai/v1",
            "api_key": server.api_key,
            "stream": True,
        }
        list(litellm.completion(**ask))

        async def ask_async() -> None:
            _ = [chunk async for chunk in await litellm.acompletion(**ask)]

        asyncio.run(ask_async())


@pytest.fixture
def tests(suite: Suite) -> Write:
    """Write a test file that has the arguments of a call at hand."""
    return lambda source: suite.tests(ASK + source)


def test_stream(suite: Suite, tests: Write) -> None:
    tests(
        """
def test_it(groq_cassette):
    stream = litellm.completion(**ASK, stream=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == BOOK
    assert groq_cassette.streams[0].content == BOOK
"""
    )
    suite.record_and_replay(stream(BOOK), args=NOT_HEEDED, leaves_open=True)


def test_stream_async(suite: Suite, tests: Write) -> None:
    tests(
        """
async def test_it(groq_cassette):
    stream = await litellm.acompletion(**ASK, stream=True)
    assert "".join([chunk.choices[0].delta.content or "" async for chunk in stream]) == BOOK
    assert groq_cassette.streams[0].content == BOOK
"""
    )
    suite.record_and_replay(stream(BOOK), args=NOT_HEEDED, leaves_open=True)


def test_stream_with_tools(suite: Suite, tests: Write) -> None:
    tests(
        """
def test_it(groq_cassette):
    stream = litellm.completion(**ASK, tools=[WEATHER], stream=True)
    calls = [call for chunk in stream for call in chunk.choices[0].delta.tool_calls or ()]
    assert [json.loads(call.function.arguments) for call in calls] == [{"city": "Oslo"}]
"""
    )
    suite.record_and_replay(stream(tool_calls=[CALL]), args=NOT_HEEDED, leaves_open=True)


def test_plain_calls(suite: Suite, tests: Write) -> None:
    tests(
        """
def test_it(groq_cassette):
    assert litellm.completion(**ASK).choices[0].message.content == BOOK

async def test_it_async(groq_cassette):
    assert (await litellm.acompletion(**ASK)).choices[0].message.content == BOOK
"""
    )
    suite.record_and_replay(completion(BOOK), completion(BOOK), passed=2, args=NOT_HEEDED, leaves_open=True)


def test_no_call_leaves_by_itself(suite: Suite, tests: Write) -> None:
    tests(
        """
def test_it():
    litellm.completion(**ASK, stream=True)

async def test_it_async():
    await litellm.acompletion(**ASK, stream=True)
"""
    )
    result = suite.replay(*NOT_HEEDED, leaves_open=True)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*test_it --groq-record=once*", "*test_it_async --groq-record=once*"])
