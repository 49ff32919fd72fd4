"""What kind of answer it was, without its words: what another recording of the same request has too."""

from collections.abc import Mapping
from typing import Any, Literal, Required, TypedDict

from groqtape.streams.accumulator import Accumulator
from groqtape.streams.base_chunk import FinishReason
from groqtape.streams.summary import Summary, ToolCallSummary, summary_of

__all__ = [
    "ChoiceShape",
    "ErrorShape",
    "ExecutedToolShape",
    "JsonShape",
    "Part",
    "Shape",
    "ToolCallShape",
    "shape_of",
]

Part = Literal["reasoning", "content", "tool_calls", "executed_tools", "usage"]
_PARTS: tuple[Part, ...] = "reasoning", "content", "tool_calls", "executed_tools", "usage"

JsonShape = str | list[Any] | dict[str, Any]
"""The type of a JSON value, in JSON Schema's words (`"string"`, `"number"`, `"boolean"`, `"null"`).

An object is a dict of its members' types, sorted by name. An array is a list of the types that its
elements have, each once.
"""


class ToolCallShape(TypedDict):
    """The name of a called tool, and the types of the arguments."""

    name: str
    arguments: JsonShape
    """`"text"` if the arguments are not a JSON object, or one nested too deeply to be described."""


class ExecutedToolShape(TypedDict):
    """The kind of a tool that `groq/compound` ran by itself, and the types of the arguments."""

    type: str
    arguments: JsonShape


class ErrorShape(TypedDict):
    """What ended a stream early, without its message."""

    type: str
    code: str | None


class ChoiceShape(TypedDict):
    """One of several choices."""

    index: int
    parts: list[Part]
    finish_reason: FinishReason | None


class Shape(TypedDict, total=False):
    """Which parts an answer has, without its words.

    The fields of a `Summary` whose words are left out. The model and all numbers are left out too, as they
    change when an answer is recorded in other words.
    """

    # Lists of `Any`, as in `Summary`.
    parts: Required[list[Any]]
    """What is not empty, always in this order: reasoning, content, tool_calls, executed_tools, usage."""
    choices: list[ChoiceShape]
    tool_calls: Required[list[Any]]
    """Each a `ToolCallShape`."""
    executed_tools: list[ExecutedToolShape]
    finish_reasons: Required[list[Any]]
    """In the order of the choices' indexes: each a `FinishReason`."""
    error: Required[ErrorShape | None]


def shape_of(stream: Accumulator) -> Shape:
    """The shape of what has been read of a stream so far."""
    return _shape(summary_of(stream))


def _shape(summary: Summary) -> Shape:
    error = summary["error"]
    shape: Shape = {
        "parts": _parts(summary),
        "tool_calls": [_tool_call(call) for call in summary["tool_calls"]],
        "finish_reasons": summary["finish_reasons"],
        "error": {"type": error["type"], "code": error["code"]} if error else None,
    }
    if "choices" in summary:
        shape["choices"] = [
            {
                "index": choice["index"],
                "parts": _parts(choice),
                "finish_reason": choice["finish_reason"],
            }
            for choice in summary["choices"]
        ]
    if "executed_tools" in summary:
        shape["executed_tools"] = [
            {"type": tool["type"], "arguments": _arguments(tool["arguments"])}
            for tool in summary["executed_tools"]
        ]
    return shape


def _tool_call(call: ToolCallSummary) -> ToolCallShape:
    return {"name": call["name"], "arguments": _arguments(call["arguments"])}


def _parts(of: Mapping[str, Any]) -> list[Part]:
    return [part for part in _PARTS if of.get(part)]


def _arguments(arguments: dict[str, Any] | str) -> JsonShape:
    return "text" if isinstance(arguments, str) else _json_shape(arguments)


def _json_shape(value: Any) -> JsonShape:
    if isinstance(value, dict):
        return {name: _json_shape(value[name]) for name in sorted(value)}
    if isinstance(value, list):
        shapes = {repr(shape): shape for shape in map(_json_shape, value)}
        return [shapes[text] for text in sorted(shapes)]
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return "string" if isinstance(value, str) else "number"
