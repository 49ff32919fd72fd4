"""Secrets, and control characters, are in nothing that groqtape writes or shows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from loopback_groq import error, stream

if TYPE_CHECKING:
    from pytest_plugin.conftest import Project

KEY = "gsk_" + "aB3" * 17 + "Z"
COOKIE = "kX9-of-a-session-Yz4"
ORGANISATION = "org_01" + "j7q" * 8


def everything(project: Project) -> str:
    """All files that a session has written, with their names."""
    written = [
        path
        for path in project.path.rglob("*")
        if path.is_file() and path.suffix in (".yaml", ".ambr", ".xml")
    ]
    return "\n".join(f"{path}\n{path.read_text(encoding='utf-8')}" for path in written)


def is_clean(text: str) -> bool:
    return not any(
        secret[at : at + 8] in text for secret in (KEY, ORGANISATION) for at in range(len(secret) - 7)
    )


class TestSnapshots:
    def test_an_answer_with_a_key(self, project: Project) -> None:
        project.server.default = stream(["Your key is ", KEY[:20], KEY[20:], "."])
        project.tests(f"""
            def test_it(groq_stream, groq_cassette, groq_snapshot):
                stream = groq_stream(model="m", messages=[{{"role": "user", "content": "Mine is {KEY}"}}])
                list(stream)
                assert stream.content == "Your key is {KEY}." or groq_cassette.record_mode == "none"
                assert stream == groq_snapshot
                assert groq_cassette.requests == groq_snapshot
                assert stream.content == groq_snapshot
                assert {{"x": [stream.content, {{stream.content: 1}}]}} == groq_snapshot
        """)
        project.record("--snapshot-update").assert_outcomes(passed=1)
        assert is_clean(everything(project))
        assert everything(project).count("REDACTED") >= 5
        project.replay().assert_outcomes(passed=1)

    def test_the_plain_data_and_the_pieces_of_an_answer_with_a_key(self, project: Project) -> None:
        pieces = [KEY[:30], *(KEY[at : at + 5] for at in range(30, len(KEY), 5))]
        project.server.default = stream([f"Your key is {pieces[0]}", *pieces[1:], " and more."])
        project.tests("""
            from typing import NamedTuple

            class Parts(NamedTuple):
                one: str
                other: str

            def test_it(groq_stream, groq_cassette, groq_snapshot):
                stream = groq_stream(model="m", messages=[{"role": "user", "content": "Hi"}])
                chunks = [chunk for chunk, _ in stream]
                views = [stream.summary(), stream.shape(), stream.deltas()]
                words = tuple(map(str, chunks))
                parts = [chunk.chunk for chunk in chunks], words, Parts(*words[1:3])
                for view in (*views, chunks, *parts, {"all": views, "nested": [words]}):
                    assert view == groq_snapshot
        """)
        project.record("--snapshot-update").assert_outcomes(passed=1)
        assert is_clean(everything(project))
        assert not any(f"'{piece}'" in everything(project) for piece in pieces[1:])
        project.replay().assert_outcomes(passed=1)

    def test_an_answer_with_the_cookie_and_the_account_that_it_sets(self, project: Project) -> None:
        project.server.default = stream(
            ["You are ", f"{COOKIE[:5]}", f"{COOKIE[5:]} of acme-7f3k9."],
            headers=[("set-cookie", f"sid={COOKIE}; Path=/"), ("openai-organization", "acme-7f3k9")],
        )
        project.tests(f"""
            def test_it(groq_stream, groq_cassette, groq_snapshot):
                stream = groq_stream(model="m", messages=[{{"role": "user", "content": "Hi"}}])
                list(stream)
                assert stream == groq_snapshot
                assert stream.content == groq_snapshot
                assert groq_cassette.streams == groq_snapshot
                assert "{COOKIE}" in stream.content or groq_cassette.record_mode == "none"
        """)
        project.record("--snapshot-update").assert_outcomes(passed=1)
        assert not re.search(f"{COOKIE[:5]}|{COOKIE[5:]}|acme", everything(project))
        project.replay().assert_outcomes(passed=1)

    def test_an_error_with_an_organisation_id(self, project: Project) -> None:
        project.server.default = error(400, f"No access for organization `{ORGANISATION}`")
        project.tests("""
            def test_it(groq_client, groq_snapshot):
                with pytest.raises(groq.BadRequestError) as caught:
                    ask(client=groq_client)
                assert str(caught.value) == groq_snapshot
                assert caught.value.body == groq_snapshot
        """)
        project.record("--snapshot-update").assert_outcomes(passed=1)
        assert is_clean(everything(project))
        project.replay().assert_outcomes(passed=1)

    def test_an_expression_of_ones_own(self, project: Project) -> None:
        project.ini(groq_secrets="^Hello (?=there)")
        project.tests("""
            def test_it(groq_stream, groq_snapshot):
                stream = groq_stream(model="m", messages=[{"role": "user", "content": "Hi"}])
                list(stream)
                assert stream == groq_snapshot
        """)
        project.record("--snapshot-update").assert_outcomes(passed=1)
        assert "content='REDACTEDthere'" in everything(project)
        project.replay().assert_outcomes(passed=1)


class TestNamesOfFiles:
    def test_a_parametrized_id_with_a_key(self, project: Project) -> None:
        project.tests(f"""
            @pytest.mark.parametrize("key", ["{KEY}", "{KEY[:-1]}Y", "other"])
            @pytest.mark.groq_cassette
            def test_it(key):
                ask("Hi")
        """)
        result = project.record("-v")
        result.assert_outcomes(passed=3)
        assert is_clean(everything(project))
        assert len(project.cassettes) == 3
        assert sum(name.startswith("test_app/test_it[REDACTED") for name in project.cassettes) == 2
        # pytest itself shows the ids; groqtape's own lines do not.
        assert is_clean(result.stdout.str().partition("groqtape: cassettes used")[2].partition("PASSES")[0])
        project.replay().assert_outcomes(passed=3)

    def test_a_name_with_many_spaces(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.parametrize("spaces", [" " * 100_000 + "x", ". " * 50_000 + "y", "." * 100_000])
            @pytest.mark.groq_cassette
            def test_it(spaces):
                ask("Hi")
        """)
        project.record().assert_outcomes(passed=3)
        assert len(project.cassettes) == 3


class TestMessages:
    def test_a_call_without_a_cassette(self, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        url = project.server.base_url.replace("//", "//user:pass-word@")
        project.tests(f"""
            def test_it():
                groq.Groq(base_url="{url}?api_key=abc-def").models.list()
        """)
        result = project.replay("--junitxml=report.xml", beside=("junitxml",))
        result.assert_outcomes(failed=1)
        shown = everything(project) + "\n".join(
            line for line in result.outlines if "called Groq" in line or "GET http" in line
        )
        assert "GET http://REDACTED@127.0.0.1" in shown
        assert "pass-word" not in re.sub(r"<system-out>.*", "", shown)

    @pytest.mark.parametrize("mode", ["refused", "unplayed", "no cassette"])
    def test_text_that_acts(self, project: Project, mode: str) -> None:
        model = r"m\x1b[31m\n::warning::gotcha\x85\u202e"
        test = f"""
            @pytest.mark.groq_cassette
            def test_it():
                ask("Hi\\x9b2J\\u2028", **{{"model": "{model}"}})
        """
        project.tests(test)
        if mode != "no cassette":
            project.record().assert_outcomes(passed=1)
            project.tests(
                test.replace('"Hi', '"Ho') if mode == "refused" else test.replace("ask", "0 and ask")
            )
        result = project.replay("--tb=short")
        result.assert_outcomes(failed=1)
        output = result.stdout.str()
        assert "gotcha" in output
        assert not re.search("[\x1b\x85\x9b\u2028\u202e]", output)
        assert not re.search(r"^\s*::", output, re.MULTILINE)


class TestWhatWasRedacted:
    def test_the_terminal_says_rule_and_place(self, project: Project) -> None:
        project.server.default = stream(["It is ", KEY[:20], KEY[20:], f" and {ORGANISATION}"])
        project.tests(f"""
            @pytest.mark.groq_cassette
            def test_it():
                ask("Mine is {KEY}, {KEY}")

            @pytest.mark.groq_cassette
            def test_other():
                ask("Hi")
        """)
        result = project.record()
        result.stdout.fnmatch_lines(
            [
                "*- groqtape: redacted -*",
                "cassettes/test_app/test_it.yaml: REDACTED in place of",
                "  Groq key: response body event 3: choices[[]0].delta.content",
                "  organisation id: response body event 5: choices[[]0].delta.content",
                "  Groq key: request body messages[[]0].content (2 times)",
            ],
            consecutive=True,
        )
        assert is_clean(result.stdout.str())
        project.replay().stdout.no_fnmatch_line("*groqtape: redacted*")

    def test_no_more_than_some_lines(self, project: Project) -> None:
        project.tests(f"""
            @pytest.mark.groq_cassette
            def test_it():
                ask("Hi", stop=["{KEY}" + str(number) for number in range(8)])
        """)
        for arguments, lines in ((), 5), (("-v", "--groq-record=all"), 8):
            output = project.record(*arguments).stdout.str()
            assert len(re.findall(r"^  Groq key: request body stop\[", output, re.MULTILINE)) == lines
            assert ("  and 3 more (-v lists them)" in output) == (lines == 5)
