"""Writes the events of a stream as a transcript: see transcript.py."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from groqtape.cassettes.transcript import END, FLAT_DELTA, HOLE, LINE_BREAK, WHOLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["UNSAFE_IN_BLOCK", "UNSAFE_ON_LINE", "transcribe"]

# What a YAML block can't hold, or holds invisibly: control characters, the line breaks that only YAML knows,
# byte order marks, and the surrogates that stand for bytes that are no UTF-8.
_NOT_IN_BLOCKS = "\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff"
UNSAFE_IN_BLOCK = re.compile(f"[{_NOT_IN_BLOCKS}]")
"""The characters that a literal block does not bring back, or not visibly."""

UNSAFE_ON_LINE = re.compile(f"[\n{_NOT_IN_BLOCKS}]")
"""The characters that one line of it does not bring back."""
_DELTA = '"delta":'
# An event whose delta has more brackets is written whole: how deeply nested JSON can be read depends on the
# reader.
_MOST_BRACKETS = 200
_PLAINLY_A_DELTA = re.compile(FLAT_DELTA)
_decode_json = json.JSONDecoder().raw_decode


class _Fit(NamedTuple):
    """An event's text around its delta."""

    before: str
    delta: str
    after: str


def transcribe(events: Sequence[bytes]) -> str:
    """Write events as a transcript, one line each."""
    texts = [event.decode("utf-8", "surrogateescape") for event in events]
    fits = list(_fits(texts))
    before = after = None
    lines = []
    for index, text in enumerate(texts):
        fit = fits[index]
        if fit and (fit.before != before or (fit.after != after and _repeats(fits, index))):
            envelope = _envelope(fits, index)
            if envelope is not None:
                before, after = fit.before, envelope
                lines.append(f"@ {before}{HOLE}{after}")
        if fit is None or fit.before != before:
            line = _whole(text)
        elif fit.after == after:
            line = fit.delta
        else:
            line = f"{fit.delta}{HOLE}{fit.after}"
        lines.append(f"  {line}")
    return "".join(f"{line}\n" for line in lines)


def _is_safe(text: str) -> bool:
    """Whether a line can hold a text, as it can where every character is printable."""
    return text.isprintable() or not UNSAFE_ON_LINE.search(text)


def _fits(texts: Iterable[str]) -> Iterator[_Fit | None]:
    """Each event's text, cut around its delta. Most are cut where the one before was, without a parser."""
    before = after = shown_after = ""
    for text in texts:
        delta = text[len(before) : -len(after)] if before and text.startswith(before) else ""
        if delta and text.endswith(after) and _PLAINLY_A_DELTA.fullmatch(delta) and _is_safe(delta):
            yield _Fit(before, delta, shown_after)
            continue
        fit = _fit(text)
        if fit is not None:
            before, shown_after = fit.before, fit.after
            after = f"{shown_after}{END}"
        yield fit


def _fit(text: str) -> _Fit | None:
    """Cut an event's text around its first delta; None where a line can't hold the parts."""
    start = text.find(_DELTA) + len(_DELTA)
    if start < len(_DELTA) or not text.startswith("data: ") or not text.endswith(END):
        return None
    text = text.removesuffix(END)
    if text[start : start + 1] != "{" or text.endswith(" ") or not _is_safe(text):
        return None
    try:
        _, end = _decode_json(text, start)
    except (ValueError, RecursionError):
        return None
    fit = _Fit(text[:start], text[start:end], text[end:])
    if HOLE in fit.before or HOLE in fit.after:
        return None
    return None if fit.delta.count("{") + fit.delta.count("[") > _MOST_BRACKETS else fit


def _repeats(fits: Sequence[_Fit | None], index: int) -> bool:
    """Whether the next event has the same envelope: two in a row are worth an envelope of their own."""
    here, following = fits[index], fits[index + 1 : index + 2]
    return bool(
        here
        and following
        and following[0]
        and (following[0].before, following[0].after) == (here.before, here.after)
    )


def _envelope(fits: Sequence[_Fit | None], index: int) -> str | None:
    """The most common end among the events in a row that begin like this one; None for a single event."""
    first = fits[index]
    if first is not None and _repeats(fits, index):
        return first.after
    ends: dict[str, int] = {}
    for position in range(index, len(fits)):
        fit = fits[position]
        if fit is None or first is None or fit.before != first.before:
            break
        ends[fit.after] = ends.get(fit.after, 0) + 1
    if sum(ends.values()) == 1:
        return None
    return max(ends, key=lambda end: ends[end])


def _whole(text: str) -> str:
    """An event as it came, or as a JSON string where a line can't hold it."""
    shown = text.removesuffix(END)
    if (
        text.endswith(END)
        and WHOLE.match(shown)
        and not shown.endswith((" ", "\n"))
        and LINE_BREAK not in shown
        and _is_safe(shown.replace("\n", ""))
    ):
        return shown.replace("\n", LINE_BREAK)
    return UNSAFE_ON_LINE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))
