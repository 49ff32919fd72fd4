"""The streams in a cassette, without pytest, an SDK client or the network."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import groq
import httpx
from groq.types.chat import ChatCompletionChunk
from pydantic import ValidationError

from groqtape.cassettes.ends import CLOSED, COMPLETE
from groqtape.cassettes.gc_pause import gc_paused
from groqtape.cassettes.responses import untimed_events_of
from groqtape.cassettes.sse import is_event_stream, parse_event
from groqtape.streams.stream import GroqStream

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping

__all__ = ["load", "stream_of", "streams_in"]

_CHUNK = b'"object":"chat.completion.chunk"'
# The fields that `GroqStream` reads, with the types it expects.
_CALL = {"index": int, "id": str, "function": {"name": str, "arguments": str}}
_DELTA = {"content": str, "reasoning": str, "tool_calls": [_CALL]}
_READ_FIELDS = {"choices": [{"index": int, "finish_reason": str, "delta": _DELTA}]}
_URL = "https://api.groq.com/openai/v1/chat/completions"


def load(path: str | os.PathLike[str]) -> list[GroqStream]:
    """The chat streams in a cassette file, in the order of the file, as finished streams.

    Raises:
        CassetteError: The file is no good cassette.
        FileNotFoundError: There is no such file.
    """
    from groqtape.cassettes.store import Store

    _, responses, *_ = Store.load_cassette(path)
    return streams_in(responses)


def streams_in(responses: Iterable[Mapping[str, Any]]) -> list[GroqStream]:
    """The chat streams among responses in memory."""
    return [stream for stream in map(_stream_in, responses) if stream is not None]


def _stream_in(response: Mapping[str, Any]) -> GroqStream | None:
    """A response in memory as a chat stream; None where it is none."""
    headers = {name.lower(): values for name, values in response["headers"].items()}
    events = untimed_events_of(response)
    if not is_event_stream("".join(headers.get("content-type", [])[:1]), events[0] if events else b""):
        return None
    stream = response.get("stream") or {}
    return stream_of(events, stream.get("end", COMPLETE), stream.get("message", ""))


@gc_paused()
def stream_of(events: Iterable[bytes], end: str = COMPLETE, message: str = "") -> GroqStream | None:
    """The events of a response as a finished stream.

    Args:
        events: The events.
        end: How it ended: see ends.py.
        message: The message of the error that cut it.

    Returns:
        The stream, with the error that ended it early if one did; None where the events are no chat chunks.
    """
    chunks: list[ChatCompletionChunk] = []
    error: Exception | None = None
    for event in events:
        plain = _plain_chunk(event)
        if plain is not None:
            chunks.append(plain)
            continue
        parsed = parse_event(event)
        if parsed is None:
            continue
        if parsed.data.startswith("[DONE]"):
            break
        try:
            data = json.loads(parsed.data)
        except (ValueError, RecursionError):
            continue
        if not isinstance(data, dict):
            continue
        if data.get("error"):
            error = _api_error(data["error"])
            break
        if data.get("object") == "chat.completion.chunk" and _fits(data, _READ_FIELDS):
            # As the SDK builds it: a value that does not fit its types is kept as it came.
            # (Names that begin with `_` would be arguments of model_construct.)
            fields = {name: value for name, value in data.items() if not name.startswith("_")}
            chunks.append(ChatCompletionChunk.model_construct(**fields))
    if error is None and end not in (COMPLETE, CLOSED):
        error = getattr(httpx, end)(message, request=httpx.Request("POST", _URL))
    return GroqStream.finished(chunks, error) if chunks or error else None


def _plain_chunk(event: bytes) -> ChatCompletionChunk | None:
    """An event as a chunk, parsed at once, if it has the form of nearly all of Groq's; None otherwise."""
    if not event.startswith(b"data: {") or not event.endswith(b"}\n\n") or _CHUNK not in event:
        return None
    try:
        return ChatCompletionChunk.model_validate_json(event[6:-2], strict=True)
    except ValidationError:
        return None


def _fits(value: Any, shape: Any) -> bool:
    """Whether a value has the types of a shape, wherever it has a value at all."""
    if value is None:
        return True
    if isinstance(shape, dict):
        return isinstance(value, dict) and all(_fits(value.get(key), inner) for key, inner in shape.items())
    if isinstance(shape, list):
        items = value if isinstance(value, list) else [None]
        return all(item is not None and _fits(item, shape[0]) for item in items)
    return isinstance(value, shape)


def _api_error(inner: Any) -> groq.APIError:
    """The error that the SDK raises for an error event (its `Stream.__stream__`)."""
    message = inner.get("message") if isinstance(inner, dict) else None
    if not isinstance(message, str) or not message:
        message = "An error occurred during streaming"
    return groq.APIError(message, httpx.Request("POST", _URL), body=inner)
