"""Text that does not count when requests are compared: `groq_volatile`.

An expression is a regular expression, in which `@uuid`, `@date`, `@time`, `@datetime` and `@timestamp` stand
for the usual forms of these. What an expression matches counts as the same text in both requests.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from groqtape.errors import GroqtapeError
from groqtape.recorder.settings import as_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["MASK", "NAMED", "Volatile"]

MASK = "\N{OBJECT REPLACEMENT CHARACTER}"
"""What volatile text counts as."""

_MONTH = (
    r"(?i:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:t(?:ember)?)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_WEEKDAY = r"(?:(?i:Mon|Tue(?:s)?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?i:day)?\b\.?,?\s+)?"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_NTH = rf"{_DAY}(?:st|nd|rd|th)?"
_YEAR = r"(?:19|20)\d\d"
_ZONE = r"(?:\s?(?:Z\b|UTC\b|GMT\b|[+-]\d\d:?\d\d\b))"
_CLOCK = (
    r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d{1,9})?)?(?:\s?[AaPp]\.?[Mm]\b\.?)?"
    rf"{_ZONE}{{0,2}}"
)
_DATES = [
    *(rf"{_YEAR}{by}(?:0?[1-9]|1[0-2]){by}{_DAY}" for by in "-/"),  # 2026-11-26
    *(rf"{_DAY}{by}{_DAY}{by}{_YEAR}" for by in ("-", "/", r"\.")),  # 26.11.2026, 11/26/2026
    rf"{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])",  # 20261126
    rf"{_NTH}\s+(?:of\s+)?{_MONTH},?\s+{_YEAR}",  # 26 November 2026
    rf"{_MONTH}\s+(?:{_NTH},?\s+)?{_YEAR}",  # November 26, 2026
]
_DATE = rf"(?<![\w.]){_WEEKDAY}(?:{'|'.join(_DATES)})(?!\d)"
_DATETIMES = [
    rf"{_DATE}(?:T|_|\s+at\s+|,?\s+){_CLOCK}",
    rf"(?<!\w){_YEAR}[01]\d[0-3]\dT[0-2]\d[0-5]\d(?:[0-5]\d(?:\.\d+)?)?Z?\b",  # 20261126T103205Z
    rf"{_WEEKDAY}\b{_MONTH}\s+{_DAY}\s+{_CLOCK}\s+{_YEAR}\b",  # Thu Nov 26 10:32:05 2026
]
_HEX = "[0-9A-Fa-f]"
_UUIDS = [rf"{_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}}", rf"{_HEX}{{32}}"]
NAMED = {
    "uuid": rf"(?<![0-9A-Za-z])(?:{'|'.join(_UUIDS)})(?![0-9A-Za-z])",
    "datetime": "|".join(_DATETIMES),
    "date": _DATE,
    "time": rf"(?<![\d:.]){_CLOCK}(?![\d:])",
    "timestamp": r"(?<![\w.])[12]\d{9}(?:\d{3}){0,3}(?:\.\d+)?(?!\w)",
}
"""The named expressions, those that match more before those that match a part of it."""

_TIMESTAMP = re.compile(NAMED["timestamp"])
_NAME = re.compile(rf"(?<![\w\\\]])@({'|'.join(NAMED)})(?!\w)")
_ONLY_NAMES = re.compile(r"\s*@\w+(?:\s+@\w+)*\s*")


class Volatile:
    """Masks the text that does not count.

    Args:
        expressions: Regular expressions. One that is nothing but names (`@date @uuid`) is one for each.
        option: What set them, for errors; empty where the caller names it.

    Raises:
        GroqtapeError: One of them is no regular expression.
    """

    def __init__(self, expressions: Iterable[str] | str, option: str = "volatile") -> None:
        option = f"{option}: " if option else ""
        separate = [part for each in as_list(expressions) for part in _parts(each, option)]
        # Longer text first: a date that was masked alone would leave the time of its datetime.
        separate.sort(key=lambda expression: "@datetime" not in expression)
        self._patterns = [_compiled(expression, option) for expression in separate]
        self._masks_numbers = any("@timestamp" in expression for expression in separate)

    def masked(self, text: str) -> str:
        """A text with `MASK` in the place of what does not count."""
        for pattern in self._patterns:
            text = pattern.sub(_mask, text)
        return text

    def masks_number(self, number: float) -> bool:
        """Whether a JSON number does not count: with `@timestamp`, one that is Unix time."""
        return self._masks_numbers and _TIMESTAMP.fullmatch(str(number)) is not None


def _mask(found: re.Match[str]) -> str:
    return MASK if found[0] else ""


def _parts(expression: object, option: str) -> Sequence[str]:
    if not isinstance(expression, str):
        raise GroqtapeError(
            f"{option}expected regular expressions, got {expression!r}\nWrite each as a text."
        )
    return expression.split() if _ONLY_NAMES.fullmatch(expression) else [expression]


def _compiled(expression: str, option: str) -> re.Pattern[str]:
    if re.fullmatch(r"@\w+", expression) and expression[1:] not in NAMED:
        raise GroqtapeError(
            f"{option}expected a regular expression or {_names()}, got {expression!r}\n"
            f"Correct the name; to match this very text, write [@]{expression[1:]}"
        )
    try:
        return re.compile(_NAME.sub(lambda found: f"(?:{NAMED[found[1]]})", expression))
    except (re.error, OverflowError, RecursionError) as error:
        raise GroqtapeError(
            f"{option}expected a regular expression or {_names()}, got {expression!r}: {error}\n"
            "Correct it. A backslash before a special character, as in \\( and \\?, matches the character."
        ) from None


def _names() -> str:
    return ", ".join(f"@{name}" for name in sorted(NAMED))
