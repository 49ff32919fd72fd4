"""The texts that a stream has in pieces: a secret may be in several of its events."""

from __future__ import annotations

import functools
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from groqtape.redaction.json_texts import DATA, LITERAL, text_in, values_of
from groqtape.redaction.views import Joined, View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["across_events"]


def across_events(body: View, is_harmless: Callable[[str], bool]) -> Iterator[Joined]:
    """Yield the texts that a stream has in pieces: the strings at the same path and index of its events.

    Args:
        body: The stream.
        is_harmless: Whether a text need not be yielded.

    Yields:
        The texts, escaped as in the body.
    """
    events: list[tuple[int, list[str]]] = []
    pieces: dict[tuple[Any, ...], list[tuple[int, int]]] = {}
    shape: _Shape | None = None
    for line in DATA.finditer(body.text):
        parts = LITERAL.split(line[1])
        if len(parts) > 1:
            if shape is None or not shape.fits(parts):
                shape = _Shape(parts, pieces)
            for places, number in shape.values:
                places.append((len(events), number))
            events.append((line.start(1), parts))
    for places in pieces.values():
        strings = [events[event][1][number] for event, number in places]
        if len(set(strings)) > 1 and not is_harmless("".join(map(text_in, strings))):
            yield Joined([_piece(body, *events[event], number) for event, number in places])


class _Shape:
    """What an event of a stream has in common with those that differ from it in nothing but their texts.

    Args:
        parts: The event, split at its strings.
        pieces: Where the pieces of each text are: the number of the event, and that of its part.

    Attributes:
        values: The numbers of the parts that are pieces of texts, each with the places of its text.
    """

    def __init__(self, parts: list[str], pieces: dict[tuple[Any, ...], list[tuple[int, int]]]) -> None:
        values, kind = values_of(parts)
        texts = {value.part for value in values} - {kind}
        self._count = len(parts)
        self._others = itemgetter(*(number for number in range(len(parts)) if number not in texts))
        self._like = self._others(parts)
        self.values = [
            (pieces.setdefault((None if kind is None else parts[kind], *path), []), value.part)
            for value in values
            for path in _variants(value.path)
        ]

    def fits(self, parts: list[str]) -> bool:
        """Whether another event has this shape."""
        return len(parts) == self._count and bool(self._others(parts) == self._like)


def _piece(body: View, start: int, parts: list[str], number: int) -> View:
    begins = start + sum(map(len, parts[:number])) + 1
    return body.part(begins, begins + len(text_in(parts[number])))


@functools.lru_cache(maxsize=256)
def _variants(path: tuple[Any, ...]) -> tuple[tuple[Any, ...], ...]:
    """The paths under which the pieces of a text may continue.

    An element of a list without `index` can continue the text at its own place, or (as the tokens of
    `logprobs`) the one that all elements have together.
    """
    variants: list[tuple[Any, ...]] = [()]
    for step in path:
        is_place = isinstance(step, tuple) and len(step) == 1
        steps = (step,) if not is_place else (step, "*") if len(variants) < 8 else ("*",)
        variants = [(*variant, each) for variant in variants for each in steps]
    return tuple(variants)
