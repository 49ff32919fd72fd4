import json
from pathlib import Path
from typing import Any

import pytest
from vcr.request import Request

from groqtape.recorder import messages, misses
from groqtape.recorder.comparison import Comparison
from groqtape.recorder.nearest import nearest
from groqtape.recorder.settings import CassetteSettings

URI = "https://api.groq.com/openai/v1/chat/completions"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def command(mode: str) -> str:
    return f"pytest test_x.py::test_y --groq-record={mode}"


def request(content: Any = b"", uri: str = URI, method: str = "POST", **headers: str) -> Request:
    return Request(
        method, uri, content if isinstance(content, bytes) else json.dumps(content).encode(), headers
    )


def chat(*contents: str, **more: Any) -> Request:
    messages = [{"role": "user", "content": content} for content in contents]
    return request({"model": "openai/gpt-oss-20b", "messages": messages, **more})


def unrecorded(
    now: Request,
    *similar: tuple[int, Request, list[str]],
    reason: str = "no_match",
    is_additional: bool = False,
) -> str:
    return misses.unrecorded(
        path="cassettes/a.yaml",
        record_mode="none",
        reason=reason,
        now=now,
        similar=len(similar),
        nearest=nearest(now, similar, Comparison.of(CassetteSettings())),
        advice=(),
        command=command,
        is_additional=is_additional,
    )


def fields(now: Request, recorded: Request, *failed: str) -> list[str]:
    """The lines on what differs."""
    text = unrecorded(now, (1, recorded, list(failed)))
    return text.partition("they differ in:\n")[2].partition("\n\n")[0].split("\n")


# A request that the cassette does not answer


def test_a_missing_cassette_ends_with_the_command_that_records_it() -> None:
    assert unrecorded(chat("Recommend a book"), reason="cassette_not_found") == (
        "There is no cassette cassettes/a.yaml,\n"
        "and record mode 'none' records nothing. The request was:\n"
        '  POST /openai/v1/chat/completions  openai/gpt-oss-20b  "Recommend a book"\n'
        "\n"
        "Record it (needs GROQ_API_KEY):  pytest test_x.py::test_y --groq-record=once"
    )


def test_a_changed_prompt_is_named_with_both_texts() -> None:
    assert unrecorded(chat("Hi", "Recommend a film"), (1, chat("Hi", "Recommend a book"), ["body"])) == (
        "messages[1].content differs from what is recorded\n"
        "in cassettes/a.yaml, and record mode 'none' adds nothing to it:\n"
        '  POST /openai/v1/chat/completions  openai/gpt-oss-20b  "Recommend a film"\n'
        "\n"
        "The closest recorded request is interaction 1; they differ in:\n"
        '  messages[1].content: recorded "Recommend a book" / now "Recommend a film"\n'
        "\n"
        "If the request has changed, record the cassette from scratch (needs GROQ_API_KEY):  "
        "pytest test_x.py::test_y --groq-record=all\n"
        "If it is an additional request, add it:  pytest test_x.py::test_y --groq-record=new_episodes"
    )


def test_the_closest_of_several_is_the_one_with_the_fewest_differences() -> None:
    text = unrecorded(
        chat("B", temperature=0),
        (1, chat("A", temperature=1), ["body"]),
        (2, chat("B", temperature=1), ["body"]),
        (3, request(method="GET"), ["method", "body"]),
    )
    assert "interaction 2; they differ in:\n  temperature: recorded 1 / now 0\n\n" in text


def test_a_request_like_none() -> None:
    text = unrecorded(chat("A"), reason="nothing_similar")
    assert text.startswith("This request is like none that is recorded\nin cassettes")
    assert "\n\nNothing recorded resembles it.\n\n" in text
    assert text.endswith("--groq-record=new_episodes")


def test_an_answer_that_was_played_already() -> None:
    recorded = chat("A")
    similar: Any = (1, recorded, []), (4, recorded, [])
    text = unrecorded(chat("A"), *similar, reason="already_played", is_additional=True)
    assert text == (
        "Each recorded answer to this request (2) has been played already,\n"
        "in the cassette cassettes/a.yaml:\n"
        '  POST /openai/v1/chat/completions  openai/gpt-oss-20b  "A"\n'
        "\n"
        "If it may get the same answer again:  allow_repeats=True\n"
        "Add it to the cassette (needs GROQ_API_KEY):  pytest test_x.py::test_y --groq-record=new_episodes\n"
        "Record the cassette from scratch:  pytest test_x.py::test_y --groq-record=all"
    )


def test_null_is_something_and_absence_is_nothing() -> None:
    assert fields(chat("A"), chat("A", stop=None), "body") == ["  stop: recorded null / now nothing"]
    assert fields(chat("A", stop=None), chat("A", stop="x"), "body") == ['  stop: recorded "x" / now null']
    assert fields(request({"a": 1}), request(), "body") == ['  body: recorded nothing / now {"a": 1}']


def test_several_fields() -> None:
    now, recorded = chat("A", a=1, b=2), chat("A", a=0, b=0)
    assert fields(now, recorded, "body") == ["  a: recorded 0 / now 1", "  b: recorded 0 / now 2"]
    text = unrecorded(now, (1, recorded, ["body"]))
    assert text.startswith("a and 1 field more differ from what is recorded\n")


def test_only_so_many_fields_are_shown() -> None:
    now = request({f"field{number}": 1 for number in range(11)})
    recorded = request({f"field{number}": 0 for number in range(11)})
    shown = fields(now, recorded, "body")
    assert shown[7:] == ["  field7: recorded 0 / now 1", "  and 3 fields more"]


def test_other_matchers_than_the_body() -> None:
    now = request(uri=f"{URI}?a=1", method="GET", **{"X-One": "1"})
    recorded = request(uri="http://127.0.0.1:80/v1/models?b=2")
    assert fields(now, recorded, "method", "path", "query", "host", "headers") == [
        '  method: recorded "POST" / now "GET"',
        '  path: recorded "/v1/models" / now "/openai/v1/chat/completions"',
        '  query: recorded [["b", "2"]] / now [["a", "1"]]',
        '  host: recorded "127.0.0.1" / now "api.groq.com"',
        '  headers: recorded {} / now {"X-One": "1"}',
    ]


def test_a_matcher_of_ones_own_says_so() -> None:
    assert fields(chat("A"), chat("B"), "same_tenant") == ["  same_tenant (this matcher found a difference)"]


@pytest.mark.parametrize("matcher", ["body", "raw_body"])
def test_bodies_that_say_the_same_are_shown_as_text(matcher: str) -> None:
    assert fields(request(b'"a"'), request(b"a"), matcher) == ['  body: recorded "a" / now "\\"a\\""']
    assert fields(request(b'{"a":1}'), request(b'{"a": 1}'), matcher) == [
        '  body: recorded "{\\"a\\": 1}" / now "{\\"a\\":1}"'
    ]


def test_bodies_that_are_no_text() -> None:
    assert fields(request(b"\xff\x00"), request(b"\xff\x01"), "body") == [
        "  body: recorded \"b'\\\\xff\\\\x01'\" / now \"b'\\\\xff\\\\x00'\""
    ]


def test_long_texts_are_cut_to_where_they_begin_to_differ() -> None:
    same, rest = "same " * 100, "rest " * 100
    (line,) = fields(chat(f"{same}NOW {rest}"), chat(f"{same}OLD {rest}"), "body")
    recorded, _, now = line.removeprefix("  messages[0].content: recorded ").partition(" / now ")
    assert recorded == recorded[:1] + ("same " * 20)[-60:] + "OLD " + recorded[65:]
    assert (recorded[0], recorded[-1], now[0], now[-1]) == ("…", "…", "…", "…")
    assert recorded.replace("OLD", "NOW") == now
    assert len(now) == 202


def test_a_long_text_that_begins_otherwise_is_shown_from_its_beginning() -> None:
    (line,) = fields(chat("now " * 100), chat("was"), "body")
    assert line == f'  messages[0].content: recorded "was" / now "{("now " * 100)[:199]}…'


def test_a_text_that_only_grew_is_shown_where_it_did() -> None:
    (line,) = fields(chat("a" * 300 + "!"), chat("a" * 300), "body")
    assert line.endswith(f'recorded …{"a" * 60}" / now …{"a" * 60}!"')


# One line on a request


@pytest.mark.parametrize(
    ("now", "line"),
    [
        (request(method="GET", uri="https://api.groq.com/openai/v1/models"), "GET /openai/v1/models"),
        (request(uri=f"{URI}?a=1&b=2"), "POST /openai/v1/chat/completions?a=1&b=2"),
        (request(b"no JSON"), "POST /openai/v1/chat/completions"),
        (request([1]), "POST /openai/v1/chat/completions"),
        (request({"model": 7, "messages": []}), "POST /openai/v1/chat/completions"),
        (request({"messages": "text"}), "POST /openai/v1/chat/completions"),
        (request({"messages": ["text"]}), "POST /openai/v1/chat/completions"),
        (
            request({"model": "m", "messages": [{"role": "user", "content": [{"type": "text"}]}]}),
            "POST /openai/v1/chat/completions  m",
        ),
        (request({"model": "whisper"}), "POST /openai/v1/chat/completions  whisper"),
        (
            chat("First", 'Says "é"\nand more'),
            'POST /openai/v1/chat/completions  openai/gpt-oss-20b  "Says \\"é\\"\\nand more"',
        ),
        (
            chat("x" * 80),
            f'POST /openai/v1/chat/completions  openai/gpt-oss-20b  "{"x" * 59}…',
        ),
    ],
)
def test_one_line_on_a_request(now: Request, line: str) -> None:
    assert messages.describe(now) == line


def test_paths_are_shown_from_a_folder(tmp_path: Path) -> None:
    inside, outside = tmp_path / "project" / "cassettes" / "a.yaml", tmp_path / "a.yaml"
    assert messages.shown(inside, tmp_path / "project") == str(Path("cassettes/a.yaml"))
    assert messages.shown(inside, str(tmp_path / "project")) == str(Path("cassettes/a.yaml"))
    assert messages.shown(outside, tmp_path / "project") == str(outside)
    assert messages.shown(inside, None) == str(inside)
    assert messages.shown(Path("a.yaml"), tmp_path) == "a.yaml"


# The other refusals


def test_interactions_never_asked_for() -> None:
    text = messages.unplayed(
        path="a.yaml", unplayed=[(2, chat("B")), (3, chat("C"))], total=3, command=command
    )
    assert text == (
        "2 of 3 recorded interactions never asked for,\n"
        "in the cassette a.yaml:\n"
        '  interaction 2: POST /openai/v1/chat/completions  openai/gpt-oss-20b  "B"\n'
        '  interaction 3: POST /openai/v1/chat/completions  openai/gpt-oss-20b  "C"\n'
        "\n"
        "If the code no longer makes these calls, record from scratch:  "
        "pytest test_x.py::test_y --groq-record=all\n"
        "If that is as it should be:  allow_unplayed=True (or the ini option groq_unplayed = ignore)"
    )


def test_only_so_many_interactions_are_shown() -> None:
    left = [(number, chat("A")) for number in range(1, 12)]
    text = messages.unplayed(path="a.yaml", unplayed=left, total=20, command=command)
    assert text.count("  interaction ") == 8
    assert "  interaction 8: POST" in text
    assert "\n  and 3 more\n" in text


def test_reading_past_the_end() -> None:
    assert messages.past_end(path="a.yaml", now=chat("A"), command=command) == (
        "This stream is read past the end of its recording, whose consumer stopped reading early.\n"
        "The cassette is a.yaml, the request\n"
        '  POST /openai/v1/chat/completions  openai/gpt-oss-20b  "A"\n'
        "\n"
        "Record the whole stream (needs GROQ_API_KEY):  pytest test_x.py::test_y --groq-record=all"
    )


def test_recording_without_a_key() -> None:
    assert messages.no_key(path="a.yaml", now=chat("A")) == (
        "Recording into a.yaml needs GROQ_API_KEY, and it is not set. The request was:\n"
        '  POST /openai/v1/chat/completions  openai/gpt-oss-20b  "A"\n'
        "\n"
        "Set it and run again:  export GROQ_API_KEY=…"
    )


def test_a_call_without_a_cassette() -> None:
    text = messages.without_cassette(request="POST https://api.groq.com/x", command=command("once"))
    assert text.splitlines()[0] == (
        "This test called Groq without a cassette, and while replaying no such call leaves the machine:"
    )
    assert "\n  POST https://api.groq.com/x\n" in text
    assert "@pytest.mark.groq_cassette" in text
    assert "groq_auto = true" in text
    assert text.endswith("  pytest test_x.py::test_y --groq-record=once")


def test_a_call_outside_a_test() -> None:
    text = messages.without_cassette(request="POST https://api.groq.com/x", command=None)
    assert text.startswith("Groq was called outside a test")
    assert "\n  POST https://api.groq.com/x\n" in text
    assert text.endswith("a client may be made anywhere.")
