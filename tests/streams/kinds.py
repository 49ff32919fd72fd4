"""Streams of every kind that Groq sends, made by the loopback Groq's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from loopback_groq import ExecutedTool, ToolCall, error_event, stream_body
from loopback_groq.sse import TOOL_USE_FAILED

from groqtape.cassettes.loading import stream_of

if TYPE_CHECKING:
    from groqtape.streams.stream import GroqStream

GPT_OSS = "openai/gpt-oss-20b"
WEATHER = ToolCall("weather", {"city": "Oslo", "days": 3, "units": None})
TIME = ToolCall("time", {"zones": ["Europe/Oslo", "UTC"], "exact": True})
SEARCH = ExecutedTool("search", {"query": "Oslo"}, "4 °C")
VISIT = ExecutedTool("visit", '{"url":"https://example.com"}', "<html>")
PIECE = {"index": 0, "id": "c1", "type": "function", "function": {"name": "now", "arguments": "{}"}}

GOOD: dict[str, dict[str, Any]] = {
    "content": {"content": "Hello there, Oslo!"},
    "content of many alphabets": {"content": "Größe 😀 漢字\n\t\"<&>\" \\ 'x'"},
    "nothing but a finish": {"finish_reason": "length", "model": GPT_OSS},
    "reasoning and content": {"reasoning": "They greet me.", "content": "Hello!", "model": GPT_OSS},
    "reasoning alone": {"reasoning": "Let me", "finish_reason": "length", "model": GPT_OSS},
    "inlined reasoning": {"content": "<think>\nHm.\n</think>\n\nHello", "model": "qwen/qwen3-32b"},
    "a tool call": {"tool_calls": [WEATHER]},
    "a tool call from gpt-oss": {"tool_calls": [WEATHER], "model": GPT_OSS},
    "content and parallel calls": {"content": "I look.", "tool_calls": [WEATHER, TIME]},
    "split arguments": {"tool_calls": [WEATHER, TIME], "split_arguments": 3},
    "a tool call without arguments": {"tool_calls": [ToolCall("now")]},
    "several choices": {"choices": ["Heads", "Tails, I say", ""]},
    "calls of several choices": {
        "choices": [
            [{"tool_calls": [PIECE]}],
            [{"reasoning": "So"}, {"tool_calls": [PIECE, {**PIECE, "index": 1}]}],
        ]
    },
    "logprobs": {"content": "Hi there", "logprobs": 2},
    "compound": {"content": "4 °C.", "executed_tools": [SEARCH, VISIT], "model": "groq/compound"},
    "compound without tools": {"content": "Hi.", "model": "groq/compound-mini"},
    "usage in x_groq alone": {"content": "Hello", "usage_at": "x_groq", "model": "llama3-8b-8192"},
    "usage three times": {"content": "Hello", "usage_at": "all"},
    "no usage": {"content": "Hello", "usage_at": "none"},
    "a cached prompt": {"content": "Hello", "usage": {"prompt_tokens_details": {"cached_tokens": 32}}},
}
BROKEN: dict[str, dict[str, Any]] = {
    "arguments that are not JSON": {"tool_calls": [ToolCall("weather", '{"city": "Os')]},
    "arguments that are no object": {"tool_calls": [ToolCall("weather", "[1]")]},
    "an error in the middle": {"content": "Hello there, Oslo", "error_after": 2},
    "an error in a tool call": {"tool_calls": [WEATHER], "split_arguments": 3, "error_after": 3},
}
CUT: dict[str, tuple[dict[str, Any], int, str]] = {
    "cut in its content": ({"content": "Hello there, Oslo"}, 3, "RemoteProtocolError"),
    "cut in a tool call": ({"tool_calls": [WEATHER], "split_arguments": 3}, 4, "ReadError"),
    "timed out before its first chunk": ({"content": "Hello"}, 0, "ReadTimeout"),
    "closed by the consumer": ({"content": "Hello there, Oslo"}, 3, "closed"),
}
NAMES = [*GOOD, *BROKEN, *CUT, "an error as the first event"]


def stream(*, fixed: int | None = None, **fields: Any) -> GroqStream:
    """The finished stream of what `loopback_groq.stream_body` says."""
    return _finished(stream_body(fixed=fixed, **fields))


def kind(name: str, fixed: int | None = None) -> GroqStream:
    """A stream of a kind; each has other ids and times, unless `fixed` is the same."""
    if name in CUT:
        fields, after, end = CUT[name]
        return _finished(stream_body(fixed=fixed, **fields)[:after], end)
    if name in GOOD or name in BROKEN:
        return stream(fixed=fixed, **(GOOD | BROKEN)[name])
    return _finished([error_event(TOOL_USE_FAILED)])


def _finished(events: list[bytes], end: str = "complete") -> GroqStream:
    made = stream_of(events, end, "the connection broke")
    assert made is not None
    return made
