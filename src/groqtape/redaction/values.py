"""Secrets whose very text is known: from the environment, from credentials and cookies of the calls."""

from __future__ import annotations

import base64
import binascii
import functools
import os
import re
from typing import TYPE_CHECKING

from groqtape.redaction.encodings import pattern_of
from groqtape.redaction.placeholder import PLACEHOLDER_KEY

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["SecretValues"]

_SECRET_VARIABLES = ("_API_KEY", "_TOKEN", "_SECRET")
_CREDENTIALS = ("authorization", "proxy-authorization", "x-api-key", "api-key")
_SHORTEST_SECRET = 6
_RANDOM_KEY = re.compile(r"(?=.*[0-9]|.*[a-z].*[A-Z]|.*[A-Z].*[a-z])\S{8,}")
_RANDOM_COOKIE = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z]).{12,}")
# Words of every stream. They are no secrets, even if a variable has one as its value.
_WORDS_OF_THE_WIRE = frozenset(
    {"analysis", "application", "arguments", "assistant", "channel", "choices", "completion", "content"}
    | {"created", "finish_reason", "function", "logprobs", "message", "messages", "object", "openai"}
    | {"reasoning", "stream", "system", "tool_calls"}
)


class SecretValues:
    """The secrets that have been learned, each with the pattern that finds it."""

    def __init__(self) -> None:
        self.patterns: dict[str, re.Pattern[bytes]] = {}
        self._learn_from_the_environment()

    def learn(self, secret: str) -> None:
        """Redact this text too, also where it is encoded in JSON or a URL."""
        secret = secret.strip()
        if (
            len(secret) >= _SHORTEST_SECRET
            and secret not in self.patterns
            and secret not in _WORDS_OF_THE_WIRE
            and secret != PLACEHOLDER_KEY
        ):
            self.patterns[secret] = pattern_of(secret)

    def learn_from(self, headers: Iterable[tuple[str, str]]) -> bool:
        """Learn the credentials and cookies in these headers.

        Returns:
            Whether these headers, or the environment, had secrets that were not known before.
        """
        known = len(self.patterns)
        self._learn_from_the_environment()
        for name, value in headers:
            if name.lower() in _CREDENTIALS:
                self._learn_credentials(value)
            elif name.lower() in ("cookie", "set-cookie"):
                for pair in value.split(";") if name.lower() == "cookie" else value.split(";")[:1]:
                    self._learn_cookie(pair.partition("=")[2].strip().strip('"'))
        return len(self.patterns) > known

    def _learn_from_the_environment(self) -> None:
        for name in filter(_is_secret, os.environ):
            self.learn(os.environ.get(name, ""))

    def _learn_credentials(self, value: str) -> None:
        scheme, _, credentials = value.partition(" ")
        # A server that checks no key accepts any word, which prompts may contain as well.
        if _RANDOM_KEY.fullmatch(credentials or value):
            self.learn(credentials or value)
        if scheme.lower() == "basic":
            try:
                user_and_password = base64.b64decode(credentials).decode("utf-8", "surrogateescape")
            except binascii.Error:
                return
            self.learn(user_and_password.partition(":")[2])

    def _learn_cookie(self, value: str) -> None:
        # A language, a region or a theme is a word that prompts may contain as well.
        if _RANDOM_COOKIE.fullmatch(value):
            self.learn(value)


@functools.lru_cache(maxsize=1024)
def _is_secret(variable: str) -> bool:
    """Whether a variable of the environment is secret by its name; each call looks at all of them."""
    return variable.upper().endswith(_SECRET_VARIABLES)
