"""`GroqStream.summary()`."""

from __future__ import annotations

import ast

import pytest
from loopback_groq import ExecutedTool, ToolCall
from streams.kinds import GPT_OSS, NAMES, SEARCH, TIME, WEATHER, kind, stream

from groqtape.streams.stream import GroqStream

USAGE = {"prompt_tokens": 36, "completion_tokens": 3}


def test_it_has_what_was_answered_and_no_ids_and_times() -> None:
    made = stream(content="Hello there, Oslo!", model=GPT_OSS, reasoning="Greet.", usage=USAGE)

    assert made.summary() == {
        "model": GPT_OSS,
        "content": "Hello there, Oslo!",
        "reasoning": "Greet.",
        "tool_calls": [],
        "finish_reasons": ["stop"],
        "usage": {
            "prompt_tokens": 36,
            "completion_tokens": 3,
            "total_tokens": 39,
            "reasoning_tokens": 1,
        },
        "error": None,
    }


def test_arguments_of_parallel_calls_are_data() -> None:
    assert stream(content="I look.", tool_calls=[WEATHER, TIME]).summary()["tool_calls"] == [
        {"name": "weather", "arguments": {"city": "Oslo", "days": 3, "units": None}},
        {"name": "time", "arguments": {"zones": ["Europe/Oslo", "UTC"], "exact": True}},
    ]


@pytest.mark.parametrize(
    "text",
    [
        '{"city": "Os',
        "",
        "[1]",
        '"Oslo"',
        '{"a": NaN}',
        '{"a": -Infinity}',
        '{"a": 1e999}',
        '{"a": ' + "9" * 5000 + "}",
        '{"a": ' * 100_000,
    ],
)
def test_arguments_that_are_no_json_object_stay_text(text: str) -> None:
    [call] = stream(tool_calls=[ToolCall("weather", text)]).summary()["tool_calls"]

    assert call["arguments"] == text


def test_several_choices_are_all_there() -> None:
    called = {"tool_calls": [{"index": 0, "id": "c", "function": {"name": "flip", "arguments": "{}"}}]}
    summary = stream(choices=["Heads", "Tails, I say", [{"reasoning": "Hm."}, called]]).summary()

    assert summary["content"] == "Heads"
    assert summary["finish_reasons"] == ["stop", "stop", "stop"]
    assert summary["choices"] == [
        choice(0, "Heads"),
        choice(1, "Tails, I say"),
        {**choice(2, ""), "reasoning": "Hm.", "tool_calls": [{"name": "flip", "arguments": {}}]},
    ]
    assert summary["tool_calls"] == [{"name": "flip", "arguments": {}}]


def test_the_order_in_which_choices_arrive_does_not_matter() -> None:
    def call(name: str) -> dict[str, object]:
        return {"tool_calls": [{"index": 0, "id": "c", "function": {"name": name, "arguments": "{}"}}]}

    one = stream(choices=[[call("a"), "x"], ["y", call("b")]], usage_at="none")
    other = stream(choices=[["x", call("a")], [call("b"), "y"]], usage_at="none")

    assert [each.function.name for each in other.tool_calls] == ["b", "a"]
    assert one.summary() == other.summary()


def choice(index: int, content: str) -> dict[str, object]:
    return {
        "index": index,
        "content": content,
        "reasoning": "",
        "tool_calls": [],
        "finish_reason": "stop",
    }


def test_a_single_choice_is_not_listed() -> None:
    summary = stream(content="Heads").summary()

    assert "choices" not in summary
    assert "executed_tools" not in summary


def test_executed_tools_are_calls_with_their_output() -> None:
    tools = [SEARCH, ExecutedTool("python", "print(1)", "1")]

    assert stream(content="4 °C.", executed_tools=tools).summary()["executed_tools"] == [
        {"type": "search", "arguments": {"query": "Oslo"}, "output": "4 °C"},
        {"type": "python", "arguments": "print(1)", "output": "1"},
    ]


def test_executed_tools_at_one_index_are_two_if_the_first_has_run() -> None:
    delta = {"index": 0, "type": "search", "arguments": "{}"}
    made = stream(
        content=[{"executed_tools": [piece]} for piece in (delta, {**delta, "output": "A"}, delta)],
        compound=True,
    )

    assert made.summary()["executed_tools"] == [
        {"type": "search", "arguments": {}, "output": "A"},
        {"type": "search", "arguments": {}},
    ]


@pytest.mark.parametrize("at", ["x_groq", "both", "all"])
def test_usage_is_counted_once_wherever_it_stands(at: str) -> None:
    assert stream(content="Hi", usage=USAGE, usage_at=at).summary()["usage"] == {**USAGE, "total_tokens": 39}


def test_cached_tokens_are_there_if_groq_reports_them() -> None:
    usage = stream(content="Hi", usage={"prompt_tokens_details": {"cached_tokens": 32}}).summary()["usage"]

    assert usage is not None
    assert usage["cached_tokens"] == 32


def test_no_usage_is_none() -> None:
    assert stream(content="Hi", usage_at="none").summary()["usage"] is None


def test_an_error_of_groq_has_its_code() -> None:
    summary = kind("an error in the middle").summary()

    assert summary["content"] == "Hello"
    assert summary["finish_reasons"] == []
    assert summary["error"] == {
        "type": "APIError",
        "code": "tool_use_failed",
        "message": "Failed to call a function. Please adjust your prompt. "
        "See 'failed_generation' for more details.",
    }


def test_an_error_without_a_code_has_none() -> None:
    [error] = [stream(content="Hi", error_after=1, error={"message": "Oh", "code": None}).summary()["error"]]

    assert error == {"type": "APIError", "code": None, "message": "Oh"}


def test_a_cut_stream_has_the_error_of_the_transport() -> None:
    summary = kind("cut in its content").summary()

    assert summary["content"] == "Hello there,"
    assert summary["error"] == {
        "type": "RemoteProtocolError",
        "code": None,
        "message": "the connection broke",
    }


def test_a_closed_stream_has_no_error() -> None:
    summary = kind("closed by the consumer").summary()

    assert (summary["content"], summary["error"], summary["finish_reasons"]) == ("Hello there,", None, [])


def test_nothing_read_is_a_summary_too() -> None:
    assert GroqStream(()).summary() == {
        "model": None,
        "content": "",
        "reasoning": "",
        "tool_calls": [],
        "finish_reasons": [],
        "usage": None,
        "error": None,
    }


@pytest.mark.parametrize("name", NAMES)
def test_its_repr_can_be_pasted(name: str) -> None:
    summary = kind(name).summary()

    assert ast.literal_eval(repr(summary)) == summary


@pytest.mark.parametrize("name", NAMES)
def test_the_same_answer_recorded_again_has_the_same_summary(name: str) -> None:
    one, other = kind(name), kind(name)

    assert one.id != other.id or one.id is None
    assert repr(one.summary()) == repr(other.summary())


def test_another_wording_has_another() -> None:
    assert stream(content="Hello").summary() != stream(content="Hi!").summary()
