"""Streams out of a cassette: no pytest, no SDK client, no network."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import groq
import httpx
from groq.types.chat import ChatCompletionChunk

from groqtape.ends import CLOSED, COMPLETE
from groqtape.sse import is_event_stream, parse_event, split_events
from groqtape.stream import GroqStream

if TYPE_CHECKING:
    import os

__all__ = ["load", "stream_of"]

_URL = "https://api.groq.com/openai/v1/chat/completions"


def load(path: str | os.PathLike[str]) -> list[GroqStream]:
    """The chat streams in a cassette file, in its order, as finished streams.

    Raises:
        CassetteError: The file is no good cassette.
        FileNotFoundError: There is no such file.
    """
    from groqtape import serializer
    from groqtape.redaction import Redactor
    from groqtape.store import Store

    _, responses, *_ = Store(Redactor()).load_cassette(path, serializer)
    streams = []
    for response in responses:
        body = _decoded(response)
        content_type = httpx.Headers(_items(response)).get("content-type", "")
        if is_event_stream(content_type, body):
            ending = response.get("stream") or {}
            stream = stream_of(body, ending.get("end", COMPLETE), ending.get("message", ""))
            if stream is not None:
                streams.append(stream)
    return streams


def _items(response: dict[str, Any]) -> list[tuple[str, str]]:
    return [(name, value) for name, values in response["headers"].items() for value in values]


def _decoded(response: dict[str, Any]) -> bytes:
    """A body as text, where the recorder kept it compressed."""
    body = (response.get("body") or {}).get("string") or b""
    encodings = [(name, value) for name, value in _items(response) if name.lower() == "content-encoding"]
    try:
        return httpx.Response(200, headers=encodings, content=body).content
    except httpx.DecodingError:  # the recorder decoded it, and kept the header
        return bytes(body)


def stream_of(body: bytes, end: str = COMPLETE, message: str = "") -> GroqStream | None:
    """A finished stream out of the bytes of a response.

    Args:
        body: The events.
        end: How it ended: see ends.py.
        message: What the error said that cut it.

    Returns:
        The stream, with the error that ended it early if one did; None where the events are no chat chunks.
    """
    chunks: list[ChatCompletionChunk] = []
    error: Exception | None = None
    for event in split_events(body):
        said = parse_event(event)
        if said is None:
            continue
        if said.data.startswith("[DONE]"):
            break
        try:
            data = json.loads(said.data)
        except ValueError:
            continue
        if not isinstance(data, dict):
            continue
        if data.get("error"):
            error = _api_error(data["error"])
            break
        if data.get("object") == "chat.completion.chunk":
            chunks.append(ChatCompletionChunk.model_construct(**data))
    if error is None and end not in (COMPLETE, CLOSED):
        error = getattr(httpx, end)(message, request=httpx.Request("POST", _URL))
    return GroqStream.finished(chunks, error) if chunks or error else None


def _api_error(inner: Any) -> groq.APIError:
    """The error that the SDK raises for an error event (its `Stream.__stream__`)."""
    message = inner.get("message") if isinstance(inner, dict) else None
    if not isinstance(message, str) or not message:
        message = "An error occurred during streaming"
    return groq.APIError(message, httpx.Request("POST", _URL), body=inner)
