"""What was answered, as plain data that a test compares with `==`."""

from collections.abc import Iterable
from typing import Any, Required, TypedDict

from groq.types.chat import ChatCompletionMessageToolCall

from groqtape.streams.accumulator import Accumulator
from groqtape.streams.arguments import json_object
from groqtape.streams.base_chunk import FinishReason
from groqtape.streams.chunk import GroqCallResponseChunk
from groqtape.streams.deltas import ExecutedToolDelta, choice_deltas
from groqtape.streams.usage import UsageCounts, counts_of

__all__ = [
    "ChoiceSummary",
    "ErrorSummary",
    "ExecutedToolSummary",
    "Summary",
    "ToolCallSummary",
    "summary_of",
]


class ToolCallSummary(TypedDict):
    """A finished tool call, without its id."""

    name: str
    arguments: dict[str, Any] | str
    """The JSON object; the text as it came if that is not a JSON object."""


class ExecutedToolSummary(TypedDict, total=False):
    """A tool that `groq/compound` ran by itself."""

    type: Required[str]
    """The kind of tool, such as `"search"`."""
    arguments: Required[dict[str, Any] | str]
    output: str


class ErrorSummary(TypedDict):
    """What ended a stream early."""

    type: str
    """The name of the exception's class, such as `"APIError"` or `"RemoteProtocolError"`."""
    code: str | None
    """Groq's code, such as `"tool_use_failed"`; `None` if the error is not Groq's or has none."""
    message: str


class ChoiceSummary(TypedDict):
    """One of several choices."""

    index: int
    content: str
    reasoning: str
    tool_calls: list[ToolCallSummary]
    finish_reason: FinishReason | None


class Summary(TypedDict, total=False):
    """What was answered, without what differs between two recordings of one answer.

    Ids, times, fingerprints and the number of chunks are left out. All fields are always there, except
    `choices` and `executed_tools`, which are there only if a stream has several choices, or executed tools.
    """

    model: Required[str | None]
    content: Required[str]
    """The text of the choice with index 0."""
    reasoning: Required[str]
    """The reasoning of the choice with index 0; `""` if there is none."""
    choices: list[ChoiceSummary]
    """Every choice, in the order of their indexes."""
    # Lists of `Any`: with exact elements, mypy says that `summary() == {…, "tool_calls": []}` can't be true.
    tool_calls: Required[list[Any]]
    """The finished calls of all choices, those of each in the order in which they finished.

    Each is a `ToolCallSummary`.
    """
    executed_tools: list[ExecutedToolSummary]
    finish_reasons: Required[list[Any]]
    """In the order of the choices' indexes: each a `FinishReason`."""
    usage: Required[UsageCounts | None]
    """The counts last reported; `None` before that."""
    error: Required[ErrorSummary | None]


def summary_of(stream: Accumulator) -> Summary:
    """What has been read of a stream so far, as plain data."""
    usage = stream.last_with_usage.usage if stream.last_with_usage else None
    choices = _choices(stream)
    executed = _executed(stream.chunks)
    summary: Summary = {
        "model": stream.model,
        "content": "".join(stream.content),
        "reasoning": "".join(stream.reasoning),
        "tool_calls": [
            _tool_call(call) for _, calls in sorted(stream.tool_calls_by_choice.items()) for call in calls
        ],
        "finish_reasons": [reason for _, reason in sorted(stream.finish_reasons.items())],
        "usage": counts_of(usage) if usage else None,
        "error": _error(stream.error) if stream.error else None,
    }
    if len(choices) > 1:
        summary["choices"] = choices
    if executed:
        summary["executed_tools"] = executed
    return summary


def _tool_call(call: ChatCompletionMessageToolCall) -> ToolCallSummary:
    return {"name": call.function.name, "arguments": _arguments(call.function.arguments)}


def _choices(stream: Accumulator) -> list[ChoiceSummary]:
    found: dict[int, ChoiceSummary] = {}
    for chunk in stream.chunks:
        for added in choice_deltas(chunk):
            index = added["index"]
            if index not in found:
                found[index] = _begun(index, stream)
            choice = found[index]
            choice["content"] += added["content"]
            choice["reasoning"] += added.get("reasoning", "")
            choice["finish_reason"] = added.get("finish_reason", choice["finish_reason"])
    return [choice for _, choice in sorted(found.items())]


def _begun(index: int, stream: Accumulator) -> ChoiceSummary:
    calls = [_tool_call(call) for call in stream.tool_calls_by_choice.get(index, ())]
    return {"index": index, "content": "", "reasoning": "", "tool_calls": calls, "finish_reason": None}


def _executed(chunks: Iterable[GroqCallResponseChunk]) -> list[ExecutedToolSummary]:
    """The tools in the order in which they began. A call and its result have the same index."""
    tools: list[dict[str, Any]] = []
    running: dict[tuple[int, int], dict[str, Any]] = {}
    for chunk in chunks:
        for choice in choice_deltas(chunk):
            for added in choice.get("executed_tools", ()):
                place = choice["index"], added["index"]
                if place not in running:
                    running[place] = {}
                    tools.append(running[place])
                running[place] |= added
                if "output" in added:
                    del running[place]
    return [_executed_tool(tool) for tool in tools]


def _executed_tool(tool: Any) -> ExecutedToolSummary:
    seen: ExecutedToolDelta = tool
    summary: ExecutedToolSummary = {
        "type": seen.get("type", ""),
        "arguments": _arguments(seen.get("arguments", "")),
    }
    if "output" in seen:
        summary["output"] = seen["output"]
    return summary


def _arguments(text: str) -> dict[str, Any] | str:
    parsed = json_object(text)
    return text if parsed is None else parsed


def _error(error: Exception) -> ErrorSummary:
    body = getattr(error, "body", None)
    code = body.get("code") if isinstance(body, dict) else None
    return {"type": type(error).__name__, "code": None if code is None else str(code), "message": str(error)}
