"""Secrets that a stream has in pieces, in whichever of its texts."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groqtape.redaction.json_texts import path_at, paths_of
from groqtape.redaction.redactor import Redactor

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

KEY = "gsk_" + "aB3" * 17 + "Z"
OTHER = "xai-" + "9kQ" * 20


def chunk(number: int, *choices: dict[str, Any]) -> dict[str, Any]:
    return {"id": f"chatcmpl-{number:04}", "object": "chat.completion.chunk", "choices": list(choices)}


def delta(index: int = 0, **fields: Any) -> dict[str, Any]:
    return {"index": index, "delta": fields, "finish_reason": None}


def tool_call(index: int, text: str) -> dict[str, Any]:
    return {"index": index, "function": {"arguments": text}}


def token(text: str) -> dict[str, Any]:
    return {"token": text, "logprob": -0.1, "bytes": list(text.encode()), "top_logprobs": [{"token": text}]}


FIELDS: dict[str, Callable[[int, str], dict[str, Any]]] = {
    "content": lambda n, text: chunk(n, delta(content=text)),
    "reasoning": lambda n, text: chunk(n, delta(reasoning=text, channel="analysis")),
    "refusal": lambda n, text: chunk(n, delta(refusal=text)),
    "a field yet to come": lambda n, text: chunk(n, delta(audio={"transcript": text})),
    "tool call": lambda n, text: chunk(n, delta(tool_calls=[tool_call(0, text)])),
    "second tool call": lambda n, text: chunk(
        n, delta(tool_calls=[tool_call(0, f"{n}"), tool_call(1, text)])
    ),
    "executed tool": lambda n, text: chunk(n, delta(executed_tools=[{"index": 0, "output": text}])),
    "second choice": lambda n, text: chunk(n, delta(0, content=f" {n}."), delta(1, content=text)),
    "index after the text": lambda n, text: chunk(n, {"delta": {"content": text}, "index": 0}),
    "logprobs": lambda n, text: chunk(n, {"index": 0, "delta": {}, "logprobs": {"content": [token(text)]}}),
    "several logprobs": lambda n, text: chunk(
        n, {"index": 0, "delta": {}, "logprobs": {"content": [token(text[:1]), token(text[1:])]}}
    ),
    "responses": lambda n, text: {"type": "response.output_text.delta", "output_index": 0, "delta": text},
    "arguments of responses": lambda n, text: {
        "sequence_number": n,
        "type": "response.function_call_arguments.delta",
        "item_id": "fc_1",
        "output_index": 1,
        "delta": text,
    },
    "list of texts": lambda n, text: chunk(n, delta(content=[{"type": "text", "text": text}])),
}


def events_of(field: str, texts: list[str]) -> list[bytes]:
    return [
        f"data: {json.dumps(FIELDS[field](number, text), ensure_ascii=False)}\n\n".encode()
        for number, text in enumerate(texts)
    ]


def redacted(events: list[bytes], **options: Any) -> list[bytes]:
    plain = {"status": {"code": 200}, "headers": {}, "body": {"string": b"".join(events)}}
    stream = {"end": "complete", "sizes": tuple(map(len, events))}
    response = Redactor(**options).response({**plain, "stream": stream})
    body, sizes = response["body"]["string"], response["stream"]["sizes"]
    # Other recorders keep no sizes.
    assert Redactor(**options).response(plain)["body"]["string"] == body
    assert sum(sizes) == len(body)
    ends = [sum(sizes[:number]) for number in range(len(sizes) + 1)]
    return [body[start:end] for start, end in itertools.pairwise(ends)]


def cut(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


def texts_in(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list) and value and all(isinstance(each, int) for each in value):
        return [bytes(value).decode()]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for item in items for text in texts_in(item)]


def parsed(event: bytes) -> Any:
    return json.loads(event.removeprefix(b"data: "))


@pytest.mark.parametrize("size", [1, 2, 5, 19])
@pytest.mark.parametrize("field", FIELDS)
def test_a_key(field: str, size: int) -> None:
    texts = cut(f"It is {KEY} — keep it.", size)
    after = redacted(events_of(field, texts))
    assert [parsed(event).keys() for event in after] == [
        parsed(each).keys() for each in events_of(field, texts)
    ]
    everything = "".join(text for event in after for text in texts_in(parsed(event)))
    assert not any(KEY[at : at + 8] in everything for at in range(len(KEY) - 7))
    assert "REDACTED" in everything
    # All else is as it was, byte for byte: so it is if each piece is redacted in its place alone.
    first = next(number for number in range(len(texts)) if "g" in "".join(texts[: number + 1]))
    last = len("".join(texts).partition("Z")[0]) // size
    assert after[:first] == events_of(field, texts)[:first]
    assert after[last + 1 :] == events_of(field, texts)[last + 1 :]


SIDE_BY_SIDE: dict[str, Callable[[str, str], list[dict[str, Any]]]] = {
    "choices": lambda one, other: [delta(0, content=one), delta(1, content=other)],
    "tool calls": lambda one, other: [delta(tool_calls=[tool_call(0, one), tool_call(1, other)])],
    "fields": lambda one, other: [delta(content=one, reasoning=other)],
}


@pytest.mark.parametrize("where", SIDE_BY_SIDE)
def test_two_keys_side_by_side(where: str) -> None:
    pairs = enumerate(zip(cut(f"{KEY} .", 7), cut(f"{OTHER} .", 7), strict=False))
    chunks = [chunk(number, *SIDE_BY_SIDE[where](*pair)) for number, pair in pairs]
    everything = b"".join(redacted([f"data: {json.dumps(each)}\n\n".encode() for each in chunks])).decode()
    assert everything.count("REDACTED") == 2
    assert "aB3" not in everything
    assert "9kQ" not in everything


def test_calls_in_turn() -> None:
    texts = [*cut(KEY, 5), "!"]
    chunks = [
        chunk(n, delta(tool_calls=[tool_call(index, text if index else "x")]))
        for n, text in enumerate(texts)
        for index in (0, 1)
    ]
    events = [f"data: {json.dumps(each)}\n\n".encode() for each in chunks]
    assert "aB3" not in b"".join(redacted(events)).decode()


def test_json_in_arguments_in_pieces() -> None:
    arguments = json.dumps({"to": "Müller", "key": KEY, "quote": 'say "x"'})
    after = redacted(events_of("tool call", cut(arguments, 3)), secrets=["Müller", 'say "x"'])
    joined = "".join(
        parsed(event)["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"] for event in after
    )
    assert json.loads(joined) == {"to": "REDACTED", "key": "REDACTED", "quote": "REDACTED"}


def test_what_follows_a_key_without_a_break_belongs_to_it() -> None:
    """As in one text: a snapshot of the content and the replay's are the same."""
    pieces = ["It is ", KEY[:30], KEY[30:], "and", "more", ". Bye"]
    after = redacted(events_of("content", pieces))
    contents = [parsed(event)["choices"][0]["delta"]["content"] for event in after]
    assert contents == ["It is ", "REDACTED", "", "", "", ". Bye"]
    assert Redactor().text("".join(pieces)) == "".join(contents)


def test_bytes_of_tokens_follow_the_tokens() -> None:
    after = redacted(events_of("logprobs", ["It ", KEY[:30], KEY[30:], " é"]))
    tokens = [parsed(event)["choices"][0]["logprobs"]["content"][0] for event in after]
    assert [each["token"] for each in tokens] == ["It ", "REDACTED", "", " é"]
    assert [bytes(each["bytes"]).decode() for each in tokens] == ["It ", "REDACTED", "", " é"]


@pytest.mark.parametrize("end", ['"}}]}', "", '"', ',"x', ',"x"', ',"x":', '"}}],'])
def test_a_stream_that_is_cut_off(end: str) -> None:
    whole = events_of("content", [KEY[:30]])
    cut_off = b'data: {"id":"chatcmpl-0001","choices":[{"index":0,"delta":{"content":"%b' % KEY[30:].encode()
    if end.startswith(","):
        end = f'"{end}'
    after = b"".join(redacted([*whole, cut_off + end.encode()])).decode()
    assert "aB3" not in after
    assert after.count("REDACTED") == 1


@pytest.mark.parametrize(
    "line",
    [
        "data: [DONE]",
        "data: nothing",
        ": comment",
        "event: error",
        'data: {"a":"b}',
        "data: {]}",
        'data: "a"',
    ],
)
def test_other_lines_stay(line: str) -> None:
    events = [*events_of("content", cut(f"x {KEY} y", 9)), f"{line}\n\n".encode()]
    assert redacted(events)[-1] == events[-1]


def test_lines_may_end_with_cr_and_lf() -> None:
    events = [event.replace(b"\n", b"\r\n") for event in events_of("content", cut(KEY, 9))]
    after = b"".join(redacted(events))
    assert b"aB3" not in after
    assert after.count(b"\r\n\r\n") == len(events)


@given(st.lists(st.text(max_size=6), max_size=12), st.randoms(use_true_random=False))
def test_a_stream_without_secrets_is_as_it_was(texts: list[str], chance: random.Random) -> None:
    events = events_of(chance.choice(list(FIELDS)), texts)
    assert redacted(events) == events


@pytest.mark.parametrize(
    ("text", "place", "path"),
    [
        ('{"a":{"b":["x","SECRET"]}}', "SECRET", "a.b[1]"),
        ('{"a":"x","SECRET":1}', "SECRET", ""),
        ("SECRET", "SECRET", ""),
        ('data: {"a":"x"}\n\ndata: {"a":["SECRET"]}\n\n', "SECRET", "event 2: a[0]"),
        ('data: {"a":"x"}\n\nSECRET', "SECRET", ""),
        ('["SECRET"]', "SECRET", "[0]"),
    ],
)
def test_paths(text: str, place: str, path: str) -> None:
    assert path_at(paths_of(text), text.index(place)) == path
