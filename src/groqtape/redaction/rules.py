"""The rules: what looks like a credential in a text, wherever the text comes from.

Each needs time in proportion to the text (see `tests/trust/test_linear.py`).
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, NamedTuple

from groqtape.redaction import names
from groqtape.redaction.catalogue import PATTERNS, PREFIXES, may_have_key
from groqtape.redaction.randomness import could_be_secret, is_random

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Found", "by_rules", "in_url"]

_RUN = re.compile(r"[\w.=-]*", re.ASCII)
_AUTHORITY = re.compile(r"[^\s/?#\"'<>\\]*")
_WORDS = (
    *(
        "auth",
        "bearer",
        "cookie",
        "cred",
        "dpop",
        "key",
        "pass",
        "pat",
        "pwd",
        "secret",
        "session",
        "sid",
        "sig",
        "token",
    ),
    *("://", "?", "&", "__cf_bm", "_cfuvid", "cf_clearance", "hmac", "jwt", "sas", "code"),
)


class Found(NamedTuple):
    """A secret in a text.

    Attributes:
        start: Where it starts.
        end: Where it ends.
        rule: The name of the rule that found it.
    """

    start: int
    end: int
    rule: str


def by_rules(text: str) -> Iterator[Found]:
    """Find what looks like a credential. What is found may overlap."""
    if may_have_key(text):
        yield from _issued_keys(text)
    lowered = _lowered(text)
    if any(map(lowered.__contains__, _WORDS)):
        yield from _bearer_tokens(text, lowered)
        yield from _named_values(text)
        yield from _cloudflare_cookies(text)
        yield from _in_urls_of(text)


def in_url(url: str) -> Iterator[Found]:
    """Find the credentials that a URL has in certain places: user and password, query parameters."""
    found = _compiled(r"[^/?#]*//([^/?#]+)@").match(url)
    if found:
        yield Found(*found.span(1), "user and password of a URL")
    for found in _compiled(_PARAMETER).finditer(url):
        if names.is_parameter(found[1]):
            yield Found(*found.span(2), f"query parameter {found[1]}")


_PARAMETER = r"(?:^|[?&;#])([\w.%\[\]-]{1,64}+)=([^&#\s\"'<>\\]+)"
# The value may be in quotes, which may be escaped, and the first of a list or the second of a pair. A scheme
# may precede it.
_NAMED = (
    r"(?<![\w.-])([\w.-]{2,64}+)[\"'`\\]{0,4}+\]?[ \t]{0,8}+(?:=>|[:=]{1,2}|((?<=[\"']),))[ \t]{0,8}+"
    r"[(\[]?[b\"'`\\]{0,5}+"
    r"((?:Bearer|bearer|Basic|Token|ApiKey)[ \t]{1,8}+)?([^\s\"'`\\,;&<>(){}\[\]]{4,}+)"
)
_BEARER = r"(?<![a-z0-9])bearer[\s:=+\"'`\\]{1,12}+([a-z0-9._~+/=-]{6,}+)"
_CLOUDFLARE = r"(?:__cf_bm|_cfuvid|cf_clearance)=([^;,\s\"\\]+)"


@functools.cache
def _compiled(regex: str) -> re.Pattern[str]:
    """Compile an expression when it is first needed: most texts need none."""
    return re.compile(regex)


def _lowered(text: str) -> str:
    """The text in small letters, each at the same place."""
    return text.lower() if text.isascii() else text.replace("\u0130", "i").lower()


def _end_of(run: re.Pattern[str], text: str, start: int) -> int:
    found = run.match(text, start)
    return found.end() if found else start


def _issued_keys(text: str) -> Iterator[Found]:
    for kind in PREFIXES:
        at = text.find(kind.prefix)
        while at >= 0:
            begins = at + len(kind.prefix)
            run_ends = _end_of(_RUN, text, begins)
            shape = _compiled(kind.shape).match(text, begins, run_ends)
            inside_a_word = at > 0 and text[at - 1].isalnum() and text[at - 1].isascii()
            if shape and not inside_a_word and (not kind.shape or is_random(shape[0])):
                yield Found(at, begins + len(shape[0].rstrip("_-.")), kind.rule)
            # Past the run: looking into it again would take the square of its length.
            at = text.find(kind.prefix, run_ends)
    for pattern in PATTERNS:
        if pattern.hint in text:
            for found in pattern.compiled.finditer(text):
                yield Found(*found.span(), pattern.rule)


def _bearer_tokens(text: str, lowered: str) -> Iterator[Found]:
    if "bearer" in lowered:
        for found in _compiled(_BEARER).finditer(lowered):
            token = text[found.start(1) : found.end(1)].rstrip(".")
            if is_random(token):
                yield Found(found.start(1), found.start(1) + len(token), "bearer token")


def _named_values(text: str) -> Iterator[Found]:
    """Values that a text names as secret: `api_key=…`, `"password": "…"`, `x-auth-token: …`."""
    for found in _compiled(_NAMED).finditer(text):
        name, comma, scheme, value = found.groups()
        if names.is_credential(name) and _is_named_secret(name, scheme, value, in_a_pair=bool(comma)):
            yield Found(*found.span(4), "value of a credential" if is_random(name) else f"value of {name}")


def _is_named_secret(name: str, scheme: str | None, value: str, *, in_a_pair: bool) -> bool:
    if scheme and names.is_strong(name) and len(value) >= 8:
        return True
    if names.is_strong(name) and name.lower() != "token" and not in_a_pair:
        return could_be_secret(value)
    return len(value) >= 16 and could_be_secret(value) and is_random(value)


def _cloudflare_cookies(text: str) -> Iterator[Found]:
    if "cf" in text:
        for found in _compiled(_CLOUDFLARE).finditer(text):
            yield Found(*found.span(1), "Cloudflare cookie")


def _in_urls_of(text: str) -> Iterator[Found]:
    at = text.find("://")
    while at >= 0:
        authority_ends = _end_of(_AUTHORITY, text, at + 3)
        user = text[at + 3 : authority_ends].rpartition("@")[0]
        if user and (":" in user or could_be_secret(user)):
            yield Found(at + 3, at + 3 + len(user), "user and password of a URL")
        at = text.find("://", authority_ends)
    if "=" in text and ("?" in text or "&" in text):
        for found in _compiled(_PARAMETER).finditer(text):
            if names.is_strong(found[1]) or (names.is_parameter(found[1]) and could_be_secret(found[2])):
                yield Found(*found.span(2), f"query parameter {found[1]}")
