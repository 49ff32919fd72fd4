"""`groqtape check`."""

from __future__ import annotations

import datetime
import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from cli.cassettes import KINDS, events, plain, request, stream, text, unanswered, write

from groqtape.cli import many as many_module
from groqtape.reports.cassette_files import read_file
from groqtape.reports.exports import as_vcr
from groqtape.reports.retired_models import RETIRED, retired_model

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Ran

# None of them is anybody's.
KEY = "gsk_" + "a1B2c3D4" * 6 + "e5F6"
ORGANIZATION = "org_" + "01abcdefghijklmnopqrstuvwx"
GOOD = [
    kind
    for kind in KINDS
    if kind not in ("closed", "cut", "error event", "no done", "unanswered", "compound", "no event")
]


@pytest.mark.parametrize("kind", GOOD)
def test_nothing_is_wrong_with_a_good_cassette(run: Callable[..., Ran], project: Path, kind: str) -> None:
    ran = run("check", f"cassettes/{kind.replace(' ', '_')}.yaml")
    assert ran == (0, "1 cassette checked: all good\n", "")


class TestEnds:
    @pytest.mark.parametrize(
        ("kind", "rule", "message"),
        [
            ("closed", "left", "closed: the reader stopped before its end"),
            ("cut", "cut", "cut by ReadError: peer reset"),
            ("error event", "cut", "ended by Groq with an error event"),
            ("no done", "cut", "ended without [DONE]"),
            ("unanswered", "cut", "no answer came: ConnectError: connection refused"),
        ],
    )
    def test_that_are_not_good_are_found(
        self, run: Callable[..., Ran], project: Path, kind: str, rule: str, message: str
    ) -> None:
        file = f"cassettes/{kind.replace(' ', '_')}.yaml"
        ran = run("check", file)
        assert ran.code == 1
        assert ran.out == (
            f"{file}: {rule}: {message} (interaction 1)\n"
            f"    Record it anew, or keep it: groqtape check --ignore {rule}\n"
            "1 cassette checked: 1 finding\n"
        )
        assert run("check", "--ignore", rule, file).code == 0
        assert run("check", "--fix", file).code == 1


class TestStreams:
    def test_that_break_a_rule_are_found_with_the_chunk(
        self, run: Callable[..., Ran], tmp_path: Path
    ) -> None:
        parts = events()
        usage = {"usage": {"prompt_tokens": 36, "completion_tokens": 20, "total_tokens": 57}}
        write(tmp_path / "a.yaml", stream(parts), stream(parts[1:]), stream(events(**usage)))

        ran = run("check", "a.yaml")

        total = "expected total_tokens 56 (prompt and completion), not 57"
        remedy = "\n    Record it anew, or keep it: groqtape check --ignore malformed\n"
        last = len(parts) - 2
        assert ran == (
            1,
            (
                "a.yaml: malformed: chunks[0]: expected the role in the first delta of choice 0 "
                "(interaction 2)"
                f"{remedy}"
                f"a.yaml: malformed: chunks[{last}].usage: {total} (interaction 3){remedy}"
                f"a.yaml: malformed: chunks[{last}].x_groq.usage: {total} (interaction 3){remedy}"
                "1 cassette checked: 3 findings\n"
            ),
            "",
        )
        assert run("check", "--ignore", "malformed", "a.yaml").code == 0

    def test_that_were_cut_break_no_other_rule(self, run: Callable[..., Ran], project: Path) -> None:
        assert "malformed" not in run("check", "cassettes").out


class TestRetiredModels:
    def test_are_found(self, run: Callable[..., Ran], project: Path) -> None:
        write(project / "a.yaml", stream(sent=request(model="gemma-7b-it")))
        assert run("check", "a.yaml").out == (
            "a.yaml: retired-model: Groq retired gemma-7b-it on 2024-12-18: it can't be recorded anew "
            "(interaction 1)\n"
            "    Record it with openai/gpt-oss-20b: rm a.yaml && pytest --groq-record=once\n"
            "1 cassette checked: 1 finding\n"
        )

    def test_without_a_replacement_are_found_too(self, run: Callable[..., Ran], project: Path) -> None:
        ran = run("check", "cassettes/compound.yaml")
        assert "Groq retired groq/compound on 2026-09-21" in ran.out
        assert "Record it with another model: rm cassettes/compound.yaml && pytest" in ran.out

    def test_are_those_of_the_day(self) -> None:
        before, day = datetime.date(2026, 8, 15), datetime.date(2026, 8, 16)
        assert retired_model("llama-3.1-8b-instant", before) is None
        assert retired_model("llama-3.1-8b-instant", day) == RETIRED["llama-3.1-8b-instant"]
        assert retired_model("openai/gpt-oss-20b", day) is None
        earlier = retired_model("gemma2-9b-it", before)
        assert earlier is not None
        assert earlier.replacement == "llama-3.1-8b-instant"

    @pytest.mark.parametrize("model", RETIRED)
    def test_have_a_replacement_that_is_served_or_none(self, model: str) -> None:
        found = retired_model(model, datetime.date(2027, 1, 1))
        assert found is not None
        assert found.replacement not in RETIRED


def secret_in(place: str) -> tuple[dict[str, Any], str, str]:
    """An interaction with a key in a place, what to call the place, and the secret."""
    if place == "request body":
        return stream(sent=request(f"My key is {KEY}.")), "request's body", KEY
    if place == "request URL":
        sent = {**request(), "uri": "https://api.groq.com/openai/v1/models?api_key=hunter2hunter"}
        return stream(sent=sent), "request's URL", "hunter2hunter"
    if place == "answer":
        return (
            plain({"error": {"message": f"in organization `{ORGANIZATION}`"}}, 429),
            "response's body",
            ORGANIZATION,
        )
    if place == "event":
        return stream(events([f"Key {KEY}"])), "response's event 2", KEY
    if place == "events":
        return (
            stream(events(["Key gsk_a1B2c3D4a1B2c3D4", "a1B2c3D4a1B2"])),
            "response's event 2",
            "gsk_a1B2c3D4a1B2c3D4",
        )
    if place == "error":
        return stream(events()[:3], end="ReadError", message=f"x {KEY}"), "error that cut the response", KEY
    answer = plain({})
    answer["response"]["status"]["message"] = f"Bad {KEY}"
    return answer, "response's status", KEY


class TestSecrets:
    @pytest.mark.parametrize(
        "place", ["request body", "request URL", "answer", "event", "events", "error", "status"]
    )
    def test_are_found_and_never_shown_and_fixed(
        self, run: Callable[..., Ran], project: Path, place: str
    ) -> None:
        interaction, where, secret = secret_in(place)
        clean = text(interaction)
        file = project / "a.yaml"
        # Written without redaction, as another program would.
        file.write_bytes(as_vcr_with_stream(interaction))
        ran = run("check", "--ignore", "not-canonical", "--ignore", "cut", "a.yaml")
        assert ran.code == 1
        assert f" in the {where} (interaction 1)\n" in ran.out
        assert secret not in ran.out
        assert secret not in run("check", "--json", "a.yaml").out
        fixed = run("check", "--fix", "--ignore", "cut", "a.yaml")
        assert fixed.code == 0
        assert "a.yaml: fixed: secret: " in fixed.out
        assert secret not in fixed.out
        assert file.read_text("utf-8") == clean
        assert run("check", "--ignore", "cut", "a.yaml").code == 0

    def test_have_the_kind_and_the_line(self, run: Callable[..., Ran], project: Path) -> None:
        write(project / "a.yaml", stream(sent=request("My key is SECRET.")))
        good = (project / "a.yaml").read_text("utf-8")
        (project / "a.yaml").write_text(good.replace("SECRET", KEY), "utf-8")
        line = good[: good.index("SECRET")].count("\n") + 1
        assert run("check", "a.yaml").out == (
            f"a.yaml, line {line}: secret: a Groq API key in the request's body (interaction 1)\n"
            "    Take it out: groqtape check --fix\n"
            "1 cassette checked: 1 finding\n"
        )

    @pytest.mark.parametrize(
        ("secret", "kind"),
        [
            (ORGANIZATION, "an organization id"),
            ("Bearer abc123def456", "a bearer token"),
            ("__cf_bm=abc123", "a Cloudflare cookie"),
            ("s3cret-of-the-env", "the value of $MY_API_KEY"),
            ("cust_123", "a secret"),
        ],
    )
    def test_of_each_kind_are_named(
        self, run: Callable[..., Ran], project: Path, monkeypatch: pytest.MonkeyPatch, secret: str, kind: str
    ) -> None:
        (project / "pytest.ini").write_text("[pytest]\ngroq_secrets = cust_[0-9]+\n")
        write(project / "a.yaml", stream(sent=request("It is SECRET.")))
        good = (project / "a.yaml").read_text("utf-8")
        (project / "a.yaml").write_text(good.replace("SECRET", secret), "utf-8")
        monkeypatch.setenv("MY_API_KEY", "s3cret-of-the-env")
        assert f": secret: {kind} in the request's body" in run("check", "a.yaml").out

    def test_beside_the_word_that_stands_for_them_are_found(
        self, run: Callable[..., Ran], project: Path
    ) -> None:
        write(project / "a.yaml", stream(sent=request("REDACTED and SECRET.")))
        good = (project / "a.yaml").read_text("utf-8")
        (project / "a.yaml").write_text(good.replace("SECRET", KEY), "utf-8")
        assert run("check", "a.yaml").out.count("a Groq API key in the request's body") == 1

    def test_in_one_event_and_in_several_are_found(self, run: Callable[..., Ran], project: Path) -> None:
        parts = events([f"é{KEY}é and gsk_a1B2c3D4a1B2c3D4", "a1B2c3D4a1B2 "])
        parts = [part.replace("é".encode(), b"\\u00e9") for part in parts]
        (project / "a.yaml").write_bytes(as_vcr_with_stream(stream(parts)))
        out = run("check", "--ignore", "not-canonical", "a.yaml").out
        assert out.count("a Groq API key in the response's event 2") == 2
        assert "event 3" not in out  # the key that stands in both begins in event 2
        assert "a1B2" not in out

    def test_in_headers_are_found_and_then_wherever_they_stand(
        self, run: Callable[..., Ran], project: Path
    ) -> None:
        interaction = stream(sent=request("tok9tok9tok9"))
        interaction["request"]["headers"]["authorization"] = ["Bearer tok9tok9tok9"]
        interaction["response"]["headers"] |= {"set-cookie": ["__cf_bm=REDACTED"], "x-note": [f"see {KEY}"]}
        (project / "a.yaml").write_bytes(as_vcr_with_stream(interaction))
        out = run("check", "--ignore", "not-canonical", "a.yaml").out
        assert "a credential in the request's header authorization" in out
        assert "a Groq API key in the response's header x-note" in out
        assert "a secret in the request's body" in out
        assert "set-cookie" not in out
        assert run("check", "--fix", "a.yaml").code == 0
        assert "tok9" not in (project / "a.yaml").read_text("utf-8")


def as_vcr_with_stream(interaction: dict[str, Any]) -> bytes:
    """A cassette of this interaction with all that is secret in it, as YAML of no particular form."""
    import yaml

    one: dict[str, Any] = json.loads(json.dumps(interaction, default=lambda data: data.decode()))
    response = one["response"]
    if "text/event-stream" in response["headers"].get("content-type", []):
        from groqtape.cassettes.gaps import gaps_of
        from groqtape.cassettes.sse import split_events
        from groqtape.cassettes.transcript_writer import transcribe

        parts = split_events(response.pop("body")["string"].encode())
        times = interaction["response"]["stream"]["times"]
        kept = {k: v for k, v in response["stream"].items() if k not in ("sizes", "times")}
        response["stream"] = {
            "events": transcribe(parts),
            "gaps": gaps_of(times),
            **kept,
        }
    return yaml.safe_dump({"interactions": [one], "version": 1}, allow_unicode=True).encode()


class TestForm:
    @pytest.mark.parametrize("how", ["indented", "vcrpy", "byte order mark"])
    def test_that_is_not_canonical_is_found_and_mended(
        self, run: Callable[..., Ran], project: Path, how: str
    ) -> None:
        file = project / "cassettes/several.yaml"
        good = file.read_bytes()
        bad = {
            "indented": good.replace(b"version: 1\n", b"version:   1\n"),
            "vcrpy": as_vcr(read_file(file).interactions),
            "byte order mark": b"\xef\xbb\xbf" + good.replace(b"version: 1\n", b"version:  1\n"),
        }[how]
        file.write_bytes(bad)
        ran = run("check", "cassettes/several.yaml")
        assert ran.code == 1
        assert ran.out.startswith("cassettes/several.yaml: not-canonical: it is not as groqtape writes it")
        assert file.read_bytes() == bad
        assert run("check", "--fix", "cassettes/several.yaml").code == 0
        assert run("check", "cassettes/several.yaml").code == 0
        if how != "vcrpy":  # which has no times
            assert file.read_bytes() == good

    def test_with_other_line_ends_is_the_same(self, run: Callable[..., Ran], project: Path) -> None:
        file = project / "cassettes/stream.yaml"
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
        assert run("check", "cassettes/stream.yaml").code == 0

    def test_that_cannot_be_written_is_left_as_it_was(
        self, run: Callable[..., Ran], project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from groqtape.cassettes import store

        def fail(*_: Any) -> None:
            raise OSError(28, "No space left on device")

        file = project / "cassettes/stream.yaml"
        file.write_text(file.read_text("utf-8").replace("version: 1", "version:  1"), "utf-8")
        before = file.read_bytes()
        monkeypatch.setattr(store, "_write", fail)
        ran = run("check", "--fix", "cassettes/stream.yaml")
        assert ran.code == 1
        assert "the cassette can't be written: No space left on device" in ran.err
        assert file.read_bytes() == before


def test_a_file_that_cannot_be_read_is_found_with_the_others(run: Callable[..., Ran], project: Path) -> None:
    (project / "bad.yaml").write_text("version: [\n")
    ran = run("check", "bad.yaml", "cassettes/stream.yaml", "cassettes/closed.yaml")
    assert ran.code == 1
    assert ran.err == ""
    lines = ran.out.splitlines()
    assert lines[0].startswith("bad.yaml, line 2: unreadable: expected a cassette in YAML")
    assert lines[-1] == "3 cassettes checked: 2 findings"
    assert run("check", "--fix", "bad.yaml").code == 1


def test_json_has_the_findings(run: Callable[..., Ran], project: Path) -> None:
    found = json.loads(run("check", "--json", "cassettes/closed.yaml").out)
    assert found["checked"] == 1
    assert found["fixed"] == []
    (finding,) = found["findings"]
    assert (finding["rule"], finding["path"], finding["interaction"]) == ("left", "cassettes/closed.yaml", 1)


def test_what_the_terminal_shows_at_80_columns(run: Callable[..., Ran], project: Path) -> None:
    ran = run("check", "cassettes/cut.yaml", "cassettes/stream.yaml", columns=80)
    assert ran.screen == (
        "cassettes/cut.yaml: cut: cut by ReadError: peer reset (interaction 1)\n"
        "    Record it anew, or keep it: groqtape check --ignore cut\n"
        "2 cassettes checked: 1 finding\n"
    )
    assert "\x1b[31mcut\x1b[0m" in ran.out


def test_a_call_without_an_answer_keeps_its_form(run: Callable[..., Ran], project: Path) -> None:
    write(project / "a.yaml", unanswered())
    assert run("check", "--ignore", "cut", "a.yaml").code == 0


@pytest.mark.parametrize("option", [(), ("--fix",)])
def test_many_are_checked_by_several_processes(
    run: Callable[..., Ran], project: Path, monkeypatch: pytest.MonkeyPatch, option: tuple[str]
) -> None:
    tapes = {name: (project / name).read_bytes() for name in map(str, project.rglob("*.yaml"))}
    bad = (project / "cassettes/stream.yaml").read_text("utf-8").replace("Wizard", KEY)
    tapes |= {"cassettes/secret.yaml": bad.encode(), "cassettes/bad.yaml": b"[\n"}
    found = []
    for many in (1000, 2):
        for name, data in tapes.items():
            (project / name).write_bytes(data)
        monkeypatch.setattr(many_module, "_MANY_FOR_PROCESSES", many)
        monkeypatch.setattr(os, "cpu_count", lambda: 2)
        found.append(run("check", "--json", *option))
    assert found[0] == found[1]
    assert found[0].code == 1
    assert len(json.loads(found[0].out)["findings"]) > 3
    assert bool(json.loads(found[0].out)["fixed"]) == bool(option)
