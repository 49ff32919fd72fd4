"""How an answer ended, as it is shown: `complete`, `closed`, `error event`, a status, an httpx error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groqtape.cassettes.ends import CLOSED, COMPLETE
from groqtape.cassettes.sse import parse_event
from groqtape.reports.responses_api import ENDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from groqtape.reports.interaction import Interaction

__all__ = ["ERROR_EVENT", "NO_DONE", "explained", "is_good", "shown_end", "tone"]

ERROR_EVENT = "error event"
"""Groq ended the stream with an error in it."""

NO_DONE = "no [DONE]"
"""The body was complete, but nothing in it says that the stream was."""

_FIRST_BAD_STATUS = 400


def shown_end(interaction: Interaction) -> str:
    """How an answer ended: its status where that is an error, or else the end of its body."""
    if interaction.status is not None and interaction.status >= _FIRST_BAD_STATUS:
        return str(interaction.status)
    if interaction.end != COMPLETE or not interaction.is_stream:
        return interaction.end
    last = parse_event(interaction.events_as_bytes[-1])
    if last is not None and last.data.startswith("[DONE]"):
        return COMPLETE
    if last is not None and (last.event == "error" or last.data.startswith('{"error":')):
        return ERROR_EVENT
    if last is not None and last.event in ENDS:
        return COMPLETE if ENDS[last.event] else ERROR_EVENT
    return NO_DONE


def is_good(interaction: Interaction) -> bool:
    """Whether an answer ended well."""
    return shown_end(interaction) == COMPLETE


def tone(interactions: Iterable[Interaction]) -> str:
    """How answers ended, in a word: `good`, `warn` where one was closed, `bad` where one went wrong."""
    ends = {shown_end(each) for each in interactions}
    return "good" if ends <= {COMPLETE} else "warn" if ends <= {COMPLETE, CLOSED} else "bad"


def explained(interaction: Interaction) -> str:
    """How an answer ended, in a sentence."""
    end = shown_end(interaction)
    message = f": {interaction.message}" if interaction.message else ""
    known = {
        COMPLETE: "read to its end",
        CLOSED: "closed: the reader stopped before its end",
        ERROR_EVENT: "ended by Groq with an error event",
        NO_DONE: "ended without [DONE]",
    }
    if end.isdigit():
        return f"answered with status {end}"
    what = "cut by" if interaction.status is not None else "no answer came:"
    return known.get(end) or f"{what} {end}{message}"
