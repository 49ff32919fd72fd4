"""What one event adds."""

from __future__ import annotations

import json
from typing import Any

import pytest

from groqtape.reports.events import KINDS, is_chunk, kind_of


def chunk(**delta: Any) -> dict[str, Any]:
    return {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta}]}


CALLS = [{"function": {"name": "f", "arguments": "{}"}}, {"function": {"arguments": "1"}}, 5, {"function": 5}]


@pytest.mark.parametrize(
    ("data", "kind", "text"),
    [
        (chunk(role="assistant", content=""), "role", ""),
        (chunk(content="A"), "content", "A"),
        (chunk(content=["A"]), "content", ""),
        (chunk(reasoning="B"), "reasoning", "B"),
        (chunk(tool_calls=CALLS), "tool call", "f({}) (1) ()"),
        (chunk(executed_tools=[{"type": "search", "arguments": "{}"}]), "executed tool", "search({})"),
        ({"choices": [{"delta": {}, "finish_reason": "stop"}]}, "finish", "stop"),
        ({"choices": [{"index": 1, "delta": {"content": "of another"}}]}, "content", ""),
        ({"choices": [{"delta": None}]}, "other", ""),
        ({"choices": [5]}, "other", ""),
        ({"choices": [], "usage": {"total_tokens": 1}}, "usage", ""),
        ({"choices": None}, "other", ""),
        ({"error": {"message": "no"}}, "error", "no"),
        ({"error": "no"}, "error", "no"),
        ({"error": {"code": 5}}, "error", "null"),
        ([1], "other", ""),
    ],
)
def test_is_one_of_the_kinds(data: Any, kind: str, text: str) -> None:
    event = kind_of(f"data: {json.dumps(data)}\n\n".encode(), 5.0)
    assert (event.kind, event.text, event.at) == (kind, text, 5.0)
    assert kind in KINDS


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b": ping\n\n", "other"),
        (b'data: {"choi', "other"),
        (b"data: no JSON\n\n", "other"),
        (b"data: " + b"[" * 100_000 + b"\n\n", "other"),
        (b"data: [DONE]\n\n", "done"),
    ],
)
def test_is_another_where_it_has_no_chunk(data: bytes, kind: str) -> None:
    assert kind_of(data, None) == (kind, None, "", None, len(data))


def test_a_chunk_is_seen_whatever_the_spaces() -> None:
    assert is_chunk(b'data: {"object": "chat.completion.chunk"}')
    assert not is_chunk(b'data: {"content":"\\"object\\":\\"chat.completion.chunk\\""}')
