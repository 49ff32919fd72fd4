"""What makes a difference between two requests not count, where it looks like one that changes by itself.

Dates, times, UUIDs, counting numbers and hashes are settled by `volatile`, fields such as `seed` by `ignore`.
Any other difference is one of the prompt, and gets no advice.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from vcr.matchers import requests_match

from groqtape.recorder.comparison import Comparison
from groqtape.recorder.settings import as_list
from groqtape.recorder.volatile import NAMED, Volatile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from groqtape.recorder.nearest import Change, Nearest
    from groqtape.recorder.settings import CassetteSettings

__all__ = ["advice"]

_FIELDS = {
    "seed": "seed",
    "user": "user",
    "metadata": "metadata",
    "safety_identifier": "safety_identifier",
    "prompt_cache_key": "prompt_cache_key",
}
"""Fields of a request that say nothing of the prompt, and what ignores them."""

_CHOSEN = re.compile(r"(?:model|response_format\b.*|method)")
"""What is chosen, and does not change by itself, though a name of it may hold a date."""

_COUNTED = (
    r"(?:#|№|(?<![A-Za-z])(?:no|nr|num|number|id|request|req|call|run|try|attempt|retry|count|counter|seq"
    r"|sequence|session|job|build|task|ticket|message|msg|turn|round|iteration|step|test|case|trace"
    r"|conversation|thread|user|nonce)s?)"
)
_BEFORE_COUNTER = re.compile(rf"{_COUNTED}[\s:=#._/-]*$", re.IGNORECASE)
_COUNTING_NAME = re.compile(rf"(?:.*[._])?{_COUNTED}", re.IGNORECASE)
_WORD = re.compile(r"([0-9A-Za-z]+)")
_HASH = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])(?:[0-9a-f]{7,128}|[0-9A-F]{7,128}|[0-9A-Za-z]{16,128})")
_OF_OURS = re.compile(r"<(?:base64|file)[^<>]*$")
"""The digest that stands for an image or a file: it changes with what was sent."""
_LONG_NUMBER = 6
"""Numbers with so many digits are ids."""


def advice(
    now: Any,
    nearest: Nearest,
    settings: CassetteSettings,
    setting: Callable[[Sequence[str], Sequence[str]], Sequence[str]],
) -> list[str]:
    """Lines on how to have the difference of two requests not count; none where nothing settles all of it.

    Args:
        now: The request.
        nearest: The closest recorded one.
        settings: How the cassette is used.
        setting: Gives the lines that set more expressions and fields.
    """
    volatile: dict[str, None] = {}
    ignore: dict[str, None] = {}
    for change in nearest.changes:
        field = _ignorable(change)
        if field:
            ignore[field] = None
            continue
        expressions = [] if _CHOSEN.fullmatch(change.field) else _expressions(change)
        if not expressions:
            return []
        volatile |= dict.fromkeys(expressions)
    with_these = settings._replace(
        volatile=[*as_list(settings.volatile), *volatile], ignore=[*as_list(settings.ignore), *ignore]
    )
    if not nearest.changes or not requests_match(now, nearest.request, Comparison.of(with_these).matchers):
        return []
    return ["If this changes in each run, have it not count:", *setting(list(volatile), list(ignore))]


def _ignorable(change: Change) -> str | None:
    """The field to ignore: one of `_FIELDS`, or a number by whose name it counts."""
    first = re.split(r"[.[]", change.field, maxsplit=1)[0]
    if first in _FIELDS:
        return _FIELDS[first] if change.field == first else f"{first}.*"
    numbers = all(re.fullmatch(r"\d+", str(value)) for value in (change.recorded, change.now))
    if numbers and _COUNTING_NAME.fullmatch(change.field) and "." in change.field:
        return re.sub(r"\[\d+\]", "[*]", change.field)
    return None


def _expressions(change: Change) -> list[str]:
    """The expressions that make two values equal; none if there are none."""
    found: dict[str, None] = {}
    for before, after in _texts(change.recorded, change.now):
        expressions = _for_texts(before, after)
        if not expressions:
            return []
        found |= dict.fromkeys(expressions)
    return list(found)


def _texts(recorded: Any, now: Any) -> Iterator[tuple[str, str]]:
    """The texts in which two values differ; a query is a list of names and values."""
    if isinstance(recorded, list | tuple) and isinstance(now, list | tuple) and len(recorded) == len(now):
        for before, after in zip(recorded, now, strict=True):
            yield from _texts(before, after)
    elif recorded != now:
        yield str(recorded), str(now)


def _for_texts(before: str, after: str) -> list[str]:
    names = [f"@{name}" for name in NAMED]
    masked = [Volatile(names).masked(text) for text in (before, after)]
    others = _for_words(*masked)
    if others is None:
        return []
    needed = [*names, *others]
    for name in reversed(names):  # only those without which the texts differ
        fewer = [one for one in needed if one != name]
        if _equal(before, after, fewer):
            needed = fewer
    return needed if _equal(before, after, needed) else []


def _equal(before: str, after: str, expressions: list[str]) -> bool:
    volatile = Volatile(expressions)
    return volatile.masked(before) == volatile.masked(after)


def _for_words(before: str, after: str) -> list[str] | None:
    """Expressions for the words in which two texts differ: counting numbers and hashes; None for others."""
    recorded, now = _WORD.split(before), _WORD.split(after)
    if len(recorded) != len(now):
        return None
    found: dict[str, None] = {}
    for place, (one, other) in enumerate(zip(recorded, now, strict=True)):
        if one != other:
            expression = _for_word(one, other, "".join(now[:place]))
            if expression is None:
                return None
            found[expression] = None
    return list(found)


def _for_word(one: str, other: str, text_before: str) -> str | None:
    if _OF_OURS.search(text_before):
        return None
    numbers = [re.fullmatch(r"([A-Za-z]*)(\d+)", word) for word in (one, other)]
    if numbers[0] and numbers[1] and numbers[0][1] == numbers[1][1]:
        counter = _BEFORE_COUNTER.search(text_before + numbers[0][1])
        if counter:
            return f"{_escaped(counter[0])}\\d+"
        if not numbers[0][1] and all(len(word) >= _LONG_NUMBER for word in (one, other)):
            return rf"\d{{{_LONG_NUMBER},}}"
    if len(one) == len(other) and _HASH.fullmatch(one) and _HASH.fullmatch(other):
        letters = "0-9A-Za-z" if re.search("[G-Zg-z]", one + other) else "0-9a-fA-F"
        return rf"\b[{letters}]{{{len(one)}}}\b"
    return None


def _escaped(text: str) -> str:
    """A text as an expression: with fewer backslashes than `re.escape` writes."""
    return re.sub(r"([\\.^$*+?{}\[\]|()#@])", r"\\\1", text)
