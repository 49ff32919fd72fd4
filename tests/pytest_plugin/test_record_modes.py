"""`--groq-record` and the ini option `groq_record_mode`: each mode, and which of them counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from installed_versions import older_than
from loopback_groq import stream

if TYPE_CHECKING:
    from pytest_plugin.conftest import Project

ASKS_A = """
    @pytest.mark.groq_cassette
    def test_it():
        ask("a")
"""
ASKS_A_AND_B = """
    @pytest.mark.groq_cassette
    def test_it():
        ask("a")
        ask("b")
"""


class TestNone:
    @pytest.mark.parametrize("option", [(), ("--groq-record=none",)])
    def test_replays_and_writes_nothing(self, project: Project, option: tuple[str, ...]) -> None:
        project.tests(ASKS_A)
        cassette_path = project.write_cassette("a").read_bytes()
        project.replay(*option).assert_outcomes(passed=1)
        assert project.cassette().read_bytes() == cassette_path

    def test_with_a_key_it_replays_too(self, project: Project) -> None:
        project.tests(ASKS_A)
        project.write_cassette("a")
        seen = len(project.server.requests)
        project.with_key()
        project.run().assert_outcomes(passed=1)
        assert len(project.server.requests) == seen

    def test_a_missing_cassette_fails_the_test(self, project: Project) -> None:
        project.tests(ASKS_A)
        project.replay().assert_outcomes(failed=1)
        assert project.cassettes == []


class TestOnce:
    def test_records_a_cassette_that_is_not_there(self, project: Project) -> None:
        project.tests(ASKS_A_AND_B)
        project.record(mode="once").assert_outcomes(passed=1)
        assert project.prompts() == ["a", "b"]

    def test_replays_one_that_is(self, project: Project) -> None:
        project.tests(ASKS_A)
        cassette_path = project.write_cassette("a").read_bytes()
        project.replay("--groq-record=once").assert_outcomes(passed=1)
        assert project.cassette().read_bytes() == cassette_path

    def test_adds_nothing_to_it(self, project: Project) -> None:
        project.tests(ASKS_A_AND_B)
        cassette_path = project.write_cassette("a").read_bytes()
        seen = len(project.server.requests)
        project.record(mode="once").assert_outcomes(failed=1)
        assert len(project.server.requests) == seen
        assert project.cassette().read_bytes() == cassette_path


class TestNewEpisodes:
    def test_records_what_the_cassette_lacks(self, project: Project) -> None:
        project.tests(ASKS_A_AND_B)
        project.write_cassette("a")
        seen = len(project.server.requests)
        project.record(mode="new_episodes").assert_outcomes(passed=1)
        assert [request.prompt for request in project.server.requests[seen:]] == ["b"]
        assert project.prompts() == ["a", "b"]
        project.replay().assert_outcomes(passed=1)

    def test_records_a_cassette_that_is_not_there(self, project: Project) -> None:
        project.tests(ASKS_A)
        project.record(mode="new_episodes").assert_outcomes(passed=1)
        assert project.prompts() == ["a"]

    def test_writes_nothing_when_nothing_is_new(self, project: Project) -> None:
        project.tests(ASKS_A)
        path = project.write_cassette("a")
        before = path.stat()
        project.replay("--groq-record=new_episodes").assert_outcomes(passed=1)
        assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


class TestAll:
    def test_records_from_scratch(self, project: Project) -> None:
        project.tests(ASKS_A)
        project.write_cassette("of old", "a")
        project.server.default = stream("Anew")
        project.record(mode="all").assert_outcomes(passed=1)
        assert project.prompts() == ["a"]
        assert "Anew" in project.cassette().read_text()
        project.replay().assert_outcomes(passed=1)

    def test_the_same_request_twice_is_recorded_twice(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette
            def test_it():
                assert [ask("a"), ask("a")] == ["first", "second"]
        """)
        project.server.reply(stream("first"), stream("second"))
        project.record(mode="all").assert_outcomes(passed=1)
        assert project.prompts() == ["a", "a"]
        project.replay().assert_outcomes(passed=1)

    def test_a_test_that_asks_nothing_any_more_still_replays(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette
            def test_it():
                pass
        """)
        project.write_cassette("a")
        project.replay().assert_outcomes(failed=1)
        project.record(mode="all").assert_outcomes(passed=1)
        project.replay().assert_outcomes(passed=1)


class TestTheIniOption:
    def test_is_the_mode_without_the_option(self, project: Project) -> None:
        project.ini(groq_record_mode="once")
        project.tests(ASKS_A)
        project.with_key()
        project.run().assert_outcomes(passed=1)
        assert project.prompts() == ["a"]

    @pytest.mark.parametrize("mode", ["none", "new_episodes"])
    def test_counts_less_than_the_option(self, project: Project, mode: str) -> None:
        project.ini(groq_record_mode="all")
        project.tests("""
            def test_it(groq_cassette, pytestconfig):
                assert groq_cassette.record_mode == pytestconfig.getoption("groq_record")
        """)
        project.replay(f"--groq-record={mode}").assert_outcomes(passed=1)

    def test_counts_less_than_the_marker(self, project: Project) -> None:
        project.ini(groq_record_mode="all")
        project.tests("""
            @pytest.mark.groq_cassette(record_mode="none")
            def test_it(groq_cassette):
                assert groq_cassette.record_mode == "none"
        """)
        project.replay().assert_outcomes(passed=1)


class TestWrongValues:
    def test_of_the_option_are_a_usage_error(self, project: Project) -> None:
        result = project.replay("--groq-record=sometimes")
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines(["*--groq-record: invalid choice: 'sometimes'*"])

    def test_of_the_ini_option_are_a_usage_error(self, project: Project) -> None:
        project.ini(groq_record_mode="sometimes")
        result = project.replay()
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines(
            ["*ini option groq_record_mode: expected one of none, once, new_episodes, all, got 'sometimes'"]
        )


def test_the_help_explains_the_options(project: Project) -> None:
    result = project.replay("--help")
    result.stdout.fnmatch_lines(
        [
            "*--groq-record={none,once,new_episodes,all}*",
            "*--groq-pace={instant,recorded,<factor>}*",
            "*groq_record_mode*",
            "*groq_pace*",
            "*groq_cassette_dir*",
            "*groq_hosts*",
            "*groq_unplayed*",
            "*groq_auto*",
        ]
    )


@pytest.mark.skipif(
    older_than("syrupy", 7), reason="before 7, syrupy removes the snapshots of tests that --lf deselects"
)
def test_last_failed_records_anew_just_what_failed(project: Project) -> None:
    """What product users do when a prompt has changed: `pytest --lf --groq-record=all --snapshot-update`."""
    project.tests("""
        import os

        def test_a(groq_cassette, groq_snapshot):
            ask("the same")
            assert groq_cassette.streams == groq_snapshot

        def test_b(groq_cassette, groq_snapshot):
            ask(os.environ["PROMPT"])
            assert groq_cassette.streams == groq_snapshot
    """)
    project.setenv("PROMPT", "old")
    project.server.on("old", stream("An old answer"))
    project.server.on("new", stream("A new answer"))
    cache = ("cacheprovider",)
    project.record("--snapshot-update", beside=cache).assert_outcomes(passed=2)
    project.replay(beside=cache).assert_outcomes(passed=2)
    project.setenv("PROMPT", "new")
    project.replay(beside=cache).assert_outcomes(passed=1, failed=1)
    untouched = project.cassette("test_app/test_a").read_bytes()
    seen = len(project.server.requests)
    project.record("--lf", "--snapshot-update", mode="all", beside=cache).assert_outcomes(passed=1)
    assert [request.prompt for request in project.server.requests[seen:]] == ["new"]
    assert project.cassette("test_app/test_a").read_bytes() == untouched
    assert project.prompts("test_app/test_b") == ["new"]
    snapshots = (project.path / "__snapshots__" / "test_app.ambr").read_text()
    assert "content='A new answer'" in snapshots
    assert "An old answer" not in snapshots
    assert snapshots.count("# name:") == 2
    project.replay(beside=cache).assert_outcomes(passed=2)
