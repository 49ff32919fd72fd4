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
    from collections.abc import Callable, Iterator

__all__ = ["Found", "by_rules", "in_url"]

_RUN = re.compile(r"[\w.=-]*", re.ASCII)
_MARK = re.compile(r"[.=]")
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
    yield from _parameters(url, lambda name, _: names.is_parameter(name))


# What names a value. The value is looked at only where the name is a secret's: it may hold another name and
# value, as in `"content": "api_key=…"` or `url=https://example.com/?token=…`.
_PARAMETER = r"(?:^|[?&;#])([\w.%\[\]-]{1,64}+)="
_OF_PARAMETER = r"[^&#\s\"'<>\\]+"
# The value may be in quotes, which may be escaped, and the first of a list or the second of a pair. A scheme
# may precede it.
_NAMED = (
    r"(?<![\w.-])([\w.-]{2,64}+)[\"'`\\]{0,4}+\]?[ \t]{0,8}+(?:=>|[:=]{1,2}|((?<=[\"']),))[ \t]{0,8}+"
    r"([(\[]?[b\"'`\\]{0,5}+)((?:Bearer|bearer|Basic|Token|ApiKey)[ \t]{1,8}+)?"
)
_OF_NAME = r"[^\s\"'`\\,;&<>(){}\[\]]{4,}+"
_JUDGED = 128
"""Characters of a value that tell whether it is a secret. Another look at all of it would not be linear."""
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
        at, run_ends = text.find(kind.prefix), -1
        while at >= 0:
            begins = at + len(kind.prefix)
            # All of a run is looked at once. It may go on with a key after a mark: `org_id=org_…`.
            is_new = begins > run_ends
            run_ends = _end_of(_RUN, text, begins) if is_new else run_ends
            shape = _compiled(kind.shape)
            judged = shape.match(text, begins, run_ends if is_new else min(run_ends, begins + _JUDGED))
            inside_a_word = at > 0 and text[at - 1].isalnum() and text[at - 1].isascii()
            if judged and not inside_a_word and (not kind.shape or is_random(judged[0])):
                whole = shape.match(text, begins, run_ends) or judged
                yield Found(at, begins + len(whole[0].rstrip("_-.")), kind.rule)
                at = text.find(kind.prefix, whole.end())
            else:
                mark = _MARK.search(text, begins, run_ends)
                at = text.find(kind.prefix, mark.end() if mark else run_ends)
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
    named, value = _compiled(_NAMED), _compiled(_OF_NAME)
    found = named.search(text)
    while found:
        name, comma, _, scheme = found.groups()
        at, begins = found.start(3), found.end()
        if names.is_credential(name):
            judged = value.match(text, begins, begins + _JUDGED)
            if judged and _is_named_secret(name, scheme, judged[0], in_a_pair=bool(comma)):
                at = _end_of(value, text, begins)
                yield Found(begins, at, "value of a credential" if is_random(name) else f"value of {name}")
        found = named.search(text, at)


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
        yield from _parameters(
            text,
            lambda name, value: (
                names.is_strong(name) or (names.is_parameter(name) and could_be_secret(value))
            ),
        )


def _parameters(text: str, is_secret: Callable[[str, str], bool]) -> Iterator[Found]:
    named, value = _compiled(_PARAMETER), _compiled(_OF_PARAMETER)
    found = named.search(text)
    while found:
        name, begins = found[1], found.end()
        at = begins
        judged = value.match(text, begins, begins + _JUDGED)
        if judged and is_secret(name, judged[0]):
            at = _end_of(value, text, begins)
            yield Found(begins, at, f"query parameter {name}")
        found = named.search(text, at)
