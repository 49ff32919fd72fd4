"""What no cassette holds, refused before it costs time or memory: nesting, aliases, endless numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from groqtape.errors import CassetteError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["DEEPEST", "LONGEST_NUMBER", "SURROGATE", "YamlScan", "clipped", "forbidden_values", "too_deep"]

DEEPEST = 64
"""How many levels of mappings and lists a file may have."""

LONGEST_NUMBER = 1000
"""How many characters a number may have: Python writes no whole number of more than some 4300 digits."""

SURROGATE = re.compile("[\ud800-\udfff]")
"""The characters that UTF-8 can't hold."""

_LARGEST_INTEGER = 2**4096
# How many characters the aliases of a YAML file may add to it: a few hundred bytes can stand for more than a
# machine has.
_MOST_REPEATED = 8 * 2**20
_LONGEST_PROBLEM = 200


def too_deep() -> CassetteError:
    """The error for a file with more than `DEEPEST` levels."""
    return CassetteError(f"expected a cassette, but there are more than {DEEPEST} levels")


def clipped(problem: str) -> str:
    """A library's message, which may quote all that it read, cut to a readable length."""
    return problem if len(problem) <= _LONGEST_PROBLEM else f"{problem[: _LONGEST_PROBLEM - 1]}…"


def forbidden_values(document: Any) -> Iterator[tuple[str, Any, tuple[str | int, ...]]]:
    """The values that JSON and TOML can hold and no cassette does.

    Yields:
        What was expected instead, the value, and the keys and indices that lead to it.

    Raises:
        CassetteError: There are too many levels.
    """
    waiting: list[tuple[Any, tuple[str | int, ...]]] = [(document, (0,))]
    while waiting:
        value, at = waiting.pop()
        expected = ""
        if isinstance(value, dict):
            waiting += [(item, (*at, key)) for key, item in value.items()]
            if any(map(SURROGATE.search, value)):
                expected = "keys that UTF-8 can hold"
        elif isinstance(value, list):
            waiting += [(item, (*at, index)) for index, item in enumerate(value)]
        elif isinstance(value, str):
            expected = "text that UTF-8 can hold" if SURROGATE.search(value) else ""
        elif isinstance(value, int):
            expected = "" if abs(value) < _LARGEST_INTEGER else "a number of fewer digits"
        if len(at) > DEEPEST + 1:
            raise too_deep()
        if expected:
            yield expected, value, at


class _Open:
    """A collection that has begun, and not ended yet."""

    def __init__(self, event: Any, begins: int) -> None:
        self.anchor: str | None = event.anchor
        self.begins = begins  # how many characters stood before it
        self.levels = 1
        # In a mapping: whether a key comes next.
        self.key_next: bool | None = True if isinstance(event, yaml.MappingStartEvent) else None


class YamlScan:
    """Goes through the events of a YAML document, and refuses what stands for more than its length."""

    def __init__(self) -> None:
        self._open: list[_Open] = []
        # How many characters each anchor stands for, and how many levels; None while it is open.
        self._anchors: dict[str, tuple[int, int] | None] = {}
        self._size = 0
        self._repeated = 0

    def check(self, events: Iterable[yaml.Event]) -> None:
        """Go through a document.

        Raises:
            CassetteError: It is refused.
        """
        for event in events:
            if isinstance(event, yaml.CollectionEndEvent):
                self._close()
            elif isinstance(event, yaml.NodeEvent):
                problem = self._problem(event)
                if problem:
                    line: int = event.start_mark.line + 1  # type: ignore[union-attr]  # events of a text have marks
                    raise CassetteError(f"expected a cassette, but there is {problem}", line=line)

    def _close(self) -> None:
        done = self._open.pop()
        if done.anchor is not None:
            self._anchors[done.anchor] = self._size - done.begins, done.levels
        if self._open:
            self._open[-1].levels = max(self._open[-1].levels, done.levels + 1)

    def _problem(self, event: yaml.NodeEvent) -> str | None:
        is_key = bool(self._open and self._open[-1].key_next)
        if self._open and self._open[-1].key_next is not None:
            self._open[-1].key_next = not is_key
        levels = 0
        if isinstance(event, yaml.AliasEvent):
            known = self._anchors.get(event.anchor or "", (0, 0))
            if known is None:
                return "an alias to what it stands in"
            size, levels = known
            self._repeated += size
            if self._repeated > _MOST_REPEATED:
                return "more than its aliases may stand for"
        elif isinstance(event, yaml.ScalarEvent):
            size = 1 + len(event.value)
            if event.anchor is not None:
                self._anchors[event.anchor] = size, 0
            if is_key and event.value == "<<" and event.implicit[0]:
                return "a merge key (<<), which no cassette has"
        else:
            size = 1
            if event.anchor is not None:
                self._anchors[event.anchor] = None
            self._open.append(_Open(event, self._size))
        self._size += size
        if self._open:
            self._open[-1].levels = max(self._open[-1].levels, levels + 1)
        return f"more than {DEEPEST} levels" if len(self._open) + levels > DEEPEST else None
