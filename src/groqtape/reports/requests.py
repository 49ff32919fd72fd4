"""What a request asked for, as people read it: its messages, and its other parameters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from groqtape.reports.interaction import Interaction

__all__ = ["Message", "messages_of", "parameters_of", "request_text"]


class Message(NamedTuple):
    """A message of a request: who speaks, and what."""

    role: str
    text: str


def messages_of(interaction: Interaction) -> list[Message]:
    """The messages of a chat request; `[]` where it has none."""
    messages = (interaction.parameters or {}).get("messages")
    if not isinstance(messages, list):
        return []
    return [_message(each) if isinstance(each, dict) else Message("", _as_json(each)) for each in messages]


def parameters_of(interaction: Interaction) -> dict[str, Any]:
    """The other parameters of a request in JSON, in the order of their names."""
    parameters = interaction.parameters or {}
    return {
        name: parameters[name]
        for name in sorted(parameters)
        if name != "messages" or not messages_of(interaction)
    }


def request_text(interaction: Interaction) -> str:
    """The body of a request that is no JSON object, as text."""
    return "" if interaction.parameters is not None else interaction.body.decode("utf-8", "replace")


def _message(message: dict[str, Any]) -> Message:
    parts = []
    content = message.get("content")
    for part in content if isinstance(content, list) else [content]:
        if isinstance(part, str):
            parts.append(part)
        elif isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("text"), str):
            parts.append(part["text"])
        elif part is not None:
            parts.append(_as_json(part))
    rest = {key: value for key, value in message.items() if key not in ("role", "content")}
    if rest:
        parts.append(_as_json(rest))
    role = message.get("role")
    return Message(role if isinstance(role, str) else "", "\n".join(parts))


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
