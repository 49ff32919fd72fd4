"""What the terminal shows of cassettes, and that it shows nothing if there is nothing to report."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest
from loopback_groq import raw

if TYPE_CHECKING:
    from pytest_plugin.conftest import Project

TESTS = """
    @pytest.mark.groq_cassette
    def test_it():
        ask("a")
        ask("b")

    def test_other():
        pass
"""


class TestAfterRecording:
    def test_the_summary_lists_the_cassettes_written(self, project: Project) -> None:
        project.tests(TESTS + '\n    def test_third(groq_stream):\n        ask("c")\n')
        result = project.record()
        result.stdout.fnmatch_lines(
            [
                "*- groqtape: cassettes written -*",
                "cassettes/test_app/test_it.yaml: 2 interactions, 8 chunks recorded",
                "cassettes/test_app/test_third.yaml: 1 interaction, 4 chunks recorded",
            ]
        )
        result.stdout.no_fnmatch_line("*cassettes used*")

    def test_one_that_tests_share_is_listed_once(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette("shared")
            @pytest.mark.parametrize("prompt", ["a", "b", "c"])
            def test_it(prompt):
                ask(prompt)
        """)
        result = project.record()
        result.stdout.fnmatch_lines(["cassettes/shared.yaml: 3 interactions, 12 chunks recorded"])
        assert result.stdout.str().count("cassettes/shared.yaml") == 1

    def test_what_was_added_is_distinguished_from_what_was_there(self, project: Project) -> None:
        project.tests(TESTS)
        project.write_cassette("a")
        result = project.record(mode="new_episodes")
        result.stdout.fnmatch_lines(["cassettes/test_app/test_it.yaml: 2 interactions, 4 chunks recorded"])

    def test_paths_are_from_where_pytest_was_started(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        project.tests(TESTS, "tests/test_app.py")
        project.ini(pythonpath=".")
        monkeypatch.chdir(project.path / "tests")
        project.record().stdout.fnmatch_lines(["../cassettes/tests/test_app/test_it.yaml: 2 interactions, *"])

    def test_recordings_dropped_are_named(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette
            def test_it():
                ask()
                assert False
        """)
        dropped = "dropped, because the test failed"
        result = project.record()
        result.stdout.fnmatch_lines(
            [
                "*- groqtape -*",
                f"cassettes/test_app/test_it.yaml (record mode once): 0 played, 1 interaction *, {dropped}",
                "*- groqtape: recordings dropped -*",
                "cassettes/test_app/test_it.yaml: test_app.py::test_it failed, so nothing was written",
            ]
        )
        result.stdout.no_fnmatch_line("*cassettes written*")

    def test_one_dropped_for_want_of_a_snapshot_says_what_it_wants(self, project: Project) -> None:
        project.tests("""
            def test_it(groq_cassette, groq_snapshot):
                ask()
                assert groq_cassette.streams == groq_snapshot
        """)
        project.record().stdout.fnmatch_lines(
            ["cassettes/test_app/test_it.yaml: test_app.py::test_it failed, *needs --snapshot-update*"]
        )
        result = project.record("--snapshot-update")
        result.assert_outcomes(passed=1)
        result.stdout.no_fnmatch_line("*needs --snapshot-update*")


class TestQuiet:
    @pytest.mark.parametrize("args", [(), ("-q",), ("-qq",)])
    def test_a_replay_says_nothing(self, project: Project, args: tuple[str, ...]) -> None:
        project.tests(TESTS)
        project.write_cassette("a", "b")
        result = project.replay(*args)
        result.stdout.no_fnmatch_line("*cassette*")
        result.stdout.no_fnmatch_line("*groqtape:*")

    def test_a_suite_without_groq_says_nothing_whatever_it_is_asked(self, project: Project) -> None:
        project.tests("def test_it(): pass")
        for args in ((), ("-v",), ("-vv",), ("--groq-record=all", "-v")):
            project.replay(*args).stdout.no_fnmatch_line("*groqtape:*")

    def test_a_recording_session_that_found_all_recorded(self, project: Project) -> None:
        project.tests(TESTS)
        project.write_cassette("a", "b")
        project.replay("--groq-record=once").stdout.no_fnmatch_line("*cassette*")


class TestVerbose:
    def test_says_which_test_used_which_cassette(self, project: Project) -> None:
        project.tests(TESTS)
        project.write_cassette("a", "b")
        project.replay("-v").stdout.fnmatch_lines(
            [
                "*- groqtape: cassettes used -*",
                "test_app.py::test_it",
                "  cassettes/test_app/test_it.yaml (record mode none): 2 played",
            ]
        )

    def test_says_what_was_recorded(self, project: Project) -> None:
        project.tests(TESTS)
        project.write_cassette("a")
        used = "1 played, 1 interaction recorded, 4 chunks"
        project.record("-v", mode="new_episodes").stdout.fnmatch_lines(
            [
                f"  cassettes/test_app/test_it.yaml (record mode new_episodes): {used}",
                "*- groqtape: cassettes written -*",
            ]
        )


class TestAFailure:
    @pytest.mark.parametrize("phase", ["set-up", "call", "teardown"])
    def test_says_which_cassette_was_used(self, project: Project, phase: str) -> None:
        project.tests(f"""
            def trip(phase):
                assert phase != "{phase}", "tripped"

            @pytest.fixture
            def around():
                ask("a")
                trip("set-up")
                yield
                trip("teardown")

            @pytest.mark.groq_cassette
            def test_it(around):
                trip("call")
        """)
        project.write_cassette("a")
        project.replay().stdout.fnmatch_lines(
            [
                "*AssertionError: tripped*",
                "*- groqtape -*",
                "cassettes/test_app/test_it.yaml (record mode none): 1 played",
            ]
        )

    def test_of_a_test_without_one_says_nothing(self, project: Project) -> None:
        project.tests("def test_it(): assert False")
        project.replay().stdout.no_fnmatch_line("*groqtape -*")

    def test_shows_every_call_that_was_refused(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette
            def test_it():
                for prompt in ("new", "newer"):
                    try:
                        ask(prompt)
                    except BaseException:
                        pass
        """)
        project.write_cassette("old")
        result = project.replay()
        for prompt in ("new", "newer"):
            line = f'  messages[0].content: recorded "old" / now "{prompt}"'
            assert result.outlines.count(line) == 1

    def test_survives_a_stream_that_is_nonsense(self, project: Project) -> None:
        project.server.default = raw(b"data: {not json}\n\n", b"data: [1, 2]\n\n", b"data: \xff\xfe\n\n")
        project.tests("""
            import httpx, os

            @pytest.mark.groq_cassette
            def test_it(groq_cassette):
                headers = {"authorization": "Bearer " + os.environ["GROQ_API_KEY"]}
                url = os.environ["GROQ_BASE_URL"] + "/openai/v1/chat/completions"
                assert httpx.post(url, json={"stream": True}, headers=headers).status_code == 200
                assert False
        """)
        result = project.record()
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["cassettes/test_app/test_it.yaml (record mode once): *1 interaction *"])
        project.tests((project.path / "test_app.py").read_text().replace("assert False", "pass"))
        project.record("-v").assert_outcomes(passed=1)
        project.replay().assert_outcomes(passed=1)


class TestOtherReporters:
    def test_none(self, project: Project) -> None:
        project.tests(TESTS)
        assert project.record("-p", "no:terminal").ret == 0
        assert project.prompts() == ["a", "b"]
        assert project.replay("-p", "no:terminal").ret == 0

    def test_junit_xml(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette
            def test_it():
                ask("now")

            @pytest.mark.groq_cassette
            def test_skips():
                try:
                    ask("now")
                except BaseException:
                    pytest.skip("not there")
        """)
        project.replay("--junit-xml=report.xml", beside=("junitxml",)).assert_outcomes(failed=2)
        failures = ET.parse(project.path / "report.xml").findall(".//failure")
        assert len(failures) == 2
        for failure in failures:
            assert "There is no cassette cassettes/test_app/" in str(failure.text)

    def test_one_that_writes_reports_as_json(self, project: Project) -> None:
        """As those do that send reports to another process."""
        project.write(
            "conftest.py",
            """
            import json

            def pytest_runtest_logreport(report):
                json.dumps(report._to_json())
            """,
        )
        project.tests(TESTS)
        project.record().assert_outcomes(passed=2)
