"""The plain data of every kind of stream that Groq sends: parts, places of usage and ends, combined."""

from __future__ import annotations

import ast
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from loopback_groq import ToolCall, stream_body
from streams.kinds import GOOD, GPT_OSS

from groqtape.cassettes.loading import stream_of
from groqtape.pytest_plugin.snapshot import GroqSnapshotExtension

if TYPE_CHECKING:
    from groqtape.streams.stream import GroqStream

USAGES: list[dict[str, Any]] = [
    {"usage_at": "x_groq"},
    {"usage_at": "both", "usage": {"completion_tokens_details": {"reasoning_tokens": 3}}},
    {"usage_at": "all", "usage": {"prompt_tokens_details": {"cached_tokens": 32}}},
    {"usage_at": "none"},
]
ENDS: dict[str, dict[str, Any]] = {
    "complete": {},
    "length": {"finish_reason": "length"},
    "error in the middle": {"error_after": 2},
    "error at first": {"error_after": 0},
    "closed": {},
    "RemoteProtocolError": {},
}


def answered(fields: dict[str, Any], end: str) -> GroqStream:
    """A stream with ids and times of its own."""
    events = stream_body(**fields)
    is_cut = end in ("closed", "RemoteProtocolError")
    made = stream_of(events[: len(events) // 2] if is_cut else events, end if is_cut else "complete", "cut")
    assert made is not None
    return made


@pytest.mark.parametrize("end", ENDS)
def test_it_never_raises_joins_up_and_is_the_same_when_recorded_again(end: str) -> None:
    for (name, parts), usage in product(GOOD.items(), USAGES):
        fields = {**parts, **usage, **ENDS[end]}
        one, again = answered(fields, end), answered(fields, end)
        summary, shape, deltas = one.summary(), one.shape(), one.deltas()

        assert "".join(delta["content"] for delta in deltas) == one.content == summary["content"], name
        assert len(deltas) == len(one.chunks)
        for data, other in ((summary, again.summary()), (shape, again.shape()), (deltas, again.deltas())):
            assert ast.literal_eval(repr(data)) == data, name
            assert repr(other) == repr(data), name
        snapshots = [GroqSnapshotExtension().serialize(each) for each in (one, again)]
        assert snapshots[0] == snapshots[1], name
        # An error before the first chunk leaves nothing that differs.
        assert (one.id != again.id) is bool(one.chunks), name


def test_a_reworded_answer_has_another_summary_and_the_same_shape() -> None:
    def worded(words: str, *, more: str = "") -> dict[str, dict[str, Any]]:
        return {
            "content": {"content": words},
            "reasoning": {"reasoning": words, "content": words, "model": GPT_OSS},
            "tool call": {"tool_calls": [ToolCall("weather", {"city": words + more})]},
            "choices": {"choices": [words, words + more]},
            "error": {"content": words, "error_after": 2, "error": {"message": words, "code": "c"}},
        }

    for (name, before), after in zip(
        worded("Hello").items(), worded("Good", more=" morning to you").values(), strict=True
    ):
        one, other = answered(before, "complete"), answered(after, "complete")
        assert one.summary() != other.summary(), name
        assert one.shape() == other.shape(), name
