"""A recording run says which tests called Groq without a cassette: the next replay refuses those calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_plugin.conftest import Project

TESTS = """
    @pytest.mark.groq_cassette
    def test_marked():
        ask("a")

    def test_one():
        ask("b")

    def test_two():
        ask("c")
        asyncio.run(ask_async("d"))

    def test_other():
        pass
"""
LINES = [
    "*- groqtape: live calls without a cassette -*",
    "test_app.py::test_one: 1 call sent to Groq, and not recorded",
    "test_app.py::test_two: 2 calls sent to Groq, and not recorded",
    "A replay refuses such calls. *",
]


@pytest.mark.parametrize("mode", ["once", "new_episodes", "all"])
def test_the_summary_names_them(project: Project, mode: str) -> None:
    project.tests(TESTS)
    result = project.record(mode=mode)
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(LINES)
    assert project.cassettes == ["test_app/test_marked"]
    project.replay().assert_outcomes(passed=2, failed=2)


def test_also_those_of_workers(project: Project) -> None:
    project.tests(TESTS)
    result = project.record("-n1", beside=("xdist",))
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(LINES)


def test_without_such_calls_it_has_no_word(project: Project) -> None:
    project.tests("""
        @pytest.mark.groq_cassette
        def test_it():
            ask("a")
    """)
    project.record().stdout.no_fnmatch_line("*live calls*")
