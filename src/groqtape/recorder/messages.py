"""The texts of refusals: the request, what is recorded, and the way out."""

from __future__ import annotations

import json
import traceback
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from groqtape.recorder.matching import parsed
from groqtape.redaction.request_body import request_body
from groqtape.redaction.shown import gate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from os import PathLike
    from pathlib import Path

    Command = Callable[[str], str]
    """Gives the command that records in a record mode."""

__all__ = ["as_json", "describe", "failure", "no_key", "past_end", "shown", "unplayed", "without_cassette"]

_MOST = 8
_AROUND = 60


def as_json(value: Any) -> str:
    """A value on one line; what JSON has no form for as its `repr`."""
    text = json.dumps(
        value,
        ensure_ascii=False,
        default=lambda other: dict(other) if isinstance(other, Mapping) else repr(other),
    )
    return gate.line(text)


def shown(path: Path, here: str | PathLike[str] | None) -> str:
    """A path as you would type it in the folder `here`: relative, if it is below that."""
    return str(path.relative_to(here)) if here is not None and path.is_relative_to(here) else str(path)


def describe(request: Any) -> str:
    """One line on a request: method, path, model and the last message's text."""
    body = parsed(request_body(request))
    query = f"?{request.parsed_uri.query}" if request.parsed_uri.query else ""
    parts = [f"{request.method} {request.path}{query}"]
    if isinstance(body, dict):
        if isinstance(body.get("model"), str):
            parts.append(body["model"])
        messages = body.get("messages")
        last = messages[-1] if isinstance(messages, list) and messages else None
        if isinstance(last, dict) and isinstance(last.get("content"), str):
            text = as_json(last["content"])
            parts.append(text if len(text) <= _AROUND else f"{text[:_AROUND]}…")
    return gate.line("  ".join(parts))


def unplayed(*, path: str, unplayed: Sequence[tuple[int, Any]], total: int, command: Command) -> str:
    """The text for interactions that stayed unplayed."""
    return "\n".join(
        [
            f"{len(unplayed)} of {total} recorded interactions never asked for,",
            f"in the cassette {path}:",
            *(f"  interaction {number}: {describe(request)}" for number, request in unplayed[:_MOST]),
            *([f"  and {len(unplayed) - _MOST} more"] if len(unplayed) > _MOST else []),
            "",
            f"If the code no longer makes these calls, record from scratch:  {command('all')}",
            "If that is as it should be:  allow_unplayed=True (or the ini option groq_unplayed = ignore)",
        ]
    )


def past_end(*, path: str, now: Any, command: Command, read_at: Sequence[str] = ()) -> str:
    """The text for reading past the point where the recording's consumer stopped."""
    return "\n".join(
        [
            "This stream is read past the end of its recording, whose consumer stopped reading early.",
            f"The cassette is {path}, the request",
            f"  {describe(now)}",
            *read_at,
            "",
            f"Record the whole stream (needs GROQ_API_KEY):  {command('all')}",
        ]
    )


def no_key(*, path: str, now: Any, called_at: Sequence[str] = ()) -> str:
    """The text for recording with the placeholder key."""
    return "\n".join(
        [
            f"Recording into {path} needs GROQ_API_KEY, and it is not set. The request was:",
            f"  {describe(now)}",
            *called_at,
            "",
            "Set it and run again:  export GROQ_API_KEY=…",
        ]
    )


def failure(*, error: Exception, request: str) -> str:
    """The text for an error while groqtape handled a call.

    Args:
        error: The error.
        request: The request.
    """
    frames = list(traceback.walk_tb(error.__traceback__))
    return "\n".join(
        [
            gate.lines(f"{type(error).__name__}: {error}"),
            "",
            "groqtape raised this error while it handled a call to Groq (the network did not). The call was:",
            f"  {gate.line(request)}",
            *(f"  {frame.f_code.co_filename}:{line} in {frame.f_code.co_name}" for frame, line in frames),
            "",
            "If it comes from your own code (a matcher in match_on=, a patched function), correct that.",
            "If not, it is a bug in groqtape: please report it with these lines.",
        ]
    )


def without_cassette(*, request: str, command: str | None, called_at: Sequence[str] = ()) -> str:
    """The text for a call to Groq without a cassette, while replaying.

    Args:
        request: The request.
        called_at: Lines on where the call was made.
        command: The command that records the test which made it; None outside a test.
    """
    if command is None:
        return "\n".join(
            [
                "Groq was called outside a test, and while replaying no such call leaves the machine:",
                f"  {gate.line(request)}",
                *called_at,
                "",
                "Make this call in a test or a fixture, which a cassette can answer;",
                "a client may be made anywhere.",
            ]
        )
    return "\n".join(
        [
            "This test called Groq without a cassette, and while replaying no such call leaves the machine:",
            f"  {gate.line(request)}",
            *called_at,
            "",
            "Give the test a cassette, with @pytest.mark.groq_cassette or any groq_ fixture",
            "(or every test one, with the ini option groq_auto = true), and record it (needs GROQ_API_KEY):",
            f"  {command}",
        ]
    )
