"""Many files, one after the other or by several processes, with a progress bar on standard error."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Any, TypeVar

from groqtape.cli.output import is_terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

__all__ = ["by_processes", "with_progress"]

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")

# Below this many files, no command takes long enough for a progress bar, or for processes, which take a
# second to start.
_MANY = 200
_MANY_FOR_PROCESSES = 500
_MOST_PROCESSES = 16
_AT_ONCE = 16


def with_progress(items: Sequence[Any], what: str) -> Iterator[Any]:
    """Go over items, with a progress bar if they are many and it is a terminal."""
    return _progress(items, len(items), what)


def by_processes(
    function: Callable[[ItemT], ResultT], items: Sequence[ItemT], what: str
) -> Iterator[ResultT]:
    """Call a function with each item, and give its results in their order.

    Args:
        function: A function that another process can import, or a partial one.
        items: The items.
        what: What is done, for the progress bar.
    """
    processes = min(os.cpu_count() or 1, _MOST_PROCESSES)
    if len(items) < _MANY_FOR_PROCESSES or processes == 1:
        yield from map(function, with_progress(items, what))
        return
    from multiprocessing import get_context

    # "spawn" is safe beside other threads, and there on all systems. Ctrl-C ends the processes with this one.
    with get_context("spawn").Pool(processes, signal.signal, (signal.SIGINT, signal.SIG_IGN)) as pool:
        yield from _progress(pool.imap(function, items, chunksize=_AT_ONCE), len(items), what)


def _progress(items: Iterable[ItemT], count: int, what: str) -> Iterator[ItemT]:
    if count < _MANY or not is_terminal(sys.stderr):
        yield from items
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(items, what, total=count, console=Console(stderr=True), transient=True)
