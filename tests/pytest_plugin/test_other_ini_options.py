"""The ini options `groq_cassette_dir`, `groq_hosts`, `groq_unplayed` and `groq_auto`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_plugin.conftest import Project

ASKS = """
    @pytest.mark.groq_cassette
    def test_it():
        ask("a")
"""


class TestGroqCassetteDir:
    def test_is_a_folder_from_rootdir(self, project: Project) -> None:
        project.ini(groq_cassette_dir="tests/tapes")
        project.tests(ASKS)
        project.record().assert_outcomes(passed=1)
        assert (project.path / "tests/tapes/test_app/test_it.yaml").exists()
        project.replay().assert_outcomes(passed=1)

    def test_wherever_pytest_is_started(self, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        project.tests(ASKS, "tests/test_app.py")
        project.write("tests/app.py", (project.path / "app.py").read_text())
        monkeypatch.chdir(project.path / "tests")
        project.record().assert_outcomes(passed=1)
        assert project.cassettes == ["tests/test_app/test_it"]
        monkeypatch.chdir(project.path)
        project.replay().assert_outcomes(passed=1)

    def test_may_lie_elsewhere(self, project: Project, tmp_path: object) -> None:
        project.ini(groq_cassette_dir=f"{tmp_path}/elsewhere")
        project.tests(ASKS)
        project.record().assert_outcomes(passed=1)
        assert project.cassettes == []
        project.replay().assert_outcomes(passed=1)


class TestGroqHosts:
    TESTS = """
        import httpx

        def answer():
            url = "http://{host}/openai/v1/chat/completions"
            return httpx.post(url, json={{"messages": [{{"role": "user", "content": "a"}}], "stream": True}},
                              headers={{"authorization": "Bearer " + KEY}}).status_code

        KEY = "{key}"

        @pytest.mark.groq_cassette
        def test_it():
            assert answer() == 200
    """

    def write(self, project: Project) -> str:
        server = project.server
        project.tests(self.TESTS.format(host=server.host, key=server.api_key))
        return server.host

    def test_are_groq_s_too(self, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        host = self.write(project)
        monkeypatch.delenv("GROQ_BASE_URL")
        project.ini(groq_hosts=f"gateway.example {host}")
        project.record().assert_outcomes(passed=1)
        assert project.cassettes == ["test_app/test_it"]
        project.replay().assert_outcomes(passed=1)

    def test_another_host_is_none_of_its_business(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.write(project)
        monkeypatch.delenv("GROQ_BASE_URL")
        project.ini(groq_hosts="gateway.example 127.0.0.1:1")
        project.record().assert_outcomes(passed=1)
        assert project.cassettes == []
        seen = len(project.server.requests)
        project.without_key()
        project.run().assert_outcomes(passed=1)
        assert len(project.server.requests) == seen + 1

    def test_the_guard_watches_them(self, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        host = self.write(project)
        monkeypatch.delenv("GROQ_BASE_URL")
        project.ini(groq_hosts=host)
        project.tests((project.path / "test_app.py").read_text().replace("@pytest.mark.groq_cassette", ""))
        project.replay().assert_outcomes(failed=1)

    def test_a_cassette_recorded_through_a_gateway_replays_anywhere(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        project.tests(ASKS)
        monkeypatch.setenv("GROQ_BASE_URL", f"{project.server.base_url}/gateway/of/ours")
        project.record().assert_outcomes(passed=1)
        assert project.server.requests[-1].path == "/gateway/of/ours/openai/v1/chat/completions"
        monkeypatch.delenv("GROQ_BASE_URL")
        project.replay().assert_outcomes(passed=1)

    @pytest.mark.parametrize("host", ["http://", "a:b"])
    def test_what_is_no_host_is_a_usage_error(self, project: Project, host: str) -> None:
        project.ini(groq_hosts=host)
        result = project.replay()
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines([f"*expected a host (*got {host!r}", "*groq_hosts*"])


class TestGroqUnplayed:
    def test_error_is_the_default(self, project: Project) -> None:
        project.tests(ASKS)
        project.write_cassette("a", "b", "c")
        result = project.replay()
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(
            [
                "2 of 3 recorded interactions never asked for,",
                "in the cassette cassettes/test_app/test_it.yaml:",
                '  interaction 2: POST /openai/v1/chat/completions  openai/gpt-oss-20b  "b"',
                '  interaction 3: POST /openai/v1/chat/completions  openai/gpt-oss-20b  "c"',
                "*allow_unplayed=True*groq_unplayed = ignore*",
            ]
        )
        assert project.commands(result) == ["pytest test_app.py::test_it --groq-record=all"]

    def test_its_command_mends_it(self, project: Project) -> None:
        project.tests(ASKS)
        project.write_cassette("a", "b")
        (command,) = project.commands(project.replay())
        project.run_command(command).assert_outcomes(passed=1)
        assert project.prompts() == ["a"]
        project.replay().assert_outcomes(passed=1)

    def test_warn_warns(self, project: Project) -> None:
        project.ini(groq_unplayed="warn")
        project.tests(ASKS)
        project.write_cassette("a", "b")
        result = project.replay("-W", "default::groqtape.UnplayedWarning")
        result.assert_outcomes(passed=1, warnings=1)
        result.stdout.fnmatch_lines(["*UnplayedWarning: 1 of 2 recorded interactions never asked for,"])
        project.replay().assert_outcomes(failed=1)  # under -W error

    def test_ignore_says_nothing(self, project: Project) -> None:
        project.ini(groq_unplayed="ignore")
        project.tests(ASKS)
        project.write_cassette("a", "b")
        result = project.replay()
        result.assert_outcomes(passed=1)
        result.stdout.no_fnmatch_line("*never asked for*")

    def test_a_test_that_fails_otherwise_says_just_that(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette
            def test_it():
                assert 1 == 2
        """)
        project.write_cassette("a")
        result = project.replay()
        result.assert_outcomes(failed=1)
        result.stdout.no_fnmatch_line("*never asked for*")

    def test_while_recording_nothing_is_left_over(self, project: Project) -> None:
        project.tests(ASKS.replace('"a"', '"new"'))
        project.write_cassette("a", "b")
        project.record(mode="new_episodes").assert_outcomes(passed=1)
        assert project.prompts() == ["a", "b", "new"]

    @pytest.mark.parametrize("mode", ["once", "new_episodes"])
    def test_a_recording_mode_that_had_nothing_to_record_checks_too(
        self, project: Project, mode: str
    ) -> None:
        project.tests(ASKS)
        project.write_cassette("a", "b")
        project.record(mode=mode).assert_outcomes(failed=1)

    @pytest.mark.parametrize(
        ("ini", "args", "where"), [("shout", (), "*pytest.ini"), ("", ("-o", "groq_unplayed=shout"), "*(-o)")]
    )
    def test_a_wrong_value_is_a_usage_error(
        self, project: Project, ini: str, args: tuple[str, ...], where: str
    ) -> None:
        project.ini(groq_unplayed=ini)
        result = project.replay(*args)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        expected = f"{where}: ini option groq_unplayed: expected one of error, warn, ignore, got 'shout'"
        result.stderr.fnmatch_lines([expected])


class TestUnplayedInASharedCassette:
    TESTS = """
        @pytest.mark.groq_cassette("shared")
        @pytest.mark.parametrize("prompt", ["a", "b"])
        def test_it(prompt):
            ask(prompt)
    """

    def test_is_what_none_of_its_tests_played(self, project: Project) -> None:
        project.tests(self.TESTS)
        project.write_cassette("a", "b", "c", name="shared")
        result = project.replay()
        result.assert_outcomes(passed=1, failed=1)  # the last of them can tell
        result.stdout.fnmatch_lines(["1 of 3 recorded interactions never asked for,", "*interaction 3: *"])

    @pytest.mark.parametrize(
        "args", [("-k", "a"), ("test_app.py::test_it[a]",), ("--deselect", "test_app.py::test_it[b]")]
    )
    def test_part_of_the_tests_can_not_tell(self, project: Project, args: tuple[str, ...]) -> None:
        project.tests(self.TESTS)
        project.write_cassette("a", "b", "c", name="shared")
        result = project.replay(*args)
        assert result.parseoutcomes()["passed"] == 1

    @pytest.mark.parametrize("args", [["--lf"], ["--ignore=test_app.py"], ["--ignore-glob=*_app.py"]])
    def test_nor_where_some_are_not_even_collected(self, project: Project, args: list[str]) -> None:
        project.tests(self.TESTS)
        project.tests(self.TESTS.replace('["a", "b"]', '["c", "fails"]'), "test_other.py")
        project.write_cassette("a", "b", "c", "d", name="shared")
        cache = ("cacheprovider",)
        project.replay(beside=cache).assert_outcomes(passed=3, failed=1)
        mended = self.TESTS.replace("ask(prompt)", 'prompt == "fails" or ask(prompt)')
        mended = mended.replace('["a", "b"]', '["c", "fails"]')
        project.tests(mended, "test_other.py")
        outcomes = project.replay(*args, beside=cache).parseoutcomes()
        assert outcomes == {"passed": 1 if args == ["--lf"] else 2}

    def test_its_command_mends_it_for_all_of_them(self, project: Project) -> None:
        project.tests(self.TESTS)
        path = project.write_cassette("a", "b", "c", name="shared")
        (command,) = project.commands(project.replay())
        remove, _, command = command.partition(" && ")
        assert remove == "rm cassettes/shared.yaml"
        path.unlink()
        project.run_command(command).assert_outcomes(passed=2)
        assert project.prompts("shared") == ["a", "b"]
        project.replay().assert_outcomes(passed=2)

    def test_where_one_of_them_failed_nobody_can_tell(self, project: Project) -> None:
        project.tests(self.TESTS.replace("ask(prompt)", 'assert prompt == "b"; ask(prompt)'))
        project.write_cassette("a", "b", name="shared")
        result = project.replay()
        result.assert_outcomes(passed=1, failed=1)
        result.stdout.no_fnmatch_line("*never asked for*")


class TestGroqAuto:
    def test_gives_each_test_that_calls_groq_a_cassette(self, project: Project) -> None:
        project.ini(groq_auto="true")
        project.tests("""
            def test_it():
                assert ask() == "Hello there"

            async def two():
                return await ask_async("b"), await ask_async("c")

            def test_async():
                asyncio.run(two())

            def test_other():
                pass
        """)
        project.record().assert_outcomes(passed=3)
        assert project.cassettes == ["test_app/test_async", "test_app/test_it"]
        assert project.prompts("test_app/test_async") == ["b", "c"]
        project.replay().assert_outcomes(passed=3)

    def test_misses_and_what_is_unplayed_fail_as_ever(self, project: Project) -> None:
        project.ini(groq_auto="true")
        project.tests("""
            def test_it():
                ask("a")

            def test_missing():
                try:
                    ask("a")
                except BaseException:
                    pass
        """)
        project.write_cassette("a", "b")
        result = project.replay()
        result.assert_outcomes(failed=2)
        result.stdout.fnmatch_lines(["*1 of 2 recorded * never asked for,", "*There is no cassette *"])

    def test_a_marker_says_what_it_ever_says(self, project: Project) -> None:
        project.ini(groq_auto="true")
        project.tests("""
            @pytest.mark.groq_cassette("named", allow_unplayed=True)
            def test_it():
                ask("a")
        """)
        project.write_cassette("a", "b", name="named")
        project.replay().assert_outcomes(passed=1)

    def test_threads_that_ask_at_the_same_time_share_it(self, project: Project) -> None:
        project.ini(groq_auto="true")
        project.tests("""
            from concurrent.futures import ThreadPoolExecutor

            def test_it():
                together = threading.Barrier(8)

                def one(number):
                    with groq.Groq() as client:
                        together.wait()
                        return ask(f"number {number}", client)

                with ThreadPoolExecutor(8) as pool:
                    assert list(pool.map(one, range(8))) == ["Hello there"] * 8
        """)
        project.record().assert_outcomes(passed=1)
        assert sorted(project.prompts()) == [f"number {number}" for number in range(8)]
        project.replay().assert_outcomes(passed=1)

    def test_fixtures_of_a_test_are_part_of_it(self, project: Project) -> None:
        project.ini(groq_auto="true")
        project.tests("""
            @pytest.fixture
            def around():
                ask("before")
                yield
                ask("after")

            def test_it(around):
                ask("within")
        """)
        project.record().assert_outcomes(passed=1)
        assert project.prompts() == ["before", "within", "after"]

    def test_a_cassette_that_is_none_is_an_error_that_nobody_swallows(self, project: Project) -> None:
        project.ini(groq_auto="true")
        project.tests("""
            def test_it():
                try:
                    ask()
                except BaseException:
                    pass
        """)
        project.write("cassettes/test_app/test_it.yaml", "")
        result = project.replay()
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["*cassettes/test_app/test_it.yaml: *empty*"])

    def test_calls_at_collection_are_refused_while_replaying(self, project: Project) -> None:
        project.ini(groq_auto="true")
        project.tests("""
            ask("at collection")

            def test_it():
                pass
        """)
        project.replay().assert_outcomes(errors=1)

    def test_calls_at_collection_go_out_while_recording(self, project: Project) -> None:
        """In a process of its own: in this one, this very suite's session is replaying."""
        project.ini(groq_auto="true")
        project.tests("""
            GREETING = ask("at collection")

            def test_it():
                assert ask("in a test") == GREETING
        """)
        project.with_key()
        project.run_in_its_own_process("--groq-record=once").assert_outcomes(passed=1)
        assert project.prompts() == ["in a test"]
