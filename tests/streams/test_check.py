"""`GroqStream.check()`: what holds for every good stream, and what its error says of one that is not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from groq.types.chat import ChatCompletionChunk
from loopback_groq import ToolCall
from streams.kinds import GOOD, kind, stream

from groqtape.errors import GroqtapeError, StreamCheckError
from groqtape.streams.stream import GroqStream

if TYPE_CHECKING:
    from collections.abc import Callable

USAGE = {"prompt_tokens": 36, "completion_tokens": 2, "total_tokens": 38}


def problems(made: GroqStream) -> list[str]:
    with pytest.raises(StreamCheckError) as caught:
        made.check()
    assert isinstance(caught.value, AssertionError)
    assert isinstance(caught.value, GroqtapeError)
    return caught.value.problems


def edited(edit: Callable[[list[dict[str, Any]]], None], **fields: Any) -> GroqStream:
    """A finished stream whose chunks were edited before."""
    chunks = [
        json.loads(chunk.chunk.model_dump_json())
        for chunk in stream(**{"content": "Hello there", "usage": USAGE, **fields}).chunks
    ]
    edit(chunks)
    return GroqStream.finished(ChatCompletionChunk.model_construct(**chunk) for chunk in chunks)


@pytest.mark.parametrize("name", GOOD)
def test_every_good_kind_is_good(name: str) -> None:
    kind(name).check()


@pytest.mark.parametrize("at", ["none", "x_groq", "both", "all"])
def test_usage_may_stand_wherever_groq_puts_it(at: str) -> None:
    stream(content="Hi", usage_at=at).check()


class TestItEnded:
    def test_an_error_of_groq_did_not_end_well(self) -> None:
        assert problems(kind("an error in the middle")) == [
            (
                "after chunks[1]: expected more of the stream, but APIError: Failed to call a function. "
                "Please adjust your prompt. See 'failed_generation' for more details."
            )
        ]

    def test_an_error_as_the_first_event(self) -> None:
        [problem] = problems(kind("an error as the first event"))

        assert problem.startswith("before its first chunk: expected more of the stream, but APIError: ")

    def test_a_cut_stream(self) -> None:
        assert problems(kind("cut in its content")) == [
            "after chunks[2]: expected more of the stream, but RemoteProtocolError: the connection broke"
        ]

    def test_a_stream_that_was_not_read_to_its_end(self) -> None:
        made = GroqStream(chunk.chunk for chunk in stream(content="Hi").chunks)
        next(iter(made))

        assert problems(made) == [
            "after chunks[0]: expected the end of the stream, but it has not been read to its end"
        ]

    def test_a_stream_that_was_closed(self) -> None:
        made = GroqStream(chunk.chunk for chunk in stream(content="Hi").chunks)
        next(iter(made))
        made.close()

        assert problems(made) == [
            "after chunks[0]: expected the end of the stream, but it was closed before its end"
        ]

    def test_no_chunk_at_all(self) -> None:
        assert problems(GroqStream.finished(())) == [
            "before its first chunk: expected chunks, but the stream ended"
        ]

    def test_an_error_in_x_groq(self) -> None:
        def edit(chunks: list[dict[str, Any]]) -> None:
            chunks[2]["x_groq"] = {"error": "over capacity"}

        assert problems(edited(edit)) == ["chunks[2]: x_groq reports an error: over capacity"]


class TestFinishReasons:
    def test_none(self) -> None:
        def edit(chunks: list[dict[str, Any]]) -> None:
            chunks[3]["choices"][0]["finish_reason"] = None

        assert problems(edited(edit)) == [
            "chunks[3]: expected a finish reason for choice 0, whose last delta is here"
        ]

    def test_two(self) -> None:
        def edit(chunks: list[dict[str, Any]]) -> None:
            chunks.append(chunks[3])

        assert problems(edited(edit)) == [
            (
                "chunks[4]: expected nothing more for choice 0, which finished in chunks[3], "
                "but finish reason 'stop' came"
            )
        ]

    def test_content_after_it(self) -> None:
        def edit(chunks: list[dict[str, Any]]) -> None:
            chunks.append(chunks[2])

        assert problems(edited(edit)) == [
            "chunks[4]: expected nothing more for choice 0, which finished in chunks[3], but a delta came"
        ]

    def test_of_several_choices_each_has_its_own(self) -> None:
        def edit(chunks: list[dict[str, Any]]) -> None:
            chunks[-1]["choices"][0]["finish_reason"] = None

        assert problems(edited(edit, choices=["A", "B"])) == [
            "chunks[5]: expected a finish reason for choice 1, whose last delta is here"
        ]


class TestTheRole:
    def test_none(self) -> None:
        def edit(chunks: list[dict[str, Any]]) -> None:
            del chunks[0]

        assert problems(edited(edit)) == ["chunks[0]: expected the role in the first delta of choice 0"]

    def test_late(self) -> None:
        def edit(chunks: list[dict[str, Any]]) -> None:
            chunks[:2] = chunks[1::-1]

        assert problems(edited(edit)) == ["chunks[0]: expected the role in the first delta of choice 0"]

    def test_of_a_second_choice(self) -> None:
        def edit(chunks: list[dict[str, Any]]) -> None:
            del chunks[1]

        assert problems(edited(edit, choices=["A", "B"])) == [
            "chunks[2]: expected the role in the first delta of choice 1"
        ]

    @pytest.mark.parametrize("model", ["groq/compound", "groq/compound-mini", "compound-beta"])
    def test_compound_has_none(self, model: str) -> None:
        stream(content="Hi", model=model, compound=True).check()


def test_another_id() -> None:
    def edit(chunks: list[dict[str, Any]]) -> None:
        chunks[0]["id"], chunks[2]["id"] = "chatcmpl-1", "chatcmpl-2"
        chunks[1]["id"] = chunks[3]["id"] = "chatcmpl-1"

    assert problems(edited(edit)) == [
        "chunks[2]: expected the id of chunks[0], 'chatcmpl-1', not 'chatcmpl-2'"
    ]


class TestUsage:
    def test_a_total_that_is_not_the_sum(self) -> None:
        def edit(chunks: list[dict[str, Any]]) -> None:
            chunks[3]["x_groq"] = None
            chunks[3]["usage"]["total_tokens"] = 40

        assert problems(edited(edit)) == [
            "chunks[3].usage: expected total_tokens 38 (prompt and completion), not 40"
        ]

    def test_no_total(self) -> None:
        def edit(chunks: list[dict[str, Any]]) -> None:
            chunks[3]["usage"] = None
            del chunks[3]["x_groq"]["usage"]["total_tokens"]

        assert problems(edited(edit)) == [
            "chunks[3].x_groq.usage: expected total_tokens 38 (prompt and completion), not none"
        ]

    @pytest.mark.parametrize(
        ("number", "place"), [(3, "chunks[3].x_groq.usage"), (4, "chunks[4].x_groq.usage")]
    )
    def test_another_one_where_it_is_repeated(self, number: int, place: str) -> None:
        def edit(chunks: list[dict[str, Any]]) -> None:
            chunks[4]["x_groq"] = {"usage": dict(USAGE)}
            chunks[number]["x_groq"]["usage"] |= {"completion_tokens": 3, "total_tokens": 39}

        assert problems(edited(edit, usage_at="all")) == [
            (
                f"{place}: expected the usage of chunks[3].usage, {USAGE}, "
                f"not {USAGE | {'completion_tokens': 3, 'total_tokens': 39}}"
            )
        ]


@pytest.mark.parametrize("field", ["content", "reasoning"])
def test_half_a_character(field: str) -> None:
    def edit(chunks: list[dict[str, Any]]) -> None:
        chunks[2]["choices"][0]["delta"] = {field: "\ud83d"}

    assert problems(edited(edit)) == [f"chunks[2]: expected {field} in whole characters, not '\\ud83d'"]


class TestArguments:
    def test_that_are_no_json(self) -> None:
        made = stream(tool_calls=[ToolCall("weather", '{"city": "Os'), ToolCall("time", "{}")])

        assert problems(made) == [
            (
                "chunks[1]: expected a JSON object as the arguments of the tool call 'weather', "
                'not \'{"city": "Os\''
            )
        ]

    def test_long_ones_are_shown_in_part(self) -> None:
        [problem] = problems(stream(tool_calls=[ToolCall("weather", "x" * 100)]))

        assert problem.endswith(f", not '{'x' * 60}…'")

    def test_of_a_call_without_an_id_where_it_finished(self) -> None:
        [problem] = problems(stream(tool_calls=[ToolCall("f", "{}", "c0"), ToolCall("g", "[", "c1")]))

        assert problem.startswith("chunks[2]: ")

    def test_of_a_call_that_the_end_of_the_stream_finishes(self) -> None:
        def edit(chunks: list[dict[str, Any]]) -> None:
            del chunks[-1]

        [finish, arguments] = problems(edited(edit, content="", tool_calls=[ToolCall("f", "[")]))

        assert finish == "chunks[1]: expected a finish reason for choice 0, whose last delta is here"
        assert arguments.startswith("chunks[1]: expected a JSON object")

    def test_of_a_cut_stream_are_not_missed(self) -> None:
        [problem] = problems(kind("cut in a tool call"))

        assert "ReadError" in problem


def test_all_problems_are_listed_with_the_way_out() -> None:
    def edit(chunks: list[dict[str, Any]]) -> None:
        del chunks[0]
        del chunks[-1]

    with pytest.raises(AssertionError) as caught:
        edited(edit).check()

    assert str(caught.value) == (
        "this is not a good stream:\n"
        "  chunks[1]: expected a finish reason for choice 0, whose last delta is here\n"
        "  chunks[0]: expected the role in the first delta of choice 0\n"
        "`stream.deltas()` shows what each chunk added. If the recording is at fault, record what failed "
        "anew: pytest --lf --lfnf=none --groq-record=all"
    )
