"""Texts that are slow for expressions which need more than linear time, for each of ours.

The suite tries texts of some ten thousand characters. For longer ones::

    python -m trust.adversarial_texts 1000000    # characters; in the folder `tests`
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import TYPE_CHECKING
from unittest import mock

from groqtape.redaction.catalogue import PATTERNS, PREFIXES
from groqtape.redaction.redactor import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRETS = {
    "SLASH_SECRET": "/begins/with-a-slash-1",
    "BACKSLASH_SECRET": "\\\\begins with\\backslashes-1\\",
    "SPACE_SECRET": "a  b  c  1",
    "SAME_TOKEN": "aaaaaaaaaaaaaaab1",
}
SEPARATORS = [
    "",
    " ",
    "\t",
    "\n",
    "+",
    "-",
    "_",
    ".",
    "=",
    ":",
    "/",
    "\\",
    '"',
    "'",
    "@",
    "&",
    "?",
    "%",
    "{",
    "[",
]


def texts(length: int) -> Iterator[tuple[str, str]]:
    """Yield texts of about this length, each with a name."""
    units = {
        *(
            f"{word}{separator}"
            for word in ("bearer", "key", "a", "1", "://", "data:", '"')
            for separator in SEPARATORS
        ),
        *(
            f"{hint}{separator}"
            for hint in (*(kind.prefix for kind in PREFIXES), *(kind.hint for kind in PATTERNS))
            for separator in ("", "-", ".", "a")
        ),
        *(
            "?key=",
            "&key",
            "#token=",
            "api_key:",
            "password = ",
            'x-auth-token": "',
            "://a:b@",
            "://a@",
            "://:",
        ),
        *(
            "%41",
            "%25",
            "%25%",
            "\\u0041",
            "\\u005c",
            "\\ud83d",
            "\\\\",
            '\\"',
            '\\\\"',
            "\\/",
            "%C3",
            "\ud83d",
        ),
        *(
            '{"a":',
            '{"a":"b",',
            '["',
            '"token":"","bytes":[',
            '"a","b":',
            '"\\',
            "data: {\n",
            'data: {"a":"',
            "\r\n",
        ),
        *(
            "-----BEGIN PRIVATE KEY-----",
            "-----BEGIN ",
            "PRIVATE KEY",
            "1234567:AA",
            "12345678",
            "abcdef0-us1",
        ),
        *SECRETS.values(),
        *(secret[:-1] for secret in SECRETS.values()),
        *(secret[0] for secret in SECRETS.values()),
    }
    for unit in sorted(units):
        yield repr(unit), unit * (length // len(unit))
    for word in ("bearer", "bearer ", "api_key", "api_key=", "://", "x@", "sk-", "eyJ", '"a":"'):
        for filler in ("+", " ", "a", "-", ".", "\\", '"', "=", "%", "1", "_"):
            yield f"{word!r} and {filler!r}", word + filler * length
            yield f"{filler!r} and {word!r}", filler * length + word


def seconds(text: str) -> float:
    """Return the processor time that redacting takes: in a text, a URL, an error and a stream."""
    began = time.process_time()
    redactor = Redactor(secrets=["customer [0-9]"])
    redactor.data(text.encode("utf-8", "surrogatepass"), "request body")
    redactor.url(f"https://host/{text}")
    nested = json.dumps({"error": json.dumps([text])})
    size = max(len(text) // 500, 1)
    choices = [{"index": 0, "delta": {"content": text[at : at + size]}} for at in range(0, len(text), size)]
    events = [f"data: {json.dumps({'choices': [choice]})}\n\n".encode() for choice in choices]
    for body in (nested.encode(), b"".join(events)):
        redactor.response(
            {
                "status": {"code": 400},
                "headers": {},
                "body": {"string": body},
                "stream": {"end": "complete", "sizes": [len(event) for event in events]},
            }
        )
    return time.process_time() - began


def slowest(length: int) -> list[tuple[float, str]]:
    """Return the time that each text takes, the longest first."""
    with mock.patch.dict(os.environ, SECRETS):
        return sorted(((seconds(text), name) for name, text in texts(length)), reverse=True)


def main(length: int) -> None:
    """Compare texts of a length with those of a quarter of it, and print the slowest."""
    long, short = slowest(length), {name: time for time, name in slowest(length // 4)}
    for taken, name in long[:10]:
        print(f"{taken:8.2f} s, {taken / max(short[name], 0.01):6.1f} times that of a quarter: {name}")
    print(f"{len(long)} texts of {length:,} characters, {sum(taken for taken, _ in long):.0f} s in all")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
