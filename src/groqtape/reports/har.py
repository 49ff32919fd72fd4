"""A cassette as an HTTP archive (HAR 1.2), for the network panel of a browser.

The fields that begin with `_` are Chromium's own. By them, its panel shows each event with its time.
"""

from __future__ import annotations

import base64
import bisect
import datetime
import itertools
import json
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from groqtape._version import __version__
from groqtape.cassettes.sse import parse_event, split_events

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from groqtape.reports.interaction import Interaction

__all__ = ["as_har"]

_EVENT_STREAM = "text/event-stream"
# In milliseconds. Without it, Chromium shows the wait for the first chunk as a stall, and an answer that took
# no time as pending.
_BLOCKED = 0.001
_DAY = 86_400_000
_PORT = re.compile(r":(\d+)$")
_QUOTED_BOUNDARY = re.compile(r'(?<=boundary=)"([\w.-]+)"')


def as_har(interactions: Iterable[Interaction], written_at: datetime.datetime) -> bytes:
    """An HTTP archive, version 1.2. Calls without an answer are left out.

    Args:
        interactions: The interactions.
        written_at: When the file was written, for answers that do not say when they were made.
    """
    answered = [each for each in interactions if each.status is not None]
    starts = _starts(answered, written_at)
    log = {
        "version": "1.2",
        "creator": {"name": "groqtape", "version": __version__},
        "pages": [],
        "entries": [_entry(each, start) for each, start in zip(answered, starts, strict=True)],
    }
    return (json.dumps({"log": log}, ensure_ascii=True, indent=1) + "\n").encode()


def _starts(interactions: list[Interaction], written_at: datetime.datetime) -> Iterator[datetime.datetime]:
    """When each answer began: as it says itself, else at the end of the one before."""
    created = [_created(each) for each in interactions]
    at = next((each for each in created if each is not None), written_at)
    for interaction, known in zip(interactions, created, strict=True):
        at = known or at
        yield at
        at += datetime.timedelta(milliseconds=min(_total(interaction), _DAY))


def _created(interaction: Interaction) -> datetime.datetime | None:
    """When the answer was made, as Groq's `created` has it to the second."""
    if interaction.is_stream:
        answer: Any = interaction.events[0].chunk if interaction.events else None
    else:
        try:
            answer = json.loads(interaction.answer)
        except (ValueError, RecursionError):
            return None
    created = answer.get("created") if isinstance(answer, dict) else None
    if type(created) is int and 0 <= created < 2**33:
        return datetime.datetime.fromtimestamp(created, tz=datetime.UTC)
    return None


def _total(interaction: Interaction) -> float:
    return max((0.0, *(at for at in interaction.times if at is not None)))


def _entry(interaction: Interaction, start: datetime.datetime) -> dict[str, Any]:
    wait = max(0.0, next((at for at in interaction.times if at is not None), 0.0))
    total = _total(interaction)
    url = urlsplit(interaction.request.uri)
    port = _PORT.search(url.netloc)
    entry = {
        "startedDateTime": start.isoformat(),
        "time": _BLOCKED + total,
        "request": _request(interaction),
        "response": _response(interaction),
        "cache": {},
        "timings": {
            "blocked": _BLOCKED,
            "dns": -1,
            "connect": -1,
            "ssl": -1,
            "send": 0,
            "wait": wait,
            "receive": total - wait,
        },
        "connection": port[1] if port else {"http": "80"}.get(url.scheme, "443"),  # HAR allows the port
        "_resourceType": "fetch",
    }
    if interaction.is_stream and any(interaction.times):
        entry["_eventSourceMessages"] = list(_messages(interaction, start.timestamp()))
    return entry


def _messages(interaction: Interaction, start: float) -> Iterator[dict[str, Any]]:
    """The events of a stream, each at the time of the read that brought its end."""
    ends = list(itertools.accumulate(map(len, interaction.events_as_bytes)))
    end = 0
    for data in split_events(interaction.answer):
        end += len(data)
        message = parse_event(data)
        if message is not None:
            yield {
                "time": start + (interaction.times[bisect.bisect_left(ends, end)] or 0) / 1000,
                "eventName": message.event or "message",
                "eventId": "",
                "data": message.data,
            }


def _request(interaction: Interaction) -> dict[str, Any]:
    request = interaction.request
    body = interaction.body
    # Chromium splits a form only where its boundary has no quotes.
    headers = {name: _QUOTED_BOUNDARY.sub(r"\1", str(value)) for name, value in request.headers.items()}
    written: dict[str, Any] = {
        "method": interaction.method,
        "url": request.uri,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": name, "value": value} for name, value in headers.items()],
        "queryString": [
            {"name": name, "value": value}
            for name, value in parse_qsl(urlsplit(request.uri).query, keep_blank_values=True)
        ],
        "headersSize": -1,
        "bodySize": len(body),
    }
    if body:
        kinds = {name.lower(): value for name, value in headers.items()}
        written["postData"] = {
            "mimeType": kinds.get("content-type", ""),
            "params": [],
            "text": body.decode("utf-8", "replace"),
        }
    return written


def _response(interaction: Interaction) -> dict[str, Any]:
    headers = [
        {"name": name, "value": value}
        for name, values in interaction.response["headers"].items()
        for value in values
    ]
    kinds = [header["value"] for header in headers if header["name"].lower() == "content-type"]
    body = interaction.answer
    # Chromium shows events only where the type has no parameters.
    kind = _EVENT_STREAM if interaction.is_stream else "".join(kinds[:1])
    content: dict[str, Any] = {"size": len(body), "mimeType": kind}
    try:
        content["text"] = body.decode()
    except UnicodeDecodeError:
        content |= {"text": base64.b64encode(body).decode(), "encoding": "base64"}
    status = int(interaction.response["status"]["code"])
    known = {each.value: each.phrase for each in HTTPStatus}
    return {
        "status": status,
        "statusText": interaction.response["status"].get("message") or known.get(status, ""),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers,
        "content": content,
        "redirectURL": "".join(h["value"] for h in headers if h["name"].lower() == "location"),
        "headersSize": -1,
        "bodySize": len(body),
        "_transferSize": len(body),
    }
