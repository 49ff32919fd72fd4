"""What a cassette in use and `groqtape.load` show: streams, requests, path and record mode."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any, cast

import groq
import httpx
import pytest
from loopback_groq import ToolCall, completion, error, inside, models, rate_limited, raw, stream, stream_body
from recorder.integration.calling import question, settled

import groqtape
from groqtape.recorder.settings import CassetteSettings

if TYPE_CHECKING:
    from pathlib import Path

    from loopback_groq import LoopbackGroq
    from recorder.integration.calling import Sdk

    from groqtape.recorder.record_modes import RecordMode

WAYS = ("sync", "asyncio")
BOTH = ("once", "none")


def read_raw(prompt: str) -> Any:
    """A scenario that reads a stream's bytes, whatever they say."""

    async def scenario(client: Any) -> bytes:
        create = client.chat.completions.with_streaming_response.create
        with create(**question(prompt, stream=True)) as response:
            body: bytes = response.read()
        return body

    return scenario


class TestRequests:
    def test_are_the_bodies_sent_in_their_order(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        server.default = stream("One")
        sent = [question("Grüße", stream=True, temperature=0.5), question("second", stream=True)]
        for mode in BOTH:
            with groqtape.use_cassette(cassette_path, cast("RecordMode", mode)) as cassette:
                assert cassette.requests == []
                sdk.stream("Grüße", temperature=0.5)
                assert cassette.requests == sent[:1]
                sdk.stream("second")
            assert cassette.requests == sent

    def test_are_as_they_were_sent(self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
        """Secrets and all: this is memory, where a test looks for what its application sent."""
        key = "gsk_" + "a1B2" * 13
        server.default = stream("One")
        for mode in BOTH:
            with groqtape.use_cassette(cassette_path, cast("RecordMode", mode)) as cassette:
                sdk.stream(f"My key is {key}")
            assert cassette.requests[0]["messages"][0]["content"] == f"My key is {key}"

    def test_have_those_that_failed_and_those_refused(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        server.reply(error(400, "No"))
        with groqtape.use_cassette(cassette_path, "once") as cassette:
            sdk.stream("fails")
        assert len(cassette.requests) == 1
        with pytest.raises(groqtape.RefusedError), groqtape.use_cassette(cassette_path) as cassette:
            sdk.stream("is refused")
        assert [request["messages"][0]["content"] for request in cassette.requests] == ["is refused"]

    def test_are_a_list_of_ones_own(self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
        server.default = stream("One")
        with groqtape.use_cassette(cassette_path, "once") as cassette:
            blocking.stream()
            cassette.requests.clear()
            cassette.streams.clear()
        assert len(cassette.requests) == len(cassette.streams) == len(groqtape.load(cassette_path)) == 1


class TestStreams:
    def test_are_finished_streams_of_this_run(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        server.reply(
            stream("Hello", reasoning="Let me see", tool_calls=[ToolCall("f", {"x": 1}, "call_1")]),
            stream("Bye", finish_reason="length"),
        )
        for mode in BOTH:
            with groqtape.use_cassette(cassette_path, cast("RecordMode", mode)) as cassette:
                sdk.stream("first")
                sdk.stream("second")
            one, two = cassette.streams
            assert (one.content, one.reasoning, one.finish_reasons) == ("Hello", "Let me see", ["tool_calls"])
            assert [(call.id, call.function.arguments) for call in one.tool_calls] == [("call_1", '{"x":1}')]
            assert (two.content, two.finish_reasons, two.input_tokens, two.output_tokens) == (
                "Bye",
                ["length"],
                36,
                1,
            )
            assert [chunk.content for chunk, _ in two] == ["", "Bye", ""]
            assert all(isinstance(each, groqtape.GroqStream) for each in (one, two))

    def test_leave_out_what_is_no_chat_stream(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        server.on("plain", completion("Plain"))
        server.on("error", rate_limited(60))
        server.on("stream", stream("Streamed"))
        server.default = models("m")

        async def list_models(client: Any) -> None:
            await settled(client.models.list())

        for mode in BOTH:
            with groqtape.use_cassette(cassette_path, cast("RecordMode", mode)) as cassette:
                sdk.create("plain")
                sdk.stream("error", options={"max_retries": 0})
                sdk.stream("stream")
                sdk.run(list_models)
            assert [held.content for held in cassette.streams] == ["Streamed"]
            assert len(cassette.requests) == 4
        assert [held.content for held in groqtape.load(cassette_path)] == ["Streamed"]

    def test_have_what_the_cassette_has(self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
        """A replay that is left early plays the same recording all the same."""
        server.reply(stream("One two three"))
        with groqtape.use_cassette(cassette_path, "once"):
            sdk.stream()
        with groqtape.use_cassette(cassette_path) as cassette:
            assert len(sdk.stream(leave_after=1).chunks) == 1
        assert [held.content for held in cassette.streams] == ["One two three"]


def test_the_path_and_the_record_mode(cassette_path: Path) -> None:
    for mode in ("none", "once", "new_episodes", "all"):
        with groqtape.use_cassette(cassette_path, mode) as cassette:
            assert isinstance(cassette, groqtape.Cassette)
            assert cassette.path == cassette_path
            assert cassette.record_mode == mode


class TestCounts:
    """What the reports are made of."""

    def test_of_a_recording(self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
        server.on("plain", completion("Plain"))
        server.default = stream("One two")
        with groqtape.use_cassette(cassette_path, "once") as cassette:
            sdk.stream("a stream")
            sdk.create("plain")
            before = cassette.written
        assert (before, cassette.written) == (False, True)
        assert (cassette.recorded, cassette.played, cassette.interactions) == (2, 0, 2)
        assert cassette.chunks_recorded == 4
        assert cassette.refused == []

    def test_of_a_replay(self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
        server.default = stream("One two")
        with groqtape.use_cassette(cassette_path, "once"):
            sdk.stream()
        with groqtape.use_cassette(cassette_path, "new_episodes") as cassette:
            sdk.stream()
        assert (cassette.recorded, cassette.played, cassette.interactions) == (0, 1, 1)
        assert cassette.chunks_recorded == 0
        assert not cassette.written

    def test_of_a_refusal(self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
        with pytest.raises(groqtape.RefusedError) as caught, groqtape.use_cassette(cassette_path) as cassette:
            sdk.stream()
        assert (cassette.recorded, cassette.played, cassette.written) == (0, 0, False)
        assert cassette.refused == [str(caught.value)]
        assert cassette.streams == []

    def test_closing_twice_is_closing_once(
        self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        server.default = stream("One")
        cassette = groqtape.Cassette(cassette_path, CassetteSettings("once"))
        cassette.open()
        blocking.stream()
        cassette.close(keep=True)
        cassette_path.unlink()
        cassette.close(keep=True)
        assert not cassette_path.exists()


class TestLoad:
    @pytest.fixture
    def recorded(self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path) -> Path:
        server.reply(
            stream(["Grü", "ße"], tear=inside("ß")),
            completion("Plain"),
            stream("One two three", cut_after=2),
            stream("One two three", error_after=2, error={"message": "Oops"}),
        )
        with groqtape.use_cassette(cassette_path, "once"):
            blocking.stream("first")
            blocking.create("second")
            blocking.stream("third")
            blocking.stream("fourth")
        return cassette_path

    def test_gives_the_streams_in_their_order(self, recorded: Path) -> None:
        first, third, fourth = groqtape.load(recorded)
        assert [held.content for held in (first, third, fourth)] == ["Grüße", "One", "One"]
        assert first.error is None
        assert isinstance(third.error, httpx.RemoteProtocolError)
        assert isinstance(fourth.error, groq.APIError)
        assert [chunk.content for chunk, _ in first] == ["", "Grü", "ße", ""]

    def test_leaves_out_the_streams_of_other_endpoints(
        self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        others = [
            b'data: {"type":"transcript.text.delta"}\n\n',
            b"data: 7\n\n",
            b": hm\n\n",
        ]
        server.reply(raw(*others), raw(b": hm\n\n", *stream_body("One")))
        with groqtape.use_cassette(cassette_path, "once"):
            for prompt in ("others", "chunks"):
                blocking.run(read_raw(prompt))
        assert [held.content for held in groqtape.load(cassette_path)] == ["One"]

    def test_patches_nothing_and_calls_nobody(
        self, recorded: Path, server: LoopbackGroq, genuine: dict[type, Any]
    ) -> None:
        before = len(server.requests)
        groqtape.load(recorded)
        assert httpx.HTTPTransport.handle_request is genuine[httpx.HTTPTransport]
        assert len(server.requests) == before

    def test_needs_no_key_and_no_pytest(self, recorded: Path) -> None:
        program = (
            "import sys, groqtape\n"
            "print(*(stream.content for stream in groqtape.load(sys.argv[1])), sep='/')\n"
            "assert 'pytest' not in sys.modules\n"
        )
        ran = subprocess.run(
            [sys.executable, "-W", "error", "-c", program, str(recorded)],
            env={"PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert (ran.stderr, ran.stdout) == ("", "Grüße/One/One\n")


def test_a_process_of_its_own_replays_without_pytest(
    blocking: Sdk, server: LoopbackGroq, cassette_path: Path
) -> None:
    server.reply(stream("One two"))
    with groqtape.use_cassette(cassette_path, "once"):
        blocking.stream()
    program = (
        "import sys, groq, groqtape\n"
        "with groqtape.use_cassette(sys.argv[1]), groq.Groq(api_key='none') as client:\n"
        f"    for chunk in client.chat.completions.create(**{question(stream=True)!r}):\n"
        "        print(chunk.choices[0].delta.content or '', end='')\n"
        "assert 'pytest' not in sys.modules\n"
    )
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, str(cassette_path)],
        env={},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (ran.stderr, ran.stdout) == ("", "One two")


class TestRawRequests:
    def test_have_what_was_sent(self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
        server.default = stream("Hello")
        for mode in ("once", "none"):
            with groqtape.use_cassette(cassette_path, mode, secrets=["quiet"]) as cassette:
                sdk.stream("be quiet")
            (raw,) = cassette.raw_requests
            assert (raw.method, raw.headers) == ("POST", {"content-type": "application/json"})
            assert raw.url == f"{server.base_url}/openai/v1/chat/completions"
            assert [json.loads(raw.body)] == cassette.requests
            assert b"be quiet" in raw.body

    def test_are_redacted_in_url_and_headers(self, server: LoopbackGroq, cassette_path: Path) -> None:
        server.default = stream("Hello")
        key = str(server.api_key)
        url = f"{server.base_url}/openai/v1/chat/completions?key={key}"
        with (
            groqtape.use_cassette(cassette_path, "once", keep_headers=["x-trace"]) as cassette,
            httpx.Client(headers={"authorization": f"Bearer {key}", "x-trace": key}) as client,
        ):
            client.post(url, json={"stream": True, "messages": [], "model": "m"})
        (raw,) = cassette.raw_requests
        assert key not in f"{raw.url}{raw.headers}"
        assert raw.headers["x-trace"] == "REDACTED"
