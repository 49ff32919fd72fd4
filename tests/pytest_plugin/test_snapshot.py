import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import groq
import httpx
import pytest
from groq.types import CompletionUsage, Model
from groq.types.chat import ChatCompletion, ChatCompletionChunk, ChatCompletionMessageToolCall
from loopback_groq import DONE, ExecutedTool, ToolCall, stream_body
from pydantic import BaseModel
from syrupy.extensions.amber import AmberSnapshotExtension
from syrupy.filters import props
from syrupy.location import PyTestLocation

from groqtape.pytest_plugin.snapshot import GroqSnapshotExtension, SnapshotBesideAnother
from groqtape.streams.stream import GroqStream


def shown(data: Any, **options: Any) -> str:
    text = GroqSnapshotExtension().serialize(data, **options)
    assert isinstance(text, str)
    return text


def stream(
    *content: str, error: Exception | None = None, fixed: int | None = 1, **options: Any
) -> GroqStream:
    """A finished stream of what the loopback Groq sends."""
    events = stream_body(*content, fixed=fixed, **options)
    assert events[-1] == DONE
    data = [json.loads(event.removeprefix(b"data: ")) for event in events[:-1]]
    return GroqStream.finished([ChatCompletionChunk.model_construct(**each) for each in data], error)


# Streams


def test_a_stream() -> None:
    assert shown(stream("A robot's joke", model="openai/gpt-oss-20b")) == (
        "GroqStream(\n"
        "  model='openai/gpt-oss-20b',\n"
        "  chunks=5,\n"
        '  content="A robot\'s joke",\n'
        "  finish_reasons=['stop'],\n"
        "  usage=CompletionUsage(\n"
        "    prompt_tokens=36,\n"
        "    completion_tokens=3,\n"
        "    total_tokens=39,\n"
        "  ),\n"
        ")"
    )


def test_a_stream_with_all_there_can_be() -> None:
    text = shown(
        stream(
            "It rains.\n  Still.",
            reasoning="Look outside",
            tool_calls=[ToolCall("weather", {"city": "Oslo"}), ToolCall("time")],
            usage={"prompt_tokens_details": {"cached_tokens": 0}},
            error=httpx.ReadError("cut\nhere"),
        )
    )
    assert text == (
        "GroqStream(\n"
        "  model='openai/gpt-oss-20b',\n"
        "  chunks=9,\n"
        "  content='''\n"
        "    It rains.\n"
        "      Still.\n"
        "  ''',\n"
        "  reasoning='Look outside',\n"
        "  tool_calls=list([\n"
        "    ToolCall(\n"
        "      name='weather',\n"
        '      arguments=\'{"city":"Oslo"}\',\n'
        "    ),\n"
        "    ToolCall(\n"
        "      name='time',\n"
        "      arguments='{}',\n"
        "    ),\n"
        "  ]),\n"
        "  finish_reasons=['tool_calls'],\n"
        "  usage=CompletionUsage(\n"
        "    prompt_tokens=36,\n"
        "    completion_tokens=7,\n"
        "    total_tokens=43,\n"
        "    cached_tokens=0,\n"
        "    reasoning_tokens=2,\n"
        "  ),\n"
        "  error=ReadError('cut\\nhere'),\n"
        ")"
    )


def test_every_choice_of_a_stream() -> None:
    called = {"tool_calls": [{"index": 0, "id": "c", "function": {"name": "flip", "arguments": '{"of":2}'}}]}
    several = stream(choices=["Heads", [{"reasoning": "Hm."}, called]])
    assert shown(several) == (
        "GroqStream(\n"
        "  model='openai/gpt-oss-20b',\n"
        "  chunks=7,\n"
        "  choices=list([\n"
        "    Choice(\n"
        "      index=0,\n"
        "      content='Heads',\n"
        "      finish_reason='stop',\n"
        "    ),\n"
        "    Choice(\n"
        "      index=1,\n"
        "      content='',\n"
        "      reasoning='Hm.',\n"
        "      tool_calls=list([\n"
        "        ToolCall(\n"
        "          name='flip',\n"
        "          arguments=dict({\n"
        "            'of': 2,\n"
        "          }),\n"
        "        ),\n"
        "      ]),\n"
        "      finish_reason='stop',\n"
        "    ),\n"
        "  ]),\n"
        "  finish_reasons=['stop', 'stop'],\n"
        "  usage=CompletionUsage(\n"
        "    prompt_tokens=36,\n"
        "    completion_tokens=3,\n"
        "    total_tokens=39,\n"
        "  ),\n"
        ")"
    )
    other = stream(choices=["Heads", "Tails"])
    assert shown(other) != shown(stream(choices=["Heads", "Tail"]))
    assert shown(other.chunks[:2]) == (
        "list([\n"
        "  GroqCallResponseChunk(\n"
        "    content='',\n"
        "  ),\n"
        "  GroqCallResponseChunk(\n"
        "    choices=list([\n"
        "      Choice(\n"
        "        role='assistant',\n"
        "        content='',\n"
        "        index=1,\n"
        "      ),\n"
        "    ]),\n"
        "  ),\n"
        "])"
    )


def test_a_stream_that_never_began() -> None:
    empty = GroqStream.finished([], groq.APIError("no", httpx.Request("POST", "https://x"), body=None))
    assert (
        shown(empty)
        == "GroqStream(\n  chunks=0,\n  content='',\n  finish_reasons=[],\n  error=APIError('no'),\n)"
    )


ANSWERS: Sequence[dict[str, Any]] = [
    {"content": "Hello there"},
    {"content": "Yes.", "reasoning": "Why not", "channel": "analysis"},
    {"tool_calls": [ToolCall("weather", {"city": "Oslo"})]},
    {"content": "x", "executed_tools": [ExecutedTool()]},
    {"choices": ["one two", "three"]},
    {"content": "x", "usage_at": "all"},
]


@pytest.mark.parametrize("options", ANSWERS)
def test_recording_the_same_answer_again_changes_nothing(options: dict[str, Any]) -> None:
    one, again = stream(**options, fixed=None), stream(**options, fixed=None)
    assert one.id != again.id
    assert one.usage is not None
    assert again.usage is not None
    assert one.usage.total_time != again.usage.total_time
    both = [[each, each.chunks, [chunk.chunk for chunk in each.chunks], each.usage] for each in (one, again)]
    assert shown(both[0]) == shown(both[1])


@pytest.mark.parametrize("options", ANSWERS)
def test_no_object_stands_as_its_repr(options: dict[str, Any]) -> None:
    whole = stream(**options)
    for data in (
        whole,
        [whole],
        {"a": (whole, {"b": whole.chunks})},
        [chunk.chunk for chunk in whole.chunks],
    ):
        text = shown(data)
        assert " object at 0x" not in text
        assert "req_" not in text
        assert "chatcmpl-" not in text
        assert "fp_" not in text
        assert str(whole.chunks[0].chunk.created) not in text


def test_streams_in_other_data() -> None:
    @dataclass
    class Answer:
        stream: GroqStream

    one = shown(stream("Hi"))
    indented = one.replace("\n", "\n  ")
    assert shown([stream("Hi")]) == f"list([\n  {indented},\n])"
    assert shown({"a": stream("Hi")}) == f"dict({{\n  'a': {indented},\n}})"
    assert indented in shown(Answer(stream("Hi")))
    # Before version 6, syrupy calls this for a dataclass too.
    assert GroqSnapshotExtension.serializer_class.serialize_unknown(Answer(stream("Hi"))) == shown(
        Answer(stream("Hi"))
    )
    assert shown((stream("Hi"), None)) == f"tuple(\n  {indented},\n  None,\n)"


# Chunks and their parts


def test_a_chunk() -> None:
    whole = stream("Hi", reasoning="Hm", tool_calls=[ToolCall("time")])
    call = "ToolCall(\n      name='time',\n      arguments='{}',\n    )"
    counts = "prompt_tokens=36,\n    completion_tokens=3,\n    total_tokens=39,\n    reasoning_tokens=1"
    usage = f"CompletionUsage(\n    {counts},\n  )"
    assert [shown(chunk) for chunk in whole.chunks] == [
        "GroqCallResponseChunk(\n  content='',\n)",
        "GroqCallResponseChunk(\n  content='',\n  reasoning='Hm',\n)",
        "GroqCallResponseChunk(\n  content='Hi',\n)",
        f"GroqCallResponseChunk(\n  content='',\n  tool_calls=list([\n    {call},\n  ]),\n)",
        f"GroqCallResponseChunk(\n  content='',\n  finish_reasons=['tool_calls'],\n  usage={usage},\n)",
    ]


def test_a_chunk_without_choices_and_a_call_without_a_function() -> None:
    whole = stream("Hi", usage_at="all")
    assert shown(whole.chunks[-1]).startswith(
        "GroqCallResponseChunk(\n  content='',\n  usage=CompletionUsage(\n"
    )
    call = {"index": 0, "id": "call_1", "type": "function", "function": None}
    choice = {"index": 0, "delta": {"tool_calls": [call]}, "finish_reason": None}
    chunk = GroqStream.finished(
        [ChatCompletionChunk.model_construct(id="c", choices=[choice], created=1, model="m", object="o")],
        None,
    ).chunks[0]
    assert "ToolCall(\n      name=None,\n      arguments=None,\n    )" in shown(chunk)


def test_usage_is_its_counts() -> None:
    usage = CompletionUsage.model_validate(
        {
            "prompt_tokens": 1,
            "completion_tokens": 2,
            "total_tokens": 3,
            "total_time": 0.5,
            "queue_time": 0.1,
            "completion_tokens_details": {"reasoning_tokens": 0},
        }
    )
    assert shown(usage) == (
        "CompletionUsage(\n"
        "  prompt_tokens=1,\n  completion_tokens=2,\n  total_tokens=3,\n  reasoning_tokens=0,\n"
        ")"
    )


def test_a_tool_call() -> None:
    call = ChatCompletionMessageToolCall.model_validate(
        {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    )
    assert shown(call) == (
        "ChatCompletionMessageToolCall(\n"
        "  function=Function(\n    arguments='{}',\n    name='f',\n  ),\n"
        "  type='function',\n"
        ")"
    )


def test_a_completion_in_one_piece() -> None:
    completion = ChatCompletion.model_validate(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "openai/gpt-oss-20b",
            "system_fingerprint": "fp_1",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": "Hi"},
                    "logprobs": None,
                    "finish_reason": "stop",
                }
            ],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2, "total_time": 0.1},
            "x_groq": {"id": "req_1"},
            "service_tier": "on_demand",
            "usage_breakdown": None,
        }
    )
    assert shown(completion) == (
        "ChatCompletion(\n"
        "  choices=list([\n"
        "    Choice(\n"
        "      finish_reason='stop',\n"
        "      index=0,\n"
        "      message=ChatCompletionMessage(\n        content='Hi',\n        role='assistant',\n      ),\n"
        "    ),\n"
        "  ]),\n"
        "  model='openai/gpt-oss-20b',\n"
        "  usage=CompletionUsage(\n"
        "    prompt_tokens=1,\n    completion_tokens=1,\n    total_tokens=2,\n"
        "  ),\n"
        ")"
    )


def test_the_id_of_a_model_is_its_name() -> None:
    model = Model(id="openai/gpt-oss-20b", created=1, object="model", owned_by="Meta")
    assert shown(model) == "Model(\n  id='openai/gpt-oss-20b',\n  owned_by='Meta',\n)"


def test_models_of_ones_own_keep_all_their_fields() -> None:
    class Book(BaseModel):
        id: str
        title: str | None = None
        created: int = 3
        usage: CompletionUsage | None = None

    usage = CompletionUsage(prompt_tokens=1, completion_tokens=2, total_tokens=3, total_time=0.5)
    assert shown(Book(id="b-1", usage=usage)) == (
        "Book(\n"
        "  id='b-1',\n"
        "  title=None,\n"
        "  created=3,\n"
        "  usage=CompletionUsage(\n"
        "    prompt_tokens=1,\n    completion_tokens=2,\n    total_tokens=3,\n"
        "  ),\n"
        ")"
    )


@pytest.mark.parametrize(
    "data",
    [
        "text",
        "two\nlines",
        1,
        1.5,
        True,
        None,
        ["stop"],
        {"a": [1]},
        ("a",),
        {"x", "y"},
        b"bytes",
        [],
        {},
        Exception,
    ],
)
def test_plain_values_stand_as_syrupy_writes_them(data: Any) -> None:
    assert shown(data) == AmberSnapshotExtension().serialize(data)


# As syrupy's own


def test_syrupys_filters_work_on_fields() -> None:
    text = shown(stream("Hi"), exclude=props("chunks", "usage"))
    assert text == (
        "GroqStream(\n  model='openai/gpt-oss-20b',\n  content='Hi',\n  finish_reasons=['stop'],\n)"
    )


def test_syrupys_matchers_work_on_fields() -> None:
    def matcher(*, data: Any, path: Any) -> Any:
        return "a model" if path and path[-1][0] == "model" else data

    assert "  model='a model',\n" in shown(stream("Hi"), matcher=matcher)


def test_data_in_which_no_secret_is_in_pieces_is_shown_as_it_is() -> None:
    itself: list[Any] = [1]
    itself.append(itself)
    assert shown(itself) == AmberSnapshotExtension().serialize(itself)
    key = "gsk_" + "aB3" * 17 + "Z"
    data = ({1: key[:9], "n": [None, 0.5]}, {1: key[9:], "n": GroqStream.finished([])})
    text = shown(data)
    assert (text.count("REDACTED"), key[9:] in text) == (1, False)
    assert "0.5,\n" in text
    assert "GroqStream(" in text


def test_beside_another_snapshot_it_takes_names_of_its_own(request: pytest.FixtureRequest) -> None:
    location = PyTestLocation(request.node)
    for index in (0, 1, "named"):
        usual = AmberSnapshotExtension.get_snapshot_name(test_location=location, index=index)
        ours = SnapshotBesideAnother.get_snapshot_name(test_location=location, index=index)
        assert ours == f"{usual}[groq_snapshot]"
    assert SnapshotBesideAnother().serialize(stream("Hi")) == shown(stream("Hi"))
