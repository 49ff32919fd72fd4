"""`groq_volatile`, and `volatile=` in the marker: text that does not count when requests are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_plugin.conftest import Project

# Prompts of today's date and time, a UUID and a number that counts on from run to run.
SUITE = """
    import datetime, pathlib, uuid

    def prompt():
        counter = pathlib.Path(__file__).with_name("counter")
        number = int(counter.read_text()) + 1
        counter.write_text(str(number))
        now = datetime.datetime.now()
        return f"Request {number} of {now.date()}, {now:%H:%M} ({uuid.uuid4()}): hi"

    @pytest.mark.groq_cassette
    def test_it():
        assert ask(prompt()) == "Hello there"

    @pytest.mark.groq_cassette
    def test_twice():
        assert ask(prompt()) == ask(prompt()) == "Hello there"
"""
FROZEN = {
    "freezegun": "from freezegun import freeze_time as frozen",
    "time-machine": "from time_machine import travel\nfrozen = lambda now: travel(now, tick=False)",
}
CONFTEST = """
import os, pytest
{imported}

@pytest.fixture(autouse=True)
def clock():
    with frozen(os.environ["NOW"]):
        yield
"""


def today(project: Project, date: str, first: int = 1) -> None:
    """What the clock, and the tests that have none, take for today."""
    project.setenv("NOW", f"{date}T21:5{first % 10}:00")
    project.setenv("TODAY", date)
    project.setenv("FIRST", str(first))


@pytest.fixture(params=FROZEN)
def recorded(project: Project, request: pytest.FixtureRequest) -> Project:
    """A suite that was recorded yesterday, under a frozen clock."""
    project.tests(SUITE)
    project.write("conftest.py", CONFTEST.format(imported=FROZEN[request.param]))
    project.write("counter", "8")
    today(project, "2026-11-26", 1)
    project.record().assert_outcomes(passed=2)
    today(project, "2026-11-27", 2)
    return project


def test_a_suite_replays_tomorrow_with_the_line_that_its_miss_names(
    recorded: Project,
) -> None:
    missed = recorded.replay("-k", "test_it")

    missed.assert_outcomes(failed=1, deselected=1)
    [line] = [line.strip() for line in missed.outlines if line.strip().startswith("groq_volatile")]
    assert line == r"groq_volatile = @uuid|@datetime|Request \d+"
    option, _, value = line.partition(" = ")
    recorded.ini(**{option: value})
    recorded.replay().assert_outcomes(passed=2)


def test_the_cassette_keeps_what_was_sent_and_a_list_has_a_line_each(recorded: Project) -> None:
    recorded.ini(groq_volatile="\n  @datetime @uuid\n  Request \\d+")

    recorded.replay().assert_outcomes(passed=2)

    [prompt] = recorded.prompts()
    assert prompt.startswith("Request 9 of 2026-11-26, 21:51 (")


def test_a_marker_adds_to_it(project: Project) -> None:
    project.ini(groq_volatile="@date")
    project.tests("""
        import os

        @pytest.mark.groq_cassette(volatile=[r"Request \\d+"])
        def test_it():
            ask(f"Request {os.environ['FIRST']} of {os.environ['TODAY']}")
    """)
    today(project, "2026-11-26", 1)
    project.record().assert_outcomes(passed=1)
    today(project, "2026-11-27", 2)

    project.replay().assert_outcomes(passed=1)


def test_requests_that_become_equal_stay_in_the_order_recorded(project: Project) -> None:
    project.ini(groq_volatile="@date")
    project.tests("""
        import os

        @pytest.mark.groq_cassette
        def test_it(groq_cassette):
            answers = [ask(f"{os.environ['TODAY']}-{day}") for day in (11, 12, 13)]
            assert answers == os.environ["FIRST"].split()
    """)
    project.write_cassette("2026-11-11", "2026-11-12", "2026-11-13")
    path = project.cassette()
    text = path.read_text(encoding="utf-8")
    for answer in ("one", "two", "three"):
        text = text.replace('{"content":"Hello"}', f'{{"content":"{answer}"}}', 1)
        text = text.replace('{"content":" there"}', '{"content":""}', 1)
    path.write_text(text, encoding="utf-8")
    project.setenv("TODAY", "2027-01")
    project.setenv("FIRST", "one two three")

    project.replay().assert_outcomes(passed=1)


@pytest.mark.parametrize("by", ["('method', 'path', 'body')", "('uri', 'raw_body')"])
def test_with_vcrpys_matchers(project: Project, by: str) -> None:
    project.tests(f"""
        import os

        @pytest.mark.groq_cassette(match_on={by}, volatile="@date")
        def test_it():
            ask("On " + os.environ["TODAY"])
    """)
    today(project, "2026-11-26", 1)
    project.record().assert_outcomes(passed=1)
    today(project, "2026-11-27", 1)

    project.replay().assert_outcomes(passed=1)


def test_new_episodes_records_only_what_is_new(project: Project) -> None:
    project.ini(groq_volatile="@date")
    project.tests("""
        import os

        @pytest.mark.groq_cassette
        def test_it():
            ask("On " + os.environ["TODAY"])
            ask("Good night")
    """)
    today(project, "2026-11-27", 1)
    project.write_cassette("On 2026-11-26")

    project.record(mode="new_episodes").assert_outcomes(passed=1)

    assert project.prompts() == ["On 2026-11-26", "Good night"]


def test_all_replaces_what_is_the_same_in_a_shared_cassette(project: Project) -> None:
    project.ini(groq_volatile="@date")
    project.tests("""
        import os

        @pytest.mark.groq_cassette("shared")
        def test_one():
            ask("One on " + os.environ["TODAY"])

        @pytest.mark.groq_cassette("shared")
        def test_two():
            ask("Two on " + os.environ["TODAY"])
    """)
    today(project, "2026-11-26", 1)
    project.record().assert_outcomes(passed=2)
    today(project, "2026-11-27", 1)

    project.record("-k", "test_one", mode="all").assert_outcomes(passed=1, deselected=1)

    assert sorted(project.prompts("shared")) == ["One on 2026-11-27", "Two on 2026-11-26"]
    project.replay().assert_outcomes(passed=2)


def test_tests_that_share_a_cassette_may_compare_differently(project: Project) -> None:
    project.tests("""
        import os

        @pytest.mark.groq_cassette("shared", volatile="@date")
        def test_one():
            ask("One on " + os.environ["TODAY"])

        @pytest.mark.groq_cassette("shared")
        def test_two():
            ask("Two")
    """)
    today(project, "2026-11-26", 1)
    project.record().assert_outcomes(passed=2)
    today(project, "2026-11-27", 1)

    project.replay().assert_outcomes(passed=2)


def test_an_invalid_expression_stops_the_session_before_it_starts(project: Project) -> None:
    project.ini(groq_volatile="(")
    project.tests("def test_it(): pass")

    result = project.replay()

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [
            "ERROR: *pytest.ini: ini option groq_volatile: expected a regular *, got '(': missing )*",
            "Correct it. *",
        ]
    )


def test_an_invalid_expression_in_a_marker_fails_the_test(project: Project) -> None:
    project.tests("""
        @pytest.mark.groq_cassette(volatile=["("])
        def test_it(): pass

        @pytest.mark.groq_cassette(volatile=5)
        def test_other(): pass
    """)

    result = project.replay()

    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["*volatile: expected a regular expression or *, got '(': missing )*"])
    result.stdout.fnmatch_lines(["*got arguments that don't fit: volatile is a list of texts, not 5"])
