r"""How a stream of events stands in a cassette: one line an event, the envelope once.

Groq repeats some 230 bytes around every delta. A transcript writes that envelope once, with a
hole (`§`) where the delta goes, and then each event as its arrival time and its delta::

    @ data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":§,"finish_reason":null}]}
      412.1 {"content":"A"}
      414.9 {"content":" joke"}
      501.0 {}§,"finish_reason":"stop"}],"usage":{"total_tokens":12}}
      501.2 data: [DONE]

The lines are:

- `@ …§…` sets the envelope for the lines that follow.
- `{…}` is an event: the envelope with this in its hole.
- `{…}§…` is an event that ends otherwise than the envelope: what follows the mark stands for its end.
- `data: …` (`event: …`, `: …`) is a whole event as it came; `⏎` stands for a line break inside it.
- `"…"` is a piece of the body, byte for byte, as a JSON string. All that the other forms can't
  carry stands like this: CRLF, control characters, events cut in the middle. `\udc80` to `\udcff`
  are the bytes 0x80 to 0xff where they are no UTF-8.

Before any but the first may stand the event's arrival, in milliseconds after the request was sent.
An event in one of the first three forms ends with an empty line (LF LF), which is not written.

Nothing is ever parsed and written again: an event is always its text, or the text before the hole,
the text in it and the text after it, joined. So the bytes that come back are those that came.
"""

from __future__ import annotations

import contextlib
import json
import re
from itertools import count
from typing import TYPE_CHECKING, NamedTuple, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["UNSAFE_IN_BLOCK", "Event", "TranscriptError", "check", "expand", "transcribe", "unroll"]

HOLE = "§"
LINE_BREAK = "⏎"
_END = "\n\n"

# What a YAML block can't hold, or holds without anybody seeing it: control characters, the line
# breaks that only YAML knows, byte order marks, and the surrogates that stand for bytes that are no UTF-8.
_NOT_IN_BLOCKS = "\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff"
UNSAFE_IN_BLOCK = re.compile(f"[{_NOT_IN_BLOCKS}]")
_UNSAFE = re.compile(f"[\n{_NOT_IN_BLOCKS}]")  # on one of its lines
_WHOLE = re.compile(r"(?:data|event|id|retry)?:")
# The beginning of a line, with its time.
_LINE_BEGINS = re.compile(r"\n[ \t\r]*+(?:([0-9]{1,9}\.[0-9]) ++)?")
_TIME_BEGINS = frozenset("0123456789.")
_LONGEST_TIME = 16
_DELTA = '"delta":'
# A delta with more brackets stands with its event: how deep JSON can be nested and still be read depends
# on who reads it.
_MOST_BRACKETS = 200
# Nearly every transcript is made of these lines alone, whose deltas need no parser to be seen to be JSON.
_STRING = r'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})[^"\\\x00-\x1f]*+)*+"'
_FLAT_DELTA = rf"\{{(?:{_STRING}:(?:{_STRING}|null)(?:,{_STRING}:(?:{_STRING}|null))*+)?\}}"
_DELTA_LINE = rf"{_FLAT_DELTA}(?:{HOLE}[^\n]*+)?\n"
_ENVELOPE_LINE = rf" *+@ data: [^\n{HOLE}]*+{HOLE}[^\n{HOLE}]*+\n"
_PLAINLY_GOOD = re.compile(
    rf"{_ENVELOPE_LINE}(?: *+(?:[0-9]{{1,9}}\.[0-9] )?(?:{_DELTA_LINE}|data: [^\n]*+\n)|{_ENVELOPE_LINE})*+"
)
# An envelope stands once for all of its events: a long one, and many lines, can stand for more than a machine
# has. So the events may be this long, or so many times as long as their transcript.
_LONGEST = 64 * 2**20
_LONGEST_FOR_ITS_LENGTH = 100
_PLAINLY_A_DELTA = re.compile(_FLAT_DELTA)
_decode_json = json.JSONDecoder().raw_decode


class Event(NamedTuple):
    """One event of a stream.

    Attributes:
        data: Its bytes, with the empty line that ends it.
        at: When it had arrived, in milliseconds after the request was sent; None where nobody noted it.
    """

    data: bytes
    at: float | None = None


class TranscriptError(ValueError):
    """A line that is none of a transcript's.

    Attributes:
        line: Which line (the first is 1).
    """

    def __init__(self, problem: str, line: int) -> None:
        self.line = line
        super().__init__(problem)


class _Fit(NamedTuple):
    """An event's text around its delta."""

    before: str
    delta: str
    after: str


def transcribe(events: Sequence[Event]) -> str:
    """Write events as a transcript, a line each."""
    texts = [event.data.decode("utf-8", "surrogateescape") for event in events]
    fits = list(_fits(texts))
    before = after = None
    lines = []
    for index, (event, text) in enumerate(zip(events, texts, strict=True)):
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
        time = "" if event.at is None else f"{event.at:.1f} "
        lines.append(f"  {time}{line}")
    return "".join(f"{line}\n" for line in lines)


def _fits(texts: Iterable[str]) -> Iterator[_Fit | None]:
    """Each event's text, cut around its delta: most are cut as the one before was, and need no parser."""
    before, after = "", ""
    for text in texts:
        delta = text[len(before) : -len(after)] if before and text.startswith(before) else ""
        if delta and text.endswith(after) and _PLAINLY_A_DELTA.fullmatch(delta) and not _UNSAFE.search(delta):
            yield _Fit(before, delta, after.removesuffix(_END))
            continue
        fit = _fit(text)
        if fit is not None:
            before, after = fit.before, f"{fit.after}{_END}"
        yield fit


def _fit(text: str) -> _Fit | None:
    """Cut an event's text around its first delta, where the joined parts can stand on a line."""
    start = text.find(_DELTA) + len(_DELTA)
    if start < len(_DELTA) or not text.startswith("data: ") or not text.endswith(_END):
        return None
    text = text.removesuffix(_END)
    if text[start : start + 1] != "{" or text.endswith(" ") or _UNSAFE.search(text):
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
    """Whether the next event has the same envelope: twice in a row is worth an envelope of its own."""
    here, following = fits[index], fits[index + 1 : index + 2]
    return bool(
        here
        and following
        and following[0]
        and (following[0].before, following[0].after) == (here.before, here.after)
    )


def _envelope(fits: Sequence[_Fit | None], index: int) -> str | None:
    """The commonest end among the events in a row that begin like this one; None for an event alone."""
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
    """An event as it came, or byte for byte where a line can't carry it."""
    shown = text.removesuffix(_END)
    if (
        text.endswith(_END)
        and _WHOLE.match(shown)
        and not shown.endswith((" ", "\n"))
        and LINE_BREAK not in shown
        and not _UNSAFE.search(shown.replace("\n", ""))
    ):
        return shown.replace("\n", LINE_BREAK)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def expand(transcript: str) -> list[Event]:
    """Give back the events of a transcript.

    Raises:
        TranscriptError: A line is none of a transcript's.
    """
    check(transcript)
    return [Event(data, at) for data, at in zip(*unroll(transcript), strict=True)]


def check(transcript: str) -> None:
    """See that each line is one of a transcript's, each delta is JSON, and the events are not too long.

    Raises:
        TranscriptError: A line is none, or stands for too much.
    """
    if _is_short(transcript) and _PLAINLY_GOOD.fullmatch(transcript):
        return
    deltas: list[tuple[int, str]] = []
    unroll(transcript, deltas)
    # All in one go; one by one only to find the bad one.
    with contextlib.suppress(ValueError, RecursionError):
        if len(json.loads(f"[{','.join(delta for _, delta in deltas)}]")) == len(deltas):
            return
    for number, delta in deltas:
        try:
            json.loads(delta)
        except (ValueError, RecursionError):
            _fail("a delta as JSON", delta, number)


def _is_short(transcript: str) -> bool:
    """Whether its events can't be too long, at a glance or at a closer look at its longest line."""
    length, lines = len(transcript), transcript.count("\n") + 1
    return length + length * lines < _LONGEST or (
        length + max(map(len, transcript.split("\n"))) * lines < _LONGEST
    )


def unroll(
    transcript: str, deltas: list[tuple[int, str]] | None = None
) -> tuple[list[bytes], list[float | None]]:
    """The bytes of each event, and when each arrived, of a transcript that was checked.

    Args:
        transcript: The transcript.
        deltas: Takes the number and the text of each line's delta, for the check.

    Raises:
        TranscriptError: A line is none of a transcript's.
    """
    events: list[bytes] = []
    times: list[float | None] = []
    before: str | None = None
    after = ""
    room = None if _is_short(transcript) else max(_LONGEST, _LONGEST_FOR_ITS_LENGTH * len(transcript))
    begun = _LINE_BEGINS.split(f"\n{transcript}")
    for number, time, rest in zip(count(1), begun[1::2], begun[2::2], strict=False):
        shown = rest.rstrip(" \t\r")
        if time is None and shown[:1] in _TIME_BEGINS:
            time, shown = _time_of(shown)
        at = None if time is None else float(time)
        if shown.startswith("{"):
            if before is None:
                _fail(f"an envelope (@ data: …{HOLE}…) before the first delta", shown, number)
            delta, end = (shown, after) if HOLE not in shown else _at_the_hole(shown, after, number)
            if room is not None:
                room -= len(before) + len(delta) + len(end)
                if room < 0:
                    _fail("shorter events (with this one they are too long)", shown, number)
            events.append(f"{before}{delta}{end}{_END}".encode("utf-8", "surrogateescape"))
            times.append(at)
            if deltas is not None:
                deltas.append((number, delta))
        elif shown.startswith("@") and at is None:
            before, after = _envelope_of(shown, number)
        elif shown or at is not None:
            events.append(_event_of(shown, number).encode("utf-8", "surrogateescape"))
            times.append(at)
    return events, times


def _time_of(shown: str) -> tuple[str | None, str]:
    """The time that a line begins with, if it does, and the rest; for times that are not as we write them."""
    head, _, rest = shown.partition(" ")
    if head.isascii() and head.replace(".", "", 1).isdigit() and len(head) <= _LONGEST_TIME:
        return head, rest.lstrip(" ")
    return None, shown


def _at_the_hole(shown: str, after: str, number: int) -> tuple[str, str]:
    """A delta, and the end of its event: its own, where the mark and one stand behind the delta."""
    try:
        _, end = _decode_json(shown)
    except (ValueError, RecursionError):
        _fail("a delta as JSON", shown, number)
    return (shown[:end], shown[end + 1 :]) if shown.startswith(HOLE, end) else (shown, after)


def _envelope_of(shown: str, number: int) -> tuple[str, str]:
    before, _, after = shown.removeprefix("@").removeprefix(" ").partition(HOLE)
    if shown.count(HOLE) != 1 or not _WHOLE.match(before):
        _fail(f"an envelope with one hole (@ data: …{HOLE}…)", shown, number)
    return before, after


def _event_of(shown: str, number: int) -> str:
    if _WHOLE.match(shown):
        return shown.replace(LINE_BREAK, "\n") + _END
    if not shown.startswith('"'):
        _fail("an event (a time, then {…}, data: … or a quoted string)", shown, number)
    try:
        text = str(json.loads(shown))
        text.encode("utf-8", "surrogateescape")
    except (ValueError, RecursionError):
        _fail("a JSON string", shown, number)
    return text


def _fail(expected: str, came: str, number: int) -> NoReturn:
    shown = came if len(came) <= 80 else f"{came[:79]}…"
    raise TranscriptError(f"expected {expected}, got: {shown}", number)
