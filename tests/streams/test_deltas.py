"""`GroqStream.deltas()`."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from groq.types.chat import ChatCompletionChunk
from hypothesis import given
from hypothesis import strategies as st
from loopback_groq import ExecutedTool, ToolCall
from streams.kinds import NAMES, kind, stream

from groqtape.streams.stream import GroqStream

COUNTS = {"prompt_tokens": 36, "completion_tokens": 2, "total_tokens": 38}


def test_each_chunk_has_one_with_what_it_added() -> None:
    made = stream(content="Hello there", usage=COUNTS, usage_at="all")

    assert made.deltas() == [
        {"role": "assistant", "content": ""},
        {"content": "Hello"},
        {"content": " there"},
        {"content": "", "finish_reason": "stop", "usage": COUNTS},
        {"content": "", "usage": COUNTS},
    ]


def test_reasoning_comes_before_content() -> None:
    assert stream(reasoning="Hm. So", content="A").deltas()[1:4] == [
        {"content": "", "reasoning": "Hm."},
        {"content": "", "reasoning": " So"},
        {"content": "A"},
    ]


def test_pieces_of_tool_calls_are_as_they_came() -> None:
    calls = [ToolCall("weather", '{"a":1}'), ToolCall("now")]

    assert [delta.get("tool_calls") for delta in stream(tool_calls=calls, split_arguments=4).deltas()] == [
        None,
        [{"index": 0, "name": "weather", "arguments": ""}],
        [{"index": 0, "arguments": '{"a"'}],
        [{"index": 0, "arguments": ":1}"}],
        [{"index": 1, "name": "now", "arguments": ""}],
        [{"index": 1, "arguments": "{}"}],
        None,
    ]


def test_executed_tools_come_twice() -> None:
    made = stream(executed_tools=[ExecutedTool("search", "{}", "cold")], content="A")

    assert made.deltas()[:2] == [
        {"content": "", "executed_tools": [{"index": 0, "type": "search", "arguments": "{}"}]},
        {
            "content": "",
            "executed_tools": [{"index": 0, "type": "search", "arguments": "{}", "output": "cold"}],
        },
    ]


def test_other_choices_stand_beside_the_first() -> None:
    deltas = stream(choices=["A", "B"], usage_at="none").deltas()

    assert deltas == [
        {"role": "assistant", "content": ""},
        {"content": "", "choices": [{"index": 1, "role": "assistant", "content": ""}]},
        {"content": "A"},
        {"content": "", "choices": [{"index": 1, "content": "B"}]},
        {"content": "", "finish_reason": "stop"},
        {"content": "", "choices": [{"index": 1, "content": "", "finish_reason": "stop"}]},
    ]


def test_nothing_read_is_no_delta() -> None:
    assert GroqStream(()).deltas() == []


def test_a_stream_that_is_being_read_has_those_so_far() -> None:
    chunks = [chunk.chunk for chunk in stream(content="Hello there").chunks]
    made = GroqStream(chunks)

    next(iter(made))

    assert made.deltas() == [{"role": "assistant", "content": ""}]


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_has_a_delta_for_each_chunk_that_join_up(name: str) -> None:
    made = kind(name)

    deltas = made.deltas()

    assert len(deltas) == len(made.chunks)
    assert "".join(delta["content"] for delta in deltas) == made.content
    assert "".join(delta.get("reasoning", "") for delta in deltas) == made.reasoning
    assert ast.literal_eval(repr(deltas)) == deltas
    assert repr(kind(name).deltas()) == repr(deltas)


def choice(index: int | None, content: str | None, reasoning: str | None) -> dict[str, Any]:
    return {"index": index, "delta": {"content": content, "reasoning": reasoning}, "finish_reason": None}


TEXTS = st.none() | st.text()
CHOICES = st.builds(choice, st.sampled_from([0, 1, 2, None]), TEXTS, TEXTS) | st.just(
    {"index": 0, "delta": None, "finish_reason": "stop"}
)


@given(st.lists(st.lists(CHOICES) | st.none()))
def test_joined_their_contents_are_the_content(chunks: list[list[dict[str, Any]] | None]) -> None:
    made = GroqStream.finished(ChatCompletionChunk.model_construct(choices=choices) for choices in chunks)

    assert "".join(delta["content"] for delta in made.deltas()) == made.content
    assert [made.summary()["content"], made.summary()["reasoning"]] == [made.content, made.reasoning]
    assert ("content" in made.shape()["parts"]) is bool(made.content)
