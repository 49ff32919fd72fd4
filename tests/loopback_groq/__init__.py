"""The loopback Groq: a server on 127.0.0.1 that stands in for the live Groq API.

The tests, the demonstration and the benchmarks use it. What it sends, and when, is scripted to the byte:

    with LoopbackGroq() as server:
        server.reply(rate_limited(0.01), stream("Hello there", delay=0.02))
        client = groq.Groq(base_url=server.base_url, api_key=server.api_key)
"""

from __future__ import annotations

from .chat import Content, ExecutedTool, Saying, ToolCall, UsageAt, completion, stream, stream_body
from .pacing import Hold, Tear, paced
from .replies import AnyReply, Reply, Scripted, error, json_reply, models, rate_limited, raw, transcription
from .request import Headers, Outcome, Request
from .server import LoopbackGroq
from .sse import DONE, TOOL_USE_FAILED, compact, error_event, event, inside
from .steps import Cut, Ending, Note, Reset, Send, Sleep, Stall, Step, Wait

__all__ = [
    "DONE",
    "TOOL_USE_FAILED",
    "AnyReply",
    "Content",
    "Cut",
    "Ending",
    "ExecutedTool",
    "Headers",
    "Hold",
    "LoopbackGroq",
    "Note",
    "Outcome",
    "Reply",
    "Request",
    "Reset",
    "Saying",
    "Scripted",
    "Send",
    "Sleep",
    "Stall",
    "Step",
    "Tear",
    "ToolCall",
    "UsageAt",
    "Wait",
    "compact",
    "completion",
    "error",
    "error_event",
    "event",
    "inside",
    "json_reply",
    "models",
    "paced",
    "rate_limited",
    "raw",
    "stream",
    "stream_body",
    "transcription",
]
