"""JSON laid out on lines: read as the same JSON, and in answers as the same bytes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from effort import examples
from hypothesis import given
from hypothesis import strategies as st

from groqtape.cassettes.json_layout import laid_out_answer, laid_out_request
from groqtape.cassettes.laid_out_json import compacted, looks_laid_out

TEXTS = st.text(max_size=6) | st.sampled_from(
    ['"', "\\", "{", "]", ",", ":", " ", "  \n", "\t", "é😀", "</b>"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=25,
)
ANSWER = (
    '{"id":"chatcmpl-1","object":"chat.completion","created":1787541208,"choices":[{"index":0,"message":'
    '{"role":"assistant","content":"Try \\u003ci\\u003eMistborn\\u003c/i\\u003e: it is \\"so\\".\\nReally."}'
    ',"finish_reason":"stop"}],"usage":{"total_tokens":1.50,"none":-0.0,"large":1E5,"twice":1,"twice":2},'
    '"empty":{}}\n'
)
SHOWN = """\
{
  "id": "chatcmpl-1",
  "object": "chat.completion",
  "created": 1787541208,
  "choices": [
    {
      "index": 0,
      "message": {
        "role": "assistant",
        "content": "Try \\u003ci\\u003eMistborn\\u003c/i\\u003e: it is \\"so\\".\\nReally."
      },
      "finish_reason": "stop"
    }
  ],
  "usage": {"total_tokens": 1.50, "none": -0.0, "large": 1E5, "twice": 1, "twice": 2},
  "empty": {}
}
"""


def test_how_an_answer_looks() -> None:
    assert laid_out_answer(ANSWER) == SHOWN
    assert compacted(SHOWN) == ANSWER
    assert laid_out_answer(ANSWER.rstrip()) == SHOWN.rstrip()
    assert compacted(SHOWN.rstrip()) == ANSWER.rstrip()


@examples(50)
@given(JSON, st.booleans(), st.sampled_from(["", "\n"]))
def test_any_compact_answer_comes_back_byte_for_byte(value: Any, ascii_alone: bool, end: str) -> None:
    text = json.dumps(value, ensure_ascii=ascii_alone, separators=(",", ":")) + end
    shown = laid_out_answer(text)
    if shown is not None:
        assert compacted(shown) == text
        assert len(shown.splitlines()) > 1
        assert all(line == line.rstrip() for line in shown.split("\n"))
    elif isinstance(value, dict | list) and value:
        assert any(not character.isprintable() and character != "\n" for character in text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "text",
        "5",
        '"text"',
        "{}",
        "[]",
        '{"a": 1}',
        '{"a":1, "b":2}',
        '{"a":1}\n\n',
        ' {"a":1}',
        '{"a":1',
        '{"a":1}}',
        '{"a":"\u2028"}',
        '{"a":"\x7f"}',
        '{"a":"\ud800"}',
        '{"a":NaN',
        '{"a":' + "[" * 300 + "]" * 300 + "}",
        '{"a":' + "[" * 100_000 + "]" * 100_000 + "}",
    ],
)
def test_any_other_answer_is_left_as_it_is(text: str) -> None:
    assert laid_out_answer(text) is None


@examples(50)
@given(JSON)
def test_a_request_is_the_same_json(value: Any) -> None:
    body = json.dumps(value)
    shown = laid_out_request(body)
    assert json.dumps(json.loads(shown), sort_keys=True) == json.dumps(json.loads(body), sort_keys=True)
    if isinstance(value, dict | list) and value:
        assert looks_laid_out(shown)


@pytest.mark.parametrize("body", ["", "text", "5", '{"a":1,"a":2}', '{"a":1', "[" * 100_000])
def test_any_other_request_is_left_as_it_is(body: str) -> None:
    assert laid_out_request(body) is body
    assert not looks_laid_out(body)
