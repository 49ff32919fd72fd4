"""A cassette in forms that other programs read: vcrpy's YAML, JSON lines, HAR 1.2."""

from __future__ import annotations

import base64
import datetime
import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from groqtape._version import __version__
from groqtape.cassettes.responses import with_body

if TYPE_CHECKING:
    from collections.abc import Iterable

    from groqtape.reports.interaction import Interaction

__all__ = ["as_har", "as_json_lines", "as_vcr"]


def as_vcr(interactions: Iterable[Interaction]) -> bytes:
    """The YAML that vcrpy writes: streams as whole bodies. Calls without an answer are left out."""
    from vcr.serialize import compat
    from vcr.serializers import yamlserializer

    written = []
    for each in interactions:
        if each.status is None:
            continue
        response = {key: value for key, value in with_body(each.response).items() if key != "stream"}
        written.append(
            {
                "request": compat.convert_to_unicode(each.request._to_dict()),  # noqa: SLF001  # as vcrpy's own serialize
                "response": compat.convert_to_unicode(response),
            }
        )
    return str(yamlserializer.serialize({"interactions": written, "version": 1})).encode()


def as_json_lines(interactions: Iterable[Interaction]) -> bytes:
    """The chunks of streams as they came, a line each; error events among them."""
    lines = [
        json.dumps(event.chunk, ensure_ascii=False, separators=(",", ":"))
        for each in interactions
        for event in each.events
        if event.chunk is not None
    ]
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")


def as_har(interactions: Iterable[Interaction], written_at: datetime.datetime) -> bytes:
    """An HTTP archive, version 1.2. Calls without an answer are left out.

    Args:
        interactions: The interactions.
        written_at: When the file was written, for answers that do not say when they were made.
    """
    log = {
        "version": "1.2",
        "creator": {"name": "groqtape", "version": __version__},
        "pages": [],
        "entries": [_entry(each, written_at) for each in interactions if each.status is not None],
    }
    return (json.dumps({"log": log}, ensure_ascii=True, indent=1) + "\n").encode()


def _entry(interaction: Interaction, written_at: datetime.datetime) -> dict[str, Any]:
    times = [at for at in interaction.times if at is not None]
    wait, total = (times[0], times[-1]) if times else (0.0, 0.0)
    return {
        "startedDateTime": _started(interaction, written_at).isoformat(),
        "time": total,
        "request": _request(interaction),
        "response": _response(interaction),
        "cache": {},
        "timings": {
            "blocked": -1,
            "dns": -1,
            "connect": -1,
            "ssl": -1,
            "send": 0,
            "wait": wait,
            "receive": total - wait,
        },
    }


def _started(interaction: Interaction, written_at: datetime.datetime) -> datetime.datetime:
    """When the answer was made, as Groq's `created` has it to the second."""
    for event in interaction.events[:1]:
        created = (event.chunk or {}).get("created")
        if type(created) is int and 0 <= created < 2**33:
            return datetime.datetime.fromtimestamp(created, tz=datetime.UTC)
    return written_at


def _request(interaction: Interaction) -> dict[str, Any]:
    request = interaction.request
    body = interaction.body
    written: dict[str, Any] = {
        "method": interaction.method,
        "url": request.uri,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": name, "value": str(value)} for name, value in request.headers.items()],
        "queryString": [
            {"name": name, "value": value}
            for name, value in parse_qsl(urlsplit(request.uri).query, keep_blank_values=True)
        ],
        "headersSize": -1,
        "bodySize": len(body),
    }
    if body:
        kinds = {name.lower(): str(value) for name, value in request.headers.items()}
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
    content: dict[str, Any] = {"size": len(body), "mimeType": kinds[0] if kinds else ""}
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
    }
