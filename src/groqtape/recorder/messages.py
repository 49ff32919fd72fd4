"""The texts of refusals: the request, what is recorded, and the way out."""

from __future__ import annotations

import json
import traceback
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from groqtape.recorder.matching import ABSENT, differences, parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from os import PathLike
    from pathlib import Path

    Command = Callable[[str], str]
    """Gives the command that records in a record mode."""

__all__ = ["failure", "no_key", "past_end", "shown", "unplayed", "unrecorded", "without_cassette"]

_MOST_FIELDS = 8
_MOST_TEXT = 200
_AROUND = 60


def unrecorded(
    *,
    path: str,
    record_mode: str,
    reason: str,
    now: Any,
    similar: Sequence[tuple[int, Any, Sequence[str]]],
    command: Command,
) -> str:
    """The text for a request that a cassette does not answer.

    Args:
        path: The cassette's, as it is shown.
        record_mode: Its record mode.
        reason: vcrpy's reason: `cassette_not_found`, `already_played`, `no_match` or `nothing_similar`.
        now: The request.
        similar: The closest recorded requests: number in the cassette, request, failing matchers.
        command: Gives the command that records.
    """
    if reason == "cassette_not_found":
        lines = [
            f"There is no cassette {path},",
            f"and record mode {record_mode!r} records nothing. The request was:",
            f"  {describe(now)}",
            "",
            f"Record it (needs GROQ_API_KEY):  {command('once')}",
        ]
        return "\n".join(lines)
    if reason == "already_played":
        lines = [
            f"Each recorded answer to this request ({len(similar)}) has been played already,",
            f"in the cassette {path}:",
            f"  {describe(now)}",
            "",
            "If it may get the same answer again:  allow_repeats=True",
        ]
    else:
        closest, fields = _closest(now, similar)
        lines = [
            f"{_headline(fields)},",
            f"{path}, and record mode {record_mode!r} adds nothing to it:",
            f"  {describe(now)}",
            "",
            *closest,
            "",
        ]
    return "\n".join(
        [
            *lines,
            f"Add it to the cassette (needs GROQ_API_KEY):  {command('new_episodes')}",
            f"Record the cassette from scratch:  {command('all')}",
        ]
    )


def _headline(fields: Sequence[str]) -> str:
    if not fields:
        return "This request is like none in the cassette"
    others = f" and {_fields_more(len(fields) - 1)}" if len(fields) > 1 else ""
    return f"This request differs in {fields[0]}{others} from those in the cassette"


def _closest(now: Any, similar: Sequence[tuple[int, Any, Sequence[str]]]) -> tuple[list[str], list[str]]:
    """The lines on the closest recorded request, and the fields in which it differs."""
    if not similar:
        return ["Nothing recorded resembles it."], []
    changes = [(number, _changes(recorded, now, failed)) for number, recorded, failed in similar]
    number, fields = min(changes, key=lambda change: len(change[1]))
    lines = [f"The closest recorded request is interaction {number}; they differ in:"]
    for field, before, after in fields[:_MOST_FIELDS]:
        recorded_text, now_text = _contrast(before, after)
        lines.append(
            f"  {field} (this matcher found a difference)"
            if before is after is ABSENT
            else f"  {field}: recorded {recorded_text} / now {now_text}"
        )
    if len(fields) > _MOST_FIELDS:
        lines.append(f"  and {_fields_more(len(fields) - _MOST_FIELDS)}")
    return lines, [field for field, _, _ in fields]


def _fields_more(number: int) -> str:
    return f"{number} field{'' if number == 1 else 's'} more"


def _changes(recorded: Any, now: Any, failed: Sequence[str]) -> list[tuple[str, Any, Any]]:
    changes: list[tuple[str, Any, Any]] = []
    for matcher in failed:
        if matcher in ("body", "raw_body"):
            # Bodies with equal content can differ in their text: a JSON string is not the bare text.
            changes += list(differences(_content(recorded), _content(now))) or [
                ("body", _text(recorded), _text(now))
            ]
        else:
            changes.append((matcher, getattr(recorded, matcher, ABSENT), getattr(now, matcher, ABSENT)))
    return changes


def _content(request: Any) -> Any:
    return parsed(request.body_bytes) if request.body_bytes else ABSENT


def _text(request: Any) -> str:
    return (request.body_bytes or b"").decode("utf-8", "backslashreplace")


def _contrast(recorded: Any, now: Any) -> tuple[str, str]:
    """Two values as JSON; long texts cut to where they begin to differ."""
    texts = ["nothing" if value is ABSENT else _as_json(value) for value in (recorded, now)]
    if all(len(text) <= _MOST_TEXT for text in texts):
        return texts[0], texts[1]
    same = next((at for at, (a, b) in enumerate(zip(*texts, strict=False)) if a != b), min(map(len, texts)))
    start = max(0, same - _AROUND)
    shown = [
        ("…" if start else "")
        + text[start : start + _MOST_TEXT]
        + ("…" if len(text) > start + _MOST_TEXT else "")
        for text in texts
    ]
    return shown[0], shown[1]


def _as_json(value: Any) -> str:
    return json.dumps(
        value,
        ensure_ascii=False,
        default=lambda other: dict(other) if isinstance(other, Mapping) else repr(other),
    )


def shown(path: Path, here: str | PathLike[str] | None) -> str:
    """A path as you would type it in the folder `here`: relative, if it is below that."""
    return str(path.relative_to(here)) if here is not None and path.is_relative_to(here) else str(path)


def describe(request: Any) -> str:
    """One line on a request: method, path, model and the last message's text."""
    body = parsed(request.body_bytes)
    query = f"?{request.parsed_uri.query}" if request.parsed_uri.query else ""
    parts = [f"{request.method} {request.path}{query}"]
    if isinstance(body, dict):
        if isinstance(body.get("model"), str):
            parts.append(body["model"])
        messages = body.get("messages")
        last = messages[-1] if isinstance(messages, list) and messages else None
        if isinstance(last, dict) and isinstance(last.get("content"), str):
            text = _as_json(last["content"])
            parts.append(text if len(text) <= _AROUND else f"{text[:_AROUND]}…")
    return "  ".join(parts)


def unplayed(*, path: str, unplayed: Sequence[tuple[int, Any]], total: int, command: Command) -> str:
    """The text for interactions that stayed unplayed."""
    return "\n".join(
        [
            f"{len(unplayed)} of {total} recorded interactions never asked for,",
            f"in the cassette {path}:",
            *(f"  interaction {number}: {describe(request)}" for number, request in unplayed[:_MOST_FIELDS]),
            *([f"  and {len(unplayed) - _MOST_FIELDS} more"] if len(unplayed) > _MOST_FIELDS else []),
            "",
            f"If the code no longer makes these calls, record from scratch:  {command('all')}",
            "If that is as it should be:  allow_unplayed=True (or the ini option groq_unplayed = ignore)",
        ]
    )


def past_end(*, path: str, now: Any, command: Command) -> str:
    """The text for reading past the point where the recording's consumer stopped."""
    return "\n".join(
        [
            "This stream is read past the end of its recording, whose consumer stopped reading early.",
            f"The cassette is {path}, the request",
            f"  {describe(now)}",
            "",
            f"Record the whole stream (needs GROQ_API_KEY):  {command('all')}",
        ]
    )


def no_key(*, path: str, now: Any) -> str:
    """The text for recording with the placeholder key."""
    return "\n".join(
        [
            f"Recording into {path} needs GROQ_API_KEY, and it is not set. The request was:",
            f"  {describe(now)}",
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
            f"{type(error).__name__}: {error}",
            "",
            "groqtape raised this error while it handled a call to Groq (the network did not). The call was:",
            f"  {request}",
            *(f"  {frame.f_code.co_filename}:{line} in {frame.f_code.co_name}" for frame, line in frames),
            "",
            "If it comes from your own code (a matcher in match_on=, a patched function), correct that.",
            "If not, it is a bug in groqtape: please report it with these lines.",
        ]
    )


def without_cassette(*, request: str, command: str | None) -> str:
    """The text for a call to Groq without a cassette, while replaying.

    Args:
        request: The request.
        command: The command that records the test which made it; None outside a test.
    """
    if command is None:
        return "\n".join(
            [
                "Groq was called outside a test, and while replaying no such call leaves the machine:",
                f"  {request}",
                "",
                "Make this call in a test or a fixture, which a cassette can answer;",
                "a client may be made anywhere.",
            ]
        )
    return "\n".join(
        [
            "This test called Groq without a cassette, and while replaying no such call leaves the machine:",
            f"  {request}",
            "",
            "Give the test a cassette, with @pytest.mark.groq_cassette or any groq_ fixture",
            "(or every test one, with the ini option groq_auto = true), and record it (needs GROQ_API_KEY):",
            f"  {command}",
        ]
    )
