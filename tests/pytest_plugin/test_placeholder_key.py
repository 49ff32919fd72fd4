"""The placeholder key: clients can be made without `GROQ_API_KEY`, and nothing is ever sent with it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import groq
import pytest

if TYPE_CHECKING:
    from pytest_plugin.conftest import Project

MODULE_LEVEL = """
    client = groq.Groq()
    asynchronous = groq.AsyncGroq(max_retries=0)

    @pytest.mark.groq_cassette
    def test_it():
        assert ask("Hi", client) == "Hello there"

    @pytest.mark.groq_cassette
    def test_async():
        assert asyncio.run(ask_async("Hi", asynchronous)) == "Hello there"
"""


def test_without_groqtape_a_client_needs_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Why there is a placeholder."""
    monkeypatch.delenv("GROQ_API_KEY", raising=False)
    with pytest.raises(groq.GroqError):
        groq.Groq()


def test_a_client_of_a_module_s_own_imports_and_replays(project: Project) -> None:
    project.tests(MODULE_LEVEL)
    project.tape("Hi")
    project.tape("Hi", name="test_app/test_async")
    project.replay().assert_outcomes(passed=2)


def test_a_client_of_conftest_s_own_imports_and_replays(project: Project) -> None:
    project.write("conftest.py", "import groq\nclient = groq.Groq()\n")
    project.write("tests/conftest.py", "import groq\nclient = groq.Groq()\n")
    project.tests(
        """
        from conftest import client

        @pytest.mark.groq_cassette
        def test_it():
            assert ask("Hi", client) == "Hello there"
        """
    )
    project.tape("Hi")
    project.replay().assert_outcomes(passed=1)


def test_in_a_fresh_process(project: Project) -> None:
    project.tests(MODULE_LEVEL)
    project.tape("Hi")
    project.tape("Hi", name="test_app/test_async")
    project.without_key()
    seen = len(project.server.requests)
    project.run_in_its_own_process().assert_outcomes(passed=2)
    assert len(project.server.requests) == seen


class TestTheEnvironment:
    """`project.run` compares `GROQ_*` before and after each session; here are the sessions that end badly."""

    def test_while_it_lasts_there_is_a_key(self, project: Project) -> None:
        project.tests("""
            import os

            AT_IMPORT = os.environ["GROQ_API_KEY"]

            def test_it():
                assert os.environ["GROQ_API_KEY"] == AT_IMPORT
                assert "placeholder" in AT_IMPORT
        """)
        project.replay().assert_outcomes(passed=1)
        assert "GROQ_API_KEY" not in os.environ

    def test_a_key_that_is_there_stays(self, project: Project) -> None:
        project.tests("""
            import os

            def test_it():
                assert os.environ["GROQ_API_KEY"] == "gsk_mine"
        """)
        project.setenv("GROQ_API_KEY", "gsk_mine")
        project.run().assert_outcomes(passed=1)
        assert os.environ["GROQ_API_KEY"] == "gsk_mine"

    def test_an_empty_one_counts_for_none(self, project: Project) -> None:
        project.tests(MODULE_LEVEL)
        project.tape("Hi")
        project.tape("Hi", name="test_app/test_async")
        project.setenv("GROQ_API_KEY", "")
        project.run().assert_outcomes(passed=2)
        assert os.environ["GROQ_API_KEY"] == ""

    def test_a_key_that_a_session_sets_stays(self, project: Project) -> None:
        project.write("conftest.py", "import os\nos.environ['GROQ_API_KEY'] = 'gsk_of_conftest'\n")
        project.tests("""
            import os

            def test_it():
                assert os.environ["GROQ_API_KEY"] == "gsk_of_conftest"
        """)
        project.without_key()
        with pytest.raises(AssertionError, match="left something behind"):
            project.run()
        assert os.environ["GROQ_API_KEY"] == "gsk_of_conftest"

    @pytest.mark.parametrize(
        ("option", "code"),
        [
            ("--no-such-option", 4),
            ("--help", 0),
            ("--version", 0),
            ("--groq-pace=slow", 4),
            ("no_such_file.py", 4),
        ],
    )
    def test_is_as_it_was_after_a_session_without_tests(
        self, project: Project, option: str, code: int
    ) -> None:
        assert project.replay(option).ret == code

    def test_is_as_it_was_after_a_conftest_that_fails(self, project: Project) -> None:
        project.write("conftest.py", "raise RuntimeError('broken')\n")
        assert project.replay().ret == pytest.ExitCode.USAGE_ERROR

    def test_is_as_it_was_after_a_wrong_ini_option(self, project: Project) -> None:
        project.ini(groq_unplayed="shout")
        assert project.replay().ret == pytest.ExitCode.USAGE_ERROR

    def test_is_as_it_was_after_an_interrupt(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette
            def test_it():
                raise KeyboardInterrupt
        """)
        assert project.replay().ret == pytest.ExitCode.INTERRUPTED


class TestRecordingWithoutAKey:
    @pytest.mark.parametrize("mode", ["once", "new_episodes", "all"])
    def test_fails_with_a_clear_text_and_no_call(self, project: Project, mode: str) -> None:
        project.tests("""
            def test_it(groq_stream):
                groq_stream(model="m", messages=[{"role": "user", "content": "Hi"}])
        """)
        result = project.replay(f"--groq-record={mode}")
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(
            [
                "Recording into cassettes/test_app/test_it.yaml needs GROQ_API_KEY, and it is not set*",
                '  POST /openai/v1/chat/completions  m  "Hi"',
                "Set it and run again:  export GROQ_API_KEY=*",
            ]
        )
        assert project.cassettes == []

    def test_fails_where_the_app_swallows_everything_too(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette
            def test_it():
                try:
                    ask()
                except BaseException:
                    pass
        """)
        project.replay("--groq-record=once").assert_outcomes(failed=1)

    def test_replays_what_is_there(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette
            def test_it():
                ask()
        """)
        project.tape("Hi")
        project.replay("--groq-record=once").assert_outcomes(passed=1)

    def test_a_client_with_a_key_of_its_own_records(self, project: Project) -> None:
        project.tests(f"""
            @pytest.mark.groq_cassette
            def test_it():
                with groq.Groq(api_key={project.server.api_key!r}) as client:
                    ask("Hi", client)
        """)
        project.without_key()
        project.run("--groq-record=once").assert_outcomes(passed=1)
        assert project.prompts() == ["Hi"]
