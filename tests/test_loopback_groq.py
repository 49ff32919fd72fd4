"""The loopback Groq sends what is scripted: over real sockets, through the real SDK and plain httpx."""

from __future__ import annotations

import concurrent.futures
import json
import socket
import threading
import time
from typing import TYPE_CHECKING, Any, get_type_hints

import groq
import httpx
import pytest
from loopback_groq import (
    DONE,
    AnyReply,
    Cut,
    ExecutedTool,
    Headers,
    LoopbackGroq,
    Note,
    Reply,
    Request,
    Reset,
    Saying,
    Send,
    Sleep,
    Stall,
    ToolCall,
    Wait,
    completion,
    error,
    inside,
    models,
    paced,
    rate_limited,
    raw,
    stream,
    stream_body,
    transcription,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groq.types.chat import ChatCompletionChunk

MODEL = "openai/gpt-oss-20b"
CHAT = "/openai/v1/chat/completions"


@pytest.fixture
def server() -> Iterator[LoopbackGroq]:
    others = set(threading.enumerate())  # a server of another module may still run
    with LoopbackGroq() as running:
        yield running
    assert running.problems == []
    remaining = set(threading.enumerate()) - others
    assert not [thread for thread in remaining if thread.name.startswith("loopback-groq")]


@pytest.fixture
def client(server: LoopbackGroq) -> Iterator[groq.Groq]:
    with groq.Groq(base_url=server.base_url, api_key=server.api_key, max_retries=0, timeout=10) as each:
        yield each


@pytest.fixture
def http(server: LoopbackGroq) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {server.api_key}"}
    with httpx.Client(base_url=server.base_url, headers=headers, timeout=10) as each:
        yield each


def ask(client: groq.Groq, prompt: str = "Hi", *, model: str = MODEL, **more: Any) -> groq.Stream[Any]:
    stream: groq.Stream[Any] = client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": prompt}], stream=True, **more
    )
    return stream


def text(chunks: Sequence[ChatCompletionChunk], choice: int = 0) -> str:
    every = [each for chunk in chunks for each in chunk.choices if each.index == choice]
    return "".join(each.delta.content or "" for each in every)


def some_request() -> Request:
    return Request("POST", CHAT, Headers(), b"", 0)


def parsed(events: Sequence[bytes]) -> list[Any]:
    """The JSON of the events, without the last one."""
    assert events[-1] == DONE
    return [json.loads(event.removeprefix(b"data: ")) for event in events[:-1]]


class TestTheStream:
    def test_says_its_content_with_a_role_first_and_a_reason_last(
        self, server: LoopbackGroq, client: groq.Groq
    ) -> None:
        server.reply(stream(["Hel", "lo", " — Grüße 👋 <b> & 'x'\n\u2028."]))
        chunks = list(ask(client))
        assert text(chunks) == "Hello — Grüße 👋 <b> & 'x'\n\u2028."
        assert chunks[0].choices[0].delta.role == "assistant"
        assert chunks[0].choices[0].delta.content == ""
        assert [chunk.choices[0].finish_reason for chunk in chunks] == [None, None, None, None, "stop"]
        assert {chunk.model for chunk in chunks} == {MODEL}
        assert len({chunk.id for chunk in chunks}) == 1
        (request,) = server.requests
        assert (request.method, request.path, request.prompt) == ("POST", CHAT, "Hi")
        assert request.json["stream"] is True
        assert request.headers["User-Agent"] == request.headers["user-agent"]
        assert request.headers["user-agent"].startswith("Groq/Python")
        assert request.finished() == "complete"

    async def test_says_it_to_an_async_client_too(self, server: LoopbackGroq) -> None:
        server.default = stream("One two three", delay=0.001)
        async with groq.AsyncGroq(base_url=server.base_url, api_key=server.api_key) as client:
            chunks = [
                chunk
                async for chunk in await client.chat.completions.create(
                    model=MODEL, messages=[{"role": "user", "content": "Hi"}], stream=True
                )
            ]
        assert text(chunks) == "One two three"

    def test_is_compact_json_in_raw_utf8_with_the_escapes_of_html(self) -> None:
        body = b"".join(stream_body(["é<>&"]))
        assert 'content":"é\\u003c\\u003e\\u0026"'.encode() in body
        assert b'": ' not in body.replace(b"data: ", b"")
        assert body.endswith(b"\n\ndata: [DONE]\n\n")

    def test_is_fresh_each_time_but_for_what_it_says(self) -> None:
        first, second = (parsed(stream_body("a b", reasoning="c")) for _ in range(2))
        for one, other in zip(first, second, strict=True):
            assert one["choices"] == other["choices"]
            assert one["id"] != other["id"]
            assert one["system_fingerprint"] != other["system_fingerprint"]
        assert first[0]["x_groq"] != second[0]["x_groq"]
        assert first[-1]["usage"]["queue_time"] != second[-1]["usage"]["queue_time"]

    def test_can_be_the_same_to_the_byte(self, server: LoopbackGroq, http: httpx.Client) -> None:
        server.default = stream("a b", tool_calls=[ToolCall("f")], fixed=7)
        bodies = {http.post(CHAT, json={"model": MODEL}).content for _ in range(2)}
        assert bodies == {b"".join(stream_body("a b", tool_calls=[ToolCall("f")], fixed=7))}

    def test_takes_every_name_from_the_caller(self) -> None:
        chunks = parsed(
            stream_body(
                "a",
                model="m",
                completion_id="chatcmpl-1",
                created=5,
                system_fingerprint="fp_1",
                request_id="req_1",
                seed=0,
                finish_reason="length",
                usage={"prompt_tokens": 3, "queue_time": None},
            )
        )
        assert {(c["id"], c["created"], c["model"], c["system_fingerprint"]) for c in chunks} == {
            ("chatcmpl-1", 5, "m", "fp_1")
        }
        assert chunks[0]["x_groq"] == {"id": "req_1", "seed": 0}
        assert chunks[-1]["choices"][0]["finish_reason"] == "length"
        assert chunks[-1]["usage"]["prompt_tokens"] == 3
        assert chunks[-1]["usage"]["total_tokens"] == 4
        assert "queue_time" not in chunks[-1]["usage"]

    def test_reasons(self, server: LoopbackGroq, client: groq.Groq) -> None:
        server.reply(stream("Four.", reasoning=["Two", " and", " two"]), stream("x", reasoning="a b"))
        chunks = list(ask(client, model="openai/gpt-oss-20b"))
        thoughts = [c.choices[0].delta for c in chunks if c.choices[0].delta.reasoning]
        assert "".join(str(delta.reasoning) for delta in thoughts) == "Two and two"
        assert {(delta.model_extra or {})["channel"] for delta in thoughts} == {"analysis"}
        assert chunks[-1].usage.to_dict()["completion_tokens_details"] == {"reasoning_tokens": 3}
        other = list(ask(client, model="qwen/qwen3-32b"))
        assert not any((c.choices[0].delta.model_extra or {}).get("channel") for c in other)

    def test_calls_tools_whole_and_in_parallel(self, server: LoopbackGroq, client: groq.Groq) -> None:
        calls_of_tools = [ToolCall("a", {"x": "<é>"}), ToolCall("b", "{}", "call_2")]
        server.reply(stream(tool_calls=calls_of_tools, model="another/model"))
        chunks = list(ask(client))
        assert chunks[0].choices[0].delta.content is None
        calls = [call for chunk in chunks for call in chunk.choices[0].delta.tool_calls or ()]
        assert [(call.index, call.function.name, call.function.arguments) for call in calls] == [
            (0, "a", '{"x":"<é>"}'),
            (1, "b", "{}"),
        ]
        assert len(calls[0].id) == 9
        assert calls[1].id == "call_2"
        assert chunks[-1].choices[0].finish_reason == "tool_calls"

    def test_calls_tools_in_pieces(self) -> None:
        chunks = parsed(stream_body(tool_calls=[ToolCall("a", {"x": 12345})], split_arguments=4))
        calls = [call for chunk in chunks for call in chunk["choices"][0]["delta"].get("tool_calls", ())]
        assert "".join(call["function"]["arguments"] for call in calls) == '{"x":12345}'
        assert [call.get("id") is not None for call in calls] == [True, False, False, False]

    def test_gpt_oss_says_an_empty_string_before_a_call(self) -> None:
        (role, *_) = parsed(stream_body(tool_calls=[ToolCall("a")], model="openai/gpt-oss-20b"))
        assert role["choices"][0]["delta"]["content"] == ""

    def test_has_logprobs(self, server: LoopbackGroq, client: groq.Groq) -> None:
        server.reply(stream(["<é", "b"], logprobs=2))
        chunks = list(ask(client))
        (entry,) = chunks[1].choices[0].logprobs.content
        assert (entry.token, entry.bytes) == ("<é", list("<é".encode()))
        assert entry.top_logprobs[0].token == "<é"
        assert entry.top_logprobs[0].logprob == entry.logprob
        assert entry.top_logprobs[1].logprob < entry.logprob
        assert chunks[0].choices[0].logprobs is None

    def test_has_several_choices(self, server: LoopbackGroq, client: groq.Groq) -> None:
        server.reply(stream(choices=[["a", "b", "c"], ["1"]]))
        chunks = list(ask(client))
        assert (text(chunks, 0), text(chunks, 1)) == ("abc", "1")
        assert [c.choices[0].index for c in chunks] == [0, 1, 0, 1, 0, 0, 0, 1]

    def test_takes_deltas_as_they_are(self) -> None:
        chunks = parsed(stream_body(["a", {"annotations": []}, {"function_call": {"name": "f"}}]))
        deltas = [chunk["choices"][0]["delta"] for chunk in chunks[1:-1]]
        assert deltas == [{"content": "a"}, {"annotations": []}, {"function_call": {"name": "f"}}]

    def test_is_compound(self, server: LoopbackGroq, client: groq.Groq) -> None:
        server.reply(stream("It rains.", executed_tools=[ExecutedTool(output="rain")]))
        chunks = list(ask(client, model="groq/compound"))
        assert len({chunk.id for chunk in chunks}) == len(chunks)
        assert len({chunk.created for chunk in chunks}) == 2
        assert {chunk.system_fingerprint for chunk in chunks} == {None}
        assert not any(chunk.choices[0].delta.role for chunk in chunks)
        tools = [tool for chunk in chunks for tool in chunk.choices[0].delta.executed_tools or ()]
        assert [(tool.index, tool.output) for tool in tools] == [(0, None), (0, "rain")]
        assert chunks[-1].x_groq.usage_breakdown.models[0].usage == chunks[-1].usage
        assert chunks[0].x_groq.id == chunks[-1].x_groq.id

    def test_names_its_arguments_once(self) -> None:
        named = set(get_type_hints(stream_body)) - {"content", "request", "return"}
        assert named == set(get_type_hints(Saying))


class TestUsage:
    @pytest.mark.parametrize(
        ("where", "expected"),
        [
            ("none", []),
            ("x_groq", ["x_groq"]),
            ("both", ["x_groq", "top"]),
            ("all", ["x_groq", "top", "alone"]),
        ],
    )
    def test_stands_where_the_script_says(self, where: Any, expected: list[str]) -> None:
        found, figures = [], []
        for chunk in parsed(stream_body("a b c", usage_at=where)):
            if "usage" in chunk.get("x_groq", {}):
                found.append("x_groq")
                figures.append(chunk["x_groq"]["usage"])
            if "usage" in chunk:
                found.append("top" if chunk["choices"] else "alone")
                figures.append(chunk["usage"])
        assert found == expected
        assert all(each == figures[0] for each in figures)
        assert not figures or (figures[0]["completion_tokens"], figures[0]["total_tokens"]) == (3, 39)

    @pytest.mark.parametrize("included", [True, False])
    def test_stands_alone_when_the_request_asks_for_it(
        self, server: LoopbackGroq, client: groq.Groq, included: bool
    ) -> None:
        server.reply(stream("a"))
        chunks = list(ask(client, extra_body={"stream_options": {"include_usage": included}}))
        assert (chunks[-1].choices == []) is included
        assert chunks[-1].usage.completion_tokens == 1
        if included:
            assert (chunks[-1].model_extra or {})["service_tier"] == "on_demand"


class TestErrors:
    def test_a_wrong_key_is_refused_and_takes_no_reply(self, server: LoopbackGroq) -> None:
        server.reply(stream("a"))
        with (
            groq.Groq(base_url=server.base_url, api_key="gsk_wrong", max_retries=0) as client,
            pytest.raises(groq.AuthenticationError) as caught,
        ):
            ask(client)
        assert caught.value.body == {
            "error": {
                "message": "Invalid API Key",
                "type": "invalid_request_error",
                "code": "invalid_api_key",
            }
        }
        assert server.pending == 1

    def test_the_key_looks_like_groqs(self, server: LoopbackGroq) -> None:
        assert server.api_key is not None
        assert server.api_key.startswith("gsk_")
        assert server.api_key[4:].isalnum()
        assert len(server.api_key) == 56

    def test_without_a_key_everybody_is_let_in(self) -> None:
        with LoopbackGroq(api_key=None) as server:
            server.reply(models("m"))
            assert httpx.get(server.base_url + "/openai/v1/models").json()["data"][0]["id"] == "m"

    def test_nothing_scripted_says_so(self, server: LoopbackGroq, client: groq.Groq) -> None:
        with pytest.raises(groq.NotFoundError, match="nothing is scripted for POST /openai"):
            ask(client)

    def test_an_error_before_the_stream(self, server: LoopbackGroq, client: groq.Groq) -> None:
        server.reply(error(400, "No such model", code="model_decommissioned", failed_generation="x"))
        with pytest.raises(groq.BadRequestError) as caught:
            ask(client)
        assert caught.value.body == {
            "error": {
                "message": "No such model",
                "type": "invalid_request_error",
                "code": "model_decommissioned",
                "failed_generation": "x",
            }
        }

    def test_the_sdk_retries_a_rate_limit(self, server: LoopbackGroq, client: groq.Groq) -> None:
        server.reply(rate_limited(0.001), stream("ok"))
        assert text(list(ask(client.with_options(max_retries=1)))) == "ok"
        assert [each.headers["x-stainless-retry-count"] for each in server.requests] == ["0", "1"]

    def test_a_rate_limit_names_the_organization(self, server: LoopbackGroq, client: groq.Groq) -> None:
        server.reply(rate_limited(367.2))
        with pytest.raises(groq.RateLimitError, match=r"`org_\w{26}`.*Please try again in 6m7.2s") as caught:
            ask(client)
        assert caught.value.response.headers["retry-after"] == "367.2"
        assert MODEL in str(caught.value)

    @pytest.mark.parametrize("after", [0, 3])
    def test_an_error_within_the_stream(
        self, server: LoopbackGroq, client: groq.Groq, http: httpx.Client, after: int
    ) -> None:
        server.default = stream("a b c d e", error_after=after)
        seen: list[Any] = []
        with pytest.raises(groq.APIError, match="Failed to call a function") as caught:
            seen.extend(ask(client))
        assert type(caught.value) is groq.APIError
        assert isinstance(caught.value.body, dict)
        assert caught.value.body["code"] == "tool_use_failed"
        body = http.post(CHAT, json={}).content
        assert body.count(b"\n\n") == after + 1
        assert b"\n\nevent: error\ndata: {" in b"\n\n" + body
        assert b"[DONE]" not in body

    def test_a_script_that_fails_is_a_problem(self) -> None:
        with LoopbackGroq(api_key=None) as server:
            server.default = stream("a", gates={99: threading.Event()})
            response = httpx.post(server.base_url + CHAT)
            assert response.status_code == 500
            assert "there is no event 99" in response.json()["error"]["message"]
            assert len(server.problems) == 1
            server.clear()
            assert (server.problems, server.requests) == ([], [])


class TestBreaks:
    def test_cut(self, server: LoopbackGroq, client: groq.Groq) -> None:
        server.reply(stream("a b c d", cut_after=3))
        seen: list[Any] = []
        with pytest.raises(httpx.RemoteProtocolError):
            seen.extend(ask(client))
        assert len(seen) <= 3
        assert server.requests[0].finished() == "cut"

    def test_reset_after_all_was_read(self, server: LoopbackGroq, client: groq.Groq) -> None:
        read = threading.Event()
        server.reply(stream("a b c d", cut_after=3, cut=Reset(), gates={3: read}))
        chunks = iter(ask(client))
        assert text([next(chunks) for _ in range(3)]) == "a b"
        read.set()
        with pytest.raises(httpx.ReadError):
            next(chunks)

    async def test_cut_and_reset_reach_an_async_client(self, server: LoopbackGroq) -> None:
        server.reply(stream("a b", cut_after=1), stream("a b", cut_after=1, cut=Reset()))
        headers = {"authorization": f"Bearer {server.api_key}"}
        async with httpx.AsyncClient(base_url=server.base_url, headers=headers) as client:
            with pytest.raises(httpx.RemoteProtocolError):
                await client.post(CHAT)
            with pytest.raises(httpx.ReadError):
                await client.post(CHAT)

    def test_stall_ends_when_the_client_has_waited_enough(
        self, server: LoopbackGroq, client: groq.Groq
    ) -> None:
        server.reply(stream("a b c d", cut_after=2, cut=Stall()))
        seen: list[Any] = []
        with pytest.raises(httpx.ReadTimeout):
            seen.extend(ask(client, timeout=httpx.Timeout(5, read=0.3)))
        assert text(seen) == "a"
        assert server.requests[0].finished() == "gone"

    def test_before_the_head(self, server: LoopbackGroq, client: groq.Groq) -> None:
        server.reply(Reply(before=[Stall()]), Reply(before=[Cut()]), Reply(before=[Reset()]))
        with pytest.raises(groq.APITimeoutError):
            ask(client, timeout=httpx.Timeout(5, read=0.3))
        for _ in range(2):
            with pytest.raises(groq.APIConnectionError):
                ask(client)

    def test_a_body_shorter_than_it_says(self, server: LoopbackGroq, http: httpx.Client) -> None:
        server.reply(Reply(framing="length", steps=[Send(b"some"), Cut(), Send(b"more")]))
        with pytest.raises(httpx.RemoteProtocolError, match="received 4 bytes, expected 8"):
            http.post(CHAT)


class TestWhen:
    def test_a_gate_holds_what_comes_after_it(self, server: LoopbackGroq, client: groq.Groq) -> None:
        gate, reached, sent = threading.Event(), threading.Event(), threading.Event()
        server.reply(stream("a b", gates={2: [Note(reached), Wait(gate)], 3: Note(sent)}))
        chunks = iter(ask(client))
        assert text([next(chunks), next(chunks)]) == "a"
        assert reached.wait(5)
        assert not sent.is_set()
        gate.set()
        assert text(list(chunks)) == " b"
        assert sent.is_set()

    def test_a_gate_can_hold_the_end(self, server: LoopbackGroq, http: httpx.Client) -> None:
        gate = threading.Event()
        server.reply(stream("a", gates={4: gate}))
        with http.stream("POST", CHAT) as response:
            chunks = response.iter_raw()
            assert b"".join(next(chunks) for _ in range(4)).endswith(DONE)
            assert server.requests[0].outcome == "pending"
            gate.set()
            assert list(chunks) == []

    def test_a_client_that_leaves_is_noticed_at_the_gate(
        self, server: LoopbackGroq, client: groq.Groq
    ) -> None:
        server.reply(stream("a b", gates={2: threading.Event()}))
        with ask(client) as chunks:
            next(chunks)
        assert server.requests[0].finished() == "gone"

    def test_a_gate_nobody_opens_is_a_problem(self) -> None:
        with LoopbackGroq(api_key=None) as server:
            server.reply(stream("a", gates={1: Wait(threading.Event(), timeout=0.02)}))
            with pytest.raises(httpx.RemoteProtocolError):
                httpx.post(server.base_url + CHAT)
            assert server.problems == ["a gate was not opened in 0.02 s"]

    def test_a_delay_is_kept_between_events_but_does_not_add_up(
        self, server: LoopbackGroq, http: httpx.Client
    ) -> None:
        server.reply(stream(["x"] * 38, delay=0.002))
        began = time.perf_counter()
        http.post(CHAT)
        assert time.perf_counter() - began >= 40 * 0.002

    def test_a_read_is_an_event_by_default(self, server: LoopbackGroq, http: httpx.Client) -> None:
        def reads() -> list[bytes]:
            with http.stream("POST", CHAT) as response:
                return list(response.iter_raw())

        server.reply(
            stream("a b c", fixed=1),
            stream("a b c", fixed=1, events_per_read=4),
            stream("a b c", fixed=1, events_per_read=[1, 3]),
            stream("a b c", fixed=1, events_per_read=99),
        )
        events = stream_body("a b c", fixed=1)
        assert len(events) == 6
        assert reads() == events
        assert reads() == [b"".join(events[:4]), b"".join(events[4:])]
        assert reads() == [events[0], b"".join(events[1:4]), events[4], events[5]]
        assert reads() == [b"".join(events)]

    @pytest.mark.parametrize("tear", [1, 7, inside("👋"), inside("choices"), [3, 5]])
    def test_tears_anywhere(self, server: LoopbackGroq, client: groq.Groq, tear: Any) -> None:
        server.reply(stream(["Hé 👋", "b"], tear=tear))
        assert text(list(ask(client))) == "Hé 👋b"

    def test_tears_where_it_says(self, server: LoopbackGroq, http: httpx.Client) -> None:
        server.reply(stream(["👋"], tear=inside("👋")))
        with http.stream("POST", CHAT) as response:
            one, other = response.iter_raw()
        assert one.endswith("👋".encode()[:2])
        assert other.startswith("👋".encode()[2:])

    def test_refuses_what_cannot_be(self) -> None:
        for wrong in ({"tear": [999]}, {"cut_after": 3}, {"gates": {3: Cut()}}, {"events_per_read": 0}):
            with pytest.raises(ValueError, match=r"only 2 events|cannot be torn|no event 3|at least one"):
                paced([b"one", b"two"], **wrong)
        with pytest.raises(ValueError, match="only 3 events"):
            stream_body("a", error_after=4)
        for wrong_text in ("a", "zz"):
            with pytest.raises(ValueError, match=r"no inside|nothing can be torn"):
                inside(wrong_text)(b"body")

    def test_everything_at_once(self) -> None:
        gate = threading.Event()
        steps = paced([b"aa", b"bb", b"cc"], delay=1, tear=[1, 3], cut_after=2, cut=Reset(), gates={1: gate})
        assert steps == [
            Send(b"a"),
            Send(b"a"),
            Sleep(1),
            Wait(gate),
            Send(b"b"),
            Send(b"b"),
            Reset(),
        ]

    def test_two_thousand_events(self, server: LoopbackGroq, client: groq.Groq) -> None:
        server.reply(stream(["x"] * 2000))
        assert len(text(list(ask(client)))) == 2000


class TestOtherReplies:
    def test_a_plain_completion(self, server: LoopbackGroq, client: groq.Groq) -> None:
        server.reply(
            completion("Hello", reasoning="Hm"),
            completion(tool_calls=[ToolCall("f", {"x": 1})]),
            completion(choices=["a", "b"]),
            completion("It rains", executed_tools=[ExecutedTool()]),
        )

        def get() -> Any:
            return client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "Hi"}])

        plain, calling, several, compound = get(), get(), get(), get()
        assert plain.choices[0].message.content == "Hello"
        assert plain.choices[0].message.reasoning == "Hm"
        assert (plain.model, plain.usage.completion_tokens) == (MODEL, 2)
        assert calling.choices[0].message.content is None
        assert calling.choices[0].message.tool_calls[0].function.arguments == '{"x":1}'
        assert calling.choices[0].finish_reason == "tool_calls"
        assert [choice.message.content for choice in several.choices] == ["a", "b"]
        assert compound.choices[0].message.executed_tools[0].type == "search"

    def test_plain_json_is_gzip_if_the_client_takes_it(
        self, server: LoopbackGroq, http: httpx.Client
    ) -> None:
        server.default = completion("Hello")
        for accepts, sent in {
            "gzip, deflate": "gzip",
            "identity": None,
            "gzip;q=0": None,
            "*": "gzip",
        }.items():
            response = http.post(CHAT, headers={"accept-encoding": accepts})
            assert response.headers.get("content-encoding") == sent
            assert response.json()["choices"][0]["message"]["content"] == "Hello"
            framed = "content-length" if sent is None else "transfer-encoding"
            assert framed in response.headers

    def test_a_stream_is_not_compressed_unless_forced(self, server: LoopbackGroq, http: httpx.Client) -> None:
        events = stream_body("a b", fixed=1)
        server.reply(
            stream("a b", fixed=1),
            stream("a b", fixed=1, content_encoding="gzip"),
            stream("a b", fixed=1, content_encoding="gzip"),
            stream("a b", fixed=1, content_encoding="deflate", force_encoding=True),
        )
        used = []
        for accepts in ("gzip, deflate", "gzip, deflate", "identity", "identity"):
            with http.stream("POST", CHAT, headers={"accept-encoding": accepts}) as response:
                used.append(response.headers.get("content-encoding"))
                assert [read for read in response.iter_bytes() if read] == events
        assert used == [None, "gzip", None, "deflate"]

    def test_a_compressed_stream_can_be_cut(self, server: LoopbackGroq, http: httpx.Client) -> None:
        server.reply(stream("a b", content_encoding="gzip", cut_after=2))
        with pytest.raises(httpx.RemoteProtocolError):
            http.post(CHAT)

    def test_models_and_transcriptions(self, server: LoopbackGroq, client: groq.Groq) -> None:
        server.reply(models("a", "b"), transcription("What was said"))
        assert [model.id for model in client.models.list().data] == ["a", "b"]
        transcript = client.audio.transcriptions.create(
            file=("a.wav", b"RIFF\0\xff"), model="whisper-large-v3"
        )
        assert transcript.text == "What was said"
        assert server.requests[1].path == "/openai/v1/audio/transcriptions"
        assert server.requests[1].headers["content-type"].startswith("multipart/form-data; boundary=")
        assert b"RIFF\0\xff" in server.requests[1].body
        assert server.requests[1].json is None
        assert server.requests[1].prompt == ""

    def test_raw(self, server: LoopbackGroq, client: groq.Groq, http: httpx.Client) -> None:
        chunk = stream_body(["a"])[1].removesuffix(b"\n\n")
        note = threading.Event()
        server.reply(
            raw(b": hello\r\n\r\nid: 1\r\n", chunk + b"\r\n\r\n", Note(note), b"data: [DONE]\r\n\r\n"),
            raw(b"plain", content_type="text/plain", status=418, framing="close", headers={"via": None}),
            raw(b"a", b"b", groq_headers=False, delay=0.001, headers={"X-A": "1"}),
        )
        assert text(list(ask(client))) == "a"
        assert note.is_set()
        response = http.get("/anything")
        assert (response.status_code, response.text) == (418, "plain")
        assert response.headers["connection"] == "close"
        assert "via" not in response.headers
        bare = http.get("/anything")
        assert bare.text == "ab"
        assert sorted(bare.headers) == [
            "cache-control",
            "connection",
            "content-type",
            "transfer-encoding",
            "x-a",
        ]


class TestHeaders:
    def test_are_groqs(self, server: LoopbackGroq, http: httpx.Client) -> None:
        server.reply(stream("a"))
        response = http.post(CHAT, json={})
        headers = response.headers
        assert headers["content-type"] == "text/event-stream"
        assert headers["transfer-encoding"] == "chunked"
        assert headers["cache-control"] == "no-cache"
        assert headers["server"] == "cloudflare"
        assert "__cf_bm=" in headers["set-cookie"]
        first = json.loads(response.text.partition("\n\n")[0].removeprefix("data: "))
        assert headers["x-request-id"] == first["x_groq"]["id"]
        for kind in ("limit", "remaining", "reset"):
            assert headers[f"x-ratelimit-{kind}-requests"]
            assert headers[f"x-ratelimit-{kind}-tokens"]
        assert {"via", "alt-svc", "cf-ray", "cf-cache-status", "x-groq-region", "date"} <= set(headers)

    def test_the_cookie_comes_back(self, server: LoopbackGroq, client: groq.Groq) -> None:
        server.default = stream("a")
        list(ask(client))
        list(ask(client))
        assert "cookie" not in server.requests[0].headers
        assert server.requests[1].headers["cookie"].startswith("__cf_bm=")

    def test_can_be_replaced(self, server: LoopbackGroq, http: httpx.Client) -> None:
        two = [("Set-Cookie", "a=1"), ("set-cookie", "b=2")]
        server.reply(
            stream("a", headers=two), stream("a").make(some_request()).with_headers({"Server": "me"})
        )
        assert http.post(CHAT).headers.get_list("set-cookie") == ["a=1", "b=2"]
        assert http.post(CHAT).headers.get_list("server") == ["me"]


class TestTheServer:
    def test_keeps_connections_alive(self, server: LoopbackGroq, http: httpx.Client) -> None:
        server.default = stream("a")
        for path in (CHAT, "/gw/openai/v1/chat/completions?x=1"):
            http.post(path, json={})
        http.post(CHAT, json={}, headers={"connection": "close"})
        http.post(CHAT, content=iter([b"in ", b"chunks"]), headers={"expect": "100-continue"})
        assert [request.connection for request in server.requests] == [0, 0, 0, 1]
        assert server.requests[1].path == "/gw/openai/v1/chat/completions?x=1"
        assert server.requests[3].body == b"in chunks"

    def test_serves_a_prefix_to_the_sdk(self, server: LoopbackGroq) -> None:
        server.reply(stream("a"))
        with groq.Groq(base_url=server.base_url + "/gw", api_key=server.api_key) as client:
            assert text(list(ask(client))) == "a"
        assert server.requests[0].path == "/gw" + CHAT

    def test_answers_each_of_many_at_once_by_its_prompt(
        self, server: LoopbackGroq, client: groq.Groq
    ) -> None:
        together = threading.Barrier(8)

        def meet(request: Request) -> Any:
            together.wait(5)
            return stream(request.prompt.upper(), tear=9)

        server.on("never", stream("wrong"))
        server.on(lambda request: request.prompt.startswith("p"), meet)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            prompts = [f"p{number}" for number in range(8)]
            texts = pool.map(lambda prompt: text(list(ask(client, prompt))), prompts)
            assert list(texts) == [prompt.upper() for prompt in prompts]

    def test_rules_go_in_turn_and_the_last_stays(self, server: LoopbackGroq, client: groq.Groq) -> None:
        server.on("Hi", stream("1"), stream("2"))
        server.reply(stream("queued"))
        assert [text(list(ask(client))) for _ in range(3)] == ["1", "2", "2"]
        assert text(list(ask(client, "Bye"))) == "queued"
        with pytest.raises(ValueError, match="needs a reply"):
            server.on("Hi")

    def test_reads_a_prompt_of_parts(self, server: LoopbackGroq, http: httpx.Client) -> None:
        server.default = stream("a")
        parts = [{"type": "text", "text": "see "}, {"type": "image_url"}, {"type": "text", "text": "this"}]
        http.post(CHAT, json={"messages": [{"content": parts}]})
        http.post(CHAT, json={"messages": []})
        http.post(CHAT, json=[])
        assert [request.prompt for request in server.requests] == ["see this", "", ""]

    @pytest.mark.parametrize("held", ["gate", "stall", "sleep", "idle", "flood", "half"])
    def test_stops_at_once_whatever_holds_a_connection(self, held: str) -> None:
        reached = threading.Event()
        replies: dict[str, AnyReply] = {
            "gate": stream("a", gates={1: [Note(reached), Wait(threading.Event())]}),
            "stall": stream("a", gates={1: [Note(reached), Stall()]}),
            "sleep": stream("a", gates={1: [Note(reached), Sleep(60)]}),
            "idle": raw(b"", Note(reached)),
            "flood": raw(b"x", Note(reached), *[b"x" * 1_000_000] * 64),
            "half": raw(b""),
        }
        others = set(threading.enumerate())
        server = LoopbackGroq(api_key=None).start()
        server.reply(replies[held])
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(
                b"POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\n" + b"{}"[: 1 + (held != "half")]
            )
            if held != "half":
                assert reached.wait(5)
            server.stop()
            remaining = set(threading.enumerate()) - others
            alive = [each for each in remaining if each.name.startswith("loopback-groq")]
            assert alive == []
        if held not in {"idle", "half"}:
            assert server.requests[0].finished() == "stopped"
        with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", server.port)):
            pass

    def test_stops_twice_and_starts_again(self) -> None:
        server = LoopbackGroq(api_key=None)
        server.stop()
        server.start()
        with pytest.raises(RuntimeError, match="runs already"):
            server.start()
        server.stop()
        server.stop()
        with server:
            server.reply(stream("a"))
            assert httpx.post(server.base_url).status_code == 200

    def test_does_not_mind_what_is_not_http(self, server: LoopbackGroq, http: httpx.Client) -> None:
        for nonsense in (
            b"nonsense\r\n\r\n",
            b"GET / HTTP/1.1\r\nA: b",
            b"GET / HTTP/1.1\r\ncontent-length: x\r\n\r\n",
        ):
            with socket.create_connection(("127.0.0.1", server.port)) as connection:
                connection.sendall(nonsense)
                connection.shutdown(socket.SHUT_WR)
                assert connection.recv(1) == b""
        server.reply(stream("a"))
        assert http.post(CHAT).status_code == 200

    def test_says_when_a_request_is_not_done(self) -> None:
        with pytest.raises(TimeoutError, match="still being answered"):
            some_request().finished(timeout=0.001)
