"""Kills processes that write a cassette, at each line of the code that writes and at random moments.

It runs in a process of its own, which forks one for each kill, and prints what came of it. The suite runs
it once; for more::

    python -m trust.kills 2000    # kills at random moments; in the folder `tests`
"""

from __future__ import annotations

import functools
import json
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import httpx
from trust.clients import client

import groqtape
from groqtape.cassettes import locking, store
from groqtape.recorder.cassette_file import CassetteFile
from groqtape.recorder.interceptors import interceptors

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from groqtape.recorder.record_modes import RecordMode

WRITERS = {locking.__file__, store.__file__}
SAVE = CassetteFile.add.__code__
# Files that a killed process may leave beside a cassette; nothing reads them.
LEFT_BEHIND = ".groqtape-*.tmp"
# Few events, for what the SDK does with each, and long ones: so a kill can come in the middle of a write.
EVENTS = 12
FILLER = "x" * 1000


def answer(_: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
    """The answer of a network that is not there."""
    prompt = json.loads(request.read())["messages"][0]["content"]
    event = (
        'data: {"id":"1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"%s"}}]}'
    )
    events = [f"{event % f'{prompt} {number} {FILLER}'}\n\n" for number in range(EVENTS)]
    body = "".join([*events, "data: [DONE]\n\n"]).encode()
    return httpx.Response(
        200, headers={"content-type": "text/event-stream"}, stream=httpx.ByteStream(body), request=request
    )


def record(
    path: Path, prompt: str, mode: RecordMode = "new_episodes", once_it_is_open: Callable[[], Any] = int
) -> None:
    """Record one more answer into a cassette."""
    messages: Any = [{"role": "user", "content": prompt}]
    with groqtape.use_cassette(path, mode, allow_unplayed=True), client(api_key="k") as groq:
        once_it_is_open()
        list(groq.chat.completions.create(model="m", messages=messages, stream=True))


def contents(path: Path) -> list[str]:
    """The prompts in a cassette; the answer to each has to be there as a whole."""
    if not path.exists():
        return []
    text = path.read_bytes().decode()
    interactions = groqtape.serializer.deserialize(text)["interactions"]
    for interaction in interactions:
        body = interaction["response"]["body"]["string"]
        assert (body.count(b"data: {"), body[-14:]) == (EVENTS, b"data: [DONE]\n\n")
        assert interaction["response"]["stream"]["end"] == "complete"
    return [json.loads(each["request"]["body"])["messages"][0]["content"] for each in interactions]


def forked(work: Callable[[], None]) -> int:
    """Begin work in a process of its own."""
    process = os.fork()
    if process == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    return process


def dies_at(line: int) -> Callable[[FrameType, str, Any], Any]:
    """A tracer that kills its process before so many lines of the writing code have run."""
    seen = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal seen
        if frame.f_code.co_filename not in WRITERS and frame.f_code is not SAVE:
            return None
        if event == "line":
            seen += 1
            if seen == line:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    return trace


class Kills:
    """Kills, and what they cost.

    Attributes:
        killed: How many processes were killed.
        old: After how many of the kills there was the old file.
        new: After how many there was the new one.
        lost: Those after which there was neither, with what there was.
        litter: After how many something was left behind.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder = folder
        self._folders = 0
        self._chance = random.Random(seed)
        self.killed = self.old = self.new = self.litter = 0
        self.lost: list[str] = []

    def at_each_line(self, before: list[str], mode: RecordMode, step: int = 1) -> None:
        """Kill one at each line (or at each so-manieth), until one gets to the end."""
        line, died = 1 - step, True
        while died:
            line += step
            died = self._once(before, mode, functools.partial(self._dying_at, mode=mode, line=line))

    def at_random_moments(self, before: list[str], mode: RecordMode, times: int) -> None:
        """Kill so many at any moment in which they may be writing."""
        path = self._prepared(before)
        started = time.perf_counter()
        record(path, "new", mode)
        took = time.perf_counter() - started
        for _ in range(times):
            self._once(
                before, mode, lambda path: self._killed_after(path, mode, self._chance.uniform(0, took))
            )

    def _prepared(self, before: list[str]) -> Path:
        """A folder with the old file in it, if there is one."""
        self._folders += 1
        path = self._folder / f"{self._folders}" / "book.yaml"
        path.parent.mkdir()
        if before:
            whole = self._folder / f"{len(before)}.yaml"
            if not whole.exists():
                for prompt in before:
                    record(whole, prompt)
            path.write_bytes(whole.read_bytes())
        return path

    def _once(self, before: list[str], mode: RecordMode, kill: Callable[[Path], bool]) -> bool:
        path = self._prepared(before)
        old = path.read_bytes() if before else b""
        if not kill(path):
            assert contents(path)[-1] == "new"
            return False
        self.killed += 1
        after = [*before, "new"] if mode == "new_episodes" else ["new"]
        try:
            there = contents(path)
            now = path.read_bytes() if path.exists() else b""
        except Exception as error:
            self.lost.append(f"{type(error).__name__}: {error}")
            return True
        if now == old:
            self.old += 1
        elif there == after:
            self.new += 1
        else:
            self.lost.append(f"{there} in place of {before} or {after}")
        self.litter += any(path.parent.glob(LEFT_BEHIND))
        # The next writer is not held up, loses nothing, and clears up.
        record(path, "next")
        if contents(path) != [*there, "next"]:
            self.lost.append(f"after the next writer there is {contents(path)}, before it {there}")
        names = sorted(each.name for each in path.parent.iterdir())
        if names != ["book.yaml"]:
            self.lost.append(f"after the next writer there are {names}")
        return True

    @staticmethod
    def _dying_at(path: Path, mode: RecordMode, line: int) -> bool:
        def work() -> None:
            genuine = CassetteFile.add

            def save(*args: Any) -> None:
                sys.settrace(dies_at(line))
                genuine(*args)

            setattr(CassetteFile, "add", save)  # noqa: B010
            record(path, "new", mode)

        _, status = os.waitpid(forked(work), 0)
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
        return os.WIFSIGNALED(status)

    @staticmethod
    def _killed_after(path: Path, mode: RecordMode, seconds: float) -> bool:
        process = forked(lambda: record(path, "new", mode))
        time.sleep(seconds)
        os.kill(process, signal.SIGKILL)
        _, status = os.waitpid(process, 0)
        return os.WIFSIGNALED(status)


def main(times: int, step: int = 1) -> None:
    """Kill at so many moments, and at each line (or at each so-manieth); print the figures as JSON.

    Where a file is added to, it is eight times as many lines.
    """
    setattr(httpx.HTTPTransport, "handle_request", answer)  # noqa: B010
    with tempfile.TemporaryDirectory() as folder:
        kills = Kills(Path(folder), seed=7)
        for before, mode in (([], "once"), (["one"], "new_episodes"), (["one", "two"], "all")):
            kills.at_each_line(
                before, cast("RecordMode", mode), max(step // 8, 1) if before == ["one"] else step
            )
            kills.at_random_moments(before, cast("RecordMode", mode), times // 3)
    assert interceptors.interceptor_for(httpx.Request("GET", "https://api.groq.com")) is None
    print(json.dumps({name: value for name, value in vars(kills).items() if not name.startswith("_")}))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:] or ["300"]))
