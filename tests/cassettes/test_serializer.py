import ast
import copy
import json
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from effort import EFFORT, examples
from hypothesis import example, given
from hypothesis import strategies as st
from loopback_groq import stream_body
from vcr import VCR
from vcr.cassette import Cassette as VcrCassette
from vcr.request import Request
from vcr.serialize import deserialize as vcr_deserialize
from vcr.serialize import serialize as vcr_serialize

from groqtape import serializer
from groqtape.cassettes import canonical as canonical_form
from groqtape.cassettes import reader, writer
from groqtape.cassettes import responses as memory
from groqtape.cassettes.sse import split_events
from groqtape.cassettes.transcript import Event
from groqtape.errors import CassetteError
from groqtape.redaction.request_body import request_body


class Exact:
    """The serializer as the recorder uses it: what `serialize` gets is redacted first."""

    serialize = staticmethod(writer.write)
    deserialize = staticmethod(serializer.deserialize)


URI = "https://api.groq.com/openai/v1/chat/completions"

# Cassettes of all kinds, as vcrpy has them in memory

AWKWARD = st.sampled_from(
    [
        "\n",
        "\r\n",
        "\r",
        " ",
        "  x\n y\n",
        "\n\n",
        "a\n\n\n",
        "a\n ",
        "\t",
        "\x00",
        "\x7f",
        "\x85",
        "\xa0",
        "\u2028",
        "\ufeff",
        "\ufffe",
        "😀",
        "# no comment",
        "---",
        "...",
        "key: value",
        "- item",
        "'",
        '"',
        "\\",
        "{}",
        "[",
        "%",
        "~",
        "null",
        "yes",
        "on",
        "=",
        "<<",
        "12:30",
        "1e3",
        "0o7",
        "2026-01-01",
        "!!binary",
        "!binary x",
        "&a",
        "*a",
        "data: x\n\n",
        "§",
        "⏎",
    ]
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
TEXTS = st.lists(TEXT | AWKWARD, max_size=4).map("".join)
# What nobody can change without changing it: JSON of any look.
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | AWKWARD,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
JSON_TEXTS = st.builds(
    lambda value, ascii_alone, indent: json.dumps(value, ensure_ascii=ascii_alone, indent=indent).encode(
        "utf-8", "surrogatepass"
    ),
    JSON,
    st.booleans(),
    st.sampled_from([None, 0, 3]),
)
ODD_JSON = st.sampled_from(
    [b'{"a":1,"a":2}', b'{"a":1e400}', b'{"a":-0.0}', b'{"a":1.0}', b'{"\\ud83d":"\\ud83d\\ude00"}', b"NaN"]
)
BODIES = TEXTS.map(str.encode) | JSON_TEXTS | ODD_JSON | st.binary(max_size=12)
STREAMS = st.lists(
    st.sampled_from(
        [
            *stream_body("A few words to stream", fixed=1),
            b"data: x\r\n\r\n",
            b": ping\n\n",
            b"event: error\n",
            b"\n",
            b"data: \xff\n\n",
        ]
    )
    | BODIES.map(lambda body: b"data: " + body + b"\n\n"),
    max_size=8,
).map(b"".join)

HEADER_NAMES = (TEXTS | st.sampled_from(["x-Should-Retry", "on", "404"])).filter(
    lambda name: name.lower() not in ("content-type", "content-encoding")
)
HEADERS = st.lists(st.tuples(HEADER_NAMES, TEXTS), max_size=4, unique_by=lambda item: item[0].lower()).map(
    dict
)
REQUESTS = st.builds(
    Request,
    st.sampled_from(["GET", "POST", "DELETE", "Y", "NO"]),
    TEXTS.map(lambda text: f"{URI}?q={text}"),
    st.none() | BODIES,
    HEADERS,
)


@st.composite
def responses(draw: st.DrawFn) -> dict[str, Any]:
    response: dict[str, Any] = {
        "status": {"code": draw(st.integers(100, 599)), "message": draw(st.none() | TEXTS)},
        "headers": {name: [value, "second"] for name, value in draw(HEADERS).items()},
        "body": {"string": draw(BODIES | STREAMS)},
    }
    if content_type := draw(st.sampled_from(["", "application/json", "text/event-stream; charset=utf-8"])):
        response["headers"]["Content-Type"] = [content_type]
    ending = {
        "end": draw(st.sampled_from(["complete", "closed", "ReadError"])),
    }
    if message := draw(st.just("") | TEXTS):
        ending["message"] = message
    if content_type.startswith("text/event-stream"):
        pieces = split_events(response["body"]["string"])
        times = st.lists(st.none() | st.integers(0, 99999), min_size=len(pieces), max_size=len(pieces))
        response["stream"] = {
            **ending,
            "sizes": tuple(map(len, pieces)),
            "times": tuple(None if at is None else at / 10 for at in draw(times)),
        }
    elif content_type and ending["end"] != "complete":
        response["stream"] = ending
    return response


METADATA = st.dictionaries(
    TEXTS,
    st.recursive(
        st.none() | st.booleans() | st.integers() | TEXTS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
        max_leaves=6,
    ),
    max_size=3,
)
CASSETTES = st.lists(st.tuples(REQUESTS, responses()), max_size=3)


def canonical(body: bytes | None) -> Any:
    """A body as it is compared: JSON as JSON."""
    try:
        return json.dumps(json.loads(body or b""), sort_keys=True)
    except ValueError:
        return body


def plain(response: dict[str, Any]) -> dict[str, Any]:
    """A response with its body as bytes, and without a stream's end that any response has."""
    response = copy.deepcopy(response)
    string = response["body"]["string"]
    response["body"]["string"] = string.encode() if isinstance(string, str) else string
    return response


# Metadata are new in vcrpy 9.
VCRPY_HAS_METADATA = hasattr(VcrCassette, "get_metadata")


@examples(25)
@given(CASSETTES, METADATA)
def test_vcrpys_requests_and_responses_come_back(
    cassette: list[tuple[Request, dict[str, Any]]], metadata: dict[str, Any]
) -> None:
    given = {
        "requests": [request for request, _ in cassette],
        "responses": [response for _, response in cassette],
        "metadata": metadata,
    }
    text = vcr_serialize(copy.deepcopy(given), Exact)
    requests, responses, *more = vcr_deserialize(text, Exact)

    assert more == ([metadata] if metadata and VCRPY_HAS_METADATA else [])
    assert len(requests) == len(responses) == len(cassette)
    for now, before in zip(requests, given["requests"], strict=True):
        assert (now.method, now.uri, dict(now.headers)) == (before.method, before.uri, dict(before.headers))
        assert canonical(request_body(now)) == canonical(request_body(before))
    for now, before in zip(responses, given["responses"], strict=True):
        assert now["body"] == before["body"], "response bytes are kept as they came"
        assert (now["status"], now["headers"]) == (before["status"], before["headers"])
        if "stream" in before:
            assert now["stream"] == before["stream"]
        assert now.keys() <= {"status", "headers", "body", "stream"}


@examples(15)
@given(CASSETTES, METADATA)
def test_the_text_is_yaml_and_stable(
    cassette: list[tuple[Request, dict[str, Any]]], metadata: dict[str, Any]
) -> None:
    given = {
        "requests": [request for request, _ in cassette],
        "responses": [response for _, response in cassette],
        "metadata": metadata,
    }
    text = vcr_serialize(copy.deepcopy(given), Exact)
    read = yaml.safe_load(text)
    assert read["version"] == 1
    assert len(read["interactions"]) == len(cassette)
    assert text.endswith("\n")
    again = serializer.deserialize(text)
    assert writer.write(again) == text
    assert serializer.deserialize(text) == again


@examples(12)
@given(CASSETTES)
def test_windows_line_ends_change_nothing(cassette: list[tuple[Request, dict[str, Any]]]) -> None:
    given = {
        "requests": [request for request, _ in cassette],
        "responses": [response for _, response in cassette],
    }
    text = vcr_serialize(copy.deepcopy(given), Exact)
    assert serializer.deserialize(text.replace("\n", "\r\n")) == serializer.deserialize(text)


@examples(15)
@given(TEXTS, HEADERS)
@example("", {})
def test_text_comes_back_as_text(text: str, headers: dict[str, str]) -> None:
    shown = {"content-type": ["text/plain"], **{name: [value] for name, value in headers.items()}}
    given = cassette(response(text, shown))
    assert serializer.deserialize(writer.write(given)) == given
    assert writer.write(cassette(response(text.encode(), shown))) == writer.write(given)


# How it looks


def response(string: str | bytes | None, headers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"status": {"code": 200, "message": "OK"}, "headers": headers, "body": {"string": string}, **more}


def request(body: str | bytes | None = None) -> dict[str, Any]:
    return {"method": "POST", "uri": URI, "body": body, "headers": {"content-type": ["application/json"]}}


def cassette(*responses: dict[str, Any], body: str | bytes | None = None, **more: Any) -> dict[str, Any]:
    return {
        "version": 1,
        "interactions": [{"request": request(body), "response": one} for one in responses],
        **more,
    }


SSE = {"content-type": ["text/event-stream"]}
PROMPT = (
    '{"model":"openai/gpt-oss-20b","messages":[{"role":"user","content":"A joke, please"}],"stream":true}'
)
A = b'data: {"id":"c-1","choices":[{"index":0,"delta":{"content":"A"},"end":null}]}\n\n'
JOKE = b'data: {"id":"c-1","choices":[{"index":0,"delta":{"content":" joke"},"end":null}]}\n\n'
STOP = b'data: {"id":"c-1","choices":[{"index":0,"delta":{},"end":"stop"}]}\n\n'
DONE = b"data: [DONE]\n\n"
EVENTS = [Event(A, 412.1), Event(JOKE, 414.9), Event(STOP, 501.0), Event(DONE, 501.2)]
EXPECTED = """\
version: 1
interactions:
- request:
    method: POST
    uri: https://api.groq.com/openai/v1/chat/completions
    headers:
      content-type: [application/json]
    body: |
      {
        "model": "openai/gpt-oss-20b",
        "messages": [{"role": "user", "content": "A joke, please"}],
        "stream": true
      }
  response:
    status: {code: 200, message: OK}
    headers:
      content-type: [text/event-stream]
    stream:
      events: |
        @ data: {"id":"c-1","choices":[{"index":0,"delta":§,"end":null}]}
          {"content":"A"}
          {"content":" joke"}
          {}§,"end":"stop"}]}
          data: [DONE]
      gaps: |
        412.1 2.8 86.1 0.2
      end: complete
"""


UNTIMED = EXPECTED.replace("      gaps: |\n        412.1 2.8 86.1 0.2\n", "")


def streamed(events: list[Event], end: str = "complete", message: str = "") -> dict[str, Any]:
    stream: dict[str, Any] = {"message": message} if message else {}
    stream |= {
        "end": end,
        "sizes": tuple(len(event.data) for event in events),
        "times": tuple(event.at for event in events),
    }
    return response(b"".join(event.data for event in events), SSE, stream=stream)


def test_the_file_reads_down_the_page() -> None:
    assert writer.write(cassette(streamed(EVENTS), body=PROMPT)) == EXPECTED


def test_the_file_is_read_as_vcrpys_dict() -> None:
    read = serializer.deserialize(EXPECTED)
    assert read["interactions"][0]["response"] == streamed(EVENTS)
    assert json.loads(read["interactions"][0]["request"].pop("body")) == json.loads(PROMPT)
    assert read["interactions"][0]["request"] == {
        "method": "POST",
        "uri": URI,
        "headers": {"content-type": ["application/json"]},
    }
    assert read["version"] == 1


def test_a_cassette_without_interactions() -> None:
    text = writer.write({"version": 1, "interactions": []})
    assert text == "version: 1\ninteractions: []\n"
    assert serializer.deserialize(text) == {"version": 1, "interactions": []}


def test_metadata_is_kept() -> None:
    given = cassette(response("x", {}), metadata={"by": "me", "tags": ["a", "b"], "deep": {"er": [{"x": 1}]}})
    text = writer.write(given)
    assert yaml.safe_load(text)["metadata"] == given["metadata"]
    assert serializer.deserialize(text) == given


def test_a_call_that_got_no_answer() -> None:
    given = cassette(
        response("", {}, stream={"end": "ConnectError", "message": "refused", "unanswered": True})
    )
    text = writer.write(given)
    assert text.endswith("  response:\n    stream:\n      message: refused\n      end: ConnectError\n")
    read = serializer.deserialize(text)["interactions"][0]["response"]
    assert read["stream"] == {"end": "ConnectError", "message": "refused", memory.UNANSWERED: True}
    assert read["status"]["code"] == 503
    assert memory.body_of(read) == b""
    assert writer.write(serializer.deserialize(text)) == text


def test_how_often_it_was_tried_and_when_the_consumer_left() -> None:
    given = streamed(EVENTS, "closed")
    given["stream"] |= {"tries": 3, "left_at": 501.5}
    text = writer.write(cassette(given))
    assert text.endswith("      tries: 3\n      left_at: 501.5\n      end: closed\n")
    assert serializer.deserialize(text) == cassette(given)
    whole = serializer.deserialize(text.replace("501.5\n", "501\n"))
    assert whole["interactions"][0]["response"]["stream"]["left_at"] == 501.0


def test_headers_are_read_as_other_recorders_write_them() -> None:
    edited = EXPECTED.replace("[application/json]", "application/json\n      x-many: [1, a, 0.5]").replace(
        "content-type: [text/event-stream]", "content-type: !!binary dGV4dC9ldmVudC1zdHJlYW0="
    )
    read = serializer.deserialize(edited)["interactions"][0]
    assert read["request"]["headers"] == {"content-type": ["application/json"], "x-many": ["1", "a", "0.5"]}
    assert read["response"]["headers"] == {"content-type": ["text/event-stream"]}
    assert (
        serializer.deserialize(re.sub(r"headers:\n.*\n", "headers:\n", EXPECTED))["interactions"][0][
            "request"
        ]["headers"]
        == {}
    )


def test_a_response_without_a_body() -> None:
    given = cassette(response("", {}))
    given["interactions"][0]["response"]["body"] = {}
    text = writer.write(given)
    assert text.endswith("    body: {}\n    status: {code: 200, message: OK}\n")
    assert memory.body_of(serializer.deserialize(text)["interactions"][0]["response"]) == b""


def test_other_keys_are_kept() -> None:
    more = {"protocol": "HTTP/1.1", "Timing (s)": 0.5, "tags": ["a", 1], "on": {"nested": {"x": [{}]}}}
    given = cassette(response("x", {}, **more), recorder="by hand", **{"2": None})
    assert serializer.deserialize(writer.write(given)) == given


@pytest.mark.parametrize(
    ("end", "message", "lines"),
    [
        ("complete", "", "      end: complete\n"),
        ("closed", "", "      end: closed\n"),
        ("ReadError", "", "      end: ReadError\n"),
        (
            "RemoteProtocolError",
            "peer closed: early",
            "      message: 'peer closed: early'\n      end: RemoteProtocolError\n",
        ),
    ],
)
def test_how_a_stream_ended(end: str, message: str, lines: str) -> None:
    given = cassette(streamed(EVENTS[:2], end, message))
    text = writer.write(given)
    assert text.endswith(f'{{"content":" joke"}}\n      gaps: |\n        412.1 2.8\n{lines}')
    assert serializer.deserialize(text) == given


def test_a_plain_response_that_was_cut_says_so_too() -> None:
    given = cassette(
        response(
            '{"id": ', {"content-type": ["application/json"]}, stream={"end": "ReadError", "message": "cut"}
        )
    )
    text = writer.write(given)
    assert (
        "    body:\n      string: '{\"id\": '\n    stream:\n      message: cut\n      end: ReadError\n"
        "    status: {code: 200, message: OK}\n" in text
    )
    assert serializer.deserialize(text) == given


def test_a_stream_that_plain_vcrpy_recorded_becomes_a_transcript() -> None:
    body = b"".join(event.data for event in EVENTS)
    for string in (body, body.decode()):
        text = writer.write(cassette(response(string, SSE), body=PROMPT))
        assert text == UNTIMED
        assert serializer.deserialize(text)["interactions"][0]["response"]["body"]["string"] == body


def test_a_stream_that_was_changed_in_memory_is_cut_anew_without_times() -> None:
    given = streamed(EVENTS)
    given["body"]["string"] += b": more\n\n"
    text = writer.write(cassette(given, body=PROMPT))
    assert text == UNTIMED.replace("[DONE]\n", "[DONE]\n          : more\n")


@pytest.mark.parametrize("string", [None, "", b""])
def test_an_empty_stream(string: str | bytes | None) -> None:
    text = writer.write(cassette(response(string, SSE)))
    assert "    stream:\n      events: ''\n      end: complete\n" in text
    read = serializer.deserialize(text)["interactions"][0]["response"]
    assert read["body"] == {"string": b""}
    assert read["stream"] == {"end": "complete", "sizes": (), "times": ()}


def test_a_stream_that_stays_compressed_keeps_its_bytes() -> None:
    headers = {"Content-Type": "text/event-stream", "content-encoding": ["made-up"]}
    given = cassette(response(b"\x1f\x8b\x00", headers))
    text = writer.write(given)
    assert "string: !!binary" in text
    assert serializer.deserialize(text)["interactions"][0]["response"]["body"]["string"] == b"\x1f\x8b\x00"


def test_a_body_that_looks_like_events_is_a_stream_where_no_header_says_what_it_is() -> None:
    text = writer.write(cassette(response(DONE, {}), response(DONE, {"content-type": ["text/plain"]})))
    assert text.count("      events: |") == 1
    assert [memory.body_of(one["response"]) for one in serializer.deserialize(text)["interactions"]] == [
        DONE,
        DONE,
    ]


# Request bodies


def shown(body: str | bytes | None) -> str:
    """A request's body as it stands in the file, without its indentation."""
    text = writer.write(cassette(response("", {}), body=body))
    part = text.partition("    body:")[2].partition("  response:\n")[0]
    return re.sub(r"^      ", "", part, flags=re.MULTILINE)


LONG = "a fairly long sentence of a prompt that does not fit on one line with all the rest of it"
LONG_SHOWN = f"""{{
  "messages": [
    {{
      "role": "user",
      "content": "{LONG}"
    }}
  ]
}}"""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (None, " null\n"),
        ("", " ''\n"),
        ("{}", " |\n{}\n"),
        ("[]", " |\n[]\n"),
        ("text", " text\n"),
        ('"text"', " '\"text\"'\n"),
        ("12", " '12'\n"),
        ("two\nlines", " |-\ntwo\nlines\n"),
        ('{"a":1,"a":2}', ' \'{"a":1,"a":2}\'\n'),
        ('{"a":[1,2,{"b":[]}]}', ' |\n{\n  "a": [1, 2, {"b": []}]\n}\n'),
        ('[{"a":1}]', ' |\n[\n  {"a": 1}\n]\n'),
        ('{"a":"é\\u00e9\\u2028\\ud83d"}', ' |\n{\n  "a": "éé\\u2028\\ud83d"\n}\n'),
        (
            json.dumps({"messages": [{"role": "user", "content": LONG}]}),
            f" |\n{LONG_SHOWN}\n",
        ),
    ],
)
def test_request_bodies(body: str | None, expected: str) -> None:
    assert shown(body) == expected


def test_a_request_body_that_is_no_text_stays_as_it_is() -> None:
    given = cassette(response("", {}), body=b"\xff\x00")
    text = writer.write(given)
    assert "body: !!binary |\n" in text
    assert serializer.deserialize(text) == given


@pytest.mark.parametrize("depth", [100, 5000, 200_000])
def test_deeply_nested_request_bodies(depth: int) -> None:
    body = "[" * depth + "]" * depth
    read = serializer.deserialize(writer.write(cassette(response("", {}), body=body)))
    assert re.sub(r"\s", "", read["interactions"][0]["request"]["body"]) == body


# The size of the file

VOCABULARY = "the of and a in that is it for on with as are this by an be at not or from which have has can but they its one all will about more into would when there some other than them these also any only what most so if many how our two may use".split()  # noqa: E501, SIM905
LONGER = "question answer language mountain river morning people because between something government different understand possible".split()  # noqa: E501, SIM905


def answer(tokens: int) -> list[str]:
    """Tokens of the length that tokens have: four to five characters, the space before them counted."""
    words = [
        " " + (LONGER[index % len(LONGER)] if index % 9 == 0 else VOCABULARY[index * 7 % len(VOCABULARY)])
        for index in range(tokens)
    ]
    assert 4.2 < sum(map(len, words)) / tokens < 5.2
    return words


@pytest.mark.parametrize(("chunks", "most"), [(2000, 45), (74, 60)])
def test_a_plain_content_stream_takes_few_bytes_an_event(chunks: int, most: int) -> None:
    body = stream_body(
        answer(chunks - 2), model="openai/gpt-oss-20b", fixed=1
    )  # a role chunk, a finish chunk
    assert len(body) == chunks + 1
    assert len(b"".join(body)) / len(body) > 230
    events = [Event(event, 1412.3 + 2.7 * index) for index, event in enumerate(body)]
    prompt = json.dumps(
        {
            "messages": [{"role": "user", "content": "Explain the importance of fast language models."}],
            "model": "openai/gpt-oss-20b",
            "stream": True,
        }
    )
    text = writer.write(cassette(streamed(events), body=prompt))
    assert len(text.encode()) / len(body) <= most
    assert serializer.deserialize(text)["interactions"][0]["response"] == streamed(
        [Event(event.data, round(event.at or 0, 1)) for event in events]
    )


# Edited by hand


@pytest.mark.parametrize(
    ("edited", "content"),
    [
        (EXPECTED, ["A", " joke"]),
        (EXPECTED.replace(" joke", " poem"), ["A", " poem"]),
        (EXPECTED.replace('          {"content":" joke"}\n', ""), ["A"]),
        (
            EXPECTED.replace(
                '          {"content":" j', '          {"content":"!"}\n          {"content":" j'
            ),
            ["A", "!", " joke"],
        ),
        (EXPECTED.replace("\n", "\r\n"), ["A", " joke"]),
        (
            re.sub(r"^        ((?:@|  [{d]).*)", r"            \1", EXPECTED, flags=re.MULTILINE),
            ["A", " joke"],
        ),
        (re.sub(r"^        ((?:@|  [{d]).*)", r"       \1", EXPECTED, flags=re.MULTILINE), ["A", " joke"]),
        (EXPECTED.replace("          ", "        "), ["A", " joke"]),
        (EXPECTED.replace("\n          {}", "\n\n\n          {}"), ["A", " joke"]),
        (EXPECTED.replace("8 86.1", "8\n        86.1"), ["A", " joke"]),
        (EXPECTED.replace("gaps: |\n        412.1 2.8 86.1 0.2", "gaps: 412.1"), ["A", " joke"]),
        (EXPECTED.replace("gaps: |\n        412.1 2.8 86.1 0.2", "gaps: 412.1 -\n        3"), ["A", " joke"]),
        (
            EXPECTED.replace('{"content":"A"}', '412.1 {"content":"A"}').replace("412.1 2.8", "0 0"),
            ["A", " joke"],
        ),
        (EXPECTED.replace("events: |", "events: |2"), ["A", " joke"]),
        (EXPECTED.replace("events: |", "events: |-  # the answer"), ["A", " joke"]),
        (EXPECTED.rstrip(), ["A", " joke"]),
        ("# Reviewed.\n---\n" + EXPECTED, ["A", " joke"]),
        ("\ufeff" + EXPECTED, ["A", " joke"]),
    ],
)
def test_edits_by_hand(edited: str, content: list[str]) -> None:
    (interaction,) = serializer.deserialize(edited)["interactions"]
    stream = interaction["response"]["stream"]
    body = interaction["response"]["body"]["string"]
    assert re.findall(rb'"content":"(.*?)"', body) == [text.encode() for text in content]
    assert sum(stream["sizes"]) == len(body)
    assert len(stream["times"]) == len(stream["sizes"]) == len(content) + 2
    assert stream["times"][0] == 412.1


OLDER = (
    UNTIMED.replace('  {"content":"A', '  412.1 {"content":"A')
    .replace('  {"content":" j', '  414.9 {"content":" j')
    .replace("  {}", "  501.0 {}")
    .replace("  data: [D", "  501.2 data: [D")
)


def test_times_in_the_lines_of_events_are_read_too() -> None:
    """As groqtape wrote them first. They are written anew apart from the events."""
    assert OLDER != EXPECTED
    assert serializer.deserialize(OLDER) == serializer.deserialize(EXPECTED)
    assert writer.write(serializer.deserialize(OLDER)) == EXPECTED


def test_the_same_answer_in_other_times_differs_only_in_the_gaps() -> None:
    slower = [Event(data, (at or 0) * 1.7 + 3) for data, at in EVENTS]
    first, again = (writer.write(cassette(streamed(events), body=PROMPT)) for events in (EVENTS, slower))
    changed = [
        number
        for number, lines in enumerate(zip(first.split("\n"), again.split("\n"), strict=True))
        if lines[0] != lines[1]
    ]
    assert changed == [first[: first.index("412.1")].count("\n")]


def test_one_word_may_be_mended_and_nothing_else_changes() -> None:
    edited = EXPECTED.replace(" joke", " poem")
    assert writer.write(serializer.deserialize(edited)) == edited


def line_of(part: str, text: str = EXPECTED) -> int:
    """In which line of the file a part stands (the first is 1)."""
    assert text.count(part) == 1
    return text.partition(part)[0].count("\n") + 1


@pytest.mark.parametrize(
    ("part", "edit", "problem"),
    [
        ('{"content":"A"}', '{"content":"A"', "expected a delta as JSON, got: "),
        ('{"content":" joke"}', '{"content": joke}', "expected a delta as JSON, got: "),
        ("data: [DONE]", "[DONE]", "expected an event "),
        ("data: [DONE]", "<<<<<<< HEAD", "expected an event "),
        (
            '@ data: {"id":"c-1","choices":[{"index":0,"delta":§',
            '@ data: {"id"',
            "expected an envelope with ",
        ),
        ('{}§,"end":"stop"}]}', '"no end', "expected a JSON string, got: "),
        ("412.1 2.8", "412.1 2,8", "expected a stream's `gaps` as numbers of milliseconds"),
        ("86.1 0.2", "86.1 soon", "expected a stream's `gaps` as numbers of milliseconds"),
    ],
)
@pytest.mark.parametrize("before", ["", "# A comment.\n\n", EXPECTED.rstrip("\n") + "\n"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_transcript_edited_into_nonsense_is_refused_by_the_line_in_the_file(
    part: str, edit: str, problem: str, before: str, end: str
) -> None:
    line = line_of(part)
    edited = EXPECTED.replace(part, edit)
    if before.startswith("version"):  # a second interaction
        edited = before + edited.partition("interactions:\n")[2]
        line -= 2
    else:
        edited = before + edited
    line += before.count("\n")
    with pytest.raises(CassetteError) as caught:
        serializer.deserialize(edited.replace("\n", end))
    assert caught.value.line == line
    assert caught.value.problem.startswith(problem)
    assert str(caught.value).startswith(f"line {line}: expected ")
    assert str(caught.value).endswith("remove it, then pytest --groq-record=once")


@pytest.mark.parametrize(
    ("part", "edit", "line", "problem"),
    [
        ("version: 1", "version: 2", "version", "expected version 1, got 2"),
        (
            "end: complete",
            "end: perhaps",
            "events: |",
            "expected a stream's `end` (complete, closed or the name",
        ),
        ("      end: complete", "", "events: |", "expected a stream's `end` (complete, closed or the name"),
        ("method: POST", "method: [POST]", "method", "expected a request's `method` as text, got ['POST']"),
        ("uri: https", "url: https", "method: POST", "expected a request's `uri` as text, got nothing"),
        ("{code: 200, message: OK}", "200 OK", "status", "expected a response's `status` (a mapping of"),
        ("{code: 200, message: OK}", "{code: OK}", "status", "expected a response's `status` (a mapping of"),
        (": [text/event-stream]", "", "content-type: [text", "expected `headers` (a mapping of names to"),
        ("    stream:\n", "    streams:\n", "status", "expected a response's `body` (a mapping of"),
    ],
)
def test_a_file_edited_into_nonsense_is_refused_by_line(
    part: str, edit: str, line: str, problem: str
) -> None:
    with pytest.raises(CassetteError) as caught:
        serializer.deserialize(EXPECTED.replace(part, edit))
    assert caught.value.problem.startswith(problem)
    assert caught.value.line == line_of(line)


@pytest.mark.parametrize(
    ("text", "problem", "line"),
    [
        ("- a list", "expected a mapping with `version` and `interactions`, got ['a list']", 1),
        ("just text", "expected a mapping with `version` and `interactions`, got 'just text'", 1),
        ("version: 1", "expected a list of `interactions`, got nothing", 1),
        ("version: 1\ninteractions: 7", "expected a list of `interactions`, got 7", 2),
        ("version: 1\ninteractions:\n- 7", "expected an interaction (a mapping of `request` and", 3),
        ("interactions:\n- request: 7", "expected a `request` (a mapping of `method`, `uri`,", 2),
        (EXPECTED.partition("  response:")[0], "expected a `response` (a mapping of `status`,", 3),
        (
            EXPECTED.replace("events: |", "events:\n      - |"),
            "expected a stream's `events` as a block of text",
            20,
        ),
        ("version: [1, :]]", "expected a cassette in YAML, but it can't be read: ", 1),
        (
            "version: 1\ninteractions: !!python/name:os.system\n",
            "expected a cassette in YAML, but it can't be",
            2,
        ),
        ("version: 1\n\tinteractions: []", "expected a cassette in YAML, but it can't be read: ", 2),
    ],
)
def test_what_is_no_cassette_is_refused(text: str, problem: str, line: int) -> None:
    with pytest.raises(CassetteError) as caught:
        serializer.deserialize(text)
    assert caught.value.problem.startswith(problem)
    assert caught.value.line == line


BROKEN_JSON = {
    "a quote": ('"model":', '"model:'),
    "a comma": ('gpt-oss-20b",', 'gpt-oss-20b"'),
    "a comma too many": ('"stream": true', '"stream": true,'),
    "a colon": ('"stream": true', '"stream" true'),
    "a word": ('"stream": true', '"stream": yes'),
    "the first brace": ("      {\n", "      (\n"),
    "the last brace": ("true\n      }\n", "true\n"),
    "a bracket": ('please"}]', 'please"}'),
    "a comment": ('"stream": true', '"stream": true  # as before'),
}


@pytest.mark.parametrize(("part", "edit"), BROKEN_JSON.values(), ids=BROKEN_JSON)
@pytest.mark.parametrize("before", ["", "# A comment.\n"])
def test_json_that_an_edit_broke_is_refused_by_line(part: str, edit: str, before: str) -> None:
    assert EXPECTED.count(part) == 1
    edited = before + EXPECTED.replace(part, edit)
    with pytest.raises(
        CassetteError, match="expected a request's `body` as JSON, but it can't be read: "
    ) as caught:
        serializer.deserialize(edited)
    assert caught.value.line is not None
    where = (before + EXPECTED)[: (before + EXPECTED).index(part)].count("\n") + 1
    assert abs(caught.value.line - where) <= 2


@pytest.mark.parametrize("body", ['{\n  "a": 1,\n', "[\n", "a\n}\n", "{\n\n}}\n", "[\n" * 100_000])
def test_a_body_that_was_sent_as_broken_json_is_kept(body: str) -> None:
    text = writer.write(cassette(response("", {}), body=body))
    assert serializer.deserialize(text)["interactions"][0]["request"]["body"] == body.encode()
    assert writer.write(serializer.deserialize(text)) == text


ANSWER = (
    b'{"id":"chatcmpl-1","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant",'
    b'"content":"Hi \\u003cthere\\u003e"},"finish_reason":"stop"}],"usage":{"total_tokens":12}}'
)


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_plain_answer_reads_down_the_page(end: bytes) -> None:
    given = cassette(response(ANSWER + end, {"content-type": ["application/json"]}))
    text = writer.write(given)
    assert text.endswith(f"""\
    body:
      formatted: true
      string: |{"" if end else "-"}
        {{
          "id": "chatcmpl-1",
          "object": "chat.completion",
          "choices": [
            {{
              "index": 0,
              "message": {{"role": "assistant", "content": "Hi \\u003cthere\\u003e"}},
              "finish_reason": "stop"
            }}
          ],
          "usage": {{"total_tokens": 12}}
        }}
    status: {{code: 200, message: OK}}
""")
    read = serializer.deserialize(text)
    assert read["interactions"][0]["response"]["body"] == {"string": (ANSWER + end).decode()}
    assert writer.write(read) == text


@pytest.mark.parametrize("comment", ["", "# in another form\n"])
def test_json_nested_too_deep_to_check_is_kept(comment: str) -> None:
    body = "[\n" + "[" * 100_000 + "]" * 100_000 + "\n]\n"
    text = EXPECTED.replace(
        EXPECTED[EXPECTED.index("      {\n") : EXPECTED.index("  response")], "      BODY\n"
    )
    text = comment + text.replace("      BODY\n", "".join(f"      {line}\n" for line in body.splitlines()))
    assert serializer.deserialize(text)["interactions"][0]["request"]["body"] == body


def test_a_request_that_is_several_lines_of_text() -> None:
    given = cassette(streamed(EVENTS), body="two\nlines\n")
    assert serializer.deserialize(writer.write(given)) == given


def test_a_plain_answer_as_older_files_have_it_is_read_too() -> None:
    given = cassette(response(ANSWER.decode(), {"content-type": ["application/json"]}))
    text = writer.write(given)
    start, end = text.index("    body:\n      formatted"), text.index("    status:")
    older = f"{text[:start]}    body:\n      string: '{ANSWER.decode()}'\n{text[end:]}"
    assert serializer.deserialize(older) == given


def test_a_plain_answer_that_an_edit_broke_is_refused_by_line() -> None:
    text = writer.write(cassette(response(ANSWER, {"content-type": ["application/json"]})))
    edited = text.replace('"index": 0,', '"index": 0')
    with pytest.raises(CassetteError, match="expected a response's `body` as JSON") as caught:
        serializer.deserialize(edited)
    assert caught.value.line == edited[: edited.index('"message"')].count("\n") + 1


MORE_NONSENSE = [
    (
        "uri: https://api.groq.com/",
        "uri: https://api.groq.com:port/",
        "uri",
        "expected a request's `uri` as a URL, got ",
    ),
    ("uri: https://api.groq.com/", "uri: http://[::1/", "uri", "expected a request's `uri` as a URL, got "),
    ("    body: |\n", "    body: 7\n    other: |\n", "body", "expected a request's `body` as text, got 7"),
    ("{code: 200, message: OK}", "{code: 99}", "status", "expected a response's `status` (a mapping of"),
    ("{code: 200, message: OK}", "{code: true}", "status", "expected a response's `status` (a mapping of"),
    (
        "content-type: [text/",
        "7: [text/",
        "content-type: [text",
        "expected a header's name and its values as text",
    ),
    (
        ": [text/event-stream]",
        ": [[1]]",
        "content-type: [text",
        "expected a header's name and its values as text",
    ),
    (
        "end: complete",
        "end: ReadError\n      message: 7",
        "7",
        "expected a stream's `message` as text, got 7",
    ),
    (
        "end: complete",
        "end: ReadError\n      tries: many",
        "many",
        "expected a stream's `tries` as a whole number, got ",
    ),
    (
        "end: complete",
        "end: closed\n      left_at: late",
        "late",
        "expected a stream's `left_at` as a number, got ",
    ),
    (
        "end: complete",
        "end: closed\n      tries: yes",
        "yes",
        "expected a stream's `tries` as a whole number, got ",
    ),
    (
        "end: complete",
        "end: closed\n      left_at: .inf",
        ".inf",
        "expected a stream's `left_at` as a number, got ",
    ),
    ("gaps: |\n", "gaps: [1, 2]\n      other: |\n", "gaps", "expected a stream's `gaps` as numbers of "),
    ("gaps: |\n", "gaps: true\n      other: |\n", "gaps", "expected a stream's `gaps` as numbers of "),
    ("gaps: |\n", "gaps: 1 2 x\n      other: |\n", "gaps", "expected a stream's `gaps` as numbers of "),
]


@pytest.mark.parametrize(("part", "edit", "line", "problem"), MORE_NONSENSE)
def test_a_value_edited_into_nonsense_is_refused_by_line(
    part: str, edit: str, line: str, problem: str
) -> None:
    edited = EXPECTED.replace(part, edit)
    with pytest.raises(CassetteError) as caught:
        serializer.deserialize(edited)
    assert caught.value.problem.startswith(problem)
    near = line_of(line) if line in EXPECTED else line_of(f" {line}\n", edited)
    assert caught.value.line is not None
    assert abs(caught.value.line - near) <= 1


def test_long_values_are_cut_in_messages() -> None:
    with pytest.raises(CassetteError, match=r"as text, got \['xxx.*\.\.\..*xxx'\]\n") as caught:
        serializer.deserialize(EXPECTED.replace("method: POST", f"method: [{'x' * 2000}]"))
    assert len(caught.value.problem) < 200


# In vcrpy's own hands


def test_vcrpy_with_the_serializer_registered_reads_and_writes_the_same_files(tmp_path: Any) -> None:
    path = tmp_path / "stream.yaml"
    path.write_text(EXPECTED, encoding="utf-8")
    vcr = VCR()
    vcr.register_serializer("groqtape", serializer)
    with vcr.use_cassette(str(path), serializer="groqtape", record_mode="new_episodes") as cassette_path:
        (sent,), (answer,) = cassette_path.requests, cassette_path.responses
        assert json.loads(sent.body) == json.loads(PROMPT)
        assert answer["body"]["string"] == b"".join(event.data for event in EVENTS)
        cassette_path.append(
            Request("GET", "https://api.groq.com/openai/v1/models", None, {}), response(b"{}", {})
        )
    text = path.read_text(encoding="utf-8")
    assert text.startswith(EXPECTED)
    assert len(serializer.deserialize(text)["interactions"]) == 2


def test_what_vcrpy_writes_with_it_holds_no_credentials() -> None:
    key = f"gsk_{'a1' * 26}"
    given = cassette(
        response(f'{{"key": "{key}"}}', {"set-cookie": ["__cf_bm=x"], "content-type": ["application/json"]}),
        streamed([Event(f"data: {key}\n\n".encode(), 1.0)]),
        body=json.dumps({"content": key}),
    )
    given["interactions"][0]["request"]["headers"]["authorization"] = [f"Bearer {key}"]
    text = serializer.serialize(given)
    assert key not in text
    assert "__cf_bm" not in text
    assert "authorization" not in text
    assert "application/json" in text
    read = serializer.deserialize(text)
    assert "REDACTED" in json.loads(read["interactions"][0]["request"]["body"])["content"]
    assert re.fullmatch(rb"data: \w*REDACTED\n\n", read["interactions"][1]["response"]["body"]["string"])
    assert key in json.dumps(given, default=repr), "what is in memory stays as it is"


def test_what_is_read_with_its_transcripts_is_what_is_read_without() -> None:
    text = writer.write(cassette(streamed(EVENTS), response("x", {}), streamed(EVENTS), body=PROMPT))
    with_transcripts, without = reader.read(text), serializer.deserialize(text)
    assert writer.write(with_transcripts) == writer.write(without) == text
    for one, other in zip(with_transcripts["interactions"], without["interactions"], strict=True):
        assert memory.body_of(one["response"]) == memory.body_of(other["response"])
        assert memory.with_body(one["response"]) == other["response"] == memory.with_body(other["response"])


def read_or_refused(text: str) -> tuple[Any, str, int]:
    try:
        return serializer.deserialize(text), "", 0
    except CassetteError as error:
        return None, error.problem, error.line or 0


def check_quick_reader(text: str) -> None:
    """A comment before a file changes nothing but that it does not look as it was written any more."""
    quickly, problem, line = read_or_refused(text)
    assert read_or_refused(f"#\n{text}") == (quickly, problem, line + bool(line))


SEVERAL = writer.write(
    cassette(
        streamed(EVENTS),
        streamed(EVENTS, "ReadError", "cut: here"),
        response('{"a": 1}', {"content-type": ["application/json"]}),
        body=PROMPT,
    )
)
INSERTED = [
    *" \n:-|>'\"{}[]#&*!%?~§2ac",
    "  ",
    "\n\n",
    "- ",
    "---\n",
    "|2",
    "&a ",
    "*a",
    "null",
    "12:30",
    "''",
    "# x",
]


def test_a_file_is_read_alike_whether_or_not_it_looks_as_it_was_written() -> None:
    rng = random.Random(5)
    for text in (EXPECTED, OLDER, SEVERAL):
        check_quick_reader(text)
        for _ in range(20 * EFFORT):
            at, length = rng.randrange(len(text)), rng.choice([0, 0, 1, 2, 5])
            check_quick_reader(text[:at] + rng.choice(["", *INSERTED]) + text[at + length :])
            lines = text.split("\n")
            lines.insert(rng.randrange(len(lines)), rng.choice(lines))
            check_quick_reader("\n".join(lines))


@pytest.mark.parametrize("part", ["      {\n", "        @ data"])
def test_a_tab_that_yaml_refuses_is_refused_in_every_file(part: str) -> None:
    check_quick_reader(EXPECTED.replace(part, part.replace("  {", "  \t{").replace("  @", "  \t@")))


def test_the_events_of_a_stream_in_memory() -> None:
    events, times = memory.events_of(serializer.deserialize(EXPECTED)["interactions"][0]["response"])
    assert list(map(Event, events, times)) == EVENTS
    for string in (A + DONE, (A + DONE).decode()):
        assert tuple(map(list, memory.events_of(response(string, {})))) == ([A, DONE], [None, None])
    assert tuple(map(list, memory.events_of(response(None, {})))) == ([], [])


def test_what_is_done_to_a_cassette_in_memory_does_not_change_the_next_one_that_is_read() -> None:
    text = writer.write(cassette(response("one", {"x-a": ["b"]}), body="{}"))
    before = serializer.deserialize(text)
    changed = serializer.deserialize(text)
    for interaction in changed["interactions"]:
        interaction["response"]["body"]["string"] = b"two"
        interaction["response"]["headers"]["x-a"].append("c")
        interaction["response"]["status"]["code"] = 500
        interaction["request"]["headers"].clear()
    assert serializer.deserialize(text) == before


# The same with each half of PyYAML

# Characters that half of PyYAML, or a version of YAML, takes for something else than a character of a text.
TRICKY = {
    "next line": "\x85",
    "line separator": "\u2028",
    "paragraph separator": "\u2029",
    "byte order mark": "\ufeff",
    "no character": "\ufffe\uffff",
    "nul": "\x00",
    "escape": "\x1b",
    "delete": "\x7f",
    "C1": "\x9b",
    "no-break space": "\xa0",
    "emoji": "😀",
    "last character": "\U0010ffff",
    "tab": "\t",
    "carriage return": "\r",
    "space": " ",
    "line feed": "\n",
}


@pytest.mark.parametrize("character", TRICKY.values(), ids=TRICKY)
@pytest.mark.parametrize(
    "text", ["{}", "a{}b", "a{}{}b", "a{}", "{}b", "a {} b", "a\n{}b\n", "{}\nb", '{{"a": "{}"}}', "{} 'x'"]
)
def test_any_character_comes_back_from_any_place(text: str, character: str) -> None:
    text = text.format(character, character) if text.count("{}") == 2 else text.format(character)
    headers = {"x-a": [text, "b"], f"x-{character}": ["c"]}
    given = cassette(
        response(text, headers, more={"list": [text], text: [text, {"x": text}]}),
        response(
            text.encode(),
            {"content-type": ["application/json"]},
            stream={"end": "ReadError", "message": text},
        ),
        streamed(
            [
                Event(
                    f'data: {{"delta":{{"content":{json.dumps(text, ensure_ascii=False)}}}}}\n\n'.encode(),
                    1.0,
                )
            ]
        ),
        body=text,
        metadata={"list": [text], "x" * 130: text, f"{text}{'x' * 130}": text},
    )
    for interaction in given["interactions"]:
        interaction["request"]["headers"] = headers
    written = writer.write(given)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]", written)
    read = serializer.deserialize(written)
    assert read.pop("metadata") == given.pop("metadata")
    for now, before in zip(read["interactions"], given["interactions"], strict=True):
        assert memory.body_of(now["response"]) == memory.body_of(before["response"])
        assert canonical(now["request"].pop("body").encode()) == canonical(
            before["request"].pop("body").encode()
        )
        assert now["request"] == before["request"]
        assert {**now["response"], "body": 0} == {**before["response"], "body": 0}


def test_the_text_does_not_depend_on_libyaml(tmp_path: Path) -> None:
    """In a process where PyYAML finds no libyaml."""
    texts = [
        text for character in TRICKY.values() for text in (character, f"a{character}b", f"{character}\nb\n")
    ]
    given = cassette(*(response(text, {"x-a": [text]}, more={text: [text]}) for text in texts), body=PROMPT)
    written = writer.write(given)
    path = tmp_path / "book.yaml"
    path.write_text(written, encoding="utf-8", newline="")
    script = f"""
import sys
sys.modules["yaml._yaml"] = None
import yaml
assert not yaml.__with_libyaml__
from groqtape.cassettes import serializer, writer
with open({str(path)!r}, encoding="utf-8", newline="") as file:
    text = file.read()
read = serializer.deserialize(text)
print([interaction["response"]["body"]["string"] for interaction in read["interactions"]])
assert writer.write(read) == text
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ast.literal_eval(done.stdout) == texts


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("method: POST", "method: post"),
        ("[application/json]", "[null]"),
        ("[text/event-stream]", "null"),
        ("[text/event-stream]", "[]"),
        ("{code: 200, message: OK}", "200"),
    ],
)
def test_what_a_person_edits_in_a_stream_s_frame_is_read_as_in_any_other_file(old: str, new: str) -> None:
    """The files that groqtape writes are read in a shorter way, with the same result."""
    assert old in EXPECTED
    edited = EXPECTED.replace(old, new)
    assert canonical_form.parts(edited) is not None
    # No file that groqtape writes has a document's end.
    (here,), (elsewhere,) = (reader.read(text)["interactions"] for text in (edited, f"{edited}...\n"))
    assert here["request"] == elsewhere["request"]
    for part in ("status", "headers"):
        assert here["response"][part] == elsewhere["response"][part]
