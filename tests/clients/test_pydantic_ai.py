"""pydantic-ai's model for Groq, which calls through the groq SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pydantic_ai
import pydantic_ai.models.groq  # noqa: F401
import pytest
from loopback_groq import ToolCall, completion, stream

if TYPE_CHECKING:
    from clients.conftest import Suite, Write

BOOK = "The Name of the Wind by Patrick Rothfuss"
CALL = ToolCall("weather", {"city": "Oslo"}, call_id="fc_1")

AGENT = """
from pydantic_ai import Agent
from pydantic_ai.models.groq import GroqModel

@pytest.fixture
def agent():
    return Agent(GroqModel(MODEL))
"""


@pytest.fixture
def tests(suite: Suite) -> Write:
    """Write a test file that has the fixture `agent`."""
    return lambda source: suite.tests(AGENT + source)


def test_stream(suite: Suite, tests: Write) -> None:
    tests(
        """
async def test_it(groq_cassette, agent):
    async with agent, agent.run_stream("Recommend a fantasy book") as result:
        texts = [text async for text in result.stream_text(delta=True, debounce_by=None)]
    assert "".join(texts) == BOOK
    assert result.usage.input_tokens == 36
    assert groq_cassette.streams[0].content == BOOK
"""
    )
    suite.record_and_replay(stream(BOOK))


def test_stream_with_tools(suite: Suite, tests: Write) -> None:
    tests(
        """
async def test_it(groq_cassette, agent):
    @agent.tool_plain
    def weather(city: str) -> str:
        "Tell the weather."
        return f"Rain in {city}"

    async with agent, agent.run_stream("The weather in Oslo?") as result:
        assert await result.get_output() == "It rains"
    call, answer = groq_cassette.streams
    assert [json.loads(call.function.arguments) for call in call.tool_calls] == [{"city": "Oslo"}]
    assert groq_cassette.requests[1]["messages"][-1]["content"] == "Rain in Oslo"
"""
    )
    suite.record_and_replay(stream(tool_calls=[CALL]), stream("It rains"))


def test_plain_call(suite: Suite, tests: Write) -> None:
    tests(
        """
async def test_it(groq_cassette, agent):
    async with agent:
        assert (await agent.run("Recommend a fantasy book")).output == BOOK
"""
    )
    suite.record_and_replay(completion(BOOK))


def test_plain_call_sync(suite: Suite, tests: Write) -> None:
    tests(
        """
def test_it(groq_cassette, agent):
    assert agent.run_sync("Recommend a fantasy book").output == BOOK
"""
    )
    # It makes an event loop for the thread, which stays.
    suite.record_and_replay(completion(BOOK), fresh=True, leaves_open=True)


def test_client_of_the_fixture(suite: Suite, tests: Write) -> None:
    tests(
        """
from pydantic_ai.providers.groq import GroqProvider

async def test_it(async_groq_client):
    agent = Agent(GroqModel(MODEL, provider=GroqProvider(groq_client=async_groq_client)))
    assert (await agent.run("Recommend a fantasy book")).output == BOOK
"""
    )
    suite.record_and_replay(completion(BOOK))
