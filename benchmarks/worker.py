"""A process in a contender's environment that records, opens and replays, and times what it does.

    python -m benchmarks.worker <contender's name>

It reads orders from its standard input, a JSON line each (`{"do": …, …}`), and answers each with a line of
figures. The garbage of an order is collected before the next; during one, collection is as Python has it.
"""

from __future__ import annotations

import asyncio
import gc
import importlib.metadata
import json
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.contenders import contenders

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.contender import Contender

_MODEL = "openai/gpt-oss-20b"


class Stopwatch:
    """Runs from when it is made."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._busy = time.process_time()

    def read(self) -> dict[str, float]:
        """The time since, and how much of it this process was busy."""
        return {
            "seconds": time.perf_counter() - self._began,
            "processor": time.process_time() - self._busy,
        }


class Worker:
    """Records, opens, replays and loads with a contender.

    Args:
        contender: The contender.
    """

    def __init__(self, contender: Contender) -> None:
        self._contender = contender

    def record(self, path: str, prompts: Sequence[str], *, asynchronous: bool) -> dict[str, Any]:
        """Record streams, one after another: from before the cassette is opened until it is written."""

        async def record() -> dict[str, Any]:
            async with self._contender.async_client() as client:
                watch = Stopwatch()
                with self._contender.recording(Path(path)):
                    read = await _read_async(client, prompts)
                return {**read, **watch.read()}

        if asynchronous:
            return asyncio.run(record())
        with self._contender.client() as client:
            watch = Stopwatch()
            with self._contender.recording(Path(path)):
                read = _read(client, prompts)
            return {**read, **watch.read()}

    def open(self, path: str) -> dict[str, Any]:
        """Open a cassette, ready to replay."""
        watch = Stopwatch()
        with self._contender.replaying(Path(path)):
            return watch.read()

    def replay(self, path: str, prompts: Sequence[str], *, asynchronous: bool) -> dict[str, Any]:
        """Replay streams from a cassette, one after another: from the first call until the last chunk."""

        async def replay() -> dict[str, Any]:
            async with self._contender.async_client() as client:
                return await _read_async(client, prompts)

        with self._contender.replaying(Path(path)):
            if asynchronous:
                return asyncio.run(replay())
            with self._contender.client() as client:
                return _read(client, prompts)

    def load(self, path: str) -> dict[str, Any]:
        """Make the chunk objects of a cassette without the SDK's client."""
        watch = Stopwatch()
        chunks = self._contender.load(Path(path))
        return {**watch.read(), "chunks": chunks}

    def versions(self) -> dict[str, Any]:
        """The versions of the distributions that the tables name."""
        return {name: importlib.metadata.version(name) for name in self._contender.shows}

    def peak(self) -> dict[str, Any]:
        """This process's peak memory so far, in bytes."""
        status = Path("/proc/self/status")
        if status.exists():  # Linux: `ru_maxrss` counts the process that started this one, too
            lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
            return {"peak": int(lines["VmHWM"].split()[0]) * 1024}
        import resource

        unit = 1 if sys.platform == "darwin" else 1024
        return {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit}


def _read(client: Any, prompts: Sequence[str]) -> dict[str, Any]:
    """Stream the answers: from the first call until the last chunk, and until the first chunk."""
    chunks, first, watch = 0, 0.0, Stopwatch()
    for prompt in prompts:
        for _ in client.chat.completions.create(**_call(prompt)):
            first = first or watch.read()["seconds"]
            chunks += 1
    return {**watch.read(), "first": first, "chunks": chunks}


async def _read_async(client: Any, prompts: Sequence[str]) -> dict[str, Any]:
    """The same, asynchronously."""
    chunks, first, watch = 0, 0.0, Stopwatch()
    for prompt in prompts:
        async for _ in await client.chat.completions.create(**_call(prompt)):
            first = first or watch.read()["seconds"]
            chunks += 1
    return {**watch.read(), "first": first, "chunks": chunks}


def _call(prompt: str) -> dict[str, Any]:
    return {"model": _MODEL, "messages": [{"role": "user", "content": prompt}], "stream": True}


def main(name: str) -> None:
    """Take orders until there are no more."""
    worker = Worker(contenders()[name])
    answers, sys.stdout = sys.stdout, sys.stderr  # what a contender prints is no answer
    for line in sys.stdin:
        order = json.loads(line)
        gc.collect()
        try:
            answer = getattr(worker, order.pop("do"))(**order)
        except BaseException:  # noqa: BLE001  # refusals are no `Exception`s
            answer = {"failed": traceback.format_exc()}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main(sys.argv[1])
