"""Chat completions as Groq sends them, streamed and plain."""

from __future__ import annotations

import itertools
import json
import random
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack

from . import identities
from .pacing import Hold, Tear, paced
from .replies import Encoding, HeaderItems, Reply, Scripted, json_reply, merged, now
from .sse import DONE, TOOL_USE_FAILED, error_event, event
from .steps import Cut, Ending, Step

if TYPE_CHECKING:
    from .request import Request

Content = str | Sequence[str | Mapping[str, Any]]
"""Content: a string is split like tokens; in a list, strings are pieces and mappings are whole deltas."""

UsageAt = Literal["auto", "none", "x_groq", "both", "all"]
"""Where usage stands: in the finish chunk's `x_groq`; at its top level too; and on a last, empty chunk."""


@dataclass(frozen=True)
class ToolCall:
    """A call of one of the caller's tools. Without an id, it gets a fresh one in each reply."""

    name: str
    arguments: str | Mapping[str, Any] = "{}"
    call_id: str | None = None

    def json_arguments(self) -> str:
        """The arguments as the string that goes over the wire."""
        if isinstance(self.arguments, str):
            return self.arguments
        return json.dumps(self.arguments, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class ExecutedTool:
    """A tool that a compound system ran by itself: sent once as a call and once more with its result."""

    kind: str = "search"
    arguments: str | Mapping[str, Any] = '{"query":"the weather in Oslo"}'
    output: str = "Title: Weather in Oslo\nContent: 4 °C and rain"
    results: Mapping[str, Any] = field(default_factory=dict)  # such as `search_results`

    def call(self, index: int) -> dict[str, Any]:
        """The tool as it is first seen."""
        arguments = ToolCall(self.kind, self.arguments).json_arguments()
        return {"index": index, "type": self.kind, "arguments": arguments}

    def result(self, index: int) -> dict[str, Any]:
        """The tool as it is seen when it has run."""
        return {**self.call(index), "output": self.output, **self.results}


class Saying(TypedDict, total=False):
    """The keyword arguments of `stream_body`, which `stream` hands on."""

    reasoning: str | Sequence[str]
    channel: str | None
    tool_calls: Sequence[ToolCall]
    split_arguments: int | None
    logprobs: bool | int
    finish_reason: str | None
    choices: Sequence[Content] | None
    usage: Mapping[str, Any] | None
    usage_at: UsageAt
    model: str | None
    completion_id: str | None
    created: int | None
    system_fingerprint: str | None
    request_id: str | None
    seed: int | None
    service_tier: str | None
    compound: bool | None
    executed_tools: Sequence[ExecutedTool]
    error_after: int | None
    error: Mapping[str, Any]
    fixed: int | None


@dataclass(frozen=True)
class _Piece:
    """One delta on its way into a chunk."""

    choice: int
    delta: Mapping[str, Any]
    text: str | None = None  # a content token, which can have logprobs


def stream_body(
    content: Content = (),
    *,
    request: Mapping[str, Any] | None = None,
    reasoning: str | Sequence[str] = (),
    channel: str | None = "auto",
    tool_calls: Sequence[ToolCall] = (),
    split_arguments: int | None = None,
    logprobs: bool | int = False,
    finish_reason: str | None = None,
    choices: Sequence[Content] | None = None,
    usage: Mapping[str, Any] | None = None,
    usage_at: UsageAt = "auto",
    model: str | None = None,
    completion_id: str | None = None,
    created: int | None = None,
    system_fingerprint: str | None = None,
    request_id: str | None = None,
    seed: int | None = None,
    service_tier: str | None = "on_demand",
    compound: bool | None = None,
    executed_tools: Sequence[ExecutedTool] = (),
    error_after: int | None = None,
    error: Mapping[str, Any] = TOOL_USE_FAILED,
    fixed: int | None = None,
) -> list[bytes]:
    """Build the events of one streamed chat completion; joined, they are the body.

    Args:
        content: The content of the answer.
        request: The JSON of the request, for its model and its `stream_options`.
        reasoning: What is thought before.
        channel: The channel beside each piece of reasoning, or None; `auto`: `analysis` from gpt-oss.
        tool_calls: The calls, each whole in one delta, after the content.
        split_arguments: Send each call's name first and its arguments in pieces of so many characters.
        logprobs: Give each piece of content its logprobs; a number sets how many `top_logprobs` each has.
        finish_reason: By default `tool_calls` or `stop`.
        choices: The content of each of several choices, in place of `content`. Only the first calls tools.
        usage: Figures to set over the usual ones; None takes a figure out.
        usage_at: Where usage stands; `auto`: `all` if the request wants it (`stream_options`), else `both`.
        model: By default the request's.
        completion_id: By default fresh, as are `created`, `system_fingerprint`, `request_id` and `seed`.
        created: Unix time.
        system_fingerprint: The backend's name.
        request_id: The id in `x_groq`.
        seed: The seed in `x_groq`.
        service_tier: On the chunk without choices; None omits it.
        compound: Stream as groq/compound does; by default for its model, or with `executed_tools`.
        executed_tools: The tools a compound system ran.
        error_after: So many events, then an error event, and nothing more.
        error: The error's body.
        fixed: A seed for everything fresh: with the same one, the bytes are the same.
    """
    parameters = request or {}
    rng = random.Random(fixed)  # None: fresh from the system
    model = model or parameters.get("model") or "openai/gpt-oss-20b"
    gpt_oss = model.startswith("openai/gpt-oss")
    if compound is None:
        compound = bool(executed_tools) or model.startswith("groq/compound")
    if channel == "auto":
        channel = "analysis" if gpt_oss else None
    contents = [content] if choices is None else list(choices)

    pieces = [_thought(text, channel) for text in _cut_up(reasoning)]
    for index, tool in enumerate(executed_tools):
        pieces += [_Piece(0, {"executed_tools": [seen]}) for seen in (tool.call(index), tool.result(index))]
    pieces += _interleaved(contents)
    for index, call in enumerate(tool_calls):
        pieces += _calls(call, index, split_arguments, rng)

    # What comes before a tool call is null, but from gpt-oss an empty string.
    null = bool(tool_calls) and not any(contents) and not gpt_oss
    roles = [
        _Piece(index, {"role": "assistant", "content": None if null else ""})
        for index in range(len(contents))
    ]
    finish = finish_reason or ("tool_calls" if tool_calls else "stop")
    figures = _usage(rng, len(pieces), len(_cut_up(reasoning)), usage)
    if usage_at == "auto":
        wanted = (parameters.get("stream_options") or {}).get("include_usage")
        usage_at = "all" if wanted else "both"

    base: dict[str, Any] = {
        "id": completion_id or identities.completion_id(rng),
        "object": "chat.completion.chunk",
        "created": created if created is not None else _created(rng, fixed),
        "model": model,
        "system_fingerprint": system_fingerprint or (None if compound else identities.fingerprint(rng)),
    }
    groq_id = request_id or identities.request_id(random.Random(fixed))
    fresh_seed = rng.getrandbits(31)

    chunks = [
        {**base, "choices": [_choice(piece, logprobs)]} for piece in ([] if compound else roles) + pieces
    ]
    for index in range(len(contents)):
        last = {"index": index, "delta": {}, "logprobs": None, "finish_reason": finish}
        chunks.append({**base, "choices": [last]})
    chunks[0]["x_groq"] = {"id": groq_id, "seed": fresh_seed if seed is None else seed}
    if usage_at != "none":
        shown: dict[str, Any] = {"usage": figures}
        if compound:
            shown["usage_breakdown"] = _breakdown(figures)
        chunks[-1]["x_groq"] = {**chunks[-1].get("x_groq", {}), "id": groq_id, **shown}
        if usage_at != "x_groq":
            chunks[-1] |= shown
        if usage_at == "all":
            tier = {} if service_tier is None else {"service_tier": service_tier}
            chunks.append({**base, "choices": [], **shown, **tier})
    if compound:
        for number, chunk in enumerate(chunks):
            chunk["id"] = identities.completion_id(rng)
            chunk["created"] += number > len(chunks) // 2

    events = [*(event(chunk) for chunk in chunks), DONE]
    if error_after is not None:
        if error_after >= len(events):
            raise ValueError(f"there are only {len(events) - 1} events for an error to come after")
        events = [*events[:error_after], error_event(error)]
    return events


def stream(
    content: Content = (),
    *,
    delay: float = 0,
    events_per_read: int | Sequence[int] = 1,
    tear: Tear | None = None,
    cut_after: int | None = None,
    cut: Ending = Cut(),  # noqa: B008 - it is a constant
    gates: Mapping[int, Hold] | None = None,
    before: Sequence[Step] = (),
    headers: HeaderItems = (),
    content_encoding: Encoding | None = None,
    force_encoding: bool = False,
    **saying: Unpack[Saying],
) -> Scripted:
    """Reply with a streamed chat completion.

    Args:
        content: The content of the answer.
        delay: Seconds from one event to the next, on an absolute schedule.
        events_per_read: How many events go out in one send; several numbers are used in rotation.
        tear: Cut sends every n bytes, at these offsets, or at those computed from the body (see `inside`).
        cut_after: So many events, then `cut`.
        cut: `Cut()`, `Reset()` or `Stall()`.
        gates: What happens before event k: wait for a `threading.Event`, or do a step or several.
        before: Steps before the response head.
        headers: Fields set in place of the usual ones.
        content_encoding: Compress the stream if the request accepts it (Groq never does).
        force_encoding: Compress it in any case.
        saying: The keyword arguments of `stream_body`.
    """

    def make(request: Request) -> Reply:
        groq_id = saying.get("request_id") or identities.request_id(random.Random(saying.get("fixed")))
        parameters = request.json if isinstance(request.json, dict) else {}
        known: Saying = {**saying, "request_id": groq_id}
        events = stream_body(content, request=parameters, **known)
        usual = [
            ("Content-Type", "text/event-stream"),
            ("Cache-Control", "no-cache"),
            ("x-request-id", groq_id),
        ]
        return Reply(
            headers=merged(usual, headers),
            steps=paced(
                events,
                delay=delay,
                events_per_read=events_per_read,
                tear=tear,
                cut_after=cut_after,
                cut=cut,
                gates=gates,
            ),
            before=before,
            content_encoding=content_encoding,
            force_encoding=force_encoding,
        )

    return Scripted("a streamed chat completion", make)


def completion(
    content: str | None = None,
    *,
    reasoning: str | None = None,
    tool_calls: Sequence[ToolCall] = (),
    executed_tools: Sequence[ExecutedTool] = (),
    choices: Sequence[str] | None = None,
    finish_reason: str | None = None,
    usage: Mapping[str, Any] | None = None,
    model: str | None = None,
    completion_id: str | None = None,
    created: int | None = None,
    system_fingerprint: str | None = None,
    request_id: str | None = None,
    seed: int | None = None,
    fixed: int | None = None,
    headers: HeaderItems = (),
    content_encoding: Encoding | None = "gzip",
    force_encoding: bool = False,
) -> Scripted:
    """Reply with a chat completion in one piece. The arguments mean what they mean to `stream_body`."""

    def make(request: Request) -> Reply:
        parameters = request.json if isinstance(request.json, dict) else {}
        rng = random.Random(fixed)
        messages: list[dict[str, Any]] = [
            {"role": "assistant", "content": text} for text in ([content] if choices is None else choices)
        ]
        if reasoning:
            messages[0]["reasoning"] = reasoning
        if tool_calls:
            messages[0]["tool_calls"] = [_whole_call(call, rng) for call in tool_calls]
        if executed_tools:
            messages[0]["executed_tools"] = [tool.result(index) for index, tool in enumerate(executed_tools)]
        finish = finish_reason or ("tool_calls" if tool_calls else "stop")
        thoughts = len(_cut_up(reasoning or ""))
        tokens = thoughts + sum(len(_cut_up(each["content"] or "")) for each in messages) + len(tool_calls)
        groq_id = request_id or identities.request_id(rng)
        body = {
            "id": completion_id or identities.completion_id(rng),
            "object": "chat.completion",
            "created": created if created is not None else _created(rng, fixed),
            "model": model or parameters.get("model") or "openai/gpt-oss-20b",
            "choices": [
                {"index": index, "message": message, "logprobs": None, "finish_reason": finish}
                for index, message in enumerate(messages)
            ],
            "usage": _usage(rng, tokens, thoughts, usage),
            "usage_breakdown": None,
            "system_fingerprint": system_fingerprint or identities.fingerprint(rng),
            "x_groq": {"id": groq_id, "seed": rng.getrandbits(31) if seed is None else seed},
            "service_tier": "on_demand",
        }
        return json_reply(
            body,
            headers=headers,
            request_id=groq_id,
            content_encoding=content_encoding,
            force_encoding=force_encoding,
        )

    return Scripted("a chat completion", make)


def _cut_up(text: Content) -> list[str | Mapping[str, Any]]:
    """Words with the space before them, which is roughly what tokens are."""
    return list(re.findall(r"\s*\S+|\s+$", text)) if isinstance(text, str) else list(text)


def _thought(text: str | Mapping[str, Any], channel: str | None) -> _Piece:
    if isinstance(text, Mapping):
        return _Piece(0, text)
    return _Piece(0, {"reasoning": text} if channel is None else {"reasoning": text, "channel": channel})


def _interleaved(contents: Sequence[Content]) -> Iterator[_Piece]:
    """The choices' pieces of content, one of each choice at a time."""
    for row in itertools.zip_longest(*map(_cut_up, contents)):
        for choice, text in enumerate(row):
            if isinstance(text, str):
                yield _Piece(choice, {"content": text}, text)
            elif text is not None:
                yield _Piece(choice, text)


def _whole_call(call: ToolCall, rng: random.Random) -> dict[str, Any]:
    return {
        "id": call.call_id or identities.tool_call_id(rng),
        "type": "function",
        "function": {"name": call.name, "arguments": call.json_arguments()},
    }


def _calls(call: ToolCall, index: int, split: int | None, rng: random.Random) -> list[_Piece]:
    """One call in one delta; or its name, and its arguments in pieces."""
    whole = _whole_call(call, rng)
    if split is None:
        return [_Piece(0, {"tool_calls": [{**whole, "index": index}]})]
    arguments = call.json_arguments()
    named = {**whole, "function": {"name": call.name, "arguments": ""}, "index": index}
    parts = [arguments[at : at + split] for at in range(0, len(arguments), split)]
    return [
        _Piece(0, {"tool_calls": [named]}),
        *(_Piece(0, {"tool_calls": [{"index": index, "function": {"arguments": part}}]}) for part in parts),
    ]


def _choice(piece: _Piece, logprobs: bool | int) -> dict[str, Any]:
    wanted = logprobs and piece.text is not None
    shown = {"content": [_logprob(piece.text or "", int(logprobs))]} if wanted else None
    return {"index": piece.choice, "delta": piece.delta, "logprobs": shown, "finish_reason": None}


def _logprob(token: str, top: int) -> dict[str, Any]:
    """A made-up likelihood of a token, always the same one for the same token."""

    def entry(text: str, rank: int) -> dict[str, Any]:
        chance = -(zlib.crc32(text.encode()) % 900_000 + 1 + 1_000_000 * rank) / 1_000_000
        return {"token": text, "logprob": chance, "bytes": list(text.encode())}

    alternatives = [token, *(f"{token}{'.' * rank}" for rank in range(1, top))]
    return {**entry(token, 0), "top_logprobs": [entry(text, rank) for rank, text in enumerate(alternatives)]}


def _usage(rng: random.Random, tokens: int, thoughts: int, given: Mapping[str, Any] | None) -> dict[str, Any]:
    """Usage figures: the counts follow from the content, the times differ each time."""
    given = given or {}
    queue, prompt, spent = (round(rng.uniform(0.001, 0.2), 9) for _ in range(3))
    prompt_tokens = given.get("prompt_tokens", 36)
    completion_tokens = given.get("completion_tokens", tokens)
    figures: dict[str, Any] = {
        "queue_time": queue,
        "prompt_tokens": prompt_tokens,
        "prompt_time": prompt,
        "completion_tokens": completion_tokens,
        "completion_time": spent,
        "total_tokens": (prompt_tokens or 0) + (completion_tokens or 0),
        "total_time": round(given.get("prompt_time", prompt) + given.get("completion_time", spent), 9),
    }
    if thoughts:  # absent, not 0, when there were none
        figures["completion_tokens_details"] = {"reasoning_tokens": thoughts}
    return {name: figure for name, figure in {**figures, **given}.items() if figure is not None}


def _breakdown(figures: Mapping[str, Any]) -> dict[str, Any]:
    """A compound system's usage by model: all of it was one model's."""
    return {"models": [{"model": "openai/gpt-oss-120b", "usage": dict(figures)}]}


def _created(rng: random.Random, fixed: int | None) -> int:
    return now() if fixed is None else 1_780_000_000 + rng.randrange(10_000_000)
