"""A reply: what goes over the wire, in which steps; and the replies that are not chat completions."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from . import identities
from .sse import compact
from .steps import Send, Sleep, Step

if TYPE_CHECKING:
    from .request import Request

HeaderItems = Mapping[str, str | None] | Sequence[tuple[str, str | None]]
"""Fields to set in place of the usual ones; None omits a field; pairs may repeat a field."""

Encoding = Literal["gzip", "deflate"]
Framing = Literal["chunked", "length", "close"]


@dataclass(frozen=True)
class Reply:
    """One HTTP response, to the letter.

    Args:
        status: HTTP's status.
        headers: Fields set in place of Groq's usual ones.
        steps: What happens once the head is sent.
        before: What happens before the head is sent.
        framing: What delimits the body: an HTTP chunk for each `Send`, the `content-length` of all of `steps`
            (those after a `Cut` too), or the connection's end.
        content_encoding: Compress the body, flushing at every `Send`, if the request accepts that.
        force_encoding: Compress whatever the request accepts.
        groq_headers: Whether Groq's usual response headers go out.
    """

    status: int = 200
    headers: HeaderItems = ()
    steps: Sequence[Step] = ()
    before: Sequence[Step] = ()
    framing: Framing = "chunked"
    content_encoding: Encoding | None = None
    force_encoding: bool = False
    groq_headers: bool = True

    def with_headers(self, headers: HeaderItems) -> Reply:
        """Return this reply with `headers` in place of fields of the same name."""
        return replace(self, headers=merged(items(self.headers), headers))


@dataclass(frozen=True)
class Scripted:
    """A reply that is made afresh for each request (so that ids differ each time, as Groq's do)."""

    what: str
    make: Callable[[Request], Reply]

    def __call__(self, request: Request) -> Reply:
        return self.make(request)


AnyReply = Reply | Callable[["Request"], "AnyReply"]
"""A reply, or something that makes one when the request is there."""


def items(headers: HeaderItems) -> list[tuple[str, str | None]]:
    """Header fields as pairs."""
    return list(headers.items() if isinstance(headers, Mapping) else headers)


def merged(usual: Sequence[tuple[str, str | None]], given: HeaderItems) -> list[tuple[str, str | None]]:
    """The usual header fields, with those of the same name as a given one replaced."""
    fields = items(given)
    named = {name.lower() for name, _ in fields}
    return [pair for pair in usual if pair[0].lower() not in named] + fields


def json_reply(
    body: object,
    *,
    status: int = 200,
    headers: HeaderItems = (),
    request_id: str | None = None,
    content_encoding: Encoding | None = "gzip",
    force_encoding: bool = False,
) -> Reply:
    """Any plain JSON, as Groq sends it: gzip if the client takes that."""
    usual: list[tuple[str, str | None]] = [("Content-Type", "application/json")]
    if request_id is not None:
        usual.append(("x-request-id", request_id))
    return Reply(
        status=status,
        headers=merged(usual, headers),
        steps=[Send(compact(body) + b"\n")],
        framing="length",
        content_encoding=content_encoding,
        force_encoding=force_encoding,
    )


def error(
    status: int,
    message: str,
    *,
    kind: str = "invalid_request_error",
    code: str | None = None,
    headers: HeaderItems = (),
    failed_generation: str | None = None,
) -> Reply:
    """One of Groq's errors before any stream: `{"error": {"message", "type", "code"}}`."""
    body: dict[str, object] = {"message": message, "type": kind}
    if code is not None:
        body["code"] = code
    if failed_generation is not None:
        body["failed_generation"] = failed_generation
    return json_reply({"error": body}, status=status, headers=headers)


def rate_limited(
    retry_after: float | None = 1,
    *,
    org: str | None = None,
    model: str | None = None,
    headers: HeaderItems = (),
) -> Scripted:
    """The 429, with the organization's id in its text.

    Args:
        retry_after: Seconds, fractions too; None omits the header.
        org: The organization's id, by default a fresh one.
        model: By default the request's.
        headers: Fields set in place of the usual ones.
    """

    def make(request: Request) -> Reply:
        organization = org or identities.organization_id(random.Random())
        requested = request.json.get("model") if isinstance(request.json, dict) else None
        message = (
            f"Rate limit reached for model `{model or requested or 'openai/gpt-oss-20b'}` in "
            f"organization `{organization}` service tier `on_demand` on tokens per minute (TPM): Limit 6000, "
            f"Used 5870, Requested 413. Please try again in {duration(retry_after or 0)}. Need more tokens? "
            "Upgrade to Dev Tier today at https://console.groq.com/settings/billing"
        )
        wait = [] if retry_after is None else [("retry-after", f"{retry_after:g}")]
        usual = [("x-ratelimit-remaining-tokens", "130"), *wait]
        return error(429, message, kind="tokens", code="rate_limit_exceeded", headers=merged(usual, headers))

    return Scripted("a 429", make)


def duration(seconds: float) -> str:
    """A span of time as Groq writes it: `6m7.2s`, `6s`, `172.8ms`."""
    if seconds < 1:
        return f"{seconds * 1000:g}ms"
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes)}m{rest:g}s" if minutes else f"{rest:g}s"


def models(*names: str) -> Reply:
    """The list of models (`GET /openai/v1/models`)."""
    data = [
        {
            "id": name,
            "object": "model",
            "created": 1_693_721_698 + number,
            "owned_by": "Meta",
            "active": True,
            "context_window": 131_072,
            "public_apps": None,
        }
        for number, name in enumerate(names or ("openai/gpt-oss-120b", "openai/gpt-oss-20b"))
    ]
    return json_reply({"object": "list", "data": data})


def transcription(text: str) -> Scripted:
    """A transcription (`POST /openai/v1/audio/transcriptions`, a multipart upload)."""

    def make(_: Request) -> Reply:
        request_id = identities.request_id(random.Random())
        return json_reply({"text": text, "x_groq": {"id": request_id}}, request_id=request_id)

    return Scripted("a transcription", make)


def raw(
    *parts: bytes | Step,
    content_type: str = "text/event-stream",
    status: int = 200,
    headers: HeaderItems = (),
    delay: float = 0,
    framing: Framing = "chunked",
    content_encoding: Encoding | None = None,
    force_encoding: bool = False,
    groq_headers: bool = True,
) -> Reply:
    """An arbitrary body: each part is one send (or any step), `delay` seconds apart."""
    steps: list[Step] = []
    for part in parts:
        if isinstance(part, bytes):
            if delay and any(isinstance(step, Send) for step in steps):
                steps.append(Sleep(delay))
            steps.append(Send(part))
        else:
            steps.append(part)
    return Reply(
        status=status,
        headers=merged([("Content-Type", content_type), ("Cache-Control", "no-cache")], headers),
        steps=steps,
        framing=framing,
        content_encoding=content_encoding,
        force_encoding=force_encoding,
        groq_headers=groq_headers,
    )


def nothing_scripted(request: Request) -> Reply:
    """The answer to a request for which nothing is scripted."""
    message = f"nothing is scripted for {request.method} {request.path}: queue a reply or set the default"
    return error(404, message, code="nothing_scripted")


def unauthorized() -> Reply:
    """The 401 for a wrong key."""
    return error(401, "Invalid API Key", code="invalid_api_key")


def broken(problem: str) -> Reply:
    """What a client gets when the script itself failed (and a retry will not help)."""
    return error(
        500, problem, kind="internal_server_error", code="broken_script", headers={"x-should-retry": "false"}
    )


def now() -> int:
    """The time as Groq's `created` has it."""
    return int(time.time())
