"""A call that the cassette lacks fails the test at once, says what differs, and how to record it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_plugin.conftest import Project

SAYS_WHAT_DIFFERS = [
    "messages[[]0].content differs from what is recorded",
    "in cassettes/test_app/test_it.yaml, and record mode 'none' adds nothing to it:",
    '  POST /openai/v1/chat/completions  openai/gpt-oss-20b  "now"',
    "The closest recorded request is interaction 1; they differ in:",
    '  messages[[]0].content: recorded "then" / now "now"',
]


class TestWhateverTheAppDoes:
    def expect(self, project: Project, body: str) -> pytest.RunResult:
        project.tests(f"""
            from concurrent.futures import ThreadPoolExecutor

            @pytest.mark.groq_cassette
            def test_it():
                {body}
        """)
        project.write_cassette("then")
        result = project.replay()
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(SAYS_WHAT_DIFFERS)
        return result

    def test_it_lets_it_through(self, project: Project) -> None:
        result = self.expect(project, 'ask("now")')
        # The SDK's frames say nothing to anybody.
        result.stdout.no_fnmatch_line("*Traceback*")
        result.stdout.no_fnmatch_line("*_base_client.py*")

    @pytest.mark.parametrize("kind", ["Exception", "BaseException"])
    def test_it_swallows_everything(self, project: Project, kind: str) -> None:
        self.expect(
            project,
            f"""
                try:
                    ask("now")
                except {kind}:
                    pass
            """,
        )

    def test_it_raises_something_of_its_own(self, project: Project) -> None:
        result = self.expect(
            project,
            """
                try:
                    ask("now")
                except BaseException as error:
                    raise RuntimeError("the assistant is not available") from None
            """,
        )
        result.stdout.fnmatch_lines(["*RuntimeError: the assistant is not available"])

    def test_it_asks_in_a_thread(self, project: Project) -> None:
        self.expect(
            project,
            """
                def swallow():
                    try:
                        ask("now")
                    except BaseException:
                        pass

                thread = threading.Thread(target=swallow)
                thread.start()
                thread.join()
            """,
        )

    def test_it_asks_in_a_pool_and_never_looks(self, project: Project) -> None:
        self.expect(
            project,
            """
                with ThreadPoolExecutor() as pool:
                    pool.submit(ask, "now")
            """,
        )

    def test_it_asks_in_a_task_and_never_looks(self, project: Project) -> None:
        self.expect(
            project,
            """
                async def main():
                    task = asyncio.create_task(ask_async("now"))
                    await asyncio.wait([task])
                    task.exception()

                asyncio.run(main())
            """,
        )

    def test_it_asks_in_a_task_group(self, project: Project) -> None:
        self.expect(
            project,
            """
                async def main():
                    try:
                        async with asyncio.TaskGroup() as group:
                            group.create_task(ask_async("now"))
                    except BaseException:
                        pass

                asyncio.run(main())
            """,
        )

    def test_it_gathers_exceptions(self, project: Project) -> None:
        self.expect(
            project,
            """
                async def main():
                    await asyncio.gather(ask_async("now"), return_exceptions=True)

                asyncio.run(main())
            """,
        )

    def test_it_skips(self, project: Project) -> None:
        self.expect(
            project,
            """
                try:
                    ask("now")
                except BaseException:
                    pytest.skip("Groq can't be reached")
            """,
        )

    def test_the_sdk_does_not_try_again(self, project: Project) -> None:
        """Its retries would take seconds, and each would be a request of the test's own."""
        project.tests("""
            @pytest.mark.groq_cassette
            def test_it(groq_cassette):
                try:
                    ask("now")
                except BaseException:
                    pass
                assert len(groq_cassette.requests) == 1

            @pytest.mark.groq_cassette
            def test_async(groq_cassette):
                async def main():
                    try:
                        await ask_async("now")
                    except BaseException:
                        pass

                asyncio.run(main())
                assert len(groq_cassette.requests) == 1
        """)
        project.write_cassette("then")
        project.write_cassette("then", name="test_app/test_async")
        result = project.replay()
        result.assert_outcomes(failed=2)
        result.stdout.no_fnmatch_line("*AssertionError*")


class TestTheText:
    def test_of_a_missing_cassette(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette
            def test_it():
                ask("now")
        """)
        result = project.replay()
        result.stdout.fnmatch_lines(
            [
                "There is no cassette cassettes/test_app/test_it.yaml,",
                "and record mode 'none' records nothing. The request was:",
                '  POST /openai/v1/chat/completions  openai/gpt-oss-20b  "now"',
                "Record it (needs GROQ_API_KEY):  pytest test_app.py::test_it --groq-record=once",
            ]
        )

    def test_names_every_field_that_differs(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette
            def test_it():
                ask("then", temperature=0.5, stop=["."])
        """)
        project.write_cassette("then")
        result = project.replay()
        result.stdout.fnmatch_lines(["stop and 1 field more differ from what is recorded"])
        result.stdout.fnmatch_lines_random(
            ["  temperature: recorded nothing / now 0.5", '  stop: recorded nothing / now [[]"."[]]']
        )

    def test_shows_long_texts_where_they_begin_to_differ(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette
            def test_it():
                ask("so " * 300 + "this is new" + " and so" * 300)
        """)
        project.write_cassette("so " * 300 + "this was old" + " and so" * 300)
        result = project.replay()
        result.stdout.fnmatch_lines(
            ["  messages[[]0].content: recorded …*so this was old and so*… / now …*so this is new and so*…"]
        )

    def test_of_an_answer_played_already_counts_them(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette
            def test_it():
                for _ in range(3):
                    ask("a")
        """)
        project.write_cassette("a", "a")
        project.replay().stdout.fnmatch_lines(
            ["Each recorded answer to this request (2) has been played already,"]
        )

    def test_is_the_same_wherever_the_test_stands(self, project: Project) -> None:
        """Also where a test has gone to a folder, and removed it."""
        project.tests("""
            import os

            @pytest.mark.groq_cassette
            def test_it(tmp_path, request):
                here = os.getcwd()
                request.addfinalizer(lambda: os.chdir(here))
                (tmp_path / "gone").mkdir()
                os.chdir(tmp_path / "gone")
                (tmp_path / "gone").rmdir()
                try:
                    ask("now")
                except Exception:
                    pass
        """)
        result = project.replay()
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["There is no cassette cassettes/test_app/test_it.yaml,"])


class TestItsCommands:
    """Each command that a failure prints is run, and does what it says."""

    def test_of_a_missing_cassette(self, project: Project) -> None:
        test = """
            class TestApp:
                @pytest.mark.groq_cassette
                @pytest.mark.parametrize("prompt", ["it's a \\"quote\\" & more; $HOME (b) c::d/e"])
                def test_it(self, prompt):
                    ask(prompt)
        """
        project.tests(test)
        (command,) = project.commands(project.replay())
        project.run_command(command).assert_outcomes(passed=1)
        project.replay().assert_outcomes(passed=1)

    @pytest.mark.parametrize(
        ("body", "recorded", "modes"),
        [
            ('ask("now")', ["then"], ["all", "new_episodes"]),
            ('ask("first"); ask("now")', ["first", "then"], ["all", "new_episodes"]),
            ('ask("now"); ask("last")', ["then", "last"], ["all", "new_episodes"]),
            ('ask("first"); ask("now")', ["first"], ["new_episodes", "all"]),
            ('ask("now"); ask("first")', ["first"], ["all", "new_episodes"]),
            ('ask("first"); ask("first")', ["first"], ["new_episodes", "all"]),
        ],
    )
    def test_of_a_request_that_is_not_recorded(
        self, project: Project, body: str, recorded: list[str], modes: list[str]
    ) -> None:
        """The first leads to a test that passes; so does the second, for an additional request."""
        project.tests(f"""
            @pytest.mark.groq_cassette
            def test_it():
                {body}
        """)
        old = project.write_cassette(*recorded).read_bytes()
        is_changed = len(recorded) == body.count("ask(")
        commands = project.commands(project.replay())
        assert commands == [f"pytest test_app.py::test_it --groq-record={mode}" for mode in modes]
        for command in commands[:1] if is_changed else commands:
            project.cassette().write_bytes(old)
            project.run_command(command).assert_outcomes(passed=1)
            project.replay().assert_outcomes(passed=1)
            assert len(project.prompts()) == body.count("ask(")

    def test_of_interactions_left_unplayed(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette
            def test_it():
                ask("Hi")
        """)
        project.write_cassette("Hi", "more")
        (command,) = project.commands(project.replay())
        project.run_command(command).assert_outcomes(passed=1)
        project.replay().assert_outcomes(passed=1)

    def test_of_a_stream_read_past_its_end(self, project: Project) -> None:
        test = """
            from app import arguments

            @pytest.mark.groq_cassette
            def test_it():
                with groq.Groq() as client:
                    for chunk in client.chat.completions.create(**arguments("Hi", {})):
                        %s
        """
        project.tests(test % "break")
        project.record().assert_outcomes(passed=1)
        project.tests(test % "pass")
        (command,) = project.commands(project.replay())
        project.run_command(command).assert_outcomes(passed=1)
        project.replay().assert_outcomes(passed=1)

    def test_of_a_broken_cassette(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette
            def test_it():
                ask("Hi")
        """)
        project.write("cassettes/test_app/test_it.yaml", "version: [1\n")
        (command,) = project.commands(project.replay())
        project.run_command(command).assert_outcomes(passed=1)
        project.replay().assert_outcomes(passed=1)

    def test_of_a_shared_cassette(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette("shared")
            @pytest.mark.parametrize("prompt", ["a", "b"])
            def test_it(prompt):
                ask(prompt)
        """)
        project.write_cassette("a", "c", name="shared")
        commands = project.commands(project.replay())
        assert (
            commands[0] == "rm cassettes/shared.yaml && pytest --groq-record=once  # other tests use it too"
        )
        project.cassette("shared").unlink()
        project.run_command(commands[0].partition("&& ")[2]).assert_outcomes(passed=2)
        project.replay().assert_outcomes(passed=2)

    def test_from_a_folder_below_rootdir(self, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        project.tests(
            """
            @pytest.mark.groq_cassette
            def test_it():
                ask()
            """,
            "tests/test_app.py",
        )
        project.ini(pythonpath=".")
        monkeypatch.chdir(project.path / "tests")
        (command,) = project.commands(project.replay())
        assert command == "pytest test_app.py::test_it --groq-record=once"
        project.run_command(command).assert_outcomes(passed=1)
        assert project.cassettes == ["tests/test_app/test_it"]

    def test_updates_the_snapshots_of_a_test_that_has_some(self, project: Project) -> None:
        project.tests("""
            def test_it(groq_cassette, groq_snapshot):
                ask("now")
                assert groq_cassette.streams == groq_snapshot
        """)
        (command,) = project.commands(project.replay())
        assert command == "pytest test_app.py::test_it --groq-record=once --snapshot-update"
        project.run_command(command).assert_outcomes(passed=1)
        project.replay().assert_outcomes(passed=1)

    def test_says_that_the_marker_has_to_go(self, project: Project) -> None:
        test = """
            @pytest.mark.groq_cassette(record_mode="none")
            def test_it():
                ask("now")
        """
        project.tests(test)
        (command,) = project.commands(project.replay())
        assert command == (
            "pytest test_app.py::test_it --groq-record=once"
            '  # after taking record_mode="none" out of its marker'
        )
        project.tests(test.replace('record_mode="none"', ""))
        project.run_command(command).assert_outcomes(passed=1)
        project.replay().assert_outcomes(passed=1)

    def test_a_marker_that_agrees_may_stay(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette(record_mode="once")
            def test_it():
                ask("now")
        """)
        (command,) = project.commands(project.replay("--groq-record=none"))
        assert command == "pytest test_app.py::test_it --groq-record=once"
        project.run_command(command).assert_outcomes(passed=1)

    def test_of_a_method_of_unittest(self, project: Project) -> None:
        project.tests("""
            import unittest

            @pytest.mark.groq_cassette
            class TestApp(unittest.TestCase):
                def test_it(self):
                    ask("now")
        """)
        (command,) = project.commands(project.replay(beside=("unittest",)))
        project.run_command(command, beside=("unittest",)).assert_outcomes(passed=1)
        project.replay(beside=("unittest",)).assert_outcomes(passed=1)

    def test_of_an_unmarked_test_once_it_is_marked(self, project: Project) -> None:
        test = """
            def test_it():
                ask("now")
        """
        project.tests(test)
        (command,) = project.commands(project.replay())
        project.tests(test.replace("def test_it", "@pytest.mark.groq_cassette\n            def test_it"))
        project.run_command(command).assert_outcomes(passed=1)
        project.replay().assert_outcomes(passed=1)
