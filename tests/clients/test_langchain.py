"""langchain-groq, which calls through the groq SDK (below version 1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import langchain_groq  # noqa: F401
import pytest
from loopback_groq import ToolCall, completion, stream

if TYPE_CHECKING:
    from clients.conftest import Suite, Write

BOOK = "The Name of the Wind by Patrick Rothfuss"
CALL = ToolCall("weather", {"city": "Oslo"}, call_id="fc_1")

CHAT = """
from langchain_groq import ChatGroq

@pytest.fixture
def chat():
    return ChatGroq(model=MODEL)
"""


@pytest.fixture
def tests(suite: Suite) -> Write:
    """Write a test file that has the fixture `chat`."""
    return lambda source: suite.tests(CHAT + source)


def test_stream(suite: Suite, tests: Write) -> None:
    tests(
        """
def test_it(groq_cassette, chat):
    assert "".join(chunk.content for chunk in chat.stream("Recommend a fantasy book")) == BOOK
    assert groq_cassette.streams[0].content == BOOK
"""
    )
    suite.record_and_replay(stream(BOOK), leaves_open=True)


def test_astream(suite: Suite, tests: Write) -> None:
    tests(
        """
async def test_it(groq_cassette, chat):
    assert "".join([chunk.content async for chunk in chat.astream("Recommend a fantasy book")]) == BOOK
    assert groq_cassette.streams[0].content == BOOK
"""
    )
    suite.record_and_replay(stream(BOOK), leaves_open=True)


def test_stream_with_tools(suite: Suite, tests: Write) -> None:
    tests(
        """
def weather(city: str) -> str:
    "Tell the weather."

def test_it(groq_cassette, chat):
    whole = None
    for chunk in chat.bind_tools([weather]).stream("The weather in Oslo?"):
        whole = chunk if whole is None else whole + chunk
    assert [(call["name"], call["args"]) for call in whole.tool_calls] == [("weather", {"city": "Oslo"})]
"""
    )
    suite.record_and_replay(stream(tool_calls=[CALL]), leaves_open=True)


def test_plain_calls(suite: Suite, tests: Write) -> None:
    tests(
        """
def test_it(groq_cassette, chat):
    assert chat.invoke("Recommend a fantasy book").content == BOOK

async def test_it_async(groq_cassette, chat):
    assert (await chat.ainvoke("Recommend a fantasy book")).content == BOOK
"""
    )
    suite.record_and_replay(completion(BOOK), completion(BOOK), passed=2, leaves_open=True)
