"""`groqtape export`."""

from __future__ import annotations

import datetime
import json
import sys
from typing import TYPE_CHECKING, Any

import groq
import pytest
import vcr
from cli.cassettes import ANSWER, COMPLETION, KINDS, MODEL, events, plain, request, stream, write
from installed_versions import older_than

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Ran


class TestVcr:
    @pytest.mark.skipif(
        older_than("vcrpy", 8, 5), reason="before 8.5, vcrpy replays nothing without a reason phrase"
    )
    def test_is_read_by_plain_vcrpy_and_replays_through_the_sdk(
        self, run: Callable[..., Ran], project: Path
    ) -> None:
        assert run("export", "cassettes/several.yaml", "--format", "vcr", "-o", "plain.yaml") == (0, "", "")
        client = groq.Groq(api_key="gsk_none", max_retries=0)
        sent: list[Any] = [{"role": "user", "content": "Recommend a fantasy book"}]
        with vcr.use_cassette("plain.yaml", record_mode="none") as cassette:
            answer = client.chat.completions.create(model=MODEL, messages=sent, stream=True)
            words = [chunk.choices[0].delta.content or "" for chunk in answer]
            second = client.chat.completions.create(model=MODEL, messages=sent, stream=True)
            more = [chunk.choices[0].delta.content or "" for chunk in second]
            whole = client.chat.completions.create(model=MODEL, messages=sent)
        assert ("".join(words), "".join(more)) == (ANSWER, "Second.")
        assert whole.choices[0].message.content == "Try Earthsea."
        assert cassette.play_count == 3

    def test_is_read_by_groqtape_again(self, run: Callable[..., Ran], project: Path) -> None:
        run("export", "cassettes/tool_calls.yaml", "-f", "vcr", "-o", "plain.yaml")
        assert run("diff", "cassettes/tool_calls.yaml", "plain.yaml").code == 0

    def test_says_what_it_cannot_hold(self, run: Callable[..., Ran], project: Path) -> None:
        write(project / "a.yaml", *KINDS["cut"], *KINDS["unanswered"], stream())
        ran = run("export", "a.yaml", "--format", "vcr", "-o", "plain.yaml")
        assert ran.code == 0
        assert ran.err == (
            "groqtape: vcr can't say how interaction 1, 2 ended: "
            "an answer that was cut stands as a whole one, and a call without an answer is left out\n"
        )
        assert len(json.loads(run("list", "--json", "plain.yaml").out)["cassettes"][0]["interactions"]) == 2


class TestSse:
    @pytest.mark.parametrize("kind", ["stream", "tool calls", "cut", "error event", "no times"])
    def test_is_the_exact_body(self, run: Callable[..., Ran], project: Path, kind: str) -> None:
        run("export", f"cassettes/{kind.replace(' ', '_')}.yaml", "--format", "sse", "-o", "body.sse")
        assert (project / "body.sse").read_bytes() == KINDS[kind][0]["response"]["body"]["string"]

    def test_is_of_one_stream(self, run: Callable[..., Ran], project: Path) -> None:
        ran = run("export", "cassettes/several.yaml", "--format", "sse")
        assert (ran.code, ran.out) == (2, "")
        assert ran.err == (
            "groqtape: expected one stream, but cassettes/several.yaml has several: 1, 2\n"
            "Choose one: --interaction 1\n"
        )
        assert "Second" in run("export", "cassettes/several.yaml", "--format", "sse", "-i", "2").out
        ran = run("export", "cassettes/several.yaml", "--format", "sse", "-i", "3")
        assert ran.code == 2
        assert "expected a stream in cassettes/several.yaml, but there is none" in ran.err


def test_jsonl_has_a_chunk_a_line(run: Callable[..., Ran], project: Path) -> None:
    lines = run("export", "cassettes/several.yaml", "--format", "jsonl").out.splitlines()
    assert len(lines) == 15
    chunks = [json.loads(line) for line in lines]
    assert (
        "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks) == f"{ANSWER}Second."
    )
    assert json.loads(run("export", "cassettes/error_event.yaml", "-f", "jsonl").out.splitlines()[-1])[
        "error"
    ]


class TestHar:
    def test_has_each_interaction_with_its_times(self, run: Callable[..., Ran], project: Path) -> None:
        log = json.loads(run("export", "cassettes/several.yaml", "--format", "har").out)["log"]
        assert (log["version"], log["creator"]["name"]) == ("1.2", "groqtape")
        first = log["entries"][0]
        assert first["startedDateTime"] == "2026-11-23T04:22:14+00:00"
        assert (first["timings"]["wait"], first["timings"]["receive"]) == (100.0, 120.0)
        assert first["response"]["content"]["mimeType"] == "text/event-stream"
        assert first["response"]["content"]["text"].endswith("data: [DONE]\n\n")
        assert json.loads(first["request"]["postData"]["text"])["model"] == MODEL
        assert (first["response"]["status"], first["response"]["statusText"]) == (200, "OK")
        assert log["entries"][2]["response"]["statusText"] == "OK"

    def test_has_what_is_no_text_in_base64(self, run: Callable[..., Ran], project: Path) -> None:
        sound = plain(b"\xffRIFF")
        sound["response"]["headers"] = {"location": ["https://example.com/x"]}
        write(project / "a.yaml", sound, *KINDS["models"], *KINDS["rate limit"])
        first, second, third = json.loads(run("export", "a.yaml", "-f", "har").out)["log"]["entries"]
        content = {"size": 5, "mimeType": "", "text": "/1JJRkY=", "encoding": "base64"}
        assert first["response"]["content"] == content
        assert first["response"]["redirectURL"] == "https://example.com/x"
        assert second["request"]["queryString"] == [{"name": "limit", "value": "1"}]
        assert "postData" not in second["request"]
        assert third["response"]["statusText"] == "Too Many Requests"

    def test_says_when_the_file_was_written_where_the_answer_does_not(
        self, run: Callable[..., Ran], project: Path
    ) -> None:
        import os

        write(project / "a.yaml", stream(events(created=-5)), plain({}, sent=request()))
        os.utime(project / "a.yaml", (86400, 86400))
        entries = json.loads(run("export", "a.yaml", "-f", "har").out)["log"]["entries"]
        assert [entry["startedDateTime"] for entry in entries] == [
            "1970-01-02T00:00:00+00:00",
            "1970-01-02T00:00:00.220000+00:00",
        ]

    def test_has_the_time_of_each_event(self, run: Callable[..., Ran], project: Path) -> None:
        """Also where two events came in one read, or one in two; comments are none."""
        body = b"data: a\n\n: comment\n\nevent: error\ndata: b\n\ndata: c\n\n"
        parts = [body[:3], body[3:40], body[40:]]
        answer = stream(parts, times=[10.0, 20.0, 30.0])
        answer["response"]["headers"]["content-type"] = ["text/event-stream; charset=utf-8"]
        write(project / "a.yaml", *KINDS["stream"], answer, *KINDS["no times"])
        _, entry, without = json.loads(run("export", "a.yaml", "-f", "har").out)["log"]["entries"]
        start = datetime.datetime.fromisoformat(entry["startedDateTime"]).timestamp()
        shown = [
            (each["eventName"], each["data"], round((each["time"] - start) * 1000))
            for each in entry["_eventSourceMessages"]
        ]
        assert shown == [("message", "a", 20), ("error", "b", 30), ("message", "c", 30)]
        assert entry["response"]["content"]["mimeType"] == "text/event-stream"
        assert "_eventSourceMessages" not in without

    def test_has_an_answer_without_a_time_after_the_one_before(
        self, run: Callable[..., Ran], project: Path
    ) -> None:
        created = plain(COMPLETION | {"created": 1795407740})
        endless = stream(times=[1e11] * len(events()))
        write(project / "a.yaml", *KINDS["models"], endless, *KINDS["rate limit"], created, *KINDS["speech"])
        entries = json.loads(run("export", "a.yaml", "-f", "har").out)["log"]["entries"]
        assert [each["startedDateTime"] for each in entries] == [
            "2026-11-23T04:22:14+00:00",
            "2026-11-23T04:22:14+00:00",
            "2026-11-24T04:22:14+00:00",
            "2026-11-23T04:22:20+00:00",
            "2026-11-23T04:22:20+00:00",
        ]

    def test_has_a_form_whose_boundary_has_no_quotes(self, run: Callable[..., Ran], project: Path) -> None:
        ran = run("export", "cassettes/transcription.yaml", "-f", "har")
        [entry] = json.loads(ran.out)["log"]["entries"]
        kind = "multipart/form-data; boundary=groqtape"
        assert entry["request"]["headers"] == [{"name": "content-type", "value": kind}]
        assert entry["request"]["postData"]["mimeType"] == kind

    @pytest.mark.parametrize(
        ("url", "port"), [("https://a.example", "443"), ("http://a", "80"), ("http://[::1]:8000", "8000")]
    )
    def test_has_the_port(self, run: Callable[..., Ran], project: Path, url: str, port: str) -> None:
        write(project / "a.yaml", plain({}, sent=request() | {"uri": f"{url}/openai/v1/chat/completions"}))
        [entry] = json.loads(run("export", "a.yaml", "-f", "har").out)["log"]["entries"]
        assert entry["connection"] == port


class TestOutput:
    def test_to_a_file_that_cannot_be_written_is_wrong_use(
        self, run: Callable[..., Ran], project: Path
    ) -> None:
        ran = run("export", "cassettes/stream.yaml", "-f", "sse", "-o", "no/such/folder")
        assert ran.code == 2
        assert ran.err.startswith("groqtape: no/such/folder can't be written: No such file or directory\n")

    def test_as_json_says_what_was_written(self, run: Callable[..., Ran], project: Path) -> None:
        ran = run("export", "cassettes/stream.yaml", "-f", "sse", "-o", "x", "--json")
        assert json.loads(ran.out) == {
            "path": "cassettes/stream.yaml",
            "format": "sse",
            "output": "x",
            "bytes": (project / "x").stat().st_size,
        }
        assert run("export", "cassettes/stream.yaml", "-f", "sse", "--json").code == 2

    def test_of_control_characters_does_not_reach_a_terminal(
        self, run: Callable[..., Ran], project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(project / "a.yaml", stream([b": \x1b]0;title\x07\n\n", *events()]))
        assert "\x1b" in run("export", "a.yaml", "-f", "sse").out
        monkeypatch.setattr("groqtape.cli.export.sys", FakeTerminal)
        ran = run("export", "a.yaml", "-f", "sse")
        assert (ran.code, ran.out) == (2, "")
        assert "a terminal would act on" in ran.err
        assert run("export", "cassettes/stream.yaml", "-f", "jsonl").code == 0

    def test_of_a_bad_file_is_a_finding(self, run: Callable[..., Ran], project: Path) -> None:
        (project / "bad.yaml").write_text("x")
        assert run("export", "bad.yaml", "-f", "har").code == 1


class FakeTerminal:
    """`sys`, with a standard output that says that it is a terminal."""

    class stdout:  # noqa: N801
        buffer = sys.__stdout__.buffer if sys.__stdout__ else None

        @staticmethod
        def isatty() -> bool:
            return True
