"""The text for a request that a cassette does not answer: what differs, and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from groqtape.recorder.matching import ABSENT
from groqtape.recorder.messages import as_json, describe
from groqtape.redaction.shown import gate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groqtape.recorder.messages import Command
    from groqtape.recorder.nearest import Nearest

__all__ = ["unrecorded"]

_MOST_FIELDS = 8
_MOST_TEXT = 200
_AROUND = 60


def unrecorded(
    *,
    path: str,
    record_mode: str,
    reason: str,
    now: Any,
    similar: int,
    nearest: Nearest | None,
    advice: Sequence[str],
    command: Command,
    is_additional: bool = False,
    called_at: Sequence[str] = (),
) -> str:
    """The text for a request that a cassette does not answer.

    Args:
        path: The cassette's, as it is shown.
        record_mode: Its record mode.
        reason: vcrpy's reason: `cassette_not_found`, `already_played`, `no_match` or `nothing_similar`.
        now: The request.
        similar: How many recorded requests are as close as the nearest.
        nearest: The closest recorded request, and how it differs.
        advice: Lines on how to have the difference not count, if there is a way.
        command: Gives the command that records.
        is_additional: Whether every interaction has been played, so that the request takes the place of none.
        called_at: Lines on where the call was made.
    """
    if reason == "cassette_not_found":
        lines = [
            f"There is no cassette {path},",
            f"and record mode {record_mode!r} records nothing. The request was:",
            f"  {describe(now)}",
            *called_at,
            "",
            f"Record it (needs GROQ_API_KEY):  {command('once')}",
        ]
        return "\n".join(lines)
    if reason == "already_played":
        lines = [
            f"Each recorded answer to this request ({similar}) has been played already,",
            f"in the cassette {path}:",
            f"  {describe(now)}",
            *called_at,
            "",
            "If it may get the same answer again:  allow_repeats=True",
        ]
    else:
        lines = [
            _headline(nearest),
            f"in {path}, and record mode {record_mode!r} adds nothing to it:",
            f"  {describe(now)}",
            *called_at,
            "",
            *_closest(nearest),
            "",
            *([*advice, ""] if advice else []),
        ]
    return "\n".join([*lines, *_recording(command, is_additional=is_additional)])


def _recording(command: Command, *, is_additional: bool) -> list[str]:
    """The commands that record a request, the one that leads to a passing test first."""
    if is_additional:
        return [
            f"Add it to the cassette (needs GROQ_API_KEY):  {command('new_episodes')}",
            f"Record the cassette from scratch:  {command('all')}",
        ]
    from_scratch = "record the cassette from scratch (needs GROQ_API_KEY)"
    return [
        f"If the request has changed, {from_scratch}:  {command('all')}",
        f"If it is an additional request, add it:  {command('new_episodes')}",
    ]


def _headline(nearest: Nearest | None) -> str:
    """The first line. pytest's short summary shows only its beginning: the field."""
    if not nearest or not nearest.changes:
        return "This request is like none that is recorded"
    first, *more = nearest.changes
    field = gate.line(first.field)
    if not more:
        return f"{field} differs from what is recorded"
    return f"{field} and {_fields_more(len(more))} differ from what is recorded"


def _closest(nearest: Nearest | None) -> list[str]:
    """The lines on the closest recorded request."""
    if nearest is None:
        return ["Nothing recorded resembles it."]
    lines = [f"The closest recorded request is interaction {nearest.number}; they differ in:"]
    for field, before, after in nearest.changes[:_MOST_FIELDS]:
        recorded_text, now_text = _contrast(before, after)
        lines.append(
            f"  {gate.line(field)} (this matcher found a difference)"
            if before is after is ABSENT
            else f"  {gate.line(field)}: recorded {recorded_text} / now {now_text}"
        )
    if len(nearest.changes) > _MOST_FIELDS:
        lines.append(f"  and {_fields_more(len(nearest.changes) - _MOST_FIELDS)}")
    return lines


def _fields_more(number: int) -> str:
    return f"{number} field{'' if number == 1 else 's'} more"


def _contrast(recorded: Any, now: Any) -> tuple[str, str]:
    """Two values as JSON; long texts cut to where they begin to differ."""
    texts = ["nothing" if value is ABSENT else as_json(value) for value in (recorded, now)]
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
