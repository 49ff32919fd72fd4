"""The user's own regular expressions: for what else is secret (`groq_secrets`), and for what is harmless."""

from __future__ import annotations

import re
import time
import warnings
from typing import TYPE_CHECKING

from groqtape.errors import GroqtapeError
from groqtape.redaction.rules import Found

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Expressions"]

_SLOW = 1.0
"""Seconds of processor time that an expression may take for one text before there is a warning."""


class Expressions:
    """The user's expressions.

    Args:
        secrets: Regular expressions for further secrets.
        allow: Regular expressions for what is harmless. Each must match the whole of what would be redacted.

    Raises:
        GroqtapeError: An expression is not valid, or one for secrets matches an empty text.
    """

    def __init__(self, secrets: Iterable[str] = (), allow: Iterable[str] = ()) -> None:
        self._secrets = [_compiled(each, "groq_secrets", "secrets") for each in secrets]
        self._allow = [_compiled(each, "groq_allow_secrets", "allow_secrets") for each in allow]

    def __bool__(self) -> bool:
        return bool(self._secrets)

    def found(self, text: str) -> Iterator[Found]:
        """Find what the expressions for secrets match."""
        for number, expression in enumerate(self._secrets, 1):
            began = time.thread_time()
            spans = [found.span() for found in expression.finditer(text)]
            if time.thread_time() - began > _SLOW:
                warnings.warn(
                    f"the expression {expression.pattern!r} in groq_secrets took more than {_SLOW:g} s for a"
                    f" text of {len(text):,} characters. Simplify it: nested repetitions are slow.",
                    stacklevel=2,
                )
            for start, end in spans:
                if start < end:
                    yield Found(start, end, f"groq_secrets[{number}]")

    def allows(self, text: str) -> bool:
        """Whether a text that would be redacted is harmless."""
        return any(expression.fullmatch(text) for expression in self._allow)


def _compiled(expression: str, option: str, argument: str) -> re.Pattern[str]:
    try:
        pattern = re.compile(expression)
    except re.error as error:
        problem = str(error)
    else:
        if option != "groq_secrets" or not pattern.search(""):
            return pattern
        problem = "it finds one in an empty text"
    kind = "secret" if option == "groq_secrets" else "harmless"
    raise GroqtapeError(
        f"expected a regular expression for what is {kind}, got {expression!r}: {problem}\n"
        f"Correct the ini option {option} or use_cassette({argument}=…)."
    )
