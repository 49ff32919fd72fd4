"""Many processes that record into one cassette at the same time, and others that read it meanwhile.

It runs in a process of its own, which forks them, and prints what came of it::

    python -m trust.writers 8 10 3    # writers, recordings of each, readers; in the folder `tests`
"""

from __future__ import annotations

import contextlib
import functools
import json
import multiprocessing
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import httpx
from trust.kills import answer, contents, forked, record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groqtape.recorder.record_modes import RecordMode


@contextlib.contextmanager
def all_of(processes: list[int]) -> Iterator[None]:
    """Wait for processes, and see that each ended well."""
    try:
        yield
    finally:
        statuses = [os.waitpid(process, 0)[1] for process in processes]
        assert statuses == [0] * len(processes)


def written_side_by_side(
    path: Path, mode: str, writers: int, recordings: int, readers: int
) -> dict[str, Any]:
    """Record, and say what is in the file and how often it was read meanwhile."""
    all_have_opened_it = multiprocessing.Barrier(writers)
    all_is_written = multiprocessing.Event()
    reads = multiprocessing.Value("i", 0)

    def write(number: int) -> None:
        record(path, f"{number}-0", cast("RecordMode", mode), all_have_opened_it.wait)
        for recording in range(1, recordings):
            record(path, f"{number}-{recording}", cast("RecordMode", mode))

    def read() -> None:
        known: list[str] = []
        while not all_is_written.is_set():
            now = contents(path)  # nothing but whole answers, and nothing is ever lost
            assert now[: len(known)] == known
            known = now
            with reads.get_lock():
                reads.value += bool(now)

    with all_of([forked(read) for _ in range(readers)]):
        try:
            with all_of([forked(functools.partial(write, number)) for number in range(writers)]):
                pass
        finally:
            all_is_written.set()
    wanted = {f"{writer}-{recording}" for writer in range(writers) for recording in range(recordings)}
    there = contents(path)
    return {
        "recorded": len(wanted),
        "there": len(there),
        "lost": sorted(wanted - set(there)),
        "reads": reads.value,
        "files": sorted(each.name for each in path.parent.iterdir()),
    }


def main(writers: int, recordings: int, readers: int) -> None:
    """Record in each mode, and print the figures as JSON."""
    setattr(httpx.HTTPTransport, "handle_request", answer)  # noqa: B010
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        # Who opens it later, in the mode `once`, does not record; in the mode `all`, it begins anew.
        for mode, each in (("new_episodes", recordings), ("once", 1), ("all", 1)):
            path = Path(folder) / mode / "book.yaml"
            path.parent.mkdir()
            figures[mode] = written_side_by_side(path, mode, writers, each, readers)
    print(json.dumps(figures))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:] or ["4", "5", "2"]))
