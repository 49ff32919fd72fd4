"""From a reply to bytes: everything that can be computed is computed before the first byte goes out."""

from __future__ import annotations

import random
import zlib
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from . import identities
from .replies import merged
from .steps import Cut, Note, Reset, Send, Sleep, Stall, Step, Wait

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .replies import Encoding, Reply
    from .request import Request

Action = bytes | Sleep | Wait | Note | Cut | Reset | Stall
"""What the server does next: bytes are sent as they are."""

_WINDOW = {"gzip": 31, "deflate": 15}


@dataclass(frozen=True)
class Rendered:
    """A response ready to go out."""

    actions: Sequence[Action]
    keep_alive: bool


def render(reply: Reply, request: Request) -> Rendered:
    """Compute what to send for this reply to this request."""
    encoding = reply.content_encoding
    if encoding and not (reply.force_encoding or request.headers.accepts(encoding)):
        encoding = None
    steps = _until_ending(reply.steps)
    if encoding:
        steps = _compressed(steps, encoding)
    # A single compressed body of unknown length is chunked, as Cloudflare's are.
    chunked = reply.framing == "chunked" or (reply.framing == "length" and encoding is not None)

    usual: list[tuple[str, str | None]] = []
    if reply.groq_headers:
        usual += identities.groq_headers(random.Random())
    if encoding:
        usual.append(("Content-Encoding", encoding))
    if chunked:
        usual.append(("Transfer-Encoding", "chunked"))
    elif reply.framing == "length":
        total = sum(len(step.data) for step in reply.steps if isinstance(step, Send))
        usual.append(("Content-Length", str(total)))
    connection = str(request.headers.get("connection", "")).lower()
    keep_alive = reply.framing != "close" and connection != "close"
    usual.append(("Connection", "keep-alive" if keep_alive else "close"))
    fields = [(name, value) for name, value in merged(usual, reply.headers) if value is not None]
    if ("connection", "close") in {(name.lower(), value.lower()) for name, value in fields}:
        keep_alive = False

    actions: list[Action] = [_bare(step) for step in _until_ending(reply.before)]
    actions.append(_head(reply.status, fields))
    for step in steps:
        if not isinstance(step, Send):
            actions.append(step)
        elif step.data:  # an empty chunk would end the body
            actions.append(_chunk(step.data) if chunked else step.data)
    if chunked and not (steps and isinstance(steps[-1], Cut | Reset | Stall)):
        actions.append(b"0\r\n\r\n")
    return Rendered(actions, keep_alive)


def _until_ending(steps: Sequence[Step]) -> list[Step]:
    """The steps that will be reached: none after one that ends the connection."""
    reached: list[Step] = []
    for step in steps:
        reached.append(step)
        if isinstance(step, Cut | Reset | Stall):
            break
    return reached


def _bare(step: Step) -> Action:
    return step.data if isinstance(step, Send) else step


def _head(status: int, fields: list[tuple[str, str]]) -> bytes:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Unknown"
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in fields)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _compressed(steps: list[Step], encoding: Encoding) -> list[Step]:
    """The same steps with their bytes compressed, each send so that the client can read it at once."""
    compressor = zlib.compressobj(wbits=_WINDOW[encoding])
    last = max((number for number, step in enumerate(steps) if isinstance(step, Send)), default=-1)
    broken_off = bool(steps) and isinstance(steps[-1], Cut | Reset | Stall)
    out: list[Step] = []
    for number, step in enumerate(steps):
        if isinstance(step, Send):
            ends = number == last and not broken_off
            flush = zlib.Z_FINISH if ends else zlib.Z_SYNC_FLUSH
            out.append(Send(compressor.compress(step.data) + compressor.flush(flush)))
        else:
            out.append(step)
    return out
