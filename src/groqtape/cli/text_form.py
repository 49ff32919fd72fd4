"""The plain text of a cassette (`groqtape show --text`): the same for each recording of one conversation.

Times, ids and sizes stay out of it, and nothing is wrapped, so that `git diff` shows changed words alone.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from groqtape.redaction.printable import printable
from groqtape.reports.answers import answer_of
from groqtape.reports.endings import shown_end
from groqtape.reports.requests import messages_of, parameters_of, request_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from groqtape.reports.interaction import Interaction

__all__ = ["text_form"]


def text_form(interactions: Iterable[Interaction]) -> str:
    """Write interactions as plain text."""
    return printable("\n".join(line for each in interactions for line in _interaction(each)))


def _interaction(interaction: Interaction) -> Iterator[str]:
    yield f"=== {interaction.number}: {interaction.method} {interaction.path}"
    for name, value in parameters_of(interaction).items():
        yield f"{name}: {_value(value)}"
    if text := request_text(interaction):
        yield from ("--- body", text)
    for message in messages_of(interaction):
        yield from (f"--- {message.role or 'message'}", message.text)
    status = "" if interaction.status in (200, None) else f" ({interaction.status})"
    yield f"--- answer{status}"
    answer = answer_of(interaction)
    if answer.reasoning:
        yield from ("reasoning:", answer.reasoning, "content:")
    if answer.content or answer.body:
        yield answer.content or answer.body
    for choice in answer.choices:
        if choice.reasoning:
            yield from (f"reasoning of choice {choice.number}:", choice.reasoning)
        yield from (f"choice {choice.number}:", choice.content)
    for name, arguments in answer.tool_calls:
        yield f"tool call: {name}({arguments})"
    yield from (f"executed tool: {tool}" for tool in answer.executed_tools)
    if answer.error:
        yield f"error: {answer.error}"
    if answer.finish_reasons:
        yield f"finish: {', '.join(answer.finish_reasons)}"
    if answer.usage:
        yield "usage: " + ", ".join(f"{word} {count}" for word, count in answer.usage.items())
    yield f"end: {shown_end(interaction)}"
    yield ""


def _value(value: Any) -> str:
    if isinstance(value, str):
        return value
    indent = 2 if isinstance(value, dict | list) and value else None
    return json.dumps(value, ensure_ascii=False, indent=indent, sort_keys=True)
