"""Runs in which no test function runs (`--setup-plan`, `--setup-only`, `--collect-only`) change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_plugin.conftest import Project

TESTS = """
    @pytest.fixture
    def around(groq_cassette):
        yield
        groq_cassette.path

    @pytest.mark.groq_cassette
    def test_it():
        ask("Hi")

    @pytest.mark.groq_cassette(record_mode="all")
    def test_marked():
        ask("Hi")

    def test_fixtures(groq_cassette, groq_client, around):
        ask("Hi", groq_client)

    @pytest.mark.groq_cassette("shared")
    def test_shared():
        ask("Hi")
"""
DRY_RUNS = ("setuponly", "setupplan")
NAMES = ["test_app/test_it", "test_app/test_marked", "test_app/test_fixtures", "shared"]


@pytest.mark.parametrize("option", ["--setup-plan", "--setup-only", "--collect-only"])
class TestADryRun:
    @pytest.mark.parametrize("mode", ["once", "all"])
    def test_while_recording_leaves_cassettes_as_they_are(
        self, project: Project, option: str, mode: str
    ) -> None:
        project.tests(TESTS)
        before = {name: project.write_cassette("Hi", name=name).read_bytes() for name in NAMES}
        result = project.record(option, mode=mode, beside=DRY_RUNS)
        assert result.ret == pytest.ExitCode.OK
        assert {name: project.cassette(name).read_bytes() for name in NAMES} == before
        result.stdout.no_fnmatch_line("*cassettes written*")

    def test_while_replaying_has_no_errors(self, project: Project, option: str) -> None:
        """Also for cassettes that do not exist."""
        project.tests(TESTS)
        for name in NAMES[:3]:
            project.write_cassette("Hi", name=name)
        assert project.replay(option, beside=DRY_RUNS).ret == pytest.ExitCode.OK


def test_a_fixture_that_records_in_a_dry_run_keeps_nothing(project: Project) -> None:
    project.tests("""
        @pytest.fixture
        def greeting(groq_client):
            return ask("Hi", groq_client)

        def test_it(greeting):
            assert greeting == "Hello there"
    """)
    old = project.write_cassette("old").read_bytes()
    assert project.record("--setup-only", mode="all", beside=DRY_RUNS).ret == pytest.ExitCode.OK
    assert project.cassette().read_bytes() == old


def test_a_test_that_a_fixture_skips_leaves_its_cassette(project: Project) -> None:
    project.tests("""
        @pytest.fixture
        def greeting(groq_client):
            ask("Hi", groq_client)
            pytest.skip("not today")

        def test_it(greeting):
            pass
    """)
    old = project.write_cassette("old").read_bytes()
    project.record(mode="all").assert_outcomes(skipped=1)
    assert project.cassette().read_bytes() == old


def test_a_test_that_no_longer_calls_groq_leaves_no_cassette(project: Project) -> None:
    project.tests("""
        @pytest.mark.groq_cassette
        def test_it():
            pass
    """)
    project.write_cassette("Hi")
    result = project.record(mode="all")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        ["cassettes/test_app/test_it.yaml: deleted, because no call to Groq was made"]
    )
    assert project.cassettes == []
    project.record(mode="all").assert_outcomes(passed=1)
    assert project.cassettes == []
