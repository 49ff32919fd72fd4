import json
from typing import Any

import pytest
from groq.types.chat import ChatCompletionChunk, ChatCompletionMessageToolCall
from hypothesis import given
from hypothesis import strategies as st

from groqtape.streams.stream import GroqStream
from groqtape.streams.tool_calls import ToolCalls

WHERE = '{"city":"Oslo"}'


def piece(
    arguments: str | None = None, *, index: int = 0, call_id: str | None = None, name: str | None = None
) -> dict[str, Any]:
    return {
        "index": index,
        "id": call_id,
        "type": "function",
        "function": {"name": name, "arguments": arguments},
    }


def choice(
    *pieces: dict[str, Any], index: int = 0, finish: str | None = None, **delta: Any
) -> dict[str, Any]:
    return {"index": index, "delta": {"tool_calls": list(pieces), **delta}, "finish_reason": finish}


def chunk(*choices: dict[str, Any]) -> ChatCompletionChunk:
    return ChatCompletionChunk.model_construct(
        id="chatcmpl-1", object="chat.completion.chunk", created=1, model="m", choices=list(choices)
    )


def parts(calls: list[ChatCompletionMessageToolCall]) -> list[tuple[str, str, str]]:
    assert all(call.type == "function" for call in calls)
    return [(call.id, call.function.name, call.function.arguments) for call in calls]


def run(*chunks: ChatCompletionChunk) -> list[list[tuple[str, str, str]]]:
    """The calls that each chunk finished, and then those that the end finished."""
    calls = ToolCalls()
    return [*(parts(calls.add(each)) for each in chunks), parts(calls.end())]


FINISH = chunk({"index": 0, "delta": {}, "finish_reason": "tool_calls"})


def test_a_whole_call_is_finished_by_its_own_chunk() -> None:
    whole = chunk(choice(piece(WHERE, call_id="tk85n1k4m", name="weather")))
    assert run(whole, FINISH) == [[("tk85n1k4m", "weather", WHERE)], [], []]


def test_the_way_the_chunk_was_made_does_not_matter() -> None:
    made = ChatCompletionChunk.model_validate(
        chunk(choice(piece(WHERE, call_id="tk85n1k4m", name="weather"))).model_dump()
    )
    assert run(made) == [[("tk85n1k4m", "weather", WHERE)], []]


def test_parallel_calls() -> None:
    first = chunk(choice(piece(WHERE, call_id="call_1", name="weather")))
    second = chunk(choice(piece("{}", index=1, call_id="call_2", name="time")))
    assert run(first, second, FINISH) == [[("call_1", "weather", WHERE)], [("call_2", "time", "{}")], [], []]


def test_several_calls_in_one_delta() -> None:
    both = chunk(
        choice(piece(WHERE, call_id="a", name="weather"), piece("{}", index=1, call_id="b", name="time"))
    )
    assert run(both) == [[("a", "weather", WHERE), ("b", "time", "{}")], []]


def test_split_arguments() -> None:
    begun = chunk(choice(piece("", call_id="a", name="weather")))
    pieces = [chunk(choice(piece(text))) for text in ('{"in":{"ci', 'ty":"Os}', 'lo"}', "}")]
    assert run(begun, *pieces, FINISH) == [
        [],
        [],
        [],
        [],
        [("a", "weather", '{"in":{"city":"Os}lo"}}')],
        [],
        [],
    ]


@pytest.mark.parametrize("arguments", [None, "", '{"city":"Os', "null", "[]", "{'city'}", "oops}", '"{}"'])
def test_other_arguments_are_finished_by_the_finish_reason(arguments: str | None) -> None:
    begun = chunk(choice(piece(arguments, call_id="a", name="now")))
    assert run(begun, FINISH) == [[], [("a", "now", arguments or "")], []]


def test_or_by_a_finish_reason_in_the_same_chunk() -> None:
    assert run(chunk(choice(piece(call_id="a", name="now"), finish="tool_calls"))) == [[("a", "now", "")], []]


def test_or_by_the_next_call_with_its_index() -> None:
    first = chunk(choice(piece(call_id="a", name="now")))
    second = chunk(choice(piece('{"x"', call_id="b", name="then")))
    third = chunk(choice(piece("{}", call_id="c", name="later")))
    assert run(first, second, third) == [
        [],
        [("a", "now", "")],
        [("b", "then", '{"x"'), ("c", "later", "{}")],
        [],
    ]


def test_arguments_of_parallel_calls_may_alternate() -> None:
    pieces = [
        chunk(choice(piece('{"x":', call_id="a", name="f"))),
        chunk(choice(piece('{"y":', index=1, call_id="b", name="g"))),
        chunk(choice(piece("1}"))),
        chunk(choice(piece("2}", index=1))),
    ]
    assert run(*pieces) == [[], [], [("a", "f", '{"x":1}')], [("b", "g", '{"y":2}')], []]


def test_or_by_the_end() -> None:
    assert run(chunk(choice(piece('{"x"', call_id="a", name="now")))) == [[], [("a", "now", '{"x"')]]


def test_the_end_finishes_each_call_once() -> None:
    calls = ToolCalls()
    calls.add(chunk(choice(piece(call_id="a", name="now"))))
    assert len(calls.end()) == 1
    assert calls.end() == []


def test_arguments_that_cannot_be_parsed() -> None:
    deep = '{"x":' * 100_000 + "}" * 100_000
    assert run(chunk(choice(piece(deep, call_id="a", name="f"))), FINISH)[1] == [("a", "f", deep)]


def test_a_new_id_at_the_same_index_is_a_new_call() -> None:
    whole = [chunk(choice(piece("{}", call_id=call_id, name="f"))) for call_id in ("a", "b")]
    assert run(*whole) == [[("a", "f", "{}")], [("b", "f", "{}")], []]
    cut = [chunk(choice(piece("{", call_id=call_id, name="f"))) for call_id in ("a", "b")]
    assert run(*cut, FINISH) == [[], [("a", "f", "{")], [("b", "f", "{")], []]


def test_an_id_on_every_piece() -> None:
    pieces = [chunk(choice(piece(text, call_id="a"))) for text in ('{"x"', ":1", "}", "", " ")]
    begun = chunk(choice(piece(call_id="a", name="f")))
    assert run(begun, *pieces, FINISH) == [[], [], [], [("a", "f", '{"x":1}')], [], [], [], []]


def test_a_late_or_missing_id() -> None:
    late = [chunk(choice(piece("{", name="f"))), chunk(choice(piece("}", call_id="a")))]
    assert run(*late) == [[], [("a", "f", "{}")], []]
    never = chunk(choice(piece("{}", name="f")))
    assert run(never, never) == [[("", "f", "{}")], [("", "f", "{}")], []]


def test_a_name_in_pieces() -> None:
    pieces = [chunk(choice(piece(call_id="a", name="get_"))), chunk(choice(piece("{}", name="time")))]
    assert run(*pieces) == [[], [("a", "get_time", "{}")], []]


def test_a_delta_without_a_function() -> None:
    begun = chunk(choice({"index": 0, "id": "a", "type": "function"}))
    assert run(begun, chunk(choice(piece("{}", name="f")))) == [[], [("a", "f", "{}")], []]


@pytest.mark.parametrize("text", [None, "", " \n"])
def test_a_blank_delta_begins_nothing(text: str | None) -> None:
    blank = chunk(choice(piece(text), {"index": 1}))
    assert run(blank, chunk(choice(piece("{}", call_id="a", name="f"))), blank, FINISH) == [
        [],
        [("a", "f", "{}")],
        [],
        [],
        [],
    ]


def test_deltas_after_the_end_of_a_call_begin_another() -> None:
    whole = chunk(choice(piece("{}", call_id="a", name="f")))
    assert run(whole, chunk(choice(piece("}"))), FINISH) == [[("a", "f", "{}")], [], [("", "", "}")], []]


def test_choices_do_not_mix() -> None:
    begun = chunk(
        choice(piece('{"x":', call_id="b", name="g"), index=1), choice(piece("{", call_id="a", name="f"))
    )
    more = chunk(choice(piece("1}"), index=1))
    ended = chunk({"index": 1, "delta": {}, "finish_reason": "tool_calls"})
    assert run(begun, more, ended, FINISH) == [[], [("b", "g", '{"x":1}')], [], [("a", "f", "{")], []]


def test_at_the_end_calls_come_in_the_order_in_which_they_began() -> None:
    opening = [
        chunk(choice(piece(call_id="a", name="f"), index=0)),
        chunk(choice(piece(call_id="b", name="g"), index=1)),
        chunk(choice(piece(call_id="c", name="h", index=1), index=0)),
    ]
    assert run(*opening)[-1] == [("a", "f", ""), ("b", "g", ""), ("c", "h", "")]


@pytest.mark.parametrize(
    "nothing",
    [
        chunk(),
        ChatCompletionChunk.model_construct(id="chatcmpl-1"),
        chunk({"index": 0, "finish_reason": None}),
        chunk({"index": 0, "delta": {"content": "Hi", "tool_calls": None}, "finish_reason": "stop"}),
        chunk({"index": 0, "delta": {"executed_tools": [{"index": 0, "type": "search", "arguments": "{}"}]}}),
    ],
)
def test_chunks_without_tool_calls(nothing: ChatCompletionChunk) -> None:
    assert run(nothing) == [[], []]


names = st.text("abcdefgh_", min_size=1, max_size=8)
objects = st.dictionaries(
    st.text(max_size=5), st.text('{}[]",\\ \n§', max_size=8) | st.integers(), max_size=4
)


@st.composite
def split_calls(draw: st.DrawFn) -> tuple[list[tuple[str, str, str]], list[ChatCompletionChunk]]:
    """Calls, and chunks with their arguments in pieces; some chunks have several deltas."""
    calls = [
        (f"call_{at}", name, json.dumps(arguments, ensure_ascii=False))
        for at, (name, arguments) in enumerate(draw(st.lists(st.tuples(names, objects), max_size=4)))
    ]
    deltas: list[dict[str, Any]] = []
    for index, (call_id, name, arguments) in enumerate(calls):
        cuts = sorted(draw(st.lists(st.integers(0, len(arguments)), max_size=5)))
        texts = [arguments[a:b] for a, b in zip([0, *cuts], [*cuts, len(arguments)], strict=True)]
        deltas.append(piece(texts[0], index=index, call_id=call_id, name=name))
        deltas += [piece(text, index=index) for text in texts[1:]]
    chunks = []
    while deltas:
        size = draw(st.integers(1, 3))
        chunks.append(chunk(choice(*deltas[:size])))
        deltas = deltas[size:]
    return calls, chunks


@given(split_calls())
def test_split_arguments_make_the_same_calls(
    case: tuple[list[tuple[str, str, str]], list[ChatCompletionChunk]],
) -> None:
    calls, chunks = case
    *finished, at_end = run(*chunks)
    assert [call for each in finished for call in each] == calls
    assert at_end == []


def test_arguments_that_are_an_object() -> None:
    """As some gateways send them; the SDK does not validate what it gets."""
    call: Any = piece(name="weather", call_id="call_1") | {
        "function": {"name": "weather", "arguments": {"city": "Trømsø"}}
    }
    one = ChatCompletionChunk.construct(
        id="chatcmpl-1", object="chat.completion.chunk", created=1, model="m", choices=[choice(call)]
    )
    stream = GroqStream(iter([one]))
    assert [each.function.arguments for _, each in stream if each] == ['{"city": "Trømsø"}']
    assert stream.summary()["tool_calls"] == [{"name": "weather", "arguments": {"city": "Trømsø"}}]
    assert stream.deltas()[0]["tool_calls"][0]["arguments"] == '{"city": "Trømsø"}'
