"""The summary of a recording run says what it changed in cassettes that there were before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from loopback_groq import stream

if TYPE_CHECKING:
    from pytest_plugin.conftest import Project

SUITE = """
    @pytest.mark.groq_cassette
    def test_it():
        ask("a")
"""


def summary(result: pytest.RunResult) -> list[str]:
    """The lines on the cassettes written."""
    lines = iter(result.outlines)
    for line in lines:
        if "groqtape: cassettes written" in line:
            break
    return [line for line in lines if line.startswith(("cassettes/", "  "))]


@pytest.fixture
def recorded(project: Project) -> Project:
    project.tests(SUITE)
    assert summary(project.record()) == ["cassettes/test_app/test_it.yaml: 1 interaction, 4 chunks recorded"]
    return project


def test_unchanged_where_only_ids_and_times_differ(recorded: Project) -> None:
    assert summary(recorded.record(mode="all")) == [
        "cassettes/test_app/test_it.yaml: 1 interaction, 4 chunks recorded, unchanged"
    ]


def test_what_changed(recorded: Project) -> None:
    recorded.server.default = stream("Good morning there", finish_reason="length")

    assert summary(recorded.record(mode="all")) == [
        "cassettes/test_app/test_it.yaml: 1 interaction, 5 chunks recorded",
        '  words: 1 removed, 2 added, first "Hello" → "Good morning"',
        "  finish: stop → length",
        "  usage: completion 2, total 38 → completion 3, total 39",
        "  chunks: 4 → 5",
    ]


def test_verbose_shows_every_word(recorded: Project) -> None:
    recorded.server.default = stream("Good morning there")

    recorded.record("-v", mode="all").stdout.fnmatch_lines(["  words: [[]-Hello-]{+Good morning+} there"])


@pytest.mark.parametrize("workers", ["0", "2"])
def test_tests_that_share_a_cassette_are_compared_as_a_whole(project: Project, workers: str) -> None:
    project.tests(
        "\n".join(
            f"""
    @pytest.mark.groq_cassette("shared")
    def test_{name}():
        ask("{name}")
    """
            for name in "abc"
        )
    )
    first = project.record(mode="all")
    assert summary(first) == ["cassettes/shared.yaml: 3 interactions, 12 chunks recorded"]
    project.server.on("b", stream("Bye there"))

    again = project.record("-n", workers, mode="all", beside=("xdist",))

    again.assert_outcomes(passed=3)
    lines = summary(again)
    assert lines[0] == "cassettes/shared.yaml: 3 interactions, 12 chunks recorded"
    assert [line.partition(": ")[2] for line in lines[1:]] == [
        'words: 1 removed, 1 added, first "Hello" → "Bye"'
    ]


def test_new_episodes_says_what_is_new(recorded: Project) -> None:
    recorded.tests(SUITE + '        ask("b")\n')

    assert summary(recorded.record(mode="new_episodes")) == [
        "cassettes/test_app/test_it.yaml: 2 interactions, 4 chunks recorded",
        "  interaction 2: new, POST /openai/v1/chat/completions",
    ]


@pytest.mark.parametrize("verbosity", ["-q", "-v"])
def test_a_secret_of_the_old_file_is_not_shown(recorded: Project, verbosity: str) -> None:
    key = "gsk_" + "a1" * 26
    path = recorded.cassette()
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"Hello"', f'"{"so " * 10}{key}"'), encoding="utf-8")
    recorded.server.default = stream("Bye there")

    result = recorded.record(verbosity, mode="all")

    assert "words: " in result.stdout.str()
    assert "gsk_" not in result.stdout.str()


def test_a_broken_file_is_replaced(recorded: Project) -> None:
    recorded.cassette().write_text("no: cassette", encoding="utf-8")

    assert summary(recorded.record(mode="all"))[1:] == ["  replaces a file that was no good cassette"]


def test_a_cassette_that_is_removed_in_the_same_run(recorded: Project) -> None:
    recorded.tests(
        SUITE + "\n\n    def test_last():\n        import pathlib\n"
        "        pathlib.Path('cassettes/test_app/test_it.yaml').unlink()\n"
    )

    result = recorded.record(mode="all")

    result.assert_outcomes(passed=2)
    assert "there is no such file" in "".join(summary(result))
