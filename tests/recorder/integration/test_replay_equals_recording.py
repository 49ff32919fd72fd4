"""What replay gives is what the recording gave, and what it gave is what the wire gives without groqtape."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from loopback_groq import ExecutedTool, ToolCall, completion, models, raw, stream, stream_body
from recorder.integration.calling import Received, settled, untouched

import groqtape

if TYPE_CHECKING:
    from pathlib import Path

    from loopback_groq import LoopbackGroq
    from recorder.integration.calling import Sdk

STREAMS: dict[str, dict[str, Any]] = {
    "content": {"content": "Mistborn, by Brandon Sanderson."},
    "nothing": {},
    "not ASCII": {"content": ["Grü", "ße", " 👋🏽", " 日本", " <b>&amp;</b>", "\u2028", "\x7f", "\ufeff"]},
    "the marks of the format": {"content": ["§", "⏎", "@ data: §", '"', "\\", "\n\n", "data: [DONE]"]},
    "line breaks and spaces": {"content": ["\n", " ", "\t", "  two\n\n", "end ", "\r\n"]},
    "reasoning": {"content": "Four.", "reasoning": ["Two", " and", " two"]},
    "reasoning on a channel": {"content": "4", "reasoning": "two and two", "channel": "analysis"},
    "one tool call": {"tool_calls": [ToolCall("get_weather", {"city": "Oslo é"})]},
    "parallel tool calls": {"tool_calls": [ToolCall("a", {"x": 1}), ToolCall("b", {}, "call_2nd6")]},
    "a tool call in pieces": {"tool_calls": [ToolCall("a", {"x": [1, 2, 3]})], "split_arguments": 3},
    "content and a tool call": {"content": "Let me see.", "tool_calls": [ToolCall("a")]},
    "several choices": {"choices": ["one two three", "uno"]},
    "logprobs": {"content": "a b", "logprobs": 2},
    "no usage": {"content": "a", "usage_at": "none"},
    "usage in x_groq alone": {"content": "a", "usage_at": "x_groq"},
    "usage twice": {"content": "a", "usage_at": "both"},
    "usage three times": {"content": "a", "usage_at": "all"},
    "cached tokens": {"content": "a", "usage": {"prompt_tokens_details": {"cached_tokens": 32}}},
    "compound": {"content": "It rains.", "executed_tools": [ExecutedTool()], "model": "groq/compound"},
    "another finish reason": {"content": "a b", "finish_reason": "length"},
    "whole deltas": {"content": ["a", {"annotations": []}, {"function_call": {"name": "f"}}]},
}


@pytest.mark.parametrize("answer", STREAMS.values(), ids=STREAMS.keys())
def test_a_stream(sdk: Sdk, server: LoopbackGroq, cassette_path: Path, answer: dict[str, Any]) -> None:
    server.default = stream(**answer, fixed=7)
    without = sdk.stream()
    with groqtape.use_cassette(cassette_path, "once") as recording:
        recorded = sdk.stream()
    with untouched(server), groqtape.use_cassette(cassette_path) as replay:
        replayed = sdk.stream()
    assert without.error is None
    assert without.chunks
    assert recorded == without
    assert replayed == without
    # And so does what the cassettes and the file say of it.
    (loaded,) = groqtape.load(cassette_path)
    for (held,) in (recording.streams, replay.streams, [loaded]):
        assert [chunk.chunk.model_dump() for chunk in held.chunks] == without.chunks
        assert held.error is None


def test_every_event_comes_back_byte_for_byte(
    blocking: Sdk, server: LoopbackGroq, cassette_path: Path
) -> None:
    events = stream_body(["Ta", "pe § ", "\u2028 é"], tool_calls=[ToolCall("a")], fixed=7)
    body = b": keep-alive\n\n" + b"".join(events[:-1]) + b"id: 7\nretry: 10\n" + events[-1]
    server.reply(raw(body))

    async def scenario(client: Any) -> bytes:
        create = client.chat.completions.with_streaming_response.create
        with create(model="m", messages=[], stream=True) as response:
            return b"".join(response.http_response.iter_raw())

    with groqtape.use_cassette(cassette_path, "once"):
        assert blocking.run(scenario) == body
    with untouched(server), groqtape.use_cassette(cassette_path):
        assert blocking.run(scenario) == body


@pytest.mark.parametrize(
    "answer",
    [
        {"content": "Mistborn — é"},
        {"content": "Four.", "reasoning": "Two and two"},
        {"tool_calls": [ToolCall("a", {"x": 1})]},
        {"choices": ["one", "uno"]},
        {"content": "", "executed_tools": [ExecutedTool()]},
    ],
    ids=str,
)
def test_a_plain_completion(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path, answer: dict[str, Any]
) -> None:
    server.default = completion(**answer, fixed=7)
    without = sdk.create()
    with groqtape.use_cassette(cassette_path, "once") as cassette:
        assert sdk.create() == without
    assert cassette.streams == []
    with untouched(server), groqtape.use_cassette(cassette_path) as cassette:
        assert sdk.create() == without
    assert cassette.streams == []
    assert groqtape.load(cassette_path) == []


def test_a_call_without_a_body(sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
    server.default = models("openai/gpt-oss-20b", "groq/compound")

    async def scenario(client: Any) -> list[str]:
        return [model.id for model in (await settled(client.models.list())).data]

    with groqtape.use_cassette(cassette_path, "once") as cassette:
        assert sdk.run(scenario) == ["openai/gpt-oss-20b", "groq/compound"]
    assert cassette.requests == [None]
    with untouched(server), groqtape.use_cassette(cassette_path) as cassette:
        assert sdk.run(scenario) == ["openai/gpt-oss-20b", "groq/compound"]
    assert cassette.requests == [None]


def test_calls_of_all_kinds_in_one_cassette(sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
    server.on("stream", stream("Streamed"))
    server.on("plain", completion("Plain"))
    server.default = models("m")

    def call_them_all() -> tuple[Any, ...]:
        async def list_models(client: Any) -> Any:
            return (await settled(client.models.list())).model_dump()

        return sdk.create("plain"), sdk.stream("a stream"), sdk.run(list_models), sdk.stream("stream again")

    with groqtape.use_cassette(cassette_path, "once"):
        recorded = call_them_all()
    with untouched(server), groqtape.use_cassette(cassette_path) as cassette:
        assert call_them_all() == recorded
    assert [stream.content for stream in cassette.streams] == ["Streamed", "Streamed"]
    assert len(cassette.requests) == 4


def test_in_any_order(sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
    server.on("first", stream("One"))
    server.on("second", stream("Two"))
    with groqtape.use_cassette(cassette_path, "once"):
        recorded = {prompt: sdk.stream(prompt) for prompt in ("first", "second")}
    with groqtape.use_cassette(cassette_path) as cassette:
        assert sdk.stream("second") == recorded["second"]
        assert sdk.stream("first") == recorded["first"]
    assert [stream.content for stream in cassette.streams] == ["Two", "One"]


def test_recorded_in_one_way_and_replayed_in_another(
    sdk: Sdk, blocking: Sdk, server: LoopbackGroq, cassette_path: Path
) -> None:
    server.reply(stream("One two"))
    with groqtape.use_cassette(cassette_path, "once"):
        recorded = sdk.stream()
    with groqtape.use_cassette(cassette_path):
        assert blocking.stream() == recorded
    assert recorded != Received()


def test_with_no_key_and_groqs_own_url(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.reply(stream("One two"))
    with groqtape.use_cassette(cassette_path, "once"):
        recorded = sdk.stream()
    monkeypatch.delenv("GROQ_BASE_URL")
    monkeypatch.delenv("GROQ_API_KEY")
    sdk.options = {"api_key": "none"}
    with untouched(server), groqtape.use_cassette(cassette_path):
        assert sdk.stream() == recorded


def test_recording_the_same_again_writes_the_same_file_but_for_times(
    blocking: Sdk, server: LoopbackGroq, cassette_path: Path, tmp_path: Path
) -> None:
    server.default = stream("One two", fixed=7)
    other = tmp_path / "other.yaml"
    for path in (cassette_path, other):
        with groqtape.use_cassette(path, "once"):
            blocking.stream()
    one, two = (re.sub(r"(gaps: \|\n).*", r"\1", path.read_text()) for path in (cassette_path, other))
    assert one == two


def test_a_request_is_left_as_the_application_made_it(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path
) -> None:
    """Only `accept-encoding` differs: what is recorded is to be text."""
    server.default = stream("One")
    sdk.stream("Grüße", temperature=0.5, options={"default_headers": {"x-of-its-own": "1"}})
    with groqtape.use_cassette(cassette_path, "once"):
        sdk.stream("Grüße", temperature=0.5, options={"default_headers": {"x-of-its-own": "1"}})
    without, recorded = server.requests
    assert recorded.body == without.body
    assert recorded.path == without.path
    assert recorded.headers["accept-encoding"] == "identity"
    assert {**recorded.headers, "accept-encoding": ""} == {**without.headers, "accept-encoding": ""}
