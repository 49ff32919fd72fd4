"""`groq_ignore`, and `ignore=` in the marker: fields that do not count when requests are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_plugin.conftest import Project

SUITE = """
    import os

    @pytest.mark.groq_cassette
    def test_it():
        run = os.environ["RUN"]
        ask("Hi", seed=int(run), user=f"user {run}", extra_body={"metadata": {"run": run}})
"""


@pytest.fixture
def recorded(project: Project) -> Project:
    """A suite that was recorded by another run."""
    project.tests(SUITE)
    project.setenv("RUN", "1")
    project.record().assert_outcomes(passed=1)
    project.setenv("RUN", "2")
    return project


@pytest.mark.parametrize("fields", ["seed user metadata.*", "\n  seed\n  user\n  metadata", "*"])
def test_ignored_fields_do_not_count(recorded: Project, fields: str) -> None:
    recorded.ini(groq_ignore=fields)

    recorded.replay().assert_outcomes(passed=1)


def test_a_marker_adds_to_it(recorded: Project) -> None:
    recorded.ini(groq_ignore="seed")
    recorded.tests(SUITE.replace("groq_cassette", "groq_cassette(ignore=['user', 'metadata.*'])"))

    recorded.replay().assert_outcomes(passed=1)


def test_fields_that_count_are_the_only_ones_that_a_miss_names(recorded: Project) -> None:
    recorded.ini(groq_ignore="seed metadata")

    missed = recorded.replay()

    missed.assert_outcomes(failed=1)
    missed.stdout.fnmatch_lines(['  user: recorded "user 1" / now "user 2"'])
    missed.stdout.no_fnmatch_line("*seed: recorded*")


def test_a_miss_shows_volatile_text_as_it_was_sent(project: Project) -> None:
    project.ini(groq_volatile="@date", groq_ignore="messages[0].content.n")
    project.tests("""
        @pytest.mark.groq_cassette
        def test_it():
            ask('{"n": 2, "text": "On 2026-11-27 rain", "more": ["on 2026-11-27"]}')
    """)
    project.write_cassette('{"n": 1, "text": "On 2026-11-26 sun"}')

    missed = project.replay()

    missed.assert_outcomes(failed=1)
    missed.stdout.fnmatch_lines(
        [
            '  messages[[]0].content.text: recorded "On 2026-11-26 sun" / now "On 2026-11-27 rain"',
            '  messages[[]0].content.more: recorded nothing / now [[]"on 2026-11-27"[]]',
        ]
    )
    missed.stdout.no_fnmatch_line("*content.n:*")


def test_a_field_that_is_none_stops_the_session_before_it_starts(project: Project) -> None:
    project.ini(groq_ignore="seed tools[].function")
    project.tests("def test_it(): pass")

    result = project.replay()

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [
            "ERROR: *pytest.ini: ini option groq_ignore: expected a field *, got 'tools[[][]].function'",
            "Separate names by single dots, *",
        ]
    )
