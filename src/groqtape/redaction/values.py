"""Secrets whose very text is known: from the environment, and from the credentials and cookies of calls."""

from __future__ import annotations

import base64
import binascii
import functools
import os
import re
from typing import TYPE_CHECKING, Any

from groqtape.redaction.names import is_credential, is_organization, is_strong, is_url, is_variable
from groqtape.redaction.placeholder import PLACEHOLDER_KEY
from groqtape.redaction.randomness import could_be_secret
from groqtape.redaction.rules import Found

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["SecretValues"]

_SHORTEST_ALONE = 8
"""A shorter value is found only as a word of its own."""
_SHORTEST_ECHO = 3

_PIECES = re.compile(r"[\s,;]+")
_PASSWORD = re.compile(r"://[^\s/?#:@]*:([^\s/?#]+)@")
_IN_CONNECTION_STRING = r"(?i)(?:key|password|pwd|signature)=([^;\s]+)"


class SecretValues:
    """The secrets that have been learned."""

    def __init__(self) -> None:
        # Each value with the rule that learned it.
        self._values: dict[str, str] = {}
        # Credentials that may be words. They are redacted from errors alone, which repeat them.
        self._words: dict[str, str] = {}
        self._seen: set[tuple[str, str]] = set()
        self._environment: tuple[Any, ...] = ()
        self._learn_from_the_environment()

    def __len__(self) -> int:
        return len(self._values)

    def learn_from(self, headers: Iterable[tuple[str, str]]) -> bool:
        """Learn the credentials, cookies and accounts in these headers, and the secrets in the environment.

        Returns:
            Whether there were any that were not known before.
        """
        known = len(self._values)
        self._learn_from_the_environment()
        for name, value in headers:
            lowered = name.lower()
            if (is_credential(lowered) or is_organization(lowered)) and (lowered, value) not in self._seen:
                self._seen.add((lowered, value))
                self._learn_header(lowered, value)
        return len(self._values) > known

    def found(self, text: str) -> Iterator[Found]:
        """Find the values in a text. What is found may overlap."""
        for value, rule in self._values.items():
            if value in text:
                yield from _occurrences(text, value, rule)
            if " " in value and (in_form := value.replace(" ", "+")) in text:
                yield from _occurrences(text, in_form, rule)

    def found_in_error(self, text: str) -> Iterator[Found]:
        """Find in an error also the credentials that could be words, but not as names of fields."""
        for word, rule in self._words.items():
            for found in _occurrences(text, word, rule, alone=True):
                if not re.compile(r"\\*\"\s*:").match(text, found.end):
                    yield found

    def _learn(self, value: str, rule: str) -> None:
        value = value.strip()
        if value[:1] in ('"', "'") and value.endswith(value[0]):
            value = value[1:-1]
        if value in self._values or value == PLACEHOLDER_KEY:
            return
        if could_be_secret(value):
            # A new dict: another thread may be looking through this one.
            self._values = {**self._values, value: rule}
        elif not rule.startswith("variable") and len(value) >= _SHORTEST_ECHO:
            self._words = {**self._words, value: rule}

    def _learn_from_the_environment(self) -> None:
        # `os.environ` decodes each name and value that it is asked for. Its data has them as they are.
        data: Any = getattr(os.environ, "_data", os.environ)
        names = _variables(tuple(data))
        values = tuple([data.get(name, "") for name in names])
        if self._environment != (names, values):
            self._environment = names, values
            for name, value in zip(names, values, strict=True):
                secret = _secret_in_variable(name, value)
                if secret:
                    self._learn(*secret)

    def _learn_header(self, name: str, value: str) -> None:
        if name in ("cookie", "set-cookie"):
            for pair in value.split(";") if name == "cookie" else value.split(";")[:1]:
                cookie, _, content = pair.strip().partition("=")
                self._learn(content, f"cookie {cookie}")
            return
        kind = "credential" if is_credential(name) else "organisation"
        rule = f"{kind} in the header {name}"
        pieces = _PIECES.split(value.strip())
        for piece in pieces[1:] or pieces:
            # `Signature=…`, but not the padding of base64.
            self._learn(re.sub(r"^\w+=(?=[^=])", "", piece), rule)
        if pieces[0].lower() == "basic":
            try:
                user_and_password = base64.b64decode(pieces[-1]).decode("utf-8", "surrogateescape")
            except binascii.Error:
                return
            self._learn(user_and_password.partition(":")[2], rule)


@functools.lru_cache(maxsize=8)
def _variables(names: tuple[str | bytes, ...]) -> tuple[str | bytes, ...]:
    """The names, of these in the environment, of variables that may hold a secret."""
    return tuple(name for name in names if is_variable(os.fsdecode(name)))


@functools.lru_cache(maxsize=64)
def _secret_in_variable(name: str | bytes, value: str | bytes) -> tuple[str, str] | None:
    """What may be the secret in a variable, and the rule that finds it; None where there is none."""
    name, value = os.fsdecode(name), os.fsdecode(value)
    password = _PASSWORD.search(value)
    if password is None and is_url(name):
        password = re.search(_IN_CONNECTION_STRING, value)
    if password or not is_url(name) or is_strong(name):
        return password[1] if password else value, f"variable {name}"
    return None


def _occurrences(text: str, value: str, rule: str, *, alone: bool = False) -> Iterator[Found]:
    alone = alone or len(value) < _SHORTEST_ALONE
    at = text.find(value)
    while at >= 0:
        end = at + len(value)
        before, after = text[at - 1 : at] if at else "", text[end : end + 1]
        inside = (before.isalnum() or after.isalnum()) if alone else False
        if not inside and not (value.isdigit() and _is_part_of_number(text, at, end)):
            yield Found(at, end, rule)
        at = text.find(value, end)


def _is_part_of_number(text: str, start: int, end: int) -> bool:
    """Whether a number is a part of another one, or a number in JSON."""
    before, after = text[max(start - 3, 0) : start], text[end : end + 1]
    if before[-1:].isdigit() or after.isdigit() or re.search(r"[0-9]\.$", before):
        return True
    return re.search(r'": ?$', before) is not None and re.match(r"[\s,}]", after) is not None
