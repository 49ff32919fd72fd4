"""llama-index's Groq, which calls through the openai SDK (below version 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import llama_index.llms.groq  # noqa: F401
import pytest
from loopback_groq import ToolCall, completion, stream

if TYPE_CHECKING:
    from clients.conftest import Suite, Write

BOOK = "The Name of the Wind by Patrick Rothfuss"
CALL = ToolCall("weather", {"city": "Oslo"}, call_id="fc_1")

LLM = """
from llama_index.llms.groq import Groq

@pytest.fixture
def llm():
    return Groq(model=MODEL, api_base=f"{GROQ}/openai/v1")
"""


@pytest.fixture
def tests(suite: Suite) -> Write:
    """Write a test file that has the fixture `llm`."""
    return lambda source: suite.tests(LLM + source)


def test_stream(suite: Suite, tests: Write) -> None:
    tests(
        """
def test_it(groq_cassette, llm):
    assert "".join(chunk.delta for chunk in llm.stream_complete("Recommend a fantasy book")) == BOOK
    assert groq_cassette.streams[0].content == BOOK
"""
    )
    suite.record_and_replay(stream(BOOK), leaves_open=True)


def test_stream_async(suite: Suite, tests: Write) -> None:
    tests(
        """
async def test_it(groq_cassette, llm):
    stream = await llm.astream_complete("Recommend a fantasy book")
    assert "".join([chunk.delta async for chunk in stream]) == BOOK
"""
    )
    suite.record_and_replay(stream(BOOK), leaves_open=True)


def test_stream_with_tools(suite: Suite, tests: Write) -> None:
    tests(
        """
from llama_index.core.tools import FunctionTool

def weather(city: str) -> str:
    "Tell the weather."

def test_it(groq_cassette, llm):
    tool = FunctionTool.from_defaults(fn=weather)
    *_, last = llm.stream_chat_with_tools([tool], user_msg="The weather in Oslo?")
    calls = llm.get_tool_calls_from_response(last)
    assert [(call.tool_name, call.tool_kwargs) for call in calls] == [("weather", {"city": "Oslo"})]
"""
    )
    suite.record_and_replay(stream(tool_calls=[CALL]), leaves_open=True)


def test_plain_call(suite: Suite, tests: Write) -> None:
    tests(
        """
def test_it(groq_cassette, llm):
    assert llm.complete("Recommend a fantasy book").text == BOOK
"""
    )
    suite.record_and_replay(completion(BOOK), leaves_open=True)
