"""What changed between two recordings, by meaning: words, finish reasons, tool calls and usage."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from groqtape.reports.answers import Answer, Choice, answer_of
from groqtape.reports.endings import shown_end
from groqtape.reports.requests import messages_of
from groqtape.reports.timing import timing_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groqtape.reports.interaction import Interaction

__all__ = ["Change", "InteractionChange", "changes_between"]

_TEXTS = ("content", "reasoning", "body")


class Change(NamedTuple):
    """Something of an interaction that changed.

    Attributes:
        what: What it is: `words`, `reasoning`, `tool calls`, `finish`, `usage`, `model`, `request` and so on.
        before: As it was, as text.
        after: As it is now.
        is_text: Whether both are texts, whose words are to be compared.
    """

    what: str
    before: str
    after: str
    is_text: bool = False


class InteractionChange(NamedTuple):
    """An interaction that changed, is new or is gone.

    Attributes:
        before: Its number in the cassette as it was (the first is 1); None for a new one.
        after: Its number in the cassette as it is now; None for one that is gone.
        title: Its method and path.
        changes: What changed in it, where it is in both.
    """

    before: int | None
    after: int | None
    title: str
    changes: tuple[Change, ...] = ()


def changes_between(
    before: Sequence[Interaction], after: Sequence[Interaction], *, timing: bool = False
) -> list[InteractionChange]:
    """Compare the interactions of two cassettes: those of equal requests with each other.

    Args:
        before: The interactions as they were.
        after: The interactions as they are now.
        timing: Whether to compare times and the number of chunks too.

    Returns:
        What changed; `[]` where both mean the same.
    """
    pairs, gone, new = _paired(before, after)
    found = []
    for old, now in pairs:
        changes = tuple(_changes(old, now)) + (tuple(_timing_changes(old, now)) if timing else ())
        if changes:
            found.append(InteractionChange(old.number, now.number, _title(now), changes))
    found += [InteractionChange(old.number, None, _title(old)) for old in gone]
    return found + [InteractionChange(None, now.number, _title(now)) for now in new]


def _title(interaction: Interaction) -> str:
    return f"{interaction.method} {interaction.path}"


def _paired(
    before: Sequence[Interaction], after: Sequence[Interaction]
) -> tuple[list[tuple[Interaction, Interaction]], list[Interaction], list[Interaction]]:
    """Pairs in the order of `after`, and what is left on each side."""
    coming: dict[str, list[Interaction]] = {}
    for old in before:
        coming.setdefault(_request_key(old), []).append(old)
    partners = {now.number: known.pop(0) for now in after if (known := coming.get(_request_key(now)))}
    taken = {old.number for old in partners.values()}
    left = [old for old in before if old.number not in taken]
    new = []
    for now in after:
        if now.number not in partners:
            if left:
                partners[now.number] = left.pop(0)
            else:
                new.append(now)
    return [(partners[now.number], now) for now in after if now.number in partners], left, new


def _request_key(interaction: Interaction) -> str:
    body = interaction.parameters
    shown = repr(interaction.body) if body is None else json.dumps(body, sort_keys=True)
    return f"{interaction.method} {interaction.path} {shown}"


def _changes(old: Interaction, now: Interaction) -> list[Change]:
    if old.request.body == now.request.body and old.response == now.response:
        return []
    was, answer = answer_of(old), answer_of(now)
    found = _request_changes(old, now)
    found += [
        Change(
            "words" if name == "content" else name, getattr(was, name), getattr(answer, name), is_text=True
        )
        for name in _TEXTS
    ]
    found += [
        *_choice_changes(was, answer),
        Change("tool calls", _calls(was), _calls(answer)),
        Change("executed tools", _tools(was), _tools(answer), is_text=True),
        Change("finish", ", ".join(was.finish_reasons), ", ".join(answer.finish_reasons)),
        Change("usage", *_usage(was.usage, answer.usage)),
        Change("model", was.model or "", answer.model or ""),
        Change("error", was.error, answer.error),
        Change("status", str(old.status), str(now.status)),
        Change("end", shown_end(old), shown_end(now)),
    ]
    return [change for change in found if change.before != change.after]


def _request_changes(old: Interaction, now: Interaction) -> list[Change]:
    line = Change("request", _title(old), _title(now))
    was, body = old.parameters, now.parameters
    if was is None or body is None:
        before, after = (each.body.decode("utf-8", "replace") for each in (old, now))
        return [line, Change("request body", before, after, is_text=True)]
    messages = Change("request messages", _messages(old), _messages(now), is_text=True)
    names = sorted({*was, *body} - {"messages"})
    others = (Change(f"request {name}", _value(was.get(name)), _value(body.get(name))) for name in names)
    return [line, messages, *others]


def _messages(interaction: Interaction) -> str:
    return "\n".join(f"{message.role}: {message.text}" for message in messages_of(interaction))


def _timing_changes(old: Interaction, now: Interaction) -> list[Change]:
    was, timing = timing_of(old.events), timing_of(now.events)
    found = [
        Change("chunks", str(old.chunks), str(now.chunks)),
        Change("first chunk", _time(was.first_chunk), _time(timing.first_chunk)),
        Change("duration", _time(was.duration), _time(timing.duration)),
        Change("gap p50", _time(was.gap_p50), _time(timing.gap_p50)),
        Change("gap p95", _time(was.gap_p95), _time(timing.gap_p95)),
    ]
    return [change for change in found if change.before != change.after]


def _time(milliseconds: float | None) -> str:
    return "–" if milliseconds is None else f"{milliseconds:.1f} ms"


def _choice_changes(was: Answer, now: Answer) -> Iterator[Change]:
    """What changed in the choices after the first."""
    before, after = ({choice.number: choice for choice in answer.choices} for answer in (was, now))
    for number in sorted({*before, *after}):
        none = Choice(number, "", "")
        old, new = before.get(number, none), after.get(number, none)
        yield Change(f"words of choice {number}", old.content, new.content, is_text=True)
        yield Change(f"reasoning of choice {number}", old.reasoning, new.reasoning, is_text=True)


def _calls(answer: Answer) -> str:
    return "\n".join(f"{name}({arguments})" for name, arguments in answer.tool_calls)


def _tools(answer: Answer) -> str:
    return "\n".join(answer.executed_tools)


def _usage(was: dict[str, int], now: dict[str, int]) -> tuple[str, str]:
    """The counts that differ."""
    words = [word for word in {**was, **now} if was.get(word) != now.get(word)]
    before, after = (", ".join(f"{w} {counts[w]}" for w in words if w in counts) for counts in (was, now))
    return before, after


def _value(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
