"""Fixtures of class, module, package and session scope: their calls have a cassette of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest
from installed_versions import older_than

from groqtape.pytest_plugin.fixture_cassettes import FixtureCalls
from groqtape.recorder.hosts import GroqHosts

if TYPE_CHECKING:
    from pytest_plugin.conftest import Project

    from groqtape.pytest_plugin.running_test import RunningTest

TESTS = """
    @pytest.fixture(scope="{scope}")
    def greeting():
        return ask("wide")

    class TestIt:
        @pytest.mark.groq_cassette
        def test_first(self, greeting):
            ask(f"first {{greeting}}")

        @pytest.mark.groq_cassette
        def test_second(self, greeting):
            ask(f"second {{greeting}}")

    def test_without(greeting):
        assert greeting == "Hello there"
"""
CASSETTES = {
    "session": "@greeting",
    "package": "@greeting",
    "module": "test_app/@greeting",
    "class": "test_app/TestIt.@greeting",
}


@pytest.mark.parametrize("scope", ["session", "module"])
def test_its_calls_are_in_no_test_s_cassette(project: Project, scope: str) -> None:
    project.tests(TESTS.format(scope=scope))
    project.record().assert_outcomes(passed=3)
    name = CASSETTES[scope]
    assert project.cassettes == sorted([name, "test_app/TestIt.test_first", "test_app/TestIt.test_second"])
    assert project.prompts(name) == ["wide"]
    assert project.prompts("test_app/TestIt.test_first") == ["first Hello there"]
    # Whichever test sets it up.
    project.replay().assert_outcomes(passed=3)
    for test in ("first", "second", "without"):
        project.replay("-k", test).assert_outcomes(passed=1, deselected=2)


@pytest.mark.parametrize("scope", ["class", "package"])
def test_it_lies_where_its_scope_is(project: Project, scope: str) -> None:
    project.tests(TESTS.format(scope=scope))
    project.record("-k", "TestIt").assert_outcomes(passed=2, deselected=1)
    assert CASSETTES[scope] in project.cassettes
    project.replay("-k", "TestIt").assert_outcomes(passed=2, deselected=1)


def test_the_functions_of_xunit_have_one_too(project: Project) -> None:
    project.tests("""
        import unittest

        def setup_module():
            ask("setup_module")

        def teardown_module():
            ask("teardown_module")

        class TestPlain:
            @classmethod
            def setup_class(cls):
                ask("setup_class")

            @pytest.mark.groq_cassette
            def test_it(self):
                ask("Hi")

        class TestCase(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                cls.greeting = ask("setUpClass")

            @classmethod
            def tearDownClass(cls):
                ask("tearDownClass")

            def test_it(self):
                self.assertEqual(self.greeting, "Hello there")
    """)
    project.record(beside=("unittest",)).assert_outcomes(passed=2)
    (unittest_s,) = (name for name in project.cassettes if "setUpClass" in name and "teardown" not in name)
    assert project.prompts(unittest_s) == ["setUpClass"]
    assert project.prompts("test_app/@setup_module") == ["setup_module"]
    assert project.prompts("test_app/@setup_module.teardown") == ["teardown_module"]
    assert project.prompts("test_app/TestPlain.@setup_class") == ["setup_class"]
    assert len(project.cassettes) == 6
    project.replay(beside=("unittest",)).assert_outcomes(passed=2)
    project.replay("-k", "TestPlain", beside=("unittest",)).assert_outcomes(passed=1, deselected=1)


def test_each_parameter_has_one(project: Project) -> None:
    project.tests("""
        @pytest.fixture(scope="module", params=["tea", "milk"])
        def greeting(request):
            return ask(request.param)

        def test_it(greeting):
            pass
    """)
    project.record().assert_outcomes(passed=2)
    assert project.prompts("test_app/@greeting[0]") == ["tea"]
    assert project.prompts("test_app/@greeting[1]") == ["milk"]
    project.replay().assert_outcomes(passed=2)


def test_a_teardown_has_one_of_its_own(project: Project) -> None:
    project.tests("""
        @pytest.fixture(scope="module")
        def around():
            yield ask("begin")
            ask("end")

        @pytest.mark.groq_cassette
        def test_it(around):
            ask("middle")
    """)
    project.record().assert_outcomes(passed=1)
    assert project.prompts() == ["middle"]
    assert project.prompts("test_app/@around") == ["begin"]
    assert project.prompts("test_app/@around.teardown") == ["end"]
    result = project.replay("-v")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        [
            "test_app.py::test_it, fixture around (module scope)",
            "  cassettes/test_app/@around.yaml (record mode none): 1 played",
        ]
    )


class TestAMiss:
    def test_names_the_fixture_and_a_command_that_records_it(self, project: Project) -> None:
        project.tests(TESTS.format(scope="module"))
        result = project.replay("-k", "without")
        result.assert_outcomes(errors=1, deselected=2)
        result.stdout.fnmatch_lines(
            [
                "*There is no cassette cassettes/test_app/@greeting.yaml,",
                "The call was made in the fixture greeting (module scope). It has a cassette of its own.",
            ]
        )
        command = project.commands(result)[0]
        project.run_command(command).assert_outcomes(passed=1)
        project.replay("-k", "without").assert_outcomes(passed=1, deselected=2)

    @pytest.mark.parametrize("when", ["set-up", "teardown"])
    def test_that_is_swallowed_fails_a_test(self, project: Project, when: str) -> None:
        swallow = "swallow()" if when == "set-up" else "yield\n            swallow()"
        project.tests(f"""
        def swallow():
            try:
                ask("new")
            except BaseException:
                pass

        @pytest.fixture(scope="module")
        def wide():
            {swallow}

        def test_it(wide):
            pass
        """)
        result = project.replay()
        result.assert_outcomes(**({"failed": 1} if when == "set-up" else {"passed": 1, "errors": 1}))
        result.stdout.fnmatch_lines(["*There is no cassette cassettes/test_app/@wide*.yaml,"])

    def test_is_the_same_for_all_tests_of_the_fixture(self, project: Project) -> None:
        project.tests(TESTS.format(scope="module"))
        project.replay().assert_outcomes(errors=3)

    def test_of_a_broken_file(self, project: Project) -> None:
        project.tests(TESTS.format(scope="module"))
        project.write("cassettes/test_app/@greeting.yaml", "interactions: 42\n")
        result = project.replay("-k", "without")
        result.assert_outcomes(errors=1, deselected=2)
        result.stdout.fnmatch_lines(["*@greeting.yaml*"])


@pytest.mark.parametrize(
    ("unplayed", "outcomes"),
    [("error", {"failed": 1}), ("warn", {"passed": 1}), ("ignore", {"passed": 1})],
)
def test_interactions_left_unplayed(project: Project, unplayed: str, outcomes: dict[str, int]) -> None:
    project.tests("""
        @pytest.fixture(scope="module")
        def greeting():
            return ask("a")

        def test_it(greeting):
            pass
    """)
    project.ini(groq_unplayed=unplayed)
    project.write_cassette("a", "b", name="test_app/@greeting")
    args = ("-W", "default::groqtape.UnplayedWarning") if unplayed == "warn" else ()
    result = project.replay(*args)
    result.assert_outcomes(**outcomes, warnings=1 if unplayed == "warn" else 0)


def test_a_fixture_that_fails_leaves_the_file(project: Project) -> None:
    project.tests("""
        @pytest.fixture(scope="module")
        def greeting():
            ask("new")
            raise RuntimeError("broken")

        def test_it(greeting):
            pass
    """)
    old = project.write_cassette("old", name="test_app/@greeting").read_bytes()
    project.record(mode="all").assert_outcomes(errors=1)
    assert project.cassette("test_app/@greeting").read_bytes() == old


def test_a_file_that_can_not_be_written_fails_the_test(project: Project) -> None:
    project.tests("""
        from pathlib import Path

        @pytest.fixture(scope="module")
        def greeting():
            ask("new")
            Path("cassettes").write_text("written by another process")

        def test_it(greeting):
            pass
    """)
    project.record().assert_outcomes(failed=1)


def test_use_cassette_in_a_fixture_answers_its_calls(project: Project) -> None:
    project.tests("""
        import groqtape

        @pytest.fixture(scope="module")
        def around(pytestconfig):
            mode = pytestconfig.getoption("groq_record") or "none"
            with groqtape.use_cassette("cassettes/own.yaml", mode):
                ask("begin")
                yield
                ask("end")

        def test_it(around):
            pass
    """)
    project.record().assert_outcomes(passed=1)
    assert project.cassettes == ["own"]
    assert project.prompts("own") == ["begin", "end"]
    project.replay().assert_outcomes(passed=1)


def test_a_mock_answers_before_a_cassette(project: Project) -> None:
    """As respx does: below the transports of httpx."""
    project.tests("""
        import httpcore, httpx

        @pytest.fixture(scope="module")
        def greeting():
            def handle_request(pool, request):
                return httpcore.Response(200, content=b'{"mocked": true}')

            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(httpcore.ConnectionPool, "handle_request", handle_request)
                return httpx.post("https://api.groq.com/openai/v1/x").json()

        def test_it(greeting):
            assert greeting == {"mocked": True}
    """)
    project.replay().assert_outcomes(passed=1)
    assert project.cassettes == []


def test_an_error_in_groqtape_fails_the_test_with_its_text(project: Project) -> None:
    project.write(
        "conftest.py",
        """
        import pytest
        from groqtape.recorder.cassette import Cassette

        @pytest.fixture(autouse=True, scope="session")
        def broken():
            def open_cassette(self):
                raise OSError("a bug")

            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(Cassette, "open", open_cassette)
                yield
        """,
    )
    project.tests("""
        @pytest.fixture(scope="module")
        def greeting():
            return ask("wide")

        def test_it(greeting):
            pass
    """)
    result = project.replay()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*OSError*a bug*"])


def test_calls_to_a_mock_server_on_this_machine_are_sent(project: Project) -> None:
    """As those of tests without a cassette, unless `groq_hosts` names it."""
    project.ini(groq_hosts="gateway.example")
    project.tests("""
        @pytest.fixture(scope="module")
        def greeting():
            return ask("Hi")

        def test_it(greeting):
            assert greeting == "Hello there"
    """)
    project.record().assert_outcomes(passed=1)
    assert project.cassettes == []
    project.with_key()
    project.run().assert_outcomes(passed=1)


def test_a_teardown_outside_a_test_has_no_cassette(project: Project) -> None:
    """After an interrupt, pytest tears fixtures down when no test runs."""
    project.tests("""
        @pytest.fixture(scope="module")
        def around():
            yield
            print("torn down")

        def test_it(around):
            raise KeyboardInterrupt
    """)
    result = project.replay("-s")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*torn down*"])


def test_calls_at_the_same_time_share_one_cassette() -> None:
    class Opened:
        """A cassette."""

        def handler_for(self, request: Any) -> Any:
            return self

    opened: list[Opened] = []

    def open_cassette() -> Any:
        opened.append(Opened())
        return opened[-1]

    calls = FixtureCalls(GroqHosts(), cast("RunningTest", None), open_cassette)
    request = httpx.Request("POST", "https://api.groq.com/openai/v1/x")
    handlers: list[Any] = [calls.handler_for(request), calls.handler_for(request)]
    assert handlers == [opened[0], opened[0]]
    assert len(opened) == 1


class TestAServerOnThisMachine:
    """As the Groq of `GROQ_BASE_URL` it is recorded where groqtape is used, and left alone elsewhere."""

    TESTS = """
        from blockbuster import blockbuster_ctx

        @pytest.fixture(scope="module")
        def greeting():
            with blockbuster_ctx():
                return asyncio.run(ask_async())

        MARK
        def test_one(greeting):
            assert greeting == "Hello there"

        MARK
        def test_two(greeting):
            assert greeting == "Hello there"
    """

    @pytest.mark.skipif(older_than("httpx", 0, 28), reason="making a client of it blocks by itself")
    @pytest.mark.parametrize(("auto", "mark"), [("true", ""), ("false", "@pytest.mark.groq_cassette")])
    def test_where_groqtape_is_used(self, project: Project, auto: str, mark: str) -> None:
        project.ini(groq_auto=auto, groq_hosts=" ")
        project.tests(self.TESTS.replace("MARK", mark))
        project.record().assert_outcomes(passed=2)
        assert project.cassettes == ["test_app/@greeting"]
        project.replay("test_app.py::test_two").assert_outcomes(passed=1)
        project.replay("test_app.py::test_one").assert_outcomes(passed=1)

    @pytest.mark.parametrize("pyproject", ["[project]", "["], ids=["", "an ini file that can't be read"])
    def test_where_it_is_not(self, project: Project, pyproject: str) -> None:
        project.ini(groq_auto="false", groq_hosts=" ", pythonpath=".")
        project.write("sub/pyproject.toml", pyproject)
        tests = self.TESTS.replace("MARK", "").replace("with blockbuster_ctx()", "if True")
        project.tests(tests, "sub/test_app.py")
        project.with_key()
        project.run().assert_outcomes(passed=2)
        assert project.cassettes == []

    def test_where_an_ini_file_cannot_be_read(self, project: Project) -> None:
        project.ini(pythonpath=".")  # it names the server as Groq's host
        project.write("sub/pyproject.toml", "[")
        tests = self.TESTS.replace("MARK", "").replace("with blockbuster_ctx()", "if True")
        project.tests(tests, "sub/test_app.py")
        result = project.replay()
        result.assert_outcomes(errors=2)
        result.stdout.fnmatch_lines(
            ["*/sub/pyproject.toml: expected pytest's options, but it can't be read*"]
        )
