"""What a re-recording changed, as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from cli.cassettes import KINDS, events, plain, request, stream, write
from loopback_groq import ExecutedTool, ToolCall

from groqtape.errors import CassetteError
from groqtape.reports.recorded_anew import recorded_anew

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def changed(tmp_path: Path) -> Any:
    """Compares two cassettes."""

    def compare(before: Any, after: Any, **how: Any) -> list[str]:
        write(tmp_path / "a.yaml", *([before] if isinstance(before, dict) else before))
        write(tmp_path / "b.yaml", *([after] if isinstance(after, dict) else after))
        return recorded_anew((tmp_path / "a.yaml").read_bytes(), tmp_path / "b.yaml", **how)

    return compare


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_where_it_is_the_same(changed: Any, kind: str) -> None:
    assert changed(KINDS[kind], KINDS[kind]) == []


def test_nothing_where_only_ids_and_times_differ(changed: Any) -> None:
    again = events(fixed=99, created=5)

    assert changed(stream(), stream(again, times=[7.0 * n for n in range(len(again))])) == []


def test_words_with_the_first_that_differ(changed: Any) -> None:
    again = events("Try The Wizard of Oz by L. Frank Baum.")

    assert changed(stream(), stream(again)) == [
        'words: 6 removed, 5 added, first "A" → "The"',
        "chunks: 12 → 11",
    ]


def test_tool_calls_of_every_choice(changed: Any) -> None:
    def answered(*names: str) -> Any:
        calls = ({"tool_calls": [{"function": {"name": name, "arguments": "{}"}}]} for name in names)
        return plain({"choices": [{"message": {"content": "", **call}} for call in calls], "model": "m"})

    assert changed(answered("a", "b"), answered("a", "c")) == ["tool calls: a({})\\nb({}) → a({})\\nc({})"]


def test_tools_that_groq_ran_itself(changed: Any) -> None:
    def answered(city: str) -> Any:
        return stream(events(executed_tools=[ExecutedTool("search", {"query": city}, "4 °C")]))

    (line,) = changed(answered("Oslo"), answered("Bergen"))

    assert line == 'executed tools: 1 removed, 1 added, first "Oslo" → "Bergen"'


@pytest.mark.parametrize("is_stream", [True, False])
def test_words_of_every_choice(changed: Any, *, is_stream: bool) -> None:
    def answered(*choices: str) -> Any:
        if is_stream:
            return stream(events(choices=[[{"content": choice, "reasoning": "Hm"}] for choice in choices]))
        messages = [{"message": {"content": choice, "reasoning": "Hm"}} for choice in choices]
        return plain({"choices": messages, "model": "m"})

    lines = changed(answered("Heads", "Tails"), answered("Heads", "Edge", "Gone"))

    assert [line for line in lines if not line.startswith(("chunks", "finish"))] == [
        'words of choice 1: 1 removed, 1 added, first "Tails" → "Edge"',
        'words of choice 2: 0 removed, 1 added, first nothing → "Gone"',
        'reasoning of choice 2: 0 removed, 1 added, first nothing → "Hm"',
    ]


def test_the_whole_word_diff(changed: Any) -> None:
    again = events("Try A Wizard of Oz by Ursula K. Le Guin.")

    assert changed(stream(), stream(again), all_words=True) == [
        "words: Try A Wizard of [-Earthsea-]{+Oz+} by Ursula K. Le Guin."
    ]


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ("Hello", "", 'words: 1 removed, 0 added, first "Hello" → nothing'),
        ("", "Hello", 'words: 0 removed, 1 added, first nothing → "Hello"'),
        ("Hello", "Hello there", 'words: 0 removed, 1 added, first nothing → " there"'),
        ("a\nb", "a b", 'words: 0 removed, 0 added, first "\\n" → " "'),
        ("x", "y" * 70, f'words: 1 removed, 1 added, first "x" → "{"y" * 60}…"'),
    ],
)
def test_texts_of_which_one_lacks_the_words(changed: Any, before: str, after: str, line: str) -> None:
    assert changed(stream(events([before])), stream(events([after]))) == [line]


def test_finish_reasons_usage_model_and_tool_calls(changed: Any) -> None:
    before = stream(events("", tool_calls=[ToolCall("weather", {"city": "Oslo"}, "c")]))
    after = stream(
        events(
            "",
            tool_calls=[ToolCall("weather", {"city": "Bergen"}, "c")],
            finish_reason="length",
            model="openai/gpt-oss-120b",
            usage={"prompt_tokens": 36, "completion_tokens": 21, "total_tokens": 57},
        ),
        request(model="openai/gpt-oss-120b"),
    )

    assert changed(before, after) == [
        "request model: openai/gpt-oss-20b → openai/gpt-oss-120b",
        'tool calls: weather({"city":"Oslo"}) → weather({"city":"Bergen"})',
        "finish: tool_calls → length",
        "usage: completion 20, total 56 → completion 21, total 57",
        "model: openai/gpt-oss-20b → openai/gpt-oss-120b",
    ]


def test_a_change_to_nothing(changed: Any) -> None:
    before = stream(events("", tool_calls=[ToolCall("weather", "{}", "c")], finish_reason="stop"))

    assert changed(before, stream(events(""))) == ["tool calls: weather({}) → none", "chunks: 3 → 2"]


def test_the_request(changed: Any) -> None:
    line = [each for each in changed(stream(), stream(sent=request("Recommend a film"))) if "request" in each]

    assert line == ['request messages: 2 removed, 1 added, first "fantasy book" → "film"']


def test_interactions_that_are_new_or_gone(changed: Any) -> None:
    one, other = stream(), stream(sent=request("Hi"))

    assert changed([one], [one, other]) == ["interaction 2: new, POST /openai/v1/chat/completions"]
    assert changed([one, other], [one]) == ["interaction 2: gone, POST /openai/v1/chat/completions"]


def test_a_cassette_of_many_is_cut(changed: Any) -> None:
    before = [stream(events(f"Hello {n}"), request(str(n))) for n in range(10)]
    after = [stream(events(f"Hi {n}"), request(str(n))) for n in range(10)]

    lines = changed(before, after)

    assert lines[0] == 'interaction 1: words: 1 removed, 1 added, first "Hello" → "Hi"'
    assert lines[8:] == ["and 2 interactions more"]
    assert changed(before[:9], after[:9])[8:] == ["and 1 interaction more"]


def test_a_file_that_was_no_good_cassette(tmp_path: Path) -> None:
    write(tmp_path / "b.yaml", plain({"a": 1}))

    assert recorded_anew(b"no: cassette", tmp_path / "b.yaml") == [
        "replaces a file that was no good cassette"
    ]
    with pytest.raises(CassetteError):
        recorded_anew(b"no: cassette", tmp_path / "c.yaml")


def test_another_secret_is_no_change(changed: Any) -> None:
    # None of them is anybody's.
    before, after = (stream(events(["gsk_" + pair * 26])) for pair in ("a1", "b2"))

    assert changed(before, after) == []


def test_a_secret_that_only_the_new_file_redacts_is_no_change(tmp_path: Path) -> None:
    key = "gsk_" + "a1" * 26  # nobody's
    write(tmp_path / "b.yaml", stream(events([key])))
    after = (tmp_path / "b.yaml").read_bytes()
    assert b"REDACTED" in after

    assert recorded_anew(after.replace(b"REDACTED", key.encode()), tmp_path / "b.yaml") == []


def test_control_characters_do_not_reach_the_terminal(changed: Any) -> None:
    [line] = changed(stream(events(["x"])), stream(events(["\x1b[31m"])), all_words=True)

    assert line == "words: [-x-]{+\\x1b[31m+}"
