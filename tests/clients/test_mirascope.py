"""Mirascope 1 under the plugin: its chunk and stream properties have the values that groqtape's have."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import groq
import pytest
from loopback_groq import ExecutedTool, LoopbackGroq, ToolCall, raw, stream, stream_body
from mirascope.core.base.types import CostMetadata as TheirCostMetadata
from mirascope.core.costs import calculate_cost
from mirascope.core.groq import GroqCallResponseChunk as Theirs
from mirascope.core.groq import GroqTool, groq_call
from mirascope.llm import CallResponseChunk
from pydantic import BaseModel, ValidationError

from groqtape import GroqCallResponseChunk as Ours
from groqtape import GroqStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clients.conftest import Suite
    from loopback_groq import AnyReply

BOOK = "The Name of the Wind by Patrick Rothfuss"
OSLO = ToolCall("weather", {"city": "Oslo"}, call_id="fc_1")
ROME = ToolCall("weather", {"city": "Rome"}, call_id="fc_2")
MODEL = "llama-3.1-8b-instant"
PRICED = "llama-3.3-70b-versatile"  # Mirascope knows no price of newer models

# Mirascope's tools and mirascope.llm read `model_fields` on instances, which pydantic has deprecated.
DEPRECATED = "ignore:Accessing the 'model_fields' attribute:DeprecationWarning"


class TestTheExampleOfItsPage:
    """What Mirascope's page on GroqCallResponseChunk shows, recorded and replayed."""

    def both(self, suite: Suite, reply: AnyReply, *, source: str) -> None:
        suite.tests(source)
        # Mirascope makes a client for every call, and closes none.
        suite.record_and_replay(reply, args=("-W", DEPRECATED), leaves_open=True)

    def test_verbatim(self, suite: Suite) -> None:
        self.both(
            suite,
            stream(BOOK),
            source="""
            from mirascope.core import prompt_template
            from mirascope.core.groq import groq_call


            @groq_call("llama-3.1-8b-instant", stream=True)
            def recommend_book(genre: str) -> str:
                return f"Recommend a {genre} book"


            @pytest.mark.groq_cassette
            def test_it(capsys):
                stream = recommend_book("fantasy")  # response is an `GroqStream`
                for chunk, _ in stream:
                    print(chunk.content, end="", flush=True)
                assert capsys.readouterr().out == BOOK
            """,
        )
        assert suite.requests[0].prompt == "Recommend a fantasy book"

    def test_async(self, suite: Suite) -> None:
        self.both(
            suite,
            stream(BOOK),
            source="""
            from mirascope.core.groq import groq_call

            @groq_call("llama-3.1-8b-instant", stream=True)
            async def recommend_book(genre: str) -> str:
                return f"Recommend a {genre} book"

            async def test_it(groq_cassette, capsys):
                stream = await recommend_book("fantasy")
                async for chunk, _ in stream:
                    print(chunk.content, end="", flush=True)
                assert capsys.readouterr().out == BOOK
                assert groq_cassette.streams[0].content == BOOK
            """,
        )

    def test_with_tools(self, suite: Suite) -> None:
        self.both(
            suite,
            stream(tool_calls=[OSLO]),
            source="""
            from mirascope.core.groq import groq_call

            def weather(city: str) -> str:
                '''Tell the weather.'''
                return f"Rain in {city}"

            @groq_call("llama-3.1-8b-instant", stream=True, tools=[weather])
            def forecast(city: str) -> str:
                return f"The weather in {city}"

            def test_it(groq_cassette):
                tools = [tool for _, tool in forecast("Oslo") if tool]
                assert [tool.call() for tool in tools] == ["Rain in Oslo"]
                (call,) = groq_cassette.streams[0].tool_calls
                assert json.loads(call.function.arguments) == {"city": "Oslo"}
            """,
        )

    def test_with_tools_async(self, suite: Suite) -> None:
        self.both(
            suite,
            stream(tool_calls=[OSLO]),
            source="""
            from mirascope.core.groq import groq_call

            def weather(city: str) -> str:
                '''Tell the weather.'''
                return f"Rain in {city}"

            @groq_call("llama-3.1-8b-instant", stream=True, tools=[weather])
            async def forecast(city: str) -> str:
                return f"The weather in {city}"

            async def test_it(groq_cassette):
                tools = [tool async for _, tool in await forecast("Oslo") if tool]
                assert [tool.call() for tool in tools] == ["Rain in Oslo"]
            """,
        )

    def test_through_llm_call(self, suite: Suite) -> None:
        self.both(
            suite,
            stream(BOOK),
            source="""
            from mirascope import llm

            @llm.call(provider="groq", model="llama-3.1-8b-instant", stream=True)
            def recommend_book(genre: str) -> str:
                return f"Recommend a {genre} book"

            def test_it(groq_cassette, capsys):
                for chunk, _ in recommend_book("fantasy"):
                    print(chunk.content, end="", flush=True)
                assert capsys.readouterr().out == BOOK
            """,
        )

    def test_through_llm_call_async(self, suite: Suite) -> None:
        self.both(
            suite,
            stream(BOOK),
            source="""
            from mirascope import llm

            @llm.call(provider="groq", model="llama-3.1-8b-instant", stream=True)
            async def recommend_book(genre: str) -> str:
                return f"Recommend a {genre} book"

            async def test_it(groq_cassette, capsys):
                async for chunk, _ in await recommend_book("fantasy"):
                    print(chunk.content, end="", flush=True)
                assert capsys.readouterr().out == BOOK
            """,
        )

    def test_as_the_docs_show_it(self, suite: Suite) -> None:
        docs = (Path(__file__).parents[2] / "docs/mirascope.md").read_text(encoding="utf-8")
        self.both(suite, stream(BOOK), source=docs.partition("```python\n")[2].partition("```")[0])

    def test_with_a_client_of_the_fixture(self, suite: Suite) -> None:
        suite.tests(
            """
            from mirascope.core.groq import groq_call

            def test_it(groq_client, capsys):
                @groq_call("llama-3.1-8b-instant", stream=True, client=groq_client)
                def recommend_book(genre: str) -> str:
                    return f"Recommend a {genre} book"

                for chunk, _ in recommend_book("fantasy"):
                    print(chunk.content, end="", flush=True)
                assert capsys.readouterr().out == BOOK
            """
        )
        suite.record_and_replay(stream(BOOK))


# Every kind of stream that the loopback makes.
STREAMS: dict[str, dict[str, Any]] = {
    "content": {"content": BOOK},
    "nothing": {"content": ""},
    "other scripts": {"content": "Une idée ☕️ <b>naïve</b> \U0001f469\u200d\U0001f4bb 日本"},
    "reasoning": {"content": BOOK, "reasoning": "Fantasy, then"},
    "reasoning on a channel": {"content": BOOK, "reasoning": "Fantasy", "model": "openai/gpt-oss-20b"},
    "a tool call": {"tool_calls": [OSLO]},
    "content and tool calls": {"content": "Let me see", "tool_calls": [OSLO, ROME]},
    "arguments in pieces": {"tool_calls": [OSLO, ROME], "split_arguments": 3},
    "log probabilities": {"content": BOOK, "logprobs": 2},
    "several choices": {"choices": [BOOK, "The Hobbit", ""]},
    "cut off by its length": {"content": BOOK, "finish_reason": "length"},
    "compound": {"content": BOOK, "executed_tools": [ExecutedTool()]},
    "an error in the middle": {"content": BOOK, "error_after": 3},
    "no usage": {"content": BOOK, "usage_at": "none"},
    "usage in x_groq": {"content": BOOK, "usage_at": "x_groq"},
    "usage in both": {"content": BOOK, "usage_at": "both"},
    "usage and a last chunk": {"content": BOOK, "usage_at": "all"},
    "cached tokens": {"content": BOOK, "usage": {"prompt_tokens_details": {"cached_tokens": 12}}},
    "cached tokens in x_groq": {
        "content": BOOK,
        "usage_at": "x_groq",
        "usage": {"prompt_tokens_details": {"cached_tokens": 12}},
    },
    "empty details": {"content": BOOK, "usage": {"prompt_tokens_details": {}}},
    "no counts": {"content": BOOK, "usage": {"prompt_tokens": 0, "completion_tokens": 0}},
}


@pytest.fixture(scope="module")
def chunks() -> dict[str, list[Any]]:
    """The chunks of every stream, as the real SDK reads them."""
    read: dict[str, list[Any]] = {}
    with LoopbackGroq() as server, groq.Groq(base_url=server.base_url, api_key=server.api_key) as client:
        for name, saying in STREAMS.items():
            server.reply(raw(*stream_body(**saying)))
            read[name] = []
            try:
                for chunk in client.chat.completions.create(
                    model=MODEL, messages=[{"role": "user", "content": "Hi"}], stream=True
                ):
                    read[name].append(chunk)
            except groq.APIError:
                assert name == "an error in the middle"
    return read


class Mended(Theirs):  # type: ignore[misc]  # known where Mirascope is
    """Mirascope's chunk with the two mends, and no others."""

    @property
    def usage(self) -> Any:
        return super().usage or (self.chunk.x_groq.usage if self.chunk.x_groq else None)

    @property
    def cached_tokens(self) -> int | None:
        if self.usage is None:
            return None
        details = self.usage.prompt_tokens_details
        return (details and details.cached_tokens) or 0


PROPERTIES = {
    name
    for name, _ in inspect.getmembers(Theirs, lambda member: isinstance(member, property))
    if not hasattr(BaseModel, name)
}
UNTOUCHED = ("content", "finish_reasons", "model", "id", "common_finish_reasons")
OF_USAGE = ("usage", "input_tokens", "output_tokens", "cached_tokens", "cost_metadata", "common_usage")


def plain(value: Any) -> Any:
    """A value without its class: Mirascope's models and ours are two classes each."""
    return value.model_dump() if hasattr(value, "model_dump") else value


class TestParity:
    """Each property of the two classes, on each chunk of each stream."""

    def test_properties_are_these(self) -> None:
        assert {*UNTOUCHED, *OF_USAGE} == PROPERTIES

    @pytest.mark.parametrize("name", STREAMS)
    @pytest.mark.parametrize("field", UNTOUCHED)
    def test_same_answer(self, chunks: dict[str, list[Any]], name: str, field: str) -> None:
        for chunk in chunks[name]:
            assert getattr(Ours(chunk=chunk), field) == getattr(Theirs(chunk=chunk), field)

    @pytest.mark.parametrize("name", STREAMS)
    @pytest.mark.parametrize("field", OF_USAGE)
    def test_same_answer_but_for_the_two_mends(
        self, chunks: dict[str, list[Any]], name: str, field: str
    ) -> None:
        for chunk in chunks[name]:
            assert plain(getattr(Ours(chunk=chunk), field)) == plain(getattr(Mended(chunk=chunk), field))

    @pytest.mark.parametrize("field", ["usage", "input_tokens", "output_tokens"])
    def test_same_answer_wherever_groq_reports_usage_at_the_top(
        self, chunks: dict[str, list[Any]], field: str
    ) -> None:
        reporting = [chunk for each in chunks.values() for chunk in each if chunk.usage]
        assert reporting
        for chunk in reporting:
            assert getattr(Ours(chunk=chunk), field) == getattr(Theirs(chunk=chunk), field)

    def test_first_mend_usage_in_x_groq(self, chunks: dict[str, list[Any]]) -> None:
        last = chunks["usage in x_groq"][-1]
        assert Theirs(chunk=last).usage is None
        assert Ours(chunk=last).usage is last.x_groq.usage
        assert (Theirs(chunk=last).input_tokens, Ours(chunk=last).input_tokens) == (None, 36)

    def test_second_mend_cached_tokens(self, chunks: dict[str, list[Any]]) -> None:
        first, last = chunks["cached tokens"][0], chunks["cached tokens"][-1]
        assert (Theirs(chunk=last).cached_tokens, Ours(chunk=last).cached_tokens) == (0, 12)
        assert (Theirs(chunk=first).cached_tokens, Ours(chunk=first).cached_tokens) == (0, None)

    @pytest.mark.parametrize("name", STREAMS)
    def test_text_chunk_and_dump(self, chunks: dict[str, list[Any]], name: str) -> None:
        for chunk in chunks[name]:
            ours, theirs = Ours(chunk=chunk), Theirs(chunk=chunk)
            assert str(ours) == str(theirs)
            assert ours.chunk is theirs.chunk is chunk
            assert ours.model_dump() == theirs.model_dump()


class TestCodeWrittenForTheirs:
    """Code that needs the properties, not the class, works with groqtape's chunks."""

    def test_cost_function(self, chunks: dict[str, list[Any]]) -> None:
        last = chunks["cached tokens"][-1]
        theirs, ours = Theirs(chunk=last), Ours(chunk=last)
        assert ours.model == theirs.model
        price = calculate_cost("groq", PRICED, theirs.cost_metadata)
        assert price
        assert calculate_cost("groq", PRICED, ours.cost_metadata) == price

    def test_cost_metadata_has_the_same_fields(self, chunks: dict[str, list[Any]]) -> None:
        (ours,) = {type(Ours(chunk=chunk).cost_metadata) for chunk in chunks["cached tokens"]}
        assert list(ours.model_fields) == list(TheirCostMetadata.model_fields)
        assert ours().model_dump() == TheirCostMetadata().model_dump()
        last = Ours(chunk=chunks["cached tokens"][-1]).cost_metadata
        assert TheirCostMetadata(**last.model_dump()).input_tokens == 36

    @pytest.mark.filterwarnings(DEPRECATED)
    def test_llm_chunk_around_ours(self, chunks: dict[str, list[Any]]) -> None:
        for chunk in chunks["usage and a last chunk"]:
            over_ours = CallResponseChunk(Ours(chunk=chunk))
            over_theirs = CallResponseChunk(Theirs(chunk=chunk))
            assert over_ours.content == over_theirs.content
            assert over_ours.finish_reasons == over_theirs.finish_reasons

    def test_loop_of_the_page(self, chunks: dict[str, list[Any]], capsys: pytest.CaptureFixture[str]) -> None:
        for chunk, _ in GroqStream(chunks["content"]):
            print(chunk.content, end="", flush=True)
        assert capsys.readouterr().out == BOOK


class weather(GroqTool):  # type: ignore[misc]  # noqa: N801  # the name is what the model calls
    """Tell the weather."""

    city: str

    def call(self) -> str:
        return f"Rain in {self.city}"


class Both:
    """The same stream twice: once read by Mirascope's GroqStream, once by ours."""

    def __init__(self, server: LoopbackGroq) -> None:
        self.client = groq.Groq(base_url=server.base_url, api_key=server.api_key)
        self.server = server

    def __call__(self, tools: bool = False, **saying: Any) -> tuple[Any, GroqStream]:
        self.server.reply(*[stream(**{"content": BOOK, "fixed": 7, **saying})] * 2)

        @groq_call(MODEL, stream=True, client=self.client, tools=[weather] if tools else None)
        def ask() -> str:
            return "Recommend a fantasy book"

        ours = GroqStream(
            self.client.chat.completions.create(
                model=MODEL, messages=[{"role": "user", "content": "Recommend a fantasy book"}], stream=True
            )
        )
        return ask(), ours


@pytest.fixture
def both() -> Iterator[Both]:
    with LoopbackGroq() as server:
        made = Both(server)
        with made.client:
            yield made


class TestWhatTheirStreamLoses:
    """Each is a row of the table in docs/mirascope.md."""

    def test_usage_is_not_added_up(self, both: Both) -> None:
        theirs, ours = both(usage_at="all")
        list(theirs), list(ours)
        assert (theirs.input_tokens, theirs.output_tokens) == (72, 16)
        assert (ours.input_tokens, ours.output_tokens) == (36, 8)
        assert ours.cost_metadata.input_tokens == 36

    def test_usage_of_older_streams_is_found(self, both: Both) -> None:
        theirs, ours = both(usage_at="x_groq")
        list(theirs), list(ours)
        assert (theirs.input_tokens, theirs.output_tokens, theirs.cost) == (None, None, None)
        assert (ours.input_tokens, ours.output_tokens) == (36, 8)

    def test_chunk_with_a_tool_call_is_given(self, both: Both) -> None:
        theirs, ours = both(tools=True, content="", tool_calls=[OSLO])
        given_by_theirs, given_by_ours = list(theirs), list(ours)
        assert [chunk for chunk, _ in given_by_ours if chunk.chunk.choices[0].delta.tool_calls]
        assert not [chunk for chunk, _ in given_by_theirs if chunk.chunk.choices[0].delta.tool_calls]
        assert (len(given_by_theirs), len(given_by_ours)) == (2, 3)
        # The call itself comes from both.
        assert [tool.city for _, tool in given_by_theirs if tool] == ["Oslo"]
        assert [json.loads(call.function.arguments) for _, call in given_by_ours if call] == [
            {"city": "Oslo"}
        ]

    def test_chunk_without_choices_beside_tools_is_no_error(self, both: Both) -> None:
        theirs, ours = both(tools=True, usage_at="all")
        with pytest.raises(IndexError):
            list(theirs)
        assert ours.usage is None
        list(ours)
        assert ours.chunks[-1].chunk.choices == []
        assert ours.input_tokens == 36

    def test_parallel_calls_keep_their_arguments(self, both: Both) -> None:
        theirs, ours = both(tools=True, content="", tool_calls=[OSLO, ROME])
        with pytest.raises(ValidationError, match="city"):  # a call without arguments
            list(theirs)
        assert [json.loads(call.function.arguments)["city"] for _, call in ours if call] == ["Oslo", "Rome"]

    def test_second_call_of_one_delta_is_kept(self, both: Both) -> None:
        calls = [
            {"index": index, "id": call.call_id, "type": "function"}
            | {"function": {"name": call.name, "arguments": call.json_arguments()}}
            for index, call in enumerate([OSLO, ROME])
        ]
        theirs, ours = both(tools=True, content=[{"tool_calls": calls}], finish_reason="tool_calls")
        assert [tool.city for _, tool in theirs if tool] == ["Oslo"]
        assert [json.loads(call.function.arguments)["city"] for _, call in ours if call] == ["Oslo", "Rome"]

    def test_finish_reasons_outlive_the_last_chunk(self, both: Both) -> None:
        theirs, ours = both(usage_at="all")
        list(theirs), list(ours)
        assert theirs.finish_reasons == []
        assert ours.finish_reasons == ["stop"]

    def test_finish_reasons_of_all_choices_are_kept(self, both: Both) -> None:
        theirs, ours = both(choices=[BOOK, "The Hobbit"], usage_at="x_groq")
        list(theirs), list(ours)
        assert theirs.finish_reasons == ["stop"]
        assert ours.finish_reasons == ["stop", "stop"]

    def test_iterating_again_gives_it_again(self, both: Both) -> None:
        theirs, ours = both()
        list(theirs), list(ours)
        assert theirs.content == ours.content == BOOK
        assert (list(theirs), theirs.content) == ([], "")
        assert ("".join(chunk.content for chunk, _ in ours), ours.content) == (BOOK, BOOK)

    def test_reasoning_is_gathered(self, both: Both) -> None:
        theirs, ours = both(reasoning="Fantasy, then")
        list(theirs), list(ours)
        assert not hasattr(theirs, "reasoning")
        assert ours.reasoning == "Fantasy, then"
