"""`groqtape show`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from cli.cassettes import ANSWER, KINDS, events, plain, request, stream, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Ran


class TestATerminal:
    def test_of_80_columns_shows_the_times_beside_the_answer(
        self, run: Callable[..., Ran], project: Path
    ) -> None:
        saying = stream(
            events("One two three four five six seven eight nine ten eleven twelve\nand a new line.")
        )
        write(project / "a.yaml", saying)
        assert run("show", "a.yaml", columns=60).screen == (
            "a.yaml  1 interaction\n"
            "\n"
            "1  POST /openai/v1/chat/completions  openai/gpt-oss-20b\n"
            "   stream\n"
            "user\n"
            "    Recommend a fantasy book\n"
            "answer\n"
            "        110 ms  One two three four five six seven eight nine\n"
            "        200 ms  ten eleven twelve\n"
            "        230 ms  and a new line.\n"
            "    finish stop · tokens: prompt 36, completion 20, total 56\n"
            "    18 chunks · first chunk 100 ms · 280 ms in all\n"
            "    100 tokens/s · read to its end\n"
        )

    def test_wraps_wide_characters(self, run: Callable[..., Ran], project: Path) -> None:
        write(project / "a.yaml", stream(events("漢字" * 40)))
        assert max(map(len, run("show", "a.yaml", columns=60).screen.splitlines())) <= 60


SHOWN = {
    "stream": [
        "1  POST /openai/v1/chat/completions  openai/gpt-oss-20b  stream",
        "user",
        "    Recommend a fantasy book",
        "answer",
        f"        110 ms  {ANSWER}",
        "    finish stop · tokens: prompt 36, completion 20, total 56",
        "    12 chunks · first chunk 100 ms · 220 ms in all · 100 tokens/s · read to its end",
    ],
    "reasoning": ["        110 ms  We need a book.", f"        150 ms  {ANSWER}"],
    "tool calls": [
        "    tool_choice auto",
        '    tool call weather({"city":"Oslo"})',
        '    tool call time({"zone":1})',
        "    finish tool_calls · tokens: prompt 36, completion 20, total 56",
    ],
    "compound": ["1  POST /openai/v1/chat/completions  groq/compound  stream", f"        120 ms  {ANSWER}"],
    "closed": [
        "    5 chunks · first chunk 100 ms · 140 ms in all · closed: the reader stopped before its end"
    ],
    "cut": [
        "    ReadError: peer reset",
        "    5 chunks · first chunk 100 ms · 140 ms in all · cut by ReadError: peer reset",
    ],
    "error event": [
        "    4 chunks · first chunk 100 ms · 140 ms in all · ended by Groq with an error event",
    ],
    "no done": ["    12 chunks · first chunk 100 ms · 210 ms in all · 100 tokens/s · ended without [DONE]"],
    "no times": [f"                {ANSWER}", "    12 chunks · 100 tokens/s · read to its end"],
    "rate limit": ["    Rate limit reached", "    status 429 · answered with status 429"],
    "unanswered": [
        "    ConnectError: connection refused",
        "    no answer came: ConnectError: connection refused",
    ],
    "completion": [
        "    A book.",
        "    Try Earthsea.",
        "    tool call f({})",
        "    status 200 · read to its end",
    ],
    "transcription": [
        "1  POST /openai/v1/audio/transcriptions  whisper-large-v3  answer",
        "body",
        '      "text": "Hello there",',
    ],
    "models": ["1  GET /openai/v1/models?limit=1    answer", '      "data": []'],
    "several": ["2  POST /openai/v1/chat/completions  openai/gpt-oss-20b  stream", "    And then?"],
    "nothing": ["cassettes/nothing.yaml  0 interactions"],
}


@pytest.mark.parametrize("kind", SHOWN)
def test_a_pipe_gets_of_each_kind(run: Callable[..., Ran], project: Path, kind: str) -> None:
    ran = run("show", f"cassettes/{kind.replace(' ', '_')}.yaml")
    assert ran.code == 0
    lines = ran.out.splitlines()
    for line in SHOWN[kind]:
        assert line in lines


class TestText:
    def test_is_the_requests_and_answers(self, run: Callable[..., Ran], project: Path) -> None:
        assert run("show", "--text", "cassettes/tool_calls.yaml").out == (
            "=== 1: POST /openai/v1/chat/completions\n"
            "model: openai/gpt-oss-20b\n"
            "stream: true\n"
            "tool_choice: auto\n"
            "tools: [\n"
            "  {\n"
            '    "function": {\n'
            '      "name": "weather",\n'
            '      "parameters": {\n'
            '        "properties": {},\n'
            '        "type": "object"\n'
            "      }\n"
            "    },\n"
            '    "type": "function"\n'
            "  }\n"
            "]\n"
            "--- user\n"
            "How is the weather?\n"
            "--- answer\n"
            'tool call: weather({"city":"Oslo"})\n'
            'tool call: time({"zone":1})\n'
            "finish: tool_calls\n"
            "usage: prompt 36, completion 20, total 56\n"
            "end: complete\n"
            "\n"
        )

    @pytest.mark.parametrize("kind", KINDS)
    def test_is_the_same_for_another_recording_of_the_same_answer(
        self, run: Callable[..., Ran], project: Path, kind: str
    ) -> None:
        write(project / "again.yaml", *KINDS[kind])
        first = run("show", "--text", f"cassettes/{kind.replace(' ', '_')}.yaml")
        assert first.code == 0
        assert run("show", "--text", "again.yaml").out == first.out

    def test_has_no_times_and_no_ids(self, run: Callable[..., Ran], project: Path) -> None:
        write(project / "other.yaml", stream(events(fixed=99, created=1), times=[1.0] * 15))
        assert run("show", "--text", "other.yaml").out == run("show", "--text", "cassettes/stream.yaml").out

    @pytest.mark.parametrize(
        ("kind", "lines"),
        [
            ("reasoning", ["reasoning:", "We need a book.", "content:", ANSWER]),
            ("rate limit", ["--- answer (429)", "error: Rate limit reached", "end: 429"]),
            ("cut", ["error: ReadError: peer reset", "end: ReadError"]),
            ("unanswered", ["error: ConnectError: connection refused", "end: ConnectError"]),
            ("transcription", ["--- body"]),
        ],
    )
    def test_has_what_else_matters(
        self, run: Callable[..., Ran], project: Path, kind: str, lines: list[str]
    ) -> None:
        shown = run("show", "--text", f"cassettes/{kind.replace(' ', '_')}.yaml").out.splitlines()
        for line in lines:
            assert line in shown

    def test_gives_git_the_file_itself_where_it_is_no_cassette(
        self, run: Callable[..., Ran], project: Path
    ) -> None:
        (project / "bad.yaml").write_bytes(b"version: [\n\x1b]0;x\x07\xff")
        ran = run("show", "--text", "--or-raw", "bad.yaml")
        assert (ran.code, ran.out) == (0, "version: [\n\\x1b]0;x\\x07\ufffd")
        assert run("show", "--text", "--or-raw", "cassettes/stream.yaml").out.startswith("=== 1: POST")
        assert run("show", "--text", "--or-raw", "nope.yaml").code == 2


class TestMessages:
    def test_of_parts_and_of_no_known_form_are_shown(self, run: Callable[..., Ran], project: Path) -> None:
        image = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
        messages = [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": [{"type": "text", "text": "What is this?"}, image, "plain"]},
            {"role": "tool", "tool_call_id": "c1", "content": None},
            {"content": "nobody"},
            "odd",
        ]
        write(project / "a.yaml", stream(sent=request(messages=messages, seed=7, user="me")))
        shown = run("show", "a.yaml").out
        assert "    seed 7\n    user me\nsystem\n    Be kind.\nuser\n    What is this?\n" in shown
        assert (
            '    {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}\n    plain\n'
            in shown
        )
        assert 'tool\n    {"tool_call_id": "c1"}\nmessage\n    nobody\nmessage\n    "odd"\n' in shown

    @pytest.mark.parametrize("body", ["[1]", "no JSON", '{"messages": 5, "model": 7}'])
    def test_of_other_bodies_are_shown_as_they_are(
        self, run: Callable[..., Ran], project: Path, body: str
    ) -> None:
        write(project / "a.yaml", stream(sent={**request(), "body": body}))
        ran = run("show", "a.yaml")
        assert ran.code == 0
        assert (
            f"    {body}\n" in ran.out or "    messages 5\n" in ran.out or "    [\n      1\n    ]" in ran.out
        )


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b"no JSON", "    no JSON"),
        (b"[1, 2]", "    [1, 2]"),
        (b'{"error": "quota"}', "    quota"),
        (b'{"error": {"code": 5}}', "    null"),
        (b'{"choices": [{"message": 5}]}', '          "message": 5'),
        (b'{"choices": [{"message": {"content": ["a"]}}, 5]}', '      "a"'),
    ],
)
def test_an_answer_of_no_known_form_is_shown_as_it_is(
    run: Callable[..., Ran], project: Path, body: bytes, shown: str
) -> None:
    write(project / "a.yaml", plain(body))
    ran = run("show", "a.yaml")
    assert ran.code == 0
    assert shown in ran.out.splitlines()


@pytest.mark.parametrize("parts", [[b"data: 5\n\n"], [b": ping\n\n", b"data: [DONE]\n\n"]])
def test_a_stream_of_no_chunks_is_shown_as_it_is(
    run: Callable[..., Ran], project: Path, parts: list[bytes]
) -> None:
    write(project / "a.yaml", stream(parts))
    shown = run("show", "a.yaml").out
    assert parts[0].decode().strip() in shown
    assert "    0 chunks · " in shown


def test_each_of_several_choices_is_shown(run: Callable[..., Ran], project: Path) -> None:
    second = [{"reasoning": "A coin"}, {"content": "Tails, I say"}]
    write(project / "a.yaml", stream(events(choices=["Heads it is", second, ""])))
    lines = [line.split("  ")[-1] for line in run("show", "a.yaml").out.splitlines()]
    at = lines.index("Heads it is")
    assert lines[at + 1 : at + 5] == ["choice 1", "A coin", "Tails, I say", "choice 2"]
    text = run("show", "--text", "a.yaml").out
    assert "\nHeads it is\nreasoning of choice 1:\nA coin\nchoice 1:\nTails, I say\nchoice 2:\n\n" in text
    (interaction,) = json.loads(run("show", "--json", "a.yaml").out)["interactions"]
    assert interaction["answer"]["choices"] == [
        {"number": 1, "content": "Tails, I say", "reasoning": "A coin"},
        {"number": 2, "content": "", "reasoning": ""},
    ]


def test_json_has_requests_answers_and_timing(run: Callable[..., Ran], project: Path) -> None:
    shown = json.loads(run("show", "--json", "cassettes/stall.yaml").out)
    (interaction,) = shown["interactions"]
    assert interaction["request"]["body"]["model"] == "openai/gpt-oss-20b"
    assert interaction["answer"]["content"] == ANSWER
    assert interaction["answer"]["usage"] == {"prompt": 36, "completion": 20, "total": 56}
    assert interaction["timing"] == {
        "first_chunk": 100.0,
        "first_text": 110.0,
        "duration": 1120.0,
        "gap_p50": 10.0,
        "gap_p95": 910.0,
        "gap_longest": 910.0,
        "stalls": [{"start": 160.0, "length": 910.0}],
        "tokens_per_second": 100.0,
        "groq": {"queue_time": 50.0, "prompt_time": 10.0, "completion_time": 200.0, "total_time": 210.0},
    }


def test_a_file_that_is_not_there_is_wrong_use(run: Callable[..., Ran]) -> None:
    ran = run("show", "nope.yaml")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "groqtape: expected a cassette file, but there is no nope.yaml\n"
        "See what cassettes the project has: groqtape list\n"
    )


def test_a_bad_file_is_a_finding(run: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("- 1\n")
    ran = run("show", "bad.yaml")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("groqtape: bad.yaml, line 1: expected ")
