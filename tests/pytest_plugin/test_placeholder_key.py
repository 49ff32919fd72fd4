"""The placeholder key: clients can be made without `GROQ_API_KEY`, and nothing is ever sent with it."""

from __future__ import annotations

import contextlib
import os
import textwrap
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


def test_without_groqtape_a_client_needs_a_key(project: Project) -> None:
    """Why there is a placeholder."""
    project.write("script.py", "import groq\ntry: groq.Groq()\nexcept groq.GroqError: print('refused')\n")
    project.without_key()
    project.run_python("script.py").stdout.fnmatch_lines(["refused"])


def test_a_client_of_a_module_s_own_imports_and_replays(project: Project) -> None:
    project.tests(MODULE_LEVEL)
    project.write_cassette("Hi")
    project.write_cassette("Hi", name="test_app/test_async")
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
    project.write_cassette("Hi")
    project.replay().assert_outcomes(passed=1)


def test_in_a_fresh_process(project: Project) -> None:
    project.tests(MODULE_LEVEL)
    project.write_cassette("Hi")
    project.write_cassette("Hi", name="test_app/test_async")
    project.without_key()
    seen = len(project.server.requests)
    project.run_in_its_own_process().assert_outcomes(passed=2)
    assert len(project.server.requests) == seen


class TestTheEnvironment:
    """`project.run` compares `GROQ_*` before and after each session; here are the sessions that end badly."""

    def test_a_test_that_replays_has_a_key_and_its_module_can_read_it(self, project: Project) -> None:
        project.tests("""
            import os

            AT_IMPORT = os.environ["GROQ_API_KEY"]

            @pytest.mark.groq_cassette
            def test_it():
                assert os.environ["GROQ_API_KEY"] == AT_IMPORT
                assert "placeholder" in AT_IMPORT
                ask()
        """)
        project.write_cassette("Hi")
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
        project.write_cassette("Hi")
        project.write_cassette("Hi", name="test_app/test_async")
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
        project.with_key()  # so that what the session sets is undone afterwards
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
        project.write_cassette("Hi")
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


UNUSED = """
    import os, subprocess, sys

    AT_IMPORT = os.environ.get("GROQ_API_KEY"), os.getenv("GROQ_API_KEY"), "GROQ_API_KEY" in os.environ

    @pytest.mark.skipif(not os.environ.get("GROQ_API_KEY"), reason="needs a key")
    def test_live():
        raise AssertionError("must be skipped")

    @pytest.mark.skipif("not os.environ.get('GROQ_API_KEY')", reason="needs a key")
    def test_live_too():
        raise AssertionError("must be skipped")

    def test_provider():
        assert AT_IMPORT == (None, None, False)
        assert "GROQ_API_KEY" not in {**os.environ}
        with pytest.raises(KeyError):
            os.environ["GROQ_API_KEY"]

    def test_subprocess():
        code = "import os, sys; sys.exit('GROQ_API_KEY' in os.environ)"
        assert subprocess.run([sys.executable, "-c", code]).returncode == 0
"""


class TestTestsThatDoNotUseGroqtape:
    """They find no key, in whatever suite they are."""

    @pytest.mark.parametrize("mode", ["none", "once"])
    def test_alone(self, project: Project, mode: str) -> None:
        project.tests(UNUSED)
        project.replay(f"--groq-record={mode}").assert_outcomes(passed=2, skipped=2)

    def test_beside_a_test_that_does_in_another_module(self, project: Project) -> None:
        project.tests(UNUSED, "test_unused.py")
        project.tests(MODULE_LEVEL)
        project.write_cassette("Hi")
        project.write_cassette("Hi", name="test_app/test_async")
        project.replay().assert_outcomes(passed=4, skipped=2)

    def test_beside_one_that_does_in_the_same_module(self, project: Project) -> None:
        tests = project.tests(UNUSED)
        tests.write_text(tests.read_text() + textwrap.dedent(MODULE_LEVEL))
        project.write_cassette("Hi")
        project.write_cassette("Hi", name="test_app/test_async")
        project.replay().assert_outcomes(passed=4, skipped=2)

    def test_whose_module_skips_itself(self, project: Project) -> None:
        project.tests("""
            import os

            try:
                KEY = os.environ["GROQ_API_KEY"]
            except KeyError:
                pytest.skip("needs a key", allow_module_level=True)
        """)
        project.replay().assert_outcomes(skipped=1)


class TestAKeyFromAnEnvFile:
    """`load_dotenv()` and the like do not override a variable that is set."""

    LOAD = "os.environ.setdefault('GROQ_API_KEY', {key!r})"

    @pytest.mark.parametrize("where", ["conftest", "fixture", "test"])
    def test_is_used_while_recording(self, project: Project, where: str) -> None:
        load = self.LOAD.format(key=project.server.api_key)
        project.write("conftest.py", f"import os\n{load if where == 'conftest' else ''}\n")
        project.tests(f"""
            import os

            @pytest.fixture(scope="session", autouse=True)
            def environment():
                {load if where == "fixture" else "pass"}

            @pytest.mark.groq_cassette
            def test_it():
                {load if where == "test" else "pass"}
                assert ask("Hi") == "Hello there"
        """)
        project.with_key()  # so that what the session sets is undone afterwards
        project.without_key()
        with pytest.raises(AssertionError, match="left something behind"):
            project.run("--groq-record=once")
        assert os.environ["GROQ_API_KEY"] == project.server.api_key
        assert project.prompts() == ["Hi"]


class TestTheIniOption:
    """`groq_placeholder_key`."""

    def test_off(self, project: Project) -> None:
        project.ini(groq_placeholder_key="off")
        project.write(
            "test_app.py",
            """
            import os

            import groq, pytest

            with pytest.raises(KeyError):
                os.environ["GROQ_API_KEY"]

            @pytest.mark.groq_cassette(allow_unplayed=True)
            def test_it():
                assert "GROQ_API_KEY" not in os.environ
                with pytest.raises(groq.GroqError):
                    groq.Groq()
            """,
        )
        project.write_cassette("Hi")
        # In a process of its own: the session around this one serves the placeholder to clients, too.
        project.without_key()
        project.run_in_its_own_process().assert_outcomes(passed=1)

    @pytest.mark.parametrize("ini", [{"groq_placeholder_key": "session"}, {"groq_auto": "true"}])
    def test_session(self, project: Project, ini: dict[str, str]) -> None:
        """With `groq_auto`, every test has to do with groqtape."""
        project.ini(**ini)
        project.write("conftest.py", "import os\nKEY = os.environ.get('GROQ_API_KEY')\n")
        project.tests("""
            import os
            from conftest import KEY

            def test_it():
                assert "placeholder" in KEY
                assert os.environ["GROQ_API_KEY"] == KEY
        """)
        project.replay().assert_outcomes(passed=1)
        project.tests("def test_it(): from conftest import KEY; assert KEY is None")
        project.replay("--groq-record=once").assert_outcomes(passed=1)


def test_a_patch_on_top_of_ours_stays(project: Project) -> None:
    project.tests("""
        genuine = groq.Groq.__init__

        def patched(self, **kwargs):
            genuine(self, **kwargs)

        groq.Groq.__init__ = patched

        @pytest.mark.groq_cassette
        def test_it():
            ask()
    """)
    project.write_cassette("Hi")
    with contextlib.ExitStack() as stack:
        stack.callback(setattr, groq.Groq, "__init__", groq.Groq.__init__)
        project.replay().assert_outcomes(passed=1)
        assert groq.Groq.__init__.__name__ == "patched"
