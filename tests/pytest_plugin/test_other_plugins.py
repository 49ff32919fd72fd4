"""Beside pytest-xdist and pytest-asyncio; several sessions in one process, one after the other and nested."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_plugin.conftest import Project

SHARING = """
    @pytest.mark.groq_cassette("shared")
    @pytest.mark.parametrize("prompt", ["a", "b"])
    def test_it(prompt):
        ask(prompt)
"""
"""Tests that share a cassette."""


class TestXdist:
    TESTS = """
        @pytest.mark.groq_cassette
        @pytest.mark.parametrize("prompt", ["a", "b", "c", "d"])
        def test_it(prompt):
            ask(prompt)

        @pytest.mark.groq_cassette("shared")
        @pytest.mark.parametrize("prompt", ["e", "f", "g", "h"])
        def test_shared(prompt):
            ask(prompt)

        def test_snapshot(groq_cassette, groq_snapshot):
            ask("i")
            assert groq_cassette.streams == groq_snapshot

        def test_unmarked():
            pass
    """

    def test_workers_record_and_replay_and_the_summary_is_of_all(self, project: Project) -> None:
        project.tests(self.TESTS)
        result = project.record("-n2", "--snapshot-update", beside=("xdist",))
        result.assert_outcomes(passed=10)
        assert result.ret == pytest.ExitCode.OK
        result.stdout.fnmatch_lines(
            [
                "*- groqtape: cassettes written -*",
                *(["cassettes/*.yaml: * chunk* recorded"] * 6),
            ]
        )
        for name in "abcd":
            result.stdout.fnmatch_lines_random(
                [f"cassettes/test_app/test_it[[]{name}[]].yaml: 1 interaction, *"]
            )
        assert sorted(project.prompts("shared")) == ["e", "f", "g", "h"]
        result = project.replay("-n1", "-v", beside=("xdist",))
        result.assert_outcomes(passed=10)
        result.stdout.fnmatch_lines(["*- groqtape: cassettes used -*"])
        result.stdout.fnmatch_lines_random(
            [f"  cassettes/test_app/test_it[[]{name}[]].yaml (record mode none): 1 played" for name in "abcd"]
        )

    def test_what_no_worker_played_fails_the_session(self, project: Project) -> None:
        project.write_cassette("a", "b", "c", name="shared")
        for name in ("whole", "ignored"):
            project.write_cassette("a", "b", *(["c"] if name == "ignored" else []), name=name)
        project.tests(
            f"""{SHARING}
    @pytest.mark.groq_cassette("whole")
    @pytest.mark.parametrize("prompt", ["a", "b"])
    def test_whole(prompt):
        ask(prompt)

    @pytest.mark.groq_cassette("ignored", allow_unplayed=True)
    @pytest.mark.parametrize("prompt", ["a", "b"])
    def test_ignored(prompt):
        ask(prompt)
"""
        )
        result = project.replay("-n2", beside=("xdist",))
        result.assert_outcomes(passed=6)
        assert result.stdout.str().count("never asked for") == 1
        assert result.ret == pytest.ExitCode.TESTS_FAILED
        result.stdout.fnmatch_lines(
            [
                "*= groqtape: interactions left unplayed =*",
                "1 of 3 recorded interactions never asked for,",
                '  interaction 3: POST /openai/v1/chat/completions  * "c"',
                "*record from scratch:  rm cassettes/shared.yaml && pytest --groq-record=once *",
            ]
        )
        result = project.replay("-n1", "test_app.py::test_it[b]", beside=("xdist",))  # a part of the tests
        result.assert_outcomes(passed=1)
        assert result.ret == pytest.ExitCode.OK
        project.ini(groq_unplayed="warn")
        result = project.replay("-n1", beside=("xdist",))
        assert result.ret == pytest.ExitCode.OK
        assert "left unplayed" in result.stdout.str()

    def test_failures_of_workers_name_their_cassette(self, project: Project) -> None:
        project.tests("""
            @pytest.mark.groq_cassette
            def test_it():
                try:
                    ask("now")
                except BaseException:
                    pass

            def test_unmarked():
                ask()

            @pytest.mark.groq_cassette("shared")
            @pytest.mark.parametrize("prompt", ["a", "not recorded"])
            def test_shared(prompt):
                ask(prompt)
        """)
        project.write_cassette("then")
        project.write_cassette("a", "b", name="shared")
        result = project.replay("-n1", beside=("xdist",))
        result.assert_outcomes(passed=1, failed=3)
        assert "left unplayed" not in result.stdout.str()  # nobody can tell, where one of its tests failed
        result.stdout.fnmatch_lines(
            [
                '  messages[[]0].content: recorded "then" / now "now"',
                "cassettes/test_app/test_it.yaml (record mode none): 0 played",
                "This test called Groq without a cassette*",
            ]
        )


class TestAsyncio:
    def test_tests_and_fixtures_that_are_coroutines(self, project: Project) -> None:
        project.ini(asyncio_mode="auto", asyncio_default_fixture_loop_scope="function")
        project.tests("""
            @pytest.fixture
            async def greeting(async_groq_client):
                stream = await async_groq_client.chat.completions.create(
                    model="m", messages=[{"role": "user", "content": "in a fixture"}], stream=True
                )
                return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

            @pytest.fixture
            async def goodbye(groq_cassette):
                yield
                assert await ask_async("bye") == "Hello there"

            async def test_it(greeting, goodbye, async_groq_stream, groq_cassette, groq_snapshot):
                stream = await async_groq_stream(model="m", messages=[{"role": "user", "content": "Hi"}])
                assert "".join([chunk.content async for chunk, _ in stream]) == greeting == "Hello there"
                assert groq_cassette.streams == groq_snapshot

            @pytest.mark.groq_cassette
            async def test_marked():
                assert await asyncio.gather(ask_async("a"), ask_async("b")) == ["Hello there"] * 2
        """)
        project.record("--snapshot-update", beside=("asyncio",)).assert_outcomes(passed=2)
        assert project.prompts() == ["in a fixture", "Hi", "bye"]
        assert sorted(project.prompts("test_app/test_marked")) == ["a", "b"]
        project.replay(beside=("asyncio",)).assert_outcomes(passed=2)

    def test_a_miss_in_a_task_that_is_never_awaited(self, project: Project) -> None:
        project.ini(asyncio_mode="auto", asyncio_default_fixture_loop_scope="function")
        project.tests("""
            @pytest.mark.groq_cassette
            async def test_it():
                task = asyncio.create_task(ask_async("now"))
                await asyncio.wait([task])
                task.exception()

            async def test_unmarked():
                await asyncio.gather(ask_async("now"), return_exceptions=True)
        """)
        project.write_cassette("then")
        result = project.replay(beside=("asyncio",))
        result.assert_outcomes(failed=2)
        result.stdout.fnmatch_lines(['  messages[[]0].content: recorded "then" / now "now"'])

    def test_what_an_async_teardown_plays_is_played(self, project: Project) -> None:
        project.ini(asyncio_mode="auto", asyncio_default_fixture_loop_scope="function")
        project.tests("""
            @pytest.fixture
            async def around(groq_cassette):
                yield
                await ask_async("bye")

            async def test_it(around):
                await ask_async("Hi")
        """)
        project.write_cassette("Hi", "bye")
        project.replay(beside=("asyncio",)).assert_outcomes(passed=1)

    def test_what_an_async_test_leaves_unplayed_fails_it(self, project: Project) -> None:
        project.ini(asyncio_mode="auto", asyncio_default_fixture_loop_scope="function")
        project.tests("""
            async def test_it(async_groq_client, groq_stream):
                await ask_async("a", async_groq_client)
        """)
        project.write_cassette("a", "b")
        project.replay(beside=("asyncio",)).assert_outcomes(failed=1)


class TestWithoutEntryPoints:
    """Where plugins are not loaded by themselves, it is named: on the command line or in conftest.py.

    In processes of their own, since pytest 8.2 to 8.4 warns of a plugin by name that this one has imported.
    """

    TESTS = """
        CLIENT = groq.Groq()

        @pytest.mark.groq_cassette
        def test_it():
            assert ask("Hi", CLIENT) == "Hello there"

        def test_unmarked():
            ask("Hi", CLIENT)
    """

    @staticmethod
    def replay(project: Project, *args: str) -> pytest.RunResult:
        project.without_key()
        seen = len(project.server.requests)
        result = project.run_in_its_own_process(*args)
        assert len(project.server.requests) == seen
        return result

    def test_on_the_command_line(self, project: Project) -> None:
        project.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        project.tests(self.TESTS)
        project.write_cassette("Hi")
        self.replay(project, "-p", "syrupy", "-p", "groqtape.pytest_plugin.plugin").assert_outcomes(
            passed=1, failed=1
        )

    def test_in_conftest(self, project: Project) -> None:
        project.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        project.write("conftest.py", 'pytest_plugins = ["syrupy", "groqtape.pytest_plugin.plugin"]\n')
        project.tests(self.TESTS)
        project.write_cassette("Hi")
        self.replay(project).assert_outcomes(passed=1, failed=1)
        assert self.replay(project, "--groq-record=sometimes").ret == pytest.ExitCode.USAGE_ERROR


class TestSeveralSessions:
    def test_two_in_one_process_leave_no_patch_behind(self, project: Project) -> None:
        """In a process of its own, where nothing was patched before."""
        project.tests("""
            @pytest.mark.groq_cassette
            def test_it():
                ask()

            def test_unmarked():
                pass
        """)
        project.write(
            "twice.py",
            """
            import os, sys

            import pytest

            arguments = ["-q", *sys.argv[1:]]
            assert pytest.main([*arguments, "--groq-record=once"]) == 0
            import httpx

            def methods():
                return httpx.HTTPTransport.handle_request, httpx.AsyncHTTPTransport.handle_async_request

            genuine = methods()
            assert not any(hasattr(method, "__wrapped__") for method in genuine)
            os.environ.pop("GROQ_API_KEY")
            before = dict(os.environ), list(sys.meta_path)
            del sys.modules["test_app"]
            assert pytest.main(arguments) == 0
            assert methods() == genuine
            assert (dict(os.environ), sys.meta_path) == before
            """,
        )
        project.with_key()
        result = project.run_python("twice.py")
        assert result.ret == 0, result.stderr.str()
        assert project.prompts() == ["Hi"]

    def test_one_within_a_test_of_another(self, project: Project) -> None:
        """As in the suites of pytest plugins: the inner one has cassettes of its own."""
        project.write("conftest.py", 'pytest_plugins = ["pytester"]\n')
        project.tests(
            """
            INNER = '''
            import groq

            def ask(prompt):
                messages = [{"role": "user", "content": prompt}]
                with groq.Groq() as client:
                    list(client.chat.completions.create(model="inner", messages=messages, stream=True))

            def test_it(groq_cassette):
                ask("inner")
                assert len(groq_cassette.requests) == 1

            def test_unmarked():
                try:
                    ask("no test's")
                except BaseException:
                    pass
            '''

            def test_it(groq_cassette, pytester):
                ask("before")
                pytester.makepyfile(INNER)
                arguments = ["-p", "no:hypothesispytest", "-p", "no:cacheprovider", "-o", "groq_hosts=HOST"]
                pytester.runpytest_inprocess(*arguments, "test_it.py::test_it", "--groq-record=once")
                result = pytester.runpytest_inprocess(*arguments)
                result.assert_outcomes(passed=1, failed=1)
                ask("after")
                assert [request["messages"][0]["content"] for request in groq_cassette.requests] == [
                    "before",
                    "after",
                ]
            """.replace("HOST", project.server.host)
        )
        project.record().assert_outcomes(passed=1)
        assert project.prompts() == ["before", "after"]


def test_each_test_in_a_process_that_is_forked(project: Project) -> None:
    """As pytest-forked does it: reports come back, and everything else is lost."""
    project.write(
        "conftest.py",
        """
        import json, os
        import pytest
        from _pytest.runner import runtestprotocol

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_protocol(item, nextitem):
            hook, config = item.config.hook, item.config
            reading, writing = os.pipe()
            if not os.fork():
                reports = runtestprotocol(item, log=False)
                with os.fdopen(writing, "w") as pipe:
                    dump = hook.pytest_report_to_serializable
                    json.dump([dump(config=config, report=each) for each in reports], pipe)
                os._exit(0)
            os.close(writing)
            with os.fdopen(reading) as pipe:
                for data in json.load(pipe):
                    report = hook.pytest_report_from_serializable(config=config, data=data)
                    hook.pytest_runtest_logreport(report=report)
            os.wait()
            item.session._setupstate.teardown_exact(nextitem)
            return True
        """,
    )
    whole = SHARING.replace("shared", "whole").replace("test_it", "test_whole")
    project.tests(SHARING + whole)
    project.with_key()
    recorded = project.run_in_its_own_process("--groq-record=once")
    assert recorded.ret == pytest.ExitCode.OK
    assert project.prompts("shared") == project.prompts("whole") == ["a", "b"]
    project.without_key()
    project.tests(SHARING.replace("ask(prompt)", "ask('a') if prompt == 'a' else None") + whole)
    result = project.run_in_its_own_process()
    result.assert_outcomes(passed=4)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["1 of 2 recorded interactions never asked for,", "  interaction 2: *"])
    assert result.stdout.str().count("never asked for") == 1
