"""What forked processes note for the process that they were forked from: the texts of refused calls.

A forked child has a copy of everything, so what it notes there is lost. Where a process forks after something
in it has begun to note refusals, a pipe leads back to it.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import sys
import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["RefusedTexts", "unclaimed"]

_LONGEST = 3000
"""Bytes of a text. So much is written to a pipe in one piece (at least 4,096 on Linux, 512 by POSIX)."""
_numbers = itertools.count(1)


class RefusedTexts:
    """Texts of refused calls, in the order in which this process got to know them."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._process = os.getpid()
        self._number = next(_numbers)
        _pipe.prepare()

    def __iadd__(self, texts: Iterable[str]) -> Self:
        for text in texts:
            self.append(text)
        return self

    def append(self, text: str) -> None:
        """Note a text; in a forked process, also for the process that this object was made in."""
        self._texts.append(text)
        if os.getpid() != self._process:
            _pipe.write(self._number, text)

    def all(self) -> list[str]:
        """The texts of this process and of those forked from it."""
        if _pipe.is_open and os.getpid() == self._process:  # in nearly all processes it is not
            self._texts += _pipe.take(self._number)
        return list(self._texts)


def unclaimed() -> list[str]:
    """Take the texts that nothing asked for: of processes that outlive what they belong to."""
    return _pipe.take_all()


class _Pipe:
    """A pipe from the children of this process, made when it forks for the first time."""

    def __init__(self) -> None:
        self._is_prepared = False
        self._ends: tuple[int, int] | None = None
        self._process = 0
        self._rest = b""
        self._texts: dict[int, list[str]] = {}
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Make the pipe as soon as this process forks."""
        if not self._is_prepared and hasattr(os, "register_at_fork"):
            os.register_at_fork(before=self._make)
        self._is_prepared = True

    def _make(self) -> None:
        # Without httpx, nothing has been refused in this process, and a suite keeps its count of open files.
        if self._ends is None and "httpx" in sys.modules:
            self._ends = os.pipe()
            self._process = os.getpid()
            for end in self._ends:
                os.set_blocking(end, False)

    def write(self, number: int, text: str) -> None:
        """Write a text. Where the pipe is full, there are many others already."""
        if self._ends is not None:
            data = text.encode("utf-8", "replace").replace(b"\0", b"")[:_LONGEST]
            with contextlib.suppress(BlockingIOError):
                os.write(self._ends[1], b"%d:%s\0" % (number, data))

    @property
    def is_open(self) -> bool:
        """Whether this process, or one that it was forked from, has forked."""
        return self._ends is not None

    def take(self, number: int) -> list[str]:
        """Take the texts that belong to a `RefusedTexts`."""
        with self._lock:
            self._read()
            return self._texts.pop(number, [])

    def take_all(self) -> list[str]:
        """Take the texts that nothing has taken."""
        with self._lock:
            self._read()
            texts = list(itertools.chain(*self._texts.values()))
            self._texts.clear()
        return texts

    def _read(self) -> None:
        if self._ends is None or self._process != os.getpid():
            return
        with contextlib.suppress(BlockingIOError):
            while True:
                self._rest += os.read(self._ends[0], 1 << 16)
        *lines, self._rest = self._rest.split(b"\0")
        for line in lines:
            number, _, text = line.partition(b":")
            self._texts.setdefault(int(number), []).append(text.decode("utf-8", "replace"))


_pipe = _Pipe()
