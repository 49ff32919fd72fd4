"""What each chunk of a stream added, as plain data."""

from collections.abc import Iterable
from typing import Any, Required, TypedDict

from groq.types.chat.chat_completion_chunk import Choice

from groqtape.streams.arguments import as_text
from groqtape.streams.base_chunk import FinishReason
from groqtape.streams.chunk import GroqCallResponseChunk
from groqtape.streams.usage import UsageCounts, counts_of

__all__ = ["ChoiceDelta", "Delta", "ExecutedToolDelta", "ToolCallDelta", "choice_deltas", "deltas_of"]


class ToolCallDelta(TypedDict, total=False):
    """A piece of a tool call. Groq sends a call whole, in one piece."""

    index: Required[int]
    name: str
    arguments: str
    """A piece of the text, not parsed."""


class ExecutedToolDelta(TypedDict, total=False):
    """A tool that `groq/compound` runs by itself: it comes once as a call and once more with the output."""

    index: Required[int]
    type: str
    arguments: str
    output: str


class ChoiceDelta(TypedDict, total=False):
    """What a chunk added to one choice. Only what it added is there, except `index` and `content`."""

    index: Required[int]
    role: str
    content: Required[str]
    reasoning: str
    tool_calls: list[ToolCallDelta]
    executed_tools: list[ExecutedToolDelta]
    finish_reason: FinishReason


class Delta(TypedDict, total=False):
    """What a chunk added: to the choice with index 0, to the others (`choices`), and the usage it reported.

    Only what it added is there, except `content`, which is `""` where the chunk adds none. Ids, times and
    fingerprints are left out.
    """

    role: str
    content: Required[str]
    reasoning: str
    tool_calls: list[ToolCallDelta]
    executed_tools: list[ExecutedToolDelta]
    finish_reason: FinishReason
    choices: list[ChoiceDelta]
    """What it added to choices with other indexes than 0."""
    usage: UsageCounts


def deltas_of(chunks: Iterable[GroqCallResponseChunk]) -> list[Delta]:
    """What each chunk added, one for each chunk, in order."""
    return [_delta(chunk) for chunk in chunks]


def choice_deltas(chunk: GroqCallResponseChunk) -> list[ChoiceDelta]:
    """What a chunk added to each of its choices, in the chunk's order."""
    # The SDK builds chunks without validation: any field may be None or missing.
    return [_choice_delta(choice) for choice in chunk.chunk.choices or ()]


def _delta(chunk: GroqCallResponseChunk) -> Delta:
    first: Any = {"content": ""}
    others: list[ChoiceDelta] = []
    for added in choice_deltas(chunk):
        if added["index"]:
            others.append(added)
        else:
            fields = {name: value for name, value in added.items() if name != "index"}
            first |= {**fields, "content": first["content"] + added["content"]}
    delta: Delta = first
    if others:
        delta["choices"] = others
    if chunk.usage:
        delta["usage"] = counts_of(chunk.usage)
    return delta


def _choice_delta(choice: Choice) -> ChoiceDelta:
    delta = choice.delta
    added: Any = {
        "role": getattr(delta, "role", None),
        "content": getattr(delta, "content", None) or "",
        "reasoning": getattr(delta, "reasoning", None),
        "tool_calls": [_tool_call(call) for call in getattr(delta, "tool_calls", None) or ()],
        "executed_tools": [_executed(tool) for tool in getattr(delta, "executed_tools", None) or ()],
        "finish_reason": choice.finish_reason,
    }
    fields: Any = {name: value for name, value in added.items() if value or name == "content"}
    result: ChoiceDelta = fields | {"index": choice.index or 0}
    return result


def _tool_call(call: Any) -> ToolCallDelta:
    function = getattr(call, "function", None)
    arguments = getattr(function, "arguments", None)
    text = None if arguments is None else as_text(arguments)
    added: Any = {"name": getattr(function, "name", None), "arguments": text}
    piece: ToolCallDelta = _indexed(call, added)
    return piece


def _executed(tool: Any) -> ExecutedToolDelta:
    added = {name: getattr(tool, name, None) for name in ("type", "arguments", "output")}
    piece: ExecutedToolDelta = _indexed(tool, added)
    return piece


def _indexed(item: Any, added: dict[str, Any]) -> Any:
    index = getattr(item, "index", None) or 0
    return {"index": index, **{name: value for name, value in added.items() if value is not None}}
