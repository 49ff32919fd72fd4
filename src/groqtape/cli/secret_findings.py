"""Secrets in a cassette: whatever redaction would take out of it, by rule and place, and never by value."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from groqtape.cassettes.responses import body_of, events_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from groqtape.redaction.redactor import Redactor
    from groqtape.reports.interaction import Interaction

__all__ = ["Secret", "secrets_in"]

_REDACTED = "REDACTED"
_CREDENTIAL_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "x-api-key", "api-key", "cookie", "set-cookie"}
)
# What a secret begins with, or stands after.
_BEGINNINGS = (("gsk_", "a Groq API key"), ("org_", "an organization id"))
_BEFORE = (("bearer ", "a bearer token"), ("__cf_bm=", "a Cloudflare cookie"), ("//", "credentials in a URL"))


class Secret(NamedTuple):
    """A secret.

    Attributes:
        rule: What it is.
        place: Where it stands in the interaction.
        line: The line of the file (the first is 1), where it is known.
    """

    rule: str
    place: str
    line: int | None


def secrets_in(
    interaction: Interaction, redacted: Interaction, redactor: Redactor, text: str
) -> Iterator[Secret]:
    """Find the secrets of an interaction.

    Args:
        interaction: The interaction.
        redacted: The same without secrets.
        redactor: What took them out.
        text: The text of the file, for the lines.
    """
    request, response = interaction.request, interaction.response
    request_headers = [(name, str(value)) for name, value in request.headers.items()]
    response_headers = [(name, value) for name, values in response["headers"].items() for value in values]
    for side, headers in (("request", request_headers), ("response", response_headers)):
        for name, value in headers:
            if name.lower() in _CREDENTIAL_HEADERS and value and _REDACTED not in value:
                yield Secret("a credential", f"{side}'s header {name}", _line_of(value, text))
            else:
                yield from _taken_out(value, redactor.text(value), f"{side}'s header {name}", text)
    yield from _taken_out(request.uri, redacted.request.uri, "request's URL", text)
    body = interaction.body.decode("utf-8", "surrogateescape")
    yield from _taken_out(body, redactor.text(body), "request's body", text)
    yield from _in_response(interaction, redacted, text)


def _in_response(interaction: Interaction, redacted: Interaction, text: str) -> Iterator[Secret]:
    before, after = interaction.response, redacted.response
    for part, was, now in (
        ("response's status", before["status"].get("message"), after["status"].get("message")),
        ("error that cut the response", _message(before), _message(after)),
    ):
        yield from _taken_out(was or "", now or "", part, text)
    if body_of(before) == body_of(after):
        return
    if not interaction.is_stream:
        yield from _taken_out(_decoded(body_of(before)), _decoded(body_of(after)), "response's body", text)
        return
    events = zip(events_of(before)[0], events_of(after)[0], strict=False)
    for number, (was, now) in enumerate(events, 1):
        yield from _taken_out(_decoded(was), _decoded(now), f"response's event {number}", text)


def _message(response: Mapping[str, Any]) -> str:
    stream = response.get("stream")
    return str(stream.get("message", "")) if isinstance(stream, dict) else ""


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _taken_out(was: str, now: str, place: str, text: str) -> Iterator[Secret]:
    """What redaction took out of a part, found between the pieces that it left.

    A secret that stands in several events is found in the first: its later pieces leave nothing behind.
    """
    if was == now:
        return
    first, *others = now.split(_REDACTED)
    at = len(first)
    for piece in others:
        end = was.find(piece, at) if piece else len(was)
        secret = was[at:end]
        if secret != _REDACTED:
            yield Secret(_rule(secret, was[:at]), place, _line_of(secret, text))
        at = end + len(piece)


def _rule(secret: str, before: str) -> str:
    for beginning, rule in _BEGINNINGS:
        if secret.startswith(beginning):
            return rule
    for end, rule in _BEFORE:
        if before.lower().endswith(end):
            return rule
    for name, value in os.environ.items():
        if value.strip() == secret:
            return f"the value of ${name}"
    return "a secret"


def _line_of(secret: str, text: str) -> int | None:
    at = text.find(secret)
    return None if at < 0 else text.count("\n", 0, at) + 1
