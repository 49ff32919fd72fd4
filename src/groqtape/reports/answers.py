"""What an interaction answered, as plain values: from a stream, from a plain chat completion, or as text."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from groqtape.reports.responses_api import response_in

if TYPE_CHECKING:
    from groqtape.reports.interaction import Interaction
    from groqtape.streams.stream import GroqStream

__all__ = ["Answer", "Choice", "answer_of"]

# The counts of usage, by the words they are shown with.
_COUNTS = (
    ("prompt", ("prompt_tokens",)),
    ("cached", ("prompt_tokens_details", "cached_tokens")),
    ("completion", ("completion_tokens",)),
    ("reasoning", ("completion_tokens_details", "reasoning_tokens")),
    ("total", ("total_tokens",)),
)


class Choice(NamedTuple):
    """A choice after the first."""

    number: int
    content: str
    reasoning: str


class Answer(NamedTuple):
    """An answer.

    Attributes:
        model: The model that answered; None where nothing names it.
        content: The words of the first choice.
        reasoning: Its reasoning.
        tool_calls: The calls, each with its name and its arguments.
        finish_reasons: Why it ended, for each choice.
        usage: Counts of tokens, by the words they are shown with.
        error: What the error said that ended it, or that was answered in its place; empty without one.
        body: The body as text, where it is no chat answer.
        choices: The choices after the first, if there are several.
        executed_tools: What `groq/compound` ran: a text for each tool, of its call and its output.
    """

    model: str | None = None
    content: str = ""
    reasoning: str = ""
    tool_calls: tuple[tuple[str, str], ...] = ()
    finish_reasons: tuple[str, ...] = ()
    usage: dict[str, int] = {}  # noqa: RUF012  # a NamedTuple's default, never changed
    error: str = ""
    body: str = ""
    choices: tuple[Choice, ...] = ()
    executed_tools: tuple[str, ...] = ()


def answer_of(interaction: Interaction) -> Answer:
    """Read an answer."""
    if interaction.status is None:
        return Answer(error=f"{interaction.end}: {interaction.message}".removesuffix(": "))
    if interaction.is_stream:
        return _of_stream(interaction)
    text = _decoded(interaction.answer)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return Answer(body=text)
    if not isinstance(data, dict):
        return Answer(body=text)
    if data.get("error"):
        return Answer(error=_message(data["error"]))
    return _of_completion(data) or Answer(body=_as_text(data))


def _of_stream(interaction: Interaction) -> Answer:
    stream = interaction.stream
    if stream is None:
        return _of_other_stream(interaction)
    error, summary = stream.error, stream.summary()
    return Answer(
        model=stream.model,
        content=stream.content,
        reasoning=stream.reasoning,
        tool_calls=tuple((call.function.name, call.function.arguments) for call in stream.tool_calls),
        finish_reasons=tuple(map(str, stream.finish_reasons)),
        usage=_counts(_reported(stream)),
        error="" if error is None else f"{type(error).__name__}: {error}".removesuffix(": "),
        choices=tuple(
            Choice(choice["index"], choice["content"], choice["reasoning"])
            for choice in summary.get("choices", [])[1:]
        ),
        executed_tools=_executed_tools(summary.get("executed_tools")),
    )


def _of_other_stream(interaction: Interaction) -> Answer:
    """The answer of a stream that has no chat chunks."""
    texts = {
        kind: "".join(event.text for event in interaction.events if event.kind == kind)
        for kind in ("content", "reasoning", "error")
    }
    whole = response_in(interaction.events[-1].chunk if interaction.events else None)
    if not any(texts.values()) and not whole["tool_calls"]:
        return Answer(body=_decoded(interaction.answer))
    return Answer(
        model=whole["model"],
        content=texts["content"],
        reasoning=texts["reasoning"],
        tool_calls=whole["tool_calls"],
        usage=_counts(whole["usage"]),
        error=texts["error"],
    )


def _decoded(body: bytes) -> str:
    """A body as text; of one that is no text, such as sound, what it is."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        if b"\0" not in body:
            return body.decode("utf-8", "replace")
        return f"<{len(body)} bytes, SHA-256 {hashlib.sha256(body).hexdigest()}>"


def _reported(stream: GroqStream) -> Any:
    usage: Any = stream.usage
    return usage.model_dump() if hasattr(usage, "model_dump") else usage


def _of_completion(data: dict[str, Any]) -> Answer | None:
    choices = _mappings(data.get("choices"))
    message = choices[0].get("message") if choices else None
    if not isinstance(message, dict):
        return None
    messages = _mappings([choice.get("message") for choice in choices])
    calls = (call for each in messages for call in _mappings(each.get("tool_calls")))
    functions = _mappings([call.get("function") for call in calls])
    return Answer(
        model=_text(data.get("model")) or None,
        content=_text(message.get("content")),
        reasoning=_text(message.get("reasoning")),
        tool_calls=tuple(
            (_text(function.get("name")), _text(function.get("arguments"))) for function in functions
        ),
        finish_reasons=tuple(_text(choice.get("finish_reason")) for choice in choices),
        usage=_counts(data.get("usage")),
        choices=tuple(
            Choice(number, _text(message.get("content")), _text(message.get("reasoning")))
            for number, choice in enumerate(choices[1:], 1)
            for message in _mappings([choice.get("message")])
        ),
        executed_tools=_executed_tools(message.get("executed_tools")),
    )


def _executed_tools(tools: Any) -> tuple[str, ...]:
    fields = (
        [_text(tool.get(name)) for name in ("type", "arguments", "output")] for tool in _mappings(tools)
    )
    return tuple(f"{kind}({arguments}): {output}" for kind, arguments, output in fields)


def _counts(usage: Any) -> dict[str, int]:
    counts = {}
    for word, path in _COUNTS:
        value = usage
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        if type(value) is int:
            counts[word] = value
    return counts


def _mappings(values: Any) -> list[dict[str, Any]]:
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def _message(error: Any) -> str:
    message = error.get("message") if isinstance(error, dict) else error
    return message if isinstance(message, str) else _as_text(message)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else _as_text(value)


def _as_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
