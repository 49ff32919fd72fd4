"""Cassettes of one interaction of each kind, written by groqtape's serializer with times of our choice."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

from loopback_groq import ExecutedTool, ToolCall, stream_body

from groqtape import serializer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MODEL = "openai/gpt-oss-20b"
CHAT = "https://api.groq.com/openai/v1/chat/completions"
ANSWER = "Try A Wizard of Earthsea by Ursula K. Le Guin."
USAGE = {"prompt_tokens": 36, "completion_tokens": 20, "total_tokens": 56, "completion_time": 0.2}
USAGE |= {"queue_time": 0.05, "prompt_time": 0.01, "total_time": 0.21}

Interaction = dict[str, Any]


def request(
    text: str = "Recommend a fantasy book", model: str | None = MODEL, **parameters: Any
) -> dict[str, Any]:
    """A chat request."""
    body = {"messages": [{"role": "user", "content": text}], "model": model, "stream": True, **parameters}
    return {
        "method": "POST",
        "uri": CHAT,
        "headers": {"content-type": ["application/json"]},
        "body": json.dumps(body, ensure_ascii=False),
    }


def events(content: Any = ANSWER, **how: Any) -> list[bytes]:
    """The events of a stream, the same ones each time."""
    return stream_body(content, **{"model": MODEL, "fixed": 7, "created": 1795407734, "usage": USAGE, **how})


def stream(
    parts: Sequence[bytes] | None = None,
    sent: dict[str, Any] | None = None,
    *,
    times: Sequence[float | None] | None = None,
    **ending: Any,
) -> Interaction:
    """A streamed answer; its events arrive 10 ms apart from 100 ms on."""
    parts = events() if parts is None else parts
    times = [100.0 + 10 * number for number in range(len(parts))] if times is None else times
    return {
        "request": sent or request(),
        "response": {
            "status": {"code": 200, "message": "OK"},
            "headers": {"content-type": ["text/event-stream"]},
            "body": {"string": b"".join(parts)},
            "stream": {"end": "complete", "sizes": tuple(map(len, parts)), "times": tuple(times), **ending},
        },
    }


def plain(body: Any, code: int = 200, sent: dict[str, Any] | None = None, **headers: str) -> Interaction:
    """An answer that is no stream."""
    string = body if isinstance(body, bytes) else json.dumps(body).encode()
    return {
        "request": sent or request(stream=False),
        "response": {
            "status": {"code": code, "message": None},
            "headers": {"content-type": ["application/json"], **{k: [v] for k, v in headers.items()}},
            "body": {"string": string},
        },
    }


def unanswered() -> Interaction:
    """A call that got no answer."""
    return {
        "request": request(),
        "response": {
            "status": {"code": 599, "message": ""},
            "headers": {},
            "body": {"string": b""},
            "stream": {"end": "ConnectError", "message": "connection refused", "unanswered": True},
        },
    }


def transcription() -> Interaction:
    """A file that was transcribed."""
    body = (
        b'--b\r\ncontent-disposition: form-data; name="model"\r\n\r\nwhisper-large-v3\r\n'
        b'--b\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
        b"\x00\xffRIFF\r\n--b--\r\n"
    )
    sent = {
        "method": "POST",
        "uri": "https://api.groq.com/openai/v1/audio/transcriptions",
        "headers": {"content-type": ["multipart/form-data; boundary=b"]},
        "body": body,
    }
    return plain({"text": "Hello there", "x_groq": {"id": "req_1"}}, sent=sent)


def speech() -> Interaction:
    """A sound."""
    sent = {
        "method": "POST",
        "uri": "https://api.groq.com/openai/v1/audio/speech",
        "headers": {"content-type": ["application/json"]},
        "body": json.dumps({"model": "canopylabs/orpheus-v1-english", "input": "Hello", "voice": "troy"}),
    }
    sound = plain(b"RIFF\x00\xff" * 100, sent=sent)
    sound["response"]["headers"] = {"content-type": ["audio/wav"]}
    return sound


def responses(*more: dict[str, Any]) -> Interaction:
    """A stream of the Responses API."""
    call = {"type": "function_call", "name": "f", "arguments": '{"a":1}'}
    usage = {"input_tokens": 7, "output_tokens": 5, "total_tokens": 12}
    whole = {"id": "resp_1", "model": MODEL, "usage": usage, "output": [call, {"type": "message"}]}
    parts = more or (
        {"type": "response.created", "response": {"id": "resp_1", "model": MODEL}},
        {"type": "response.reasoning_text.delta", "delta": "Hm."},
        {"type": "response.output_text.delta", "delta": "Try "},
        {"type": "response.output_text.delta", "delta": "Earthsea."},
        {"type": "response.function_call_arguments.delta", "delta": '{"a":1}'},
        {"type": "response.output_text.done", "text": "Try Earthsea."},
        {"type": "response.completed", "response": whole},
    )
    sent = request() | {"uri": "https://api.groq.com/openai/v1/responses"}
    return stream([f"event: {p['type']}\ndata: {json.dumps(p)}\n\n".encode() for p in parts], sent)


TOOLS = [
    {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}
]
COMPLETION = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "model": MODEL,
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": "Try Earthsea.",
                "reasoning": "A book.",
                "tool_calls": [
                    {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
                ],
            },
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
}

KINDS: dict[str, list[Interaction]] = {
    "stream": [stream()],
    "reasoning": [stream(events(reasoning="We need a book."))],
    "tool calls": [
        stream(
            events(
                (),
                tool_calls=[ToolCall("weather", {"city": "Oslo"}, "a"), ToolCall("time", {"zone": 1}, "b")],
            ),
            request("How is the weather?", tools=TOOLS, tool_choice="auto"),
        )
    ],
    "compound": [
        stream(events(model="groq/compound", executed_tools=[ExecutedTool()]), request(model="groq/compound"))
    ],
    "closed": [stream(events()[:5], end="closed", left_at=200.0)],
    "cut": [stream(events()[:5], end="ReadError", message="peer reset")],
    "error event": [stream(events(error_after=4))],
    "no done": [stream(events()[:-1])],
    "no times": [stream(times=[None] * len(events()))],
    "stall": [stream(times=[100.0 + 10 * n + (900 if n > 6 else 0) for n in range(len(events()))])],
    "rate limit": [plain({"error": {"message": "Rate limit reached", "type": "tokens"}}, 429)],
    "unanswered": [unanswered()],
    "completion": [plain(COMPLETION)],
    "transcription": [transcription()],
    "models": [
        plain(
            {"object": "list", "data": []},
            sent={"method": "GET", "uri": f"{CHAT[:30]}/models?limit=1", "headers": {}, "body": None},
        )
    ],
    "several": [stream(), stream(events("Second.", fixed=8), request("And then?")), plain(COMPLETION)],
    "responses": [responses()],
    "speech": [speech()],
    "no event": [stream([], end="ReadError", message="peer reset")],
    "nothing": [],
}


def text(*interactions: Interaction) -> str:
    """The text of a cassette."""
    return serializer.serialize({"version": 1, "interactions": list(interactions)})


@functools.cache
def text_of_kind(kind: str) -> str:
    """The text of a cassette of a kind."""
    return text(*KINDS[kind])


def write(path: Path, *interactions: Interaction) -> Path:
    """Write a cassette file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text(*interactions), encoding="utf-8", newline="")
    return path
