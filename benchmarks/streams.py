"""What is streamed: plain content as Groq sends it, the same for every contender."""

from __future__ import annotations

import functools
import random
import re
import sys
from typing import TYPE_CHECKING

from benchmarks.environments import ROOT

sys.path.append(str(ROOT / "tests"))

from loopback_groq import error, raw, stream_body

if TYPE_CHECKING:
    from loopback_groq import Reply, Request

__all__ = ["answer", "body", "prompt"]

# The commonest words of English: about as long, with the space before them, as tokens are.
_WORDS = """
the of and to a in is that for it as was with be by on not he his but at are this have from which or
had an they were their one all we can has there been if more when will would who so no out up into
them than some could time these two may then do first any my now such like our over man me even most
made after also did many before must through years where much your way well down should because each
just those people how too little state good very make world still own see men work long get here
between both life being under never day same another know while last might us great old year off
come since against go came
""".split()  # noqa: SIM905  # easier to read than a list
_PROMPT = re.compile(r"Say (\d+) chunks(?:, (\d+) ms apart)?, number (\d+)")
_MODEL = "openai/gpt-oss-20b"


def prompt(chunks: int, number: int = 0, *, apart: int = 0) -> str:
    """The prompt for a stream of that many chunks; each number gets other words."""
    pause = f", {apart} ms apart" if apart else ""
    return f"Say {chunks} chunks{pause}, number {number}"


@functools.lru_cache(maxsize=16)
def _events(chunks: int, number: int) -> list[bytes]:
    words = random.Random(number)
    pieces = [f" {words.choice(_WORDS)}" for _ in range(chunks - 2)]  # a role first, a finish reason last
    return stream_body(pieces, model=_MODEL, fixed=number)


def body(chunks: int, number: int = 0) -> bytes:
    """The bytes of a stream: its chunks, and `[DONE]`."""
    return b"".join(_events(chunks, number))


@functools.lru_cache(maxsize=16)
def _reply(chunks: int, number: int, apart: int) -> Reply:
    return raw(*_events(chunks, number), delay=apart / 1000)


def answer(request: Request) -> Reply:
    """The loopback Groq's script: the prompt's stream, made before its first byte is sent."""
    wanted = _PROMPT.fullmatch(request.prompt)
    if wanted is None:
        return error(400, f"expected a prompt such as {prompt(74)!r}, got {request.prompt!r}")
    chunks, apart, number = wanted.groups()
    return _reply(int(chunks), int(number), int(apart or 0))
