"""What a failed test recorded is kept aside: `--groq-kept` replays it, and it becomes the cassette then."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest
from loopback_groq import error

from groqtape.pytest_plugin.cassette_use import CassetteUse

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_plugin.conftest import Project

CACHE = ("cacheprovider",)
TESTS = """
    @pytest.mark.groq_cassette
    def test_it():
        for prompt in ["a", "b"]:
            ask(prompt)
        assert WANTED
"""


@pytest.fixture
def suite(project: Project) -> Project:
    """A suite whose test fails after its calls."""
    write(project, passes=False)
    return project


def write(project: Project, tests: str = TESTS, *, passes: bool) -> None:
    project.tests(tests.replace("WANTED", str(passes)))


def kept(project: Project) -> list[Path]:
    """The files that are kept aside."""
    return sorted((project.path / ".pytest_cache/d/groqtape").glob("*"))


def sent(project: Project) -> int:
    return len(project.server.requests)


def test_it_becomes_the_cassette_when_the_test_passes(suite: Project) -> None:
    failed = suite.record(beside=CACHE)

    failed.assert_outcomes(failed=1)
    assert suite.cassettes == []
    failed.stdout.fnmatch_lines(
        [
            "cassettes/test_app/test_it.yaml (* once): *, 8 chunks, kept aside, because the test failed",
            "*- groqtape: recordings kept aside -*",
            "cassettes/test_app/test_it.yaml: test_app.py::test_it failed, so nothing was written.",
        ]
    )
    (file,) = kept(suite)
    assert suite.server.api_key
    assert suite.server.api_key not in file.read_text(encoding="utf-8")
    (command,) = (
        re.search(r"again:  pytest (.+)", line)[1]  # type: ignore[index]
        for line in failed.outlines
        if "again:" in line
    )
    missed = suite.replay(beside=CACHE)
    missed.stdout.fnmatch_lines(
        [f"What this test recorded when it last failed is kept aside. *:  pytest {command}"]
    )

    fails_again = suite.replay(*shlex.split(command), beside=CACHE)

    fails_again.assert_outcomes(failed=1)
    fails_again.stdout.fnmatch_lines(["*(record mode none): 2 played, from a recording that was kept aside"])
    assert (suite.cassettes, kept(suite)) == ([], [file])

    write(suite, passes=True)
    passed = suite.replay(*shlex.split(command), beside=CACHE)

    passed.assert_outcomes(passed=1)
    line = "cassettes/test_app/test_it.yaml: 2 interactions, from a recording that was kept aside"
    passed.stdout.fnmatch_lines([line])
    assert (suite.prompts(), kept(suite)) == (["a", "b"], [])
    suite.replay(beside=CACHE).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("mode", "before", "after"),
    [
        ("all", ["x", "y"], ["a", "b"]),
        ("new_episodes", ["a", "x"], ["a", "x", "b"]),
        ("once", ["a", "b"], None),
    ],
)
def test_it_takes_the_place_that_it_would_have_taken(
    suite: Project, mode: str, before: list[str], after: list[str] | None
) -> None:
    cassette_path = suite.write_cassette(*before)
    text = cassette_path.read_bytes()
    tests = TESTS.replace("groq_cassette", "groq_cassette(allow_unplayed=True)")
    write(suite, tests, passes=False)
    suite.record(mode=mode, beside=CACHE).assert_outcomes(failed=1)
    assert cassette_path.read_bytes() == text
    write(suite, tests, passes=True)

    suite.replay("--groq-kept", beside=CACHE).assert_outcomes(passed=1)

    assert suite.prompts() == (after or before)


def test_more_can_be_recorded_after_it(suite: Project) -> None:
    suite.record(beside=CACHE)
    longer = TESTS.replace('"b"]', '"b", "c"]')
    write(suite, longer, passes=False)
    before = sent(suite)

    suite.replay("--groq-kept", beside=CACHE).stdout.fnmatch_lines(["*messages*content differs*"])
    suite.record("--groq-kept", beside=CACHE).assert_outcomes(failed=1)
    write(suite, longer, passes=True)
    suite.replay("--groq-kept", beside=CACHE).assert_outcomes(passed=1)

    assert suite.prompts() == ["a", "b", "c"]
    assert sent(suite) == before + 1


@pytest.mark.parametrize(
    "body",
    [
        "for chunk in groq.Groq().chat.completions.create(**arguments('a', {})): break",
        "next(iter(groq.Groq().chat.completions.create(**arguments('a', {}))))",
        "ask('a'); ask('bad')",
        "pass",
    ],
)
def test_only_whole_answers_are_kept(project: Project, body: str) -> None:
    """The rest of a stream that a failure left is missing, and an error may be gone by the next run."""
    project.server.on(lambda request: b"bad" in request.body, error(400, "bad"))
    project.tests(
        "from app import arguments\n\n@pytest.mark.groq_cassette\n"
        f"def test_it():\n    {body}\n    assert False"
    )
    project.record(beside=CACHE).assert_outcomes(failed=1)
    assert kept(project) == []


def test_without_pytest_s_cache_it_is_dropped(suite: Project) -> None:
    suite.record().stdout.fnmatch_lines(["*- groqtape: recordings dropped -*"])
    suite.replay("--groq-kept").stdout.fnmatch_lines(["There is no cassette *"])


def test_a_recording_that_is_written_replaces_it(suite: Project) -> None:
    suite.record(beside=CACHE)
    (file,) = kept(suite)
    suite.record(mode="all", beside=CACHE)
    (from_scratch,) = kept(suite)
    assert file != from_scratch
    write(suite, passes=True)
    suite.record(mode="all", beside=CACHE).assert_outcomes(passed=1)
    assert kept(suite) == []


def test_what_is_broken_is_as_if_it_were_not_there(suite: Project) -> None:
    suite.record(beside=CACHE)
    kept(suite)[0].write_text("no cassette")
    suite.replay("--groq-kept", beside=CACHE).stdout.fnmatch_lines(["There is no cassette *"])


def test_tests_that_share_a_cassette_in_parallel(project: Project) -> None:
    tests = """
        @pytest.mark.groq_cassette("shared")
        @pytest.mark.parametrize("prompt", ["a", "b", "c"])
        def test_it(prompt):
            ask(prompt)
            assert prompt == "c" or WANTED
    """
    write(project, tests, passes=False)
    project.record(beside=CACHE).assert_outcomes(failed=2, passed=1)
    assert project.prompts("shared") == ["c"]
    assert len(kept(project)) == 2
    write(project, tests, passes=True)
    result = project.replay("--groq-kept", "-n2", beside=(*CACHE, "xdist"))
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(
        ["cassettes/shared.yaml: 3 interactions, from a recording that was kept aside"]
    )
    assert sorted(project.prompts("shared")) == ["a", "b", "c"]


def test_what_was_recorded_beside_it_is_shown() -> None:
    use = CassetteUse(
        "test", "a.yaml", "once", 1, 1, 5, 2, written=False, hint=" (hint)", keeps="pytest test"
    )
    assert str(use).endswith(
        ": 1 played, 1 interaction recorded, 5 chunks, kept aside, because the test failed"
    )
