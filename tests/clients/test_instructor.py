"""instructor around the groq SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING

import groq
import instructor
import pytest
from loopback_groq import ToolCall, completion, stream

if TYPE_CHECKING:
    from clients.conftest import Suite, Write

CALL = ToolCall("Book", {"title": "The Name of the Wind", "pages": 662}, call_id="fc_1")

BOOK = """
import groq, instructor
from pydantic import BaseModel

class Book(BaseModel):
    title: str
    pages: int
"""


@pytest.fixture(scope="module", autouse=True)
def _imported() -> None:
    """Make instructor import what it imports when it is first used."""
    with groq.Groq(api_key="none") as client:
        instructor.from_groq(client)


@pytest.fixture
def tests(suite: Suite) -> Write:
    """Write a test file that has a model `Book`."""
    return lambda source: suite.tests(BOOK + source)


def test_plain_call(suite: Suite, tests: Write) -> None:
    tests(
        """
def test_it(groq_cassette):
    with groq.Groq() as client:
        book = instructor.from_groq(client, mode=instructor.Mode.TOOLS).chat.completions.create(
            model=MODEL, messages=HI, response_model=Book
        )
    assert (book.title, book.pages) == ("The Name of the Wind", 662)
"""
    )
    suite.record_and_replay(completion(tool_calls=[CALL]))


def test_plain_call_async(suite: Suite, tests: Write) -> None:
    tests(
        """
async def test_it(groq_cassette):
    async with groq.AsyncGroq() as client:
        book = await instructor.from_groq(client, mode=instructor.Mode.TOOLS).chat.completions.create(
            model=MODEL, messages=HI, response_model=Book
        )
    assert (book.title, book.pages) == ("The Name of the Wind", 662)
"""
    )
    suite.record_and_replay(completion(tool_calls=[CALL]))


def test_retry_after_an_answer_that_does_not_fit(suite: Suite, tests: Write) -> None:
    tests(
        """
def test_it(groq_cassette):
    with groq.Groq() as client:
        book = instructor.from_groq(client, mode=instructor.Mode.TOOLS).chat.completions.create(
            model=MODEL, messages=HI, response_model=Book, max_retries=2
        )
    assert book.pages == 662
    assert len(groq_cassette.requests) == 2
"""
    )
    suite.record_and_replay(
        completion(tool_calls=[ToolCall("Book", {"title": "The Name of the Wind"}, call_id="fc_0")]),
        completion(tool_calls=[CALL]),
    )


def test_stream(suite: Suite, tests: Write) -> None:
    tests(
        """
def test_it(groq_cassette):
    with groq.Groq() as client:
        partial = instructor.from_groq(client, mode=instructor.Mode.TOOLS).chat.completions.create_partial(
            model=MODEL, messages=HI, response_model=Book
        )
        *before, last = partial
    assert (last.title, last.pages) == ("The Name of the Wind", 662)
    assert groq_cassette.streams[0].finish_reasons == ["tool_calls"]
"""
    )
    suite.record_and_replay(stream(tool_calls=[CALL], split_arguments=10))
