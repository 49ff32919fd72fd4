"""Tests that are no plain functions: doctests, and those whose node id other plugins extend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from groqtape.pytest_plugin.node_ids import own_node_id

if TYPE_CHECKING:
    from pytest_plugin.conftest import Project

DOCTEST = """
>>> from app import ask
>>> cassette = getfixture("groq_cassette")
>>> ask("Hi")
'Hello there'
>>> cassette.streams == getfixture("groq_snapshot")
True
"""


@pytest.mark.parametrize(
    ("file", "source", "option"),
    [
        ("sample.py", f'"""A sample.\n{DOCTEST}"""\n', "--doctest-modules"),
        ("sample.txt", DOCTEST, "--doctest-glob=*.txt"),
    ],
)
def test_a_doctest_records_and_replays_by_the_commands_printed(
    project: Project, file: str, source: str, option: str
) -> None:
    project.write(file, source)
    project.ini(pythonpath=".")
    result = project.replay(option)
    result.assert_outcomes(failed=1)
    (command,) = dict.fromkeys(project.commands(result))
    project.run_command(f"{command} --snapshot-update").assert_outcomes(passed=1)
    project.replay(option).assert_outcomes(passed=1)


class TestLoadgroup:
    """pytest-xdist's `--dist=loadgroup` appends the group to a node id."""

    TESTS = """
        @pytest.mark.groq_cassette
        @pytest.mark.xdist_group("library")
        def test_it():
            ask("Hi")

        @pytest.mark.groq_cassette(record_mode="none")
        @pytest.mark.xdist_group(name="a@b")
        @pytest.mark.parametrize("name", ["x@y"])
        def test_other(name):
            ask(name)
    """

    def test_names_and_commands_are_without_it(self, project: Project) -> None:
        project.tests(self.TESTS)
        result = project.record("-n1", "--dist=loadgroup", beside=("xdist",))
        result.assert_outcomes(passed=1, failed=1)
        assert project.cassettes == ["test_app/test_it"]
        assert "cassettes/test_app/test_other[x@y].yaml" in result.stdout.str()
        (command,) = project.commands(result)
        assert command.startswith("pytest 'test_app.py::test_other[x@y]' --groq-record=once ")


class TestRepeats:
    """pytest-repeat's `--count` runs a test several times, with a parameter of its own."""

    REPEAT = """
        import pytest

        @pytest.fixture
        def __pytest_repeat_step_number(request):
            return request.param

        def pytest_generate_tests(metafunc):
            name = "__pytest_repeat_step_number"
            metafunc.fixturenames.append(name)
            ids = [f"{step}-3" for step in (1, 2, 3)]
            metafunc.parametrize(name, range(3), indirect=True, ids=ids, scope="function")
    """

    @pytest.mark.parametrize("mode", ["once", "all", "new_episodes"])
    def test_share_the_test_s_cassette(self, project: Project, mode: str) -> None:
        repeat = project.write("conftest.py", self.REPEAT)
        project.tests("""
            @pytest.mark.groq_cassette
            def test_it():
                ask("Hi")

            @pytest.mark.groq_cassette
            @pytest.mark.parametrize("prompt", ["a", "1-3"])
            def test_other(prompt):
                ask(prompt)
        """)
        project.record(mode=mode).assert_outcomes(passed=9)
        assert project.cassettes == ["test_app/test_it", "test_app/test_other[1-3]", "test_app/test_other[a]"]
        assert project.prompts() == ["Hi"]
        project.replay().assert_outcomes(passed=9)
        repeat.write_text("")
        project.replay().assert_outcomes(passed=3)


class Item:
    """What a node id is made of."""

    def __init__(self, node_id: str, parent: Any, **params: int) -> None:
        self.nodeid = node_id
        self.name = node_id.rpartition("::")[2].partition("@")[0]
        self.parent = parent
        self.callspec = self
        self.params = params


@pytest.mark.parametrize(
    ("node_id", "step", "expected"),
    [
        ("a.py::test", None, "a.py::test"),
        ("a.py::test@group", None, "a.py::test"),
        ("a.py::test[1-3]", 0, "a.py::test"),
        ("a.py::test[x-2-3]", 1, "a.py::test[x]"),
        ("a.py::test[2-3-x]", 1, "a.py::test[x]"),
        ("a.py::test[2-3-2-3]", 1, "a.py::test[2-3]"),
        ("a.py::test[2-3]", None, "a.py::test[2-3]"),
        ("a.py::test[12-3-x]", 1, "a.py::test[12-3-x]"),
    ],
)
def test_a_node_id_of_its_own(node_id: str, step: int | None, expected: str) -> None:
    module = Item("a.py", None)
    params = {} if step is None else {"__pytest_repeat_step_number": step}
    assert own_node_id(Item(node_id, module, **params)) == expected
