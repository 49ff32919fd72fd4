"""`groq_cassette_dir` with `{test_dir}` and `{module}`, and `groq_cassette_names`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_plugin.conftest import Project

TESTS = """
    pytestmark = pytest.mark.groq_cassette

    def test_it():
        ask("a")

    @pytest.mark.parametrize("prompt", ['a/b: "c"', "Plain"])
    def test_parameters(prompt):
        ask(prompt)

    class TestOuter:
        class TestApp:
            def test_it(self):
                ask("b")

    @pytest.mark.groq_cassette("shared")
    def test_shared():
        ask("c")
"""
# As pytest-recording 0.13 and pytest-vcr 1 write them.
NAMES = [
    "TestApp.test_it.yaml",
    "shared.yaml",
    "test_it.yaml",
    "test_parameters[Plain].yaml",
    "test_parameters[a-b- -c-].yaml",
]
FOLDERS = {
    "{test_dir}/cassettes/{module}": "tests/unit/cassettes/test_app",
    "{test_dir}/cassettes": "tests/unit/cassettes",
    "tapes/{module}": "tapes/test_app",
}


@pytest.mark.parametrize(("template", "folder"), FOLDERS.items())
def test_a_suite_keeps_its_files(project: Project, template: str, folder: str) -> None:
    project.tests(TESTS, "tests/unit/test_app.py")
    project.ini(pythonpath=".", groq_cassette_dir=template, groq_cassette_names="pytest-recording")
    project.record().assert_outcomes(passed=5)
    assert sorted(path.name for path in (project.path / folder).iterdir()) == NAMES
    assert project.cassettes == []
    project.replay().assert_outcomes(passed=5)


def test_names_of_our_own_beside_the_tests(project: Project) -> None:
    project.tests(TESTS, "tests/test_app.py")
    project.ini(pythonpath=".", groq_cassette_dir="{test_dir}/cassettes/{module}")
    project.record().assert_outcomes(passed=5)
    names = {path.name for path in (project.path / "tests/cassettes/test_app").iterdir()}
    assert {"TestOuter.TestApp.test_it.yaml", "test_it.yaml", "shared.yaml"} <= names
    project.replay().assert_outcomes(passed=5)


def test_fixtures_of_a_wider_scope(project: Project) -> None:
    project.tests(
        """
        @pytest.fixture(scope="module")
        def module():
            ask("module")

        @pytest.fixture(scope="session")
        def session():
            ask("session")

        def test_it(module, session):
            pass
        """,
        "tests/test_app.py",
    )
    project.ini(pythonpath=".", groq_cassette_dir="{test_dir}/cassettes/{module}")
    project.record().assert_outcomes(passed=1)
    assert (project.path / "tests/cassettes/test_app/@module.yaml").exists()
    assert (project.path / "cassettes/@session.yaml").exists()
    project.replay().assert_outcomes(passed=1)


def test_a_miss_and_its_command_name_the_file(project: Project) -> None:
    project.tests(TESTS, "tests/test_app.py")
    project.ini(
        pythonpath=".", groq_cassette_dir="{test_dir}/cassettes", groq_cassette_names="pytest-recording"
    )
    result = project.replay("tests/test_app.py::test_it")
    result.stdout.fnmatch_lines(["There is no cassette tests/cassettes/test_it.yaml,"])
    (command,) = project.commands(result)
    project.run_command(command).assert_outcomes(passed=1)


def test_other_names_are_refused(project: Project) -> None:
    project.ini(groq_cassette_names="vcr")
    result = project.replay()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*groq_cassette_names: expected one of groqtape, pytest-recording, got *"])
