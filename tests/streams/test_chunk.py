import copy
import pickle
from typing import Any, get_args

import pytest
from groq.types import CompletionUsage
from groq.types.chat import ChatCompletionChunk
from groq.types.chat.chat_completion_chunk import Choice
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from groqtape.streams.base_chunk import BaseCallResponseChunk, FinishReason
from groqtape.streams.chunk import GroqCallResponseChunk
from groqtape.streams.cost import CostMetadata, Usage

USAGE = {"prompt_tokens": 40, "completion_tokens": 7, "total_tokens": 47, "total_time": 0.02}
CACHED = {**USAGE, "prompt_tokens_details": {"cached_tokens": 32}}


def choice(index: int = 0, finish: str | None = None, **delta: Any) -> dict[str, Any]:
    return {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}


def data(*choices: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "openai/gpt-oss-20b",
        "choices": list(choices),
        **more,
    }


def built_as_the_sdk_does(chunk: dict[str, Any]) -> ChatCompletionChunk:
    return ChatCompletionChunk.model_construct(**chunk)


def validated(chunk: dict[str, Any]) -> ChatCompletionChunk:
    return ChatCompletionChunk(**chunk)


@pytest.fixture(params=[built_as_the_sdk_does, validated])
def wrap(request: pytest.FixtureRequest) -> Any:
    def wrap(*choices: dict[str, Any], **more: Any) -> GroqCallResponseChunk:
        chunk = request.param(data(*choices, **more))
        wrapped = GroqCallResponseChunk(chunk=chunk)
        assert wrapped.chunk is chunk
        return wrapped

    return wrap


def test_finish_reasons_are_those_the_sdk_knows() -> None:
    known = get_args(Choice.model_fields["finish_reason"].annotation)[0]
    assert set(get_args(FinishReason)) == set(get_args(known))


def test_content_is_the_first_choice_s(wrap: Any) -> None:
    chunk = wrap(choice(1, content="one"), choice(0, content="nought"))
    assert chunk.content == str(chunk) == "one"


@pytest.mark.parametrize(
    "choices",
    [
        [],
        [choice()],
        [choice(content=None)],
        [choice(content="")],
        [choice(reasoning="Hm", channel="analysis")],
    ],
)
def test_content_is_empty_where_there_is_none(wrap: Any, choices: list[dict[str, Any]]) -> None:
    assert wrap(*choices).content == ""


def test_finish_reasons(wrap: Any) -> None:
    chunk = wrap(choice(0, "stop"), choice(1), choice(2, "length"))
    assert chunk.finish_reasons == chunk.common_finish_reasons == ["stop", "length"]


@pytest.mark.parametrize("choices", [[], [choice()]])
def test_finish_reasons_are_empty_where_there_are_none(wrap: Any, choices: list[dict[str, Any]]) -> None:
    chunk = wrap(*choices)
    assert chunk.finish_reasons == []
    assert chunk.common_finish_reasons == []


def test_model_and_id(wrap: Any) -> None:
    assert (wrap().model, wrap().id) == ("openai/gpt-oss-20b", "chatcmpl-1")


@pytest.mark.parametrize(
    "where",
    [
        {"usage": USAGE},
        {"x_groq": {"id": "req_1", "usage": USAGE}},
        {"usage": USAGE, "x_groq": {"id": "req_1", "usage": USAGE}},
        {"usage": None, "x_groq": {"usage": USAGE}},
    ],
)
def test_usage(wrap: Any, where: dict[str, Any]) -> None:
    chunk = wrap(**where)
    assert chunk.usage.total_tokens == 47
    assert (chunk.input_tokens, chunk.cached_tokens, chunk.output_tokens) == (40, 0, 7)
    assert chunk.cost_metadata == CostMetadata(input_tokens=40, cached_tokens=0, output_tokens=7)
    assert chunk.common_usage == Usage(input_tokens=40, cached_tokens=0, output_tokens=7, total_tokens=47)


def test_usage_at_the_top_comes_first(wrap: Any) -> None:
    chunk = wrap(usage=CACHED, x_groq={"usage": USAGE})
    assert chunk.usage is chunk.chunk.usage
    assert chunk.cached_tokens == 32


@pytest.mark.parametrize("where", [{}, {"x_groq": None}, {"x_groq": {"id": "req_1"}}, {"usage": None}])
def test_no_usage(wrap: Any, where: dict[str, Any]) -> None:
    chunk = wrap(**where)
    assert chunk.usage is None
    assert (chunk.input_tokens, chunk.cached_tokens, chunk.output_tokens) == (None, None, None)
    assert chunk.cost_metadata == CostMetadata()
    assert chunk.common_usage is None


@pytest.mark.parametrize(
    ("usage", "cached"), [(CACHED, 32), (USAGE, 0), ({**USAGE, "prompt_tokens_details": None}, 0)]
)
def test_cached_tokens(wrap: Any, usage: dict[str, Any], cached: int) -> None:
    assert wrap(usage=usage).cached_tokens == cached


def test_unchecked_values_are_left_as_they_are() -> None:
    odd = built_as_the_sdk_does(
        {
            "id": "chatcmpl-1",
            "created": "now",
            "choices": [{"finish_reason": None}],
            "x_groq": "odd",
            "service_tier": "on_demand",
        }
    )
    before = repr(odd)
    wrapped = GroqCallResponseChunk(chunk=odd)
    assert wrapped.chunk is odd
    assert repr(odd) == before
    assert (wrapped.content, wrapped.finish_reasons, wrapped.usage) == ("", [], None)


def test_a_chunk_without_choices_at_all() -> None:
    wrapped = GroqCallResponseChunk(chunk=ChatCompletionChunk.model_construct(id="chatcmpl-1"))
    assert (wrapped.content, wrapped.finish_reasons) == ("", [])


def test_unchecked_usage_that_names_no_number() -> None:
    usage = {**USAGE, "prompt_tokens_details": {}}
    assert GroqCallResponseChunk(chunk=built_as_the_sdk_does(data(usage=usage))).cached_tokens == 0


def test_a_mapping_is_made_a_chunk() -> None:
    wrapped = GroqCallResponseChunk.model_validate({"chunk": data(choice(content="Hi"))})
    assert isinstance(wrapped.chunk, ChatCompletionChunk)
    assert wrapped == GroqCallResponseChunk(chunk=validated(data(choice(content="Hi"))))
    assert wrapped == GroqCallResponseChunk(chunk=built_as_the_sdk_does(data(choice(content="Hi"))))


@pytest.mark.parametrize("other", ["text", 1, {"id": "no choices"}, None])
def test_nothing_else_is_a_chunk(other: Any) -> None:
    with pytest.raises(ValidationError):
        GroqCallResponseChunk(chunk=other)


def test_equality(wrap: Any) -> None:
    assert wrap(choice(content="a")) == wrap(choice(content="a"))
    assert wrap(choice(content="a")) != wrap(choice(content="b"))


def test_copies(wrap: Any) -> None:
    chunk = wrap(choice(content="a", channel="final"), usage=CACHED)
    assert copy.copy(chunk) == chunk
    assert copy.deepcopy(chunk) == chunk
    assert pickle.loads(pickle.dumps(chunk)) == chunk
    assert GroqCallResponseChunk.model_validate_json(chunk.model_dump_json(exclude_unset=True)) == chunk


def test_more_fields_may_ride_along() -> None:
    chunk = GroqCallResponseChunk.model_validate({"chunk": data(), "note": 1})
    assert chunk.model_extra == {"note": 1}


def test_the_base_is_abstract() -> None:
    with pytest.raises(TypeError, match="abstract"):
        BaseCallResponseChunk(chunk=1)  # type: ignore[abstract]


def test_another_provider_s_chunk() -> None:
    class Bare(BaseCallResponseChunk[str, str]):
        content = property(lambda self: self.chunk)
        finish_reasons = model = id = usage = property(lambda self: None)
        input_tokens = cached_tokens = common_finish_reasons = property(lambda self: None)
        output_tokens = property(lambda self: 2.0)

        @property
        def cost_metadata(self) -> CostMetadata:
            return super().cost_metadata

    chunk = Bare(chunk="text")
    assert str(chunk) == "text"
    assert chunk.cost_metadata.output_tokens == 2.0
    assert chunk.common_usage == Usage(input_tokens=0, cached_tokens=0, output_tokens=2, total_tokens=2)


def test_cost_metadata_defaults() -> None:
    assert CostMetadata().model_dump(exclude_none=True) == {}


@given(
    prompt=st.integers(0, 10**6),
    completion=st.integers(0, 10**6),
    cached=st.none() | st.integers(0, 10**6),
    top=st.booleans(),
)
def test_counts_are_what_groq_reports(prompt: int, completion: int, cached: int | None, top: bool) -> None:
    details = None if cached is None else {"cached_tokens": cached}
    usage = CompletionUsage.model_validate(
        {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
            "prompt_tokens_details": details,
        }
    )
    where: dict[str, Any] = {"usage": usage} if top else {"x_groq": {"usage": usage}}
    chunk = GroqCallResponseChunk(chunk=built_as_the_sdk_does(data(**where)))
    assert chunk.common_usage == Usage(
        input_tokens=prompt,
        cached_tokens=cached or 0,
        output_tokens=completion,
        total_tokens=prompt + completion,
    )
