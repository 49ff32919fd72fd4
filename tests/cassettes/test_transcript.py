import json
import random
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from effort import examples
from hypothesis import example, given
from hypothesis import strategies as st
from loopback_groq import ExecutedTool, ToolCall, stream_body

from groqtape.cassettes import transcript, transcript_writer
from groqtape.cassettes.sse import split_events
from groqtape.cassettes.transcript import HOLE, LINE_BREAK, Event, TranscriptError

# Pieces of bodies

FRAGMENTS = [
    b"\n",
    b"\n\n",
    b"\r",
    b"\r\n",
    b"\r\n\r\n",
    b"data: ",
    b"data:",
    b"data: [DONE]\n\n",
    b"event: error\n",
    b"id: 7\n",
    b"retry: 10\n",
    b": a comment\n\n",
    b":\n\n",
    b"data: one\ndata: two\n\n",
    b'data: {"delta":{}}\n\n',
    b'data: {"delta":{"content":"a"},"x":1}\n\n',
    b'data: {"delta":{"content":"b"},"x":1}\n\n',
    b'data: {"delta":{"content":"c"},"x":1} \n\n',
    b'data: {"delta": {"content":"d"}}\n\n',
    b'data: {"delta":null}\n\n',
    b'data: {"delta":{"content":}}\n\n',
    b'{"content":"not in its envelope"}',
    b'"a quoted string"',
    b"12.5 data: x\n\n",
    b"  12.5 ",
    b"@ data: x",
    b"\x00",
    b"\x7f",
    b"\xff",
    b"\xe2\x90",
    b"\xed\xa0\x80",
    b" ",
    b"\t",
    b"\\",
    b"\\udc80",
    HOLE.encode(),
    LINE_BREAK.encode(),
    "\x85".encode(),
    "\xa0".encode(),
    "\u2028\u2029".encode(),
    "\ufeff".encode(),
    "\ufffe\uffff".encode(),
    "é😀".encode(),
]
BODIES = st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=5), max_size=15).map(b"".join)

# Streams of Groq's shape, with whatever a model may say

TEXTS = st.text(max_size=6) | st.sampled_from(
    [
        HOLE,
        LINE_BREAK,
        '"',
        "\\",
        "}",
        "{",
        '{"a":',
        "\n",
        "data: x\n\n",
        " ",
        "\xa0",
        "12.5 ",
        "\u2028",
        "\ud83d",
    ]
)
DELTAS = st.one_of(
    TEXTS.map(lambda text: {"content": text}),
    TEXTS.map(lambda text: {"reasoning": text, "channel": "analysis"}),
    st.dictionaries(TEXTS, st.none() | st.booleans() | st.floats() | TEXTS | st.lists(TEXTS), max_size=3),
    TEXTS.map(lambda text: {"tool_calls": [{"index": 0, "function": {"name": "f", "arguments": text}}]}),
)


@st.composite
def groq_events(draw: st.DrawFn) -> bytes:
    raw_unicode = draw(st.booleans())
    spaced = draw(st.integers(0, 9)) == 0
    chunk: dict[str, Any] = {
        "id": draw(st.sampled_from(["chatcmpl-1"] * 4 + ["chatcmpl-2", f"with {HOLE}"])),
        "choices": [
            {
                "index": draw(st.sampled_from([0, 0, 0, 1])),
                "delta": draw(DELTAS),
                "finish_reason": draw(st.sampled_from([None, None, None, "stop", HOLE])),
            }
        ],
    }
    if draw(st.integers(0, 4)) == 0:
        chunk["usage"] = {"total_tokens": draw(st.integers(0, 99))}
    text = json.dumps(chunk, ensure_ascii=not raw_unicode, separators=None if spaced else (",", ":"))
    end = draw(st.sampled_from(["\n\n"] * 9 + ["\r\n\r\n", "\n", " \n\n", "\n\n\n", ""]))
    return f"data: {text}{end}".encode("utf-8", "surrogatepass")


GROQ_BODIES = st.lists(groq_events() | st.sampled_from(FRAGMENTS), max_size=12).map(b"".join)


def expand(text: str) -> list[Event]:
    """The events of a transcript that was checked."""
    transcript.check(text)
    return [Event(data, at) for data, at in zip(*transcript.expand(text), strict=True)]


def transcribe(events: Sequence[Event]) -> str:
    return transcript_writer.transcribe([event.data for event in events])


def untimed(events: Sequence[Event]) -> list[Event]:
    """As a transcript keeps them: the times stand apart."""
    return [Event(data) for data, _ in events]


def check(events: Sequence[Event]) -> None:
    """What holds for every transcript."""
    text = transcribe(events)
    assert expand(text) == untimed(events)
    assert transcribe(expand(text)) == text
    # It is text that YAML can hold in a literal block, and that editors show as the lines it has.
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]", text)
    assert text.splitlines(keepends=True) == re.findall(r".*\n", text)
    for line in text.split("\n"):
        assert line == line.rstrip(" "), "an editor that strips trailing spaces would change it"
    # Git and Windows may give it other line ends, a person another indentation.
    assert expand(text.replace("\n", "\r\n")) == untimed(events)
    assert expand("".join(f"\t   {line}  \n\n" for line in text.split("\n"))) == untimed(events)


@examples(60)
@given(BODIES | GROQ_BODIES)
def test_any_body_cut_into_events_comes_back_exactly(body: bytes) -> None:
    pieces = split_events(body)
    assert b"".join(pieces) == body
    check(list(map(Event, pieces)))


@examples(40)
@given(st.data(), BODIES | GROQ_BODIES)
def test_any_body_cut_anywhere_comes_back_exactly(data: st.DataObject, body: bytes) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(body)), max_size=8).map(sorted))
    check([Event(body[start:end]) for start, end in pairwise([0, *cuts, len(body)])])


@examples(40)
@given(st.lists(groq_events(), max_size=12))
def test_groqs_events_come_back_exactly(events: list[bytes]) -> None:
    check(list(map(Event, events)))


@examples(40)
@given(st.lists(st.builds(Event, st.binary()), max_size=5))
@example([Event(b"")])
@example([Event(b""), Event(b"\n\n")])
def test_any_bytes_come_back_exactly(events: list[Event]) -> None:
    check(events)


@pytest.mark.parametrize("fixed", range(3))
@pytest.mark.parametrize(
    "options",
    [
        {"content": "Why did the robot cross the road?"},
        {"content": "Hm.", "reasoning": "They greet me, so I greet them back.", "channel": "analysis"},
        {"tool_calls": [ToolCall("weather", {"city": "Zürich"}), ToolCall("time")], "split_arguments": 3},
        {"choices": ["One answer is enough", "Two answers are better", "Three"]},
        {"content": "It rains.", "executed_tools": [ExecutedTool()]},
        {"content": "Broken off here", "error_after": 3},
        {"content": "a b c d", "logprobs": 2},
        {"content": "a b", "usage_at": "all"},
    ],
)
def test_what_a_server_sends_comes_back_exactly(options: dict[str, Any], fixed: int) -> None:
    check([Event(data, 100 + 2.5 * index) for index, data in enumerate(stream_body(fixed=fixed, **options))])


# How it looks


def chunk(delta: str, index: int = 0, end: str = "null", name: str = "c-1") -> bytes:
    return f'data: {{"id":"{name}","choices":[{{"index":{index},"delta":{delta},"end":{end}}}]}}\n\n'.encode()


def read(text: str) -> tuple[list[Event], int | None]:
    """The events of a text, and the line in which it is no transcript."""
    try:
        return expand(text), None
    except TranscriptError as error:
        return [], error.line


def lines(*events: bytes) -> list[str]:
    return transcribe([Event(event) for event in events]).splitlines()


A, B, C = ('{"content":"A"}', '{"content":" joke"}', '{"content":" about"}')


def test_the_envelope_stands_once_and_then_a_line_an_event() -> None:
    events = [
        Event(chunk(A), 412.13),
        Event(chunk(B), 414.9),
        Event(chunk("{}", end='"stop"'), 501.0),
        Event(b"data: [DONE]\n\n", 1501.25),
    ]
    assert transcribe(events) == (
        '@ data: {"id":"c-1","choices":[{"index":0,"delta":§,"end":null}]}\n'
        '  {"content":"A"}\n'
        '  {"content":" joke"}\n'
        '  {}§,"end":"stop"}]}\n'
        "  data: [DONE]\n"
    )


def test_an_envelope_that_lasts_stands_again_where_it_changes() -> None:
    assert lines(chunk(A), chunk(B), chunk(A, name="c-2"), chunk(B, name="c-2")) == [
        '@ data: {"id":"c-1","choices":[{"index":0,"delta":§,"end":null}]}',
        f"  {A}",
        f"  {B}",
        '@ data: {"id":"c-2","choices":[{"index":0,"delta":§,"end":null}]}',
        f"  {A}",
        f"  {B}",
    ]
    assert lines(chunk(A), chunk(B), chunk(C, end="1"), chunk(A, end="1"))[3:] == [
        '@ data: {"id":"c-1","choices":[{"index":0,"delta":§,"end":1}]}',
        f"  {C}",
        f"  {A}",
    ]


def test_the_commonest_end_is_the_envelopes() -> None:
    """The role chunk, which comes first, ends otherwise than the many that follow."""
    role = '{"role":"assistant","content":""}'
    assert lines(chunk(role, end='"x_groq"'), chunk(A), chunk(B), chunk(C)) == [
        '@ data: {"id":"c-1","choices":[{"index":0,"delta":§,"end":null}]}',
        f'  {role}§,"end":"x_groq"}}]}}',
        f"  {A}",
        f"  {B}",
        f"  {C}",
    ]


def test_events_that_no_other_is_like_stand_whole() -> None:
    alternating = [chunk(A, index=0), chunk(B, index=1), chunk(C, index=0)]
    assert lines(*alternating) == [f"  {event.decode().strip()}" for event in alternating]


def test_an_envelope_outlives_an_event_that_does_not_fit_it() -> None:
    assert lines(chunk(A), chunk(B), chunk(A, index=1), b": ping\n\n", chunk(C))[3:] == [
        f"  {chunk(A, index=1).decode().strip()}",
        "  : ping",
        f"  {C}",
    ]


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (b"data: [DONE]\n\n", "data: [DONE]"),
        (b"event: error\ndata: {}\n\n", "event: error⏎data: {}"),
        (b": comment\n\n", ": comment"),
        (b"id:7\n\n", "id:7"),
        (b"data: one\n\ndata: two\n\n", "data: one⏎⏎data: two"),
        ("data: é😀\xa0§\n\n".encode(), "data: é😀\xa0§"),
        (b"data: x\r\n\r\n", '"data: x\\r\\n\\r\\n"'),
        (b"data: x\n", '"data: x\\n"'),
        (b"data: x\n\n\n", '"data: x\\n\\n\\n"'),
        (b"data: x \n\n", '"data: x \\n\\n"'),
        (b"data: \t\n\n", '"data: \\t\\n\\n"'),
        (b"\n\n", '"\\n\\n"'),
        (b"12 data: x\n\n", '"12 data: x\\n\\n"'),
        (b"unknown: x\n\n", '"unknown: x\\n\\n"'),
        (b"data\n\n", '"data\\n\\n"'),
        (b"data: \xff\x00\n\n", '"data: \\udcff\\u0000\\n\\n"'),
        ("data: ⏎\u2028\ufeff\x85\n\n".encode(), '"data: ⏎\\u2028\\ufeff\\u0085\\n\\n"'),
    ],
)
def test_how_an_event_without_a_delta_stands(event: bytes, line: str) -> None:
    assert lines(event) == [f"  {line}"]


def test_a_delta_may_hold_the_mark_of_the_hole() -> None:
    text = f'{{"content":"{HOLE}"}}'
    assert lines(chunk(text), chunk(text), chunk(text, end='"stop"'))[1:] == [
        f"  {text}",
        f"  {text}",
        f'  {text}§,"end":"stop"}}]}}',
    ]
    check([Event(chunk(text)), Event(chunk(text)), Event(chunk(text, end='"stop"'))])


@pytest.mark.parametrize("depth", [90, 900, 200_000])
def test_deeply_nested_deltas_stand_whole_and_come_back(depth: int) -> None:
    """How deep JSON may be nested depends on the reader's stack, so none is read anew."""
    deep = '{"a":' + "[" * depth + "]" * depth + "}"
    events = [Event(chunk(deep)), Event(chunk(deep))]
    assert transcribe(events).startswith("@ " if depth == 90 else "  data: ")
    check(events)


def test_numbers_too_long_to_read_come_back() -> None:
    check([Event(chunk('{"a":%s}' % ("1" * 5000))), Event(chunk('{"a":%s}' % ("2" * 5000)))])


def test_an_answer_reads_down_the_page() -> None:
    body = stream_body("Why did the robot cross the road?", fixed=1)
    shown = [
        line for line in transcribe([Event(event, 1.0) for event in body]).split("\n") if "content" in line
    ]
    assert [json.loads(line.partition(HOLE)[0])["content"] for line in shown] == [
        "",
        "Why",
        " did",
        " the",
        " robot",
        " cross",
        " the",
        " road?",
    ]


# Edited by hand, with the times in the lines, as older files have them

EDITABLE = """\
@ data: {"id":"c-1","choices":[{"index":0,"delta":§,"end":null}]}
  412.1 {"content":"A"}
  414.9 {"content":" joke"}
  501.0 {}§,"end":"stop"}]}
  501.2 data: [DONE]
"""
EVENTS = [
    Event(chunk(A), 412.1),
    Event(chunk(B), 414.9),
    Event(chunk("{}", end='"stop"'), 501.0),
    Event(b"data: [DONE]\n\n", 501.2),
]


POEM = Event(chunk('{"content":" poem"}'), 414.9)
ADDED = Event(chunk('{"content":"!"}'))
SPACED = Event(chunk('{ "content": "A" }'), 412.1)
RENAMED = [Event(event.data.replace(b"c-1", b"c-2"), event.at) for event in EVENTS]


@pytest.mark.parametrize(
    ("edited", "events"),
    [
        (EDITABLE, EVENTS),
        (EDITABLE.replace("joke", "poem"), [EVENTS[0], POEM, *EVENTS[2:]]),
        (EDITABLE.replace("  414.9 {", '{"content":"!"}\n  414.9 {'), [EVENTS[0], ADDED, *EVENTS[1:]]),
        (EDITABLE.replace('  414.9 {"content":" joke"}\n', ""), [EVENTS[0], *EVENTS[2:]]),
        (EDITABLE.replace("\n", "\r\n"), EVENTS),
        (EDITABLE.replace("  ", "\t\t"), EVENTS),
        (EDITABLE.replace("\n", "\n\n   \n"), EVENTS),
        (EDITABLE.replace("\n  ", "\n"), EVENTS),
        (EDITABLE.replace("414.9 ", "414.9     "), EVENTS),
        (EDITABLE.replace("414.9", "415"), [EVENTS[0], Event(chunk(B), 415.0), *EVENTS[2:]]),
        (EDITABLE.replace("414.9 ", ""), [EVENTS[0], Event(chunk(B)), *EVENTS[2:]]),
        (EDITABLE.replace("c-1", "c-2"), RENAMED),
        (EDITABLE.replace('{"content":"A"}', '{ "content": "A" }'), [SPACED, *EVENTS[1:]]),
        (EDITABLE.rstrip(), EVENTS),
        ("", []),
        (" \n\n", []),
        ("data: x⏎id: 1", [Event(b"data: x\nid: 1\n\n")]),
        ('7 "\\udcff\\r\\n"', [Event(b"\xff\r\n", 7.0)]),
    ],
)
def test_edits_by_hand(edited: str, events: list[Event]) -> None:
    assert expand(edited) == events


@pytest.mark.parametrize(
    ("line", "edit", "expected"),
    [
        (1, "data without a mark", "an event ("),
        (1, "@ data: no hole", "an envelope with one hole"),
        (1, "@ data: two § holes §", "an envelope with one hole"),
        (1, "@ no event at all §", "an envelope with one hole"),
        (1, "@", "an envelope with one hole"),
        (2, '  412.1 {"content":"A"', "a delta as JSON"),
        (2, '  412.1 {"content":"A"}}', "a delta as JSON"),
        (2, '  412.1 {"content":"A"},{"content":"B"}', "a delta as JSON"),
        (2, '  412.1 {"content":A}', "a delta as JSON"),
        (2, '  412.1 {"content":"A"} trailing', "a delta as JSON"),
        (3, '  414.9 {"content":§', "a delta as JSON"),
        (3, '  414.9 {"content":" joke"} §,"end":null', "a delta as JSON"),
        (3, "  414.9 " + '{"a":' * 100_000 + "§", "a delta as JSON"),
        (3, "  414.9 " + '{"a":' * 100_000, "a delta as JSON"),
        (3, '  414.9 "no end', "a JSON string"),
        (3, '  414.9 "a" "b"', "a JSON string"),
        (3, '  414.9 "\\ud800"', "a JSON string"),
        (4, "  501.0", "an event ("),
        (4, "  501.0 [DONE]", "an event ("),
        (4, "  501,0 data: [DONE]", "an event ("),
        (4, "  -1 data: [DONE]", "an event ("),
        (4, "  501.0 content: no field of an event", "an event ("),
        (1, "@ content: no field of an event §", "an envelope with one hole"),
        (4, "  501.0.0 data: [DONE]", "an event ("),
        (4, "  . data: [DONE]", "an event ("),
        (4, "  ² data: [DONE]", "an event ("),
        (4, "  ٣ data: [DONE]", "an event ("),
        (4, "  1e3 data: [DONE]", "an event ("),
        (4, "  501.0 @ data: §", "an event ("),
        (4, "  99999999999999999 data: [DONE]", "an event ("),
        (5, "<<<<<<< HEAD", "an event ("),
        (5, "=======", "an event ("),
    ],
)
def test_nonsense_is_refused_by_line(line: int, edit: str, expected: str) -> None:
    given = EDITABLE.split("\n")
    given[line - 1] = edit
    with pytest.raises(TranscriptError) as caught:
        expand("\n".join(given))
    assert caught.value.line == line
    message = str(caught.value)
    assert message.startswith(f"expected {expected}")
    assert ", got: " in message
    assert len(message) < 200


def test_a_delta_before_any_envelope_is_refused() -> None:
    with pytest.raises(
        TranscriptError, match=r"expected an envelope \(@ data: …§…\) before the first delta"
    ) as caught:
        expand('\n  {"content":"A"}')
    assert caught.value.line == 2


def test_the_worst_line_is_named_even_if_a_later_one_makes_up_for_it() -> None:
    with pytest.raises(TranscriptError) as caught:
        expand('@ data: §\n{"a":1}\n{"a":[1}\n{"b":2]}\n')
    assert caught.value.line == 3


def test_long_lines_are_cut_in_messages() -> None:
    with pytest.raises(TranscriptError, match=r"got: x{79}…$"):
        expand("x" * 81)
    with pytest.raises(TranscriptError, match=r"got: x{80}$"):
        expand("x" * 80)


def test_deltas_nested_as_deep_as_can_be_are_read_or_refused() -> None:
    """Together deltas are a level deeper than each alone, so the deepest of all is read alone."""

    def reads(depth: int) -> bool:
        deep = '{"a":' + "[" * depth + "]" * depth + "}"
        try:
            (event,) = expand(f"@ data: §\n{deep}")
        except TranscriptError:
            return False
        return event == Event(f"data: {deep}\n\n".encode())

    good, bad = 1, 1_000_000
    assert reads(good)
    assert not reads(bad)
    while bad - good > 1:
        middle = (good + bad) // 2
        good, bad = (middle, bad) if reads(middle) else (good, middle)
    assert good > 200


@examples(60)
@given(
    st.lists(
        st.sampled_from(
            [
                "@ data: §\n",
                "{}",
                '{"a":1}',
                "§",
                "\n",
                "  ",
                "12.5 ",
                "data: x",
                '"x"',
                '"',
                "{",
                "}",
                "⏎",
                "[",
            ]
        )
        | st.text(max_size=4),
        max_size=12,
    ).map("".join)
)
def test_any_text_is_a_transcript_or_refused_with_its_line(text: str) -> None:
    events, line = read(text)
    assert read(f"\n{text}") == (events, line and line + 1), (
        "how it looks decides only how quickly it is read"
    )
    if line is None:
        check(untimed(events))
    else:
        assert 1 <= line <= text.count("\n") + 1


def test_mutated_transcripts_are_read_or_refused_with_their_line() -> None:
    rng = random.Random(7)
    whole = transcribe([Event(event, 1.0) for event in stream_body("Some words to change", fixed=1)])
    for _ in range(300):
        at, length = rng.randrange(len(whole)), rng.randrange(4)
        edited = (
            whole[:at] + rng.choice(["", "{", "}", '"', "§", "\n", " ", "9", "\\"]) + whole[at + length :]
        )
        events, line = read(edited)
        assert read(f"\n{edited}") == (events, line and line + 1)
        # A line break inserted, or an envelope changed, shows where the next line no longer fits.
        assert line is None or abs(line - 1 - whole[:at].count("\n")) <= 1
