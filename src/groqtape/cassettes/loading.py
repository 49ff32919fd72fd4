"""The streams in a cassette, without pytest, an SDK client or the network."""

from __future__ import annotations

import json
import reprlib
from typing import TYPE_CHECKING, Any

import groq
import httpx
from groq.types.chat import ChatCompletionChunk
from pydantic import ValidationError

from groqtape.cassettes.ends import CLOSED, COMPLETE, UNFINISHED
from groqtape.cassettes.gc_pause import gc_paused
from groqtape.cassettes.responses import untimed_events_of
from groqtape.cassettes.sdk_decoder import SdkDecoder
from groqtape.cassettes.sse import is_event_stream
from groqtape.errors import GroqtapeError
from groqtape.streams.stream import GroqStream

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping

__all__ = ["load", "stream_of", "streams_in"]

_OBJECT = "chat.completion.chunk"
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
    """The events of a response as a finished stream, which ends where the SDK's stream ends.

    Args:
        events: The events.
        end: How it ended: see ends.py.
        message: The message of the error that cut it.

    Returns:
        The stream, with the error that ended it early if one did: the SDK's own, or a `GroqtapeError` at a
        chunk that `GroqStream` can't read. None where the events are no chat chunks.
    """
    chunks: list[ChatCompletionChunk] = []
    error: Exception | None = None
    is_chat = False
    decoder = SdkDecoder()
    for event in events:
        plain = _plain_chunk(event)
        if plain is not None:
            chunks.append(plain)
            is_chat = True
            continue
        try:
            decoded = decoder.decode(event)
            if decoded is None:
                continue
            if decoded.data.startswith("[DONE]"):
                break
            chunk = _chunk(decoded.event, json.loads(decoded.data))
        except Exception as raised:  # noqa: BLE001  # whatever the SDK lets pass, or raises itself
            error = raised
            break
        is_chat = is_chat or chunk.object == _OBJECT
        chunks.append(chunk)
    if error is None and end not in (COMPLETE, CLOSED, UNFINISHED):
        error = getattr(httpx, end)(message, request=httpx.Request("POST", _URL))
    unread = end == UNFINISHED and not chunks
    if not is_chat and not unread and (error is None or isinstance(error, GroqtapeError)):
        return None
    return GroqStream.finished(chunks, error, end)


def _plain_chunk(event: bytes) -> ChatCompletionChunk | None:
    """An event as a chunk, parsed at once, if it has the form of nearly all of Groq's; None otherwise."""
    if not event.startswith(b"data: {") or not event.endswith(b"}\n\n") or _CHUNK not in event:
        return None
    if b'"error"' in event:
        return None
    try:
        return ChatCompletionChunk.model_validate_json(event[6:-2], strict=True)
    except ValidationError:
        return None


def _chunk(event: str | None, data: Any) -> ChatCompletionChunk:
    """The data of an event as the SDK builds a chunk from it, whatever it is.

    Raises:
        groq.APIError: It is an error.
        GroqtapeError: `GroqStream` can't read the chunk.
    """
    if isinstance(data, dict) and data.get("error") and event in (None, "error"):
        raise _api_error(data["error"])
    if event is not None:
        data = {"data": data, "event": event}
    misfit = _misfit(data, _READ_FIELDS, "")
    if not isinstance(data, dict):
        misfit = f"a mapping, got {reprlib.repr(data)}"
    if misfit:
        raise GroqtapeError(f"a chunk can't be read: expected {misfit}")
    # A value that does not fit the SDK's types is kept as it came.
    # (Names that begin with `_` would be arguments of model_construct.)
    fields = {name: value for name, value in data.items() if not name.startswith("_")}
    return ChatCompletionChunk.model_construct(**fields)


_TYPES: dict[Any, str] = {str: "text", int: "a whole number", dict: "a mapping", list: "a list"}


def _misfit(value: Any, shape: Any, at: str) -> str | None:
    """Where a value is of another type than in a shape, and what is expected there; None where it fits."""
    if value is None:
        return None
    if isinstance(shape, dict) and isinstance(value, dict):
        found = (_misfit(value.get(key), inner, f"{at}.{key}" if at else key) for key, inner in shape.items())
        return next(filter(None, found), None)
    if isinstance(shape, list) and isinstance(value, list):
        found = (
            f"`{at}[{number}]`, got nothing" if item is None else _misfit(item, shape[0], f"{at}[{number}]")
            for number, item in enumerate(value)
        )
        return next(filter(None, found), None)
    if isinstance(shape, type) and isinstance(value, shape):
        return None
    expected = _TYPES[shape if isinstance(shape, type) else type(shape)]
    return f"`{at}` as {expected}, got {reprlib.repr(value)}"


def _api_error(inner: Any) -> groq.APIError:
    """The error that the SDK raises for an error event (its `Stream.__stream__`)."""
    message = inner.get("message") if isinstance(inner, dict) else None
    if not isinstance(message, str) or not message:
        message = "An error occurred during streaming"
    return groq.APIError(message, httpx.Request("POST", _URL), body=inner)
