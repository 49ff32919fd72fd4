r"""The form of a stream in a cassette: a line for each event, and what they all repeat once.

Groq repeats some 230 bytes around every delta. A transcript has that envelope once, with a
hole (`§`) in place of the delta, and then the delta of each event::

    @ data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":§,"finish_reason":null}]}
      {"content":"A"}
      {"content":" joke"}
      {}§,"finish_reason":"stop"}],"usage":{"total_tokens":12}}
      data: [DONE]

The lines are:

- `@ …§…` sets the envelope for the lines that follow.
- `{…}` is an event: the envelope with this delta in its hole.
- `{…}§…` is an event with another end than the envelope: the text after the mark.
- `data: …` (`event: …`, `: …`) is a whole event as it came; `⏎` stands for a line break inside it.
- `"…"` is a piece of the body, byte for byte, as a JSON string: for all that the other forms can't
  hold, such as CRLF, control characters, and events cut in the middle. `\udc80` to `\udcff` are
  the bytes 0x80 to 0xff where they are no UTF-8.

When the events arrived stands apart (see gaps.py). But all lines except the first may also begin with
a time, in milliseconds after the request was sent, as they once did: `412.1 {"content":"A"}`.
Events in one of the first three forms end with an empty line (LF LF), which is not written.

No JSON is ever parsed and written again: an event is its own text, or the text before the hole,
in it and after it, joined. So the bytes that come back are the bytes that came.
"""

from __future__ import annotations

import contextlib
import json
import re
from typing import NamedTuple, NoReturn

__all__ = [
    "END",
    "FLAT_DELTA",
    "HOLE",
    "LINE_BREAK",
    "WHOLE",
    "Event",
    "TranscriptError",
    "check",
    "expand",
]

HOLE = "§"
LINE_BREAK = "⏎"
END = "\n\n"

WHOLE = re.compile(r"(?:data|event|id|retry)?:")
# The beginning of a line, with its time.
_LINE_BEGINS = re.compile(r"\n[ \t\r]*+(?:([0-9]{1,9}\.[0-9]) ++)?")
_TIME_BEGINS = frozenset("0123456789.")
_LONGEST_TIME = 16
# Nearly every transcript has only these lines, whose deltas are known to be JSON without a parser.
_STRING = r'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})[^"\\\x00-\x1f]*+)*+"'
FLAT_DELTA = rf"\{{(?:{_STRING}:(?:{_STRING}|null)(?:,{_STRING}:(?:{_STRING}|null))*+)?\}}"
_DELTA_LINE = rf"{FLAT_DELTA}(?:{HOLE}[^\n]*+)?\n"
_ENVELOPE_LINE = rf" *+@ data: [^\n{HOLE}]*+{HOLE}[^\n{HOLE}]*+\n"
_PLAINLY_GOOD = re.compile(
    rf"{_ENVELOPE_LINE}(?: *+(?:[0-9]{{1,9}}\.[0-9] )?(?:{_DELTA_LINE}|data: [^\n]*+\n)|{_ENVELOPE_LINE})*+"
)
# A long envelope and many lines can stand for more than a machine has. So the events may have this many
# characters, or so many times as many as their transcript.
_LONGEST = 64 * 2**20
_LONGEST_FOR_ITS_LENGTH = 100
_decode_json = json.JSONDecoder().raw_decode


class Event(NamedTuple):
    """One event of a stream.

    Attributes:
        data: Its bytes, with the empty line that ends it.
        at: When it had arrived, in milliseconds after the request was sent; None where it is not known.
    """

    data: bytes
    at: float | None = None


class TranscriptError(ValueError):
    """A line of a transcript that is in none of its forms.

    Attributes:
        line: Which line (the first is 1).
    """

    def __init__(self, problem: str, line: int) -> None:
        self.line = line
        super().__init__(problem)


def check(transcript: str) -> None:
    """Check that each line is in one of the forms, each delta is JSON, and the events are not too long.

    Raises:
        TranscriptError: A line is not, or stands for too much.
    """
    if _is_short(transcript) and _PLAINLY_GOOD.fullmatch(transcript):
        return
    deltas: list[tuple[int, str]] = []
    expand(transcript, deltas)
    # All at once; one by one only to find the bad one.
    with contextlib.suppress(ValueError, RecursionError):
        if len(json.loads(f"[{','.join(delta for _, delta in deltas)}]")) == len(deltas):
            return
    for number, delta in deltas:
        try:
            json.loads(delta)
        except (ValueError, RecursionError):
            _fail("a delta as JSON", delta, number)


def _is_short(transcript: str) -> bool:
    """Whether its events can't be too long, judged by its length, or by its longest line."""
    length, lines = len(transcript), transcript.count("\n") + 1
    return length + length * lines < _LONGEST or (
        length + max(map(len, transcript.split("\n"))) * lines < _LONGEST
    )


def expand(
    transcript: str, deltas: list[tuple[int, str]] | None = None
) -> tuple[list[bytes], list[float | None]]:
    """The bytes of each event, and when each arrived, of a transcript that `check` has passed.

    Args:
        transcript: The transcript.
        deltas: Gets the number and the text of each line's delta, for `check`.

    Raises:
        TranscriptError: A line is in none of the forms.
    """
    events: list[bytes] = []
    times: list[float | None] = []
    before: str | None = None
    after = ""
    room = None if _is_short(transcript) else max(_LONGEST, _LONGEST_FOR_ITS_LENGTH * len(transcript))
    begun = _LINE_BEGINS.split(f"\n{transcript}")
    for number, (time, rest) in enumerate(zip(begun[1::2], begun[2::2], strict=True), 1):
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
            events.append(f"{before}{delta}{end}{END}".encode("utf-8", "surrogateescape"))
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
    """The time that a line begins with, or None, and the rest; for forms of times that people write."""
    head, _, rest = shown.partition(" ")
    if head.isascii() and head.replace(".", "", 1).isdigit() and len(head) <= _LONGEST_TIME:
        return head, rest.lstrip(" ")
    return None, shown


def _at_the_hole(shown: str, after: str, number: int) -> tuple[str, str]:
    """A delta, and the end of its event: its own where the mark and an end follow the delta."""
    try:
        _, end = _decode_json(shown)
    except (ValueError, RecursionError):
        _fail("a delta as JSON", shown, number)
    return (shown[:end], shown[end + 1 :]) if shown.startswith(HOLE, end) else (shown, after)


def _envelope_of(shown: str, number: int) -> tuple[str, str]:
    before, _, after = shown.removeprefix("@").removeprefix(" ").partition(HOLE)
    if shown.count(HOLE) != 1 or not WHOLE.match(before):
        _fail(f"an envelope with one hole (@ data: …{HOLE}…)", shown, number)
    return before, after


def _event_of(shown: str, number: int) -> str:
    if WHOLE.match(shown):
        return shown.replace(LINE_BREAK, "\n") + END
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
