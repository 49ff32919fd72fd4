"""`GroqStream.shape()`."""

from __future__ import annotations

import ast
import json
from typing import Any

import pytest
from loopback_groq import ExecutedTool, ToolCall
from streams.kinds import GPT_OSS, NAMES, WEATHER, kind, stream

from groqtape.streams.stream import GroqStream


def test_it_has_no_words() -> None:
    made = stream(content="I look.", reasoning="Where?", tool_calls=[WEATHER], model=GPT_OSS)

    assert made.shape() == {
        "parts": ["reasoning", "content", "tool_calls", "usage"],
        "tool_calls": [
            {"name": "weather", "arguments": {"city": "string", "days": "number", "units": "null"}}
        ],
        "finish_reasons": ["tool_calls"],
        "error": None,
    }


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ("Oslo", "string"),
        (3, "number"),
        (0.5, "number"),
        (True, "boolean"),
        (None, "null"),
        ([], []),
        (["a", "b"], ["string"]),
        ([1, "a", 2.5, None], ["null", "number", "string"]),
        ([{"b": 1, "a": []}, {"a": [], "b": 2}], [{"a": [], "b": "number"}]),
        ({"place": {"city": "Oslo"}}, {"place": {"city": "string"}}),
    ],
)
def test_types_are_named_as_in_json_schema(value: Any, shape: Any) -> None:
    [call] = stream(tool_calls=[ToolCall("f", {"x": value})]).shape()["tool_calls"]

    assert call["arguments"] == {"x": shape}


@pytest.mark.parametrize(
    "text",
    [
        "no JSON",
        "[1]",
        json.dumps({"a": 1})[:-1],
        '{"a":' * 101 + "1" + "}" * 101,
        '{"a":' * 600 + "1" + "}" * 600,
    ],
)
def test_arguments_that_cannot_be_described_are_text(text: str) -> None:
    [call] = stream(tool_calls=[ToolCall("f", text)]).shape()["tool_calls"]

    assert call == {"name": "f", "arguments": "text"}


def test_arguments_of_a_hundred_levels_are_described() -> None:
    text = '{"a":' * 99 + "[1]" + "}" * 99
    [call] = stream(tool_calls=[ToolCall("f", text)]).shape()["tool_calls"]

    assert str(call["arguments"]).count("{") == 99


def test_members_are_in_the_order_of_their_names() -> None:
    [call] = stream(tool_calls=[ToolCall("f", {"b": 1, "a": {"d": 1, "c": 1}})]).shape()["tool_calls"]

    assert repr(call["arguments"]) == "{'a': {'c': 'number', 'd': 'number'}, 'b': 'number'}"


def test_several_choices_have_their_parts() -> None:
    assert stream(choices=["Heads", ""]).shape()["choices"] == [
        {"index": 0, "parts": ["content"], "finish_reason": "stop"},
        {"index": 1, "parts": [], "finish_reason": "stop"},
    ]


def test_executed_tools_have_types_and_no_output() -> None:
    tools = [ExecutedTool("search", {"query": "Oslo"}), ExecutedTool("python", "print(1)")]

    assert stream(executed_tools=tools).shape()["executed_tools"] == [
        {"type": "search", "arguments": {"query": "string"}},
        {"type": "python", "arguments": "text"},
    ]


def test_an_error_has_no_message() -> None:
    assert kind("an error in the middle").shape() == {
        "parts": ["content"],
        "tool_calls": [],
        "finish_reasons": [],
        "error": {"type": "APIError", "code": "tool_use_failed"},
    }


def test_nothing_read_is_a_shape_too() -> None:
    assert GroqStream(()).shape() == {"parts": [], "tool_calls": [], "finish_reasons": [], "error": None}


@pytest.mark.parametrize("name", NAMES)
def test_it_is_plain_data_and_the_same_when_recorded_again(name: str) -> None:
    shape = kind(name).shape()

    assert json.loads(json.dumps(shape)) == shape
    assert ast.literal_eval(repr(shape)) == shape
    assert repr(kind(name).shape()) == repr(shape)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"content": "Hello there"}, {"content": "Good morning to all of you"}),
        ({"reasoning": "Hm.", "content": "A"}, {"reasoning": "Well, let me see.", "content": "B C"}),
        (
            {"tool_calls": [ToolCall("f", {"city": "Oslo", "days": 3})]},
            {"tool_calls": [ToolCall("f", {"days": 2.5, "city": "Bergen"})], "split_arguments": 4},
        ),
        (
            {"executed_tools": [ExecutedTool("search", {"query": "Oslo"}, "cold")]},
            {"executed_tools": [ExecutedTool("search", {"query": "Oslo weather"}, "colder")]},
        ),
        ({"content": "A", "usage": {"prompt_tokens_details": {"cached_tokens": 32}}}, {"content": "B"}),
        ({"content": "A", "model": "openai/gpt-oss-120b"}, {"content": "B", "model": GPT_OSS}),
    ],
)
def test_another_wording_has_the_same_shape(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert stream(**one).shape() == stream(**other).shape()
    assert stream(**one).summary() != stream(**other).summary()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"content": "A"}, {"reasoning": "A"}),
        ({"content": "A"}, {"content": "A", "finish_reason": "length"}),
        ({"tool_calls": [ToolCall("f")]}, {"tool_calls": [ToolCall("g")]}),
        ({"tool_calls": [ToolCall("f")]}, {"tool_calls": [ToolCall("f"), ToolCall("f")]}),
        ({"tool_calls": [ToolCall("f", {"a": 1})]}, {"tool_calls": [ToolCall("f", {"a": "1"})]}),
    ],
)
def test_another_kind_of_answer_has_another(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert stream(**one).shape() != stream(**other).shape()
