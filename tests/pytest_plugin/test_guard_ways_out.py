"""Ways in which a call could leave the machine although the session replays: none does, none is silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from installed_versions import older_than

if TYPE_CHECKING:
    from pytest_plugin.conftest import Project

# `project.replay` and `without_a_request` check that the server has seen nothing.

AT_EXIT = 120
"""Python's exit status where something fails while it ends."""
REFUSED = "*Groq was called outside a test, and while replaying no such call leaves the machine:"


@pytest.fixture
def without_a_request(project: Project) -> object:
    """A fresh process, from whose start to end no request reaches the server."""
    project.without_key()

    def run(*args: str) -> pytest.RunResult:
        seen = len(project.server.requests)
        result = project.run_in_its_own_process(*args)
        assert len(project.server.requests) == seen, "a call left the machine"
        return result

    return run


PASSES = """
        def test_it():
            pass
"""
# Without the SDK, whose import takes most of such a process.
CALL = "httpx.get(os.environ['GROQ_BASE_URL'] + '/openai/v1/models')"


class TestAfterTheSession:
    def test_at_exit(self, project: Project, without_a_request: object) -> None:
        project.write(
            "test_app.py",
            f"""
            import atexit, os

            import httpx

            def late():
                try:
                    {CALL}
                except BaseException as error:
                    print("caught", type(error).__name__)

            def test_it():
                atexit.register(late)
            """,
        )
        result = without_a_request()  # type: ignore[operator]
        result.stdout.fnmatch_lines(["*1 passed*", "caught Failed"])
        assert result.ret == AT_EXIT
        result.stderr.fnmatch_lines(["groqtape: a call outside a test", REFUSED])

    @pytest.mark.parametrize("daemon", [True, False])
    def test_in_a_thread_that_outlives_it(
        self, project: Project, without_a_request: object, *, daemon: bool
    ) -> None:
        project.tests(f"""
            import os

            def late(config):
                while not done.wait(0.01):
                    pass
                os.environ["GROQ_API_KEY"] = "mine"
                try:
                    ask()
                except BaseException as error:
                    print("caught", type(error).__name__)

            done = threading.Event()

            def test_it(pytestconfig):
                thread = threading.Thread(target=late, args=[pytestconfig], daemon={daemon})
                thread.start()
                # Cleanups run last to first: this one when the session has been forgotten.
                pytestconfig.add_cleanup(lambda: thread.join(5)) if {daemon} else None
                threading.Timer(0.3, done.set).start()
        """)
        result = without_a_request()  # type: ignore[operator]
        result.stdout.fnmatch_lines(["*1 passed*", "*caught APIStatusError"])
        assert result.ret in (AT_EXIT, pytest.ExitCode.TESTS_FAILED)
        result.stderr.fnmatch_lines(["*groqtape: a call outside a test", REFUSED])

    def test_in_pytest_unconfigure(self, project: Project, without_a_request: object) -> None:
        project.write(
            "conftest.py",
            f"""
            import os

            import httpx

            def pytest_unconfigure():
                try:
                    {CALL}
                except BaseException as error:
                    print("caught", type(error).__name__)
            """,
        )
        project.write("test_app.py", PASSES)
        result = without_a_request()  # type: ignore[operator]
        result.stdout.fnmatch_lines(["*1 passed*", "*caught Failed"])
        assert result.ret == pytest.ExitCode.TESTS_FAILED
        result.stderr.fnmatch_lines(["*groqtape: a call outside a test", REFUSED])

    def test_without_a_terminal(self, project: Project, without_a_request: object) -> None:
        project.write(
            "conftest.py",
            f"""
            import os

            import httpx

            def pytest_sessionfinish():
                try:
                    {CALL}
                except BaseException:
                    pass
            """,
        )
        project.write("test_app.py", PASSES)
        result = without_a_request("-p", "no:terminal")  # type: ignore[operator]
        result.stderr.fnmatch_lines(["*groqtape: a call outside a test", REFUSED])

    @pytest.mark.parametrize(
        "leaves", ["pass", "threading.Thread(target=time.sleep, args=[9], daemon=True).start()"]
    )
    def test_a_program_that_goes_on_calls_groq_itself(self, project: Project, leaves: str) -> None:
        """pytest may be a function that it calls. Its own calls are its own."""
        project.tests(f"""
            import time

            def test_it():
                {leaves}
        """)
        project.write(
            "program.py",
            """
            import sys
            import pytest

            status = pytest.main(sys.argv[1:])
            from app import ask
            print("answer:", ask(), int(status))
            """,
        )
        project.with_key()
        result = project.run_python("program.py")
        result.stdout.fnmatch_lines(["*1 passed*", "answer: Hello there 0"])


class TestWhereTheClientCalls:
    @pytest.mark.parametrize(
        "how", ["delenv('GROQ_BASE_URL')", "setenv('GROQ_BASE_URL', 'http://127.0.0.2:9')"]
    )
    def test_is_where_the_base_url_was_when_it_was_made(self, project: Project, how: str) -> None:
        project.tests(f"""
            def test_it(monkeypatch):
                with groq.Groq(api_key="mine") as client:
                    monkeypatch.{how}
                    client.models.list()

            def test_without_a_client_of_groq(monkeypatch):
                import httpx

                monkeypatch.setenv("GROQ_BASE_URL", "http://gateway.invalid")
                with httpx.Client() as client:
                    monkeypatch.undo()
                    client.get("http://gateway.invalid/")
        """)
        # The address is that of a local server, which no option names: by its base URL alone it is Groq's.
        result = project.replay()
        result.assert_outcomes(failed=2)
        result.stdout.fnmatch_lines(["This test called Groq without a cassette*"])

    def test_is_this_machine(self, project: Project) -> None:
        """A mock server of the project's own: what stays on this machine does not leave it."""
        project.ini(groq_hosts="")
        project.with_key()
        project.tests("""
            def test_it():
                assert ask() == "Hello there"

            @pytest.mark.groq_cassette
            def test_with_a_cassette():
                ask()

            @pytest.fixture(scope="module", autouse=True)
            def outside_a_test():
                assert ask() == "Hello there"
        """)
        result = project.run()
        result.assert_outcomes(passed=1, failed=1)
        result.stdout.fnmatch_lines(["There is no cassette*"])


def test_modules_that_are_imported_anew_are_recorded_replayed_and_guarded(
    project: Project, without_a_request: object
) -> None:
    project.tests("""
        import functools, importlib, sys

        @pytest.fixture(params=["httpx", "groq", "httpx groq", "httpx httpcore groq"])
        def anew(request):
            before = dict(sys.modules)

            def import_groq():
                for name in list(sys.modules):
                    if name.partition(".")[0] in request.param.split():
                        del sys.modules[name]
                return importlib.import_module("groq")

            yield functools.cache(import_groq)
            sys.modules.update(before)

        def parts(stream):
            return "".join(chunk.choices[0].delta.content or "" for chunk in stream)

        QUESTION = dict(model="m", messages=[{"role": "user", "content": "Hi"}], stream=True)

        def test_it(groq_cassette, anew):
            assert ask() == "Hello there"
            with anew().Groq() as client:
                assert parts(client.chat.completions.create(**QUESTION)) == "Hello there"

            async def main():
                async with anew().AsyncGroq() as client:
                    stream = await client.chat.completions.create(**QUESTION)
                    return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

            assert asyncio.run(main()) == "Hello there"
            assert len(groq_cassette.streams) == 3

        def test_without_a_cassette(anew):
            with anew().Groq() as client:
                client.models.list()
    """)
    project.with_key()
    project.run_in_its_own_process("--groq-record=once", "-k", "test_it").assert_outcomes(
        passed=4, deselected=4
    )
    project.without_key()
    result = without_a_request()  # type: ignore[operator]
    result.assert_outcomes(passed=4, failed=4)
    refused = [line for line in result.outlines if "This test called Groq without a cassette" in line]
    assert len(refused) >= 4


def test_what_wraps_the_pools_does_not_turn_the_guard_off(project: Project) -> None:
    project.tests("""
        import httpcore

        @pytest.fixture(params=["ConnectionPool", "AsyncConnectionPool"], autouse=True)
        def traced(request, monkeypatch):
            pool = getattr(httpcore, request.param)
            name = "handle_request" if hasattr(pool, "handle_request") else "handle_async_request"
            genuine = vars(pool)[name]
            monkeypatch.setattr(pool, name, lambda self, request: genuine(self, request))

        def test_it():
            ask()

        def test_async():
            asyncio.run(ask_async())
    """)
    project.replay().assert_outcomes(failed=4)


class TestEventLoopsThatForbidBlocking:
    TESTS = """
        from blockbuster import blockbuster_ctx

        @pytest.fixture(autouse=True)
        def forbidden():
            with blockbuster_ctx():
                yield

        def test_it():
            assert asyncio.run(ask_async()) == "Hello there"
    """

    def test_with_groq_auto(self, project: Project) -> None:
        project.ini(groq_auto="true")
        project.tests(self.TESTS)
        project.record().assert_outcomes(passed=1)
        project.replay().assert_outcomes(passed=1)
        project.cassette().unlink()
        result = project.replay()
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["There is no cassette cassettes/test_app/test_it.yaml,"])

    @pytest.mark.skipif(older_than("httpx", 0, 28), reason="making a client of it blocks by itself")
    def test_without_a_cassette(self, project: Project) -> None:
        project.tests(self.TESTS)
        result = project.replay()
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["This test called Groq without a cassette*"])


def test_a_miss_in_a_shared_portal_leaves_it_to_the_next_test(project: Project) -> None:
    """As a module's `with TestClient(app) as client` has it."""
    project.tests("""
        from anyio.from_thread import start_blocking_portal

        @pytest.fixture(scope="module")
        def call():
            with start_blocking_portal() as portal:
                yield lambda prompt: portal.call(ask_async, prompt)

        @pytest.mark.groq_cassette
        def test_one(call, pytestconfig):
            assert call("Hi" if pytestconfig.getoption("groq_record") else "Changed") == "Hello there"

        @pytest.mark.groq_cassette
        def test_swallowed(call):
            try:
                call("Hi")
            except Exception:
                pass

        @pytest.mark.groq_cassette
        def test_two(call):
            assert call("Hi") == "Hello there"

        def test_without_a_cassette(call):
            try:
                call("Hi")
            except Exception:
                pass
    """)
    project.ini(groq_auto="")
    project.record("--deselect", "test_app.py::test_without_a_cassette").assert_outcomes(
        passed=3, deselected=1
    )
    project.cassette("test_app/test_swallowed").unlink()
    result = project.replay()
    result.assert_outcomes(passed=1, failed=3)
    result.stdout.fnmatch_lines(["*messages*differs from*", "*There is no cassette*", "*without a cassette*"])
    result.stdout.no_fnmatch_line("*portal is not running*")


def test_an_error_of_groqtape_s_own_fails_the_test_that_swallows_it(project: Project) -> None:
    project.write(
        "conftest.py",
        """
        import pytest
        from groqtape.pytest_plugin.calls_without_cassette import CallsWithoutCassette
        from groqtape.recorder.answers import Answers

        def broken(*_, **__):
            raise LookupError("something is broken")

        @pytest.fixture(autouse=True)
        def break_it(monkeypatch):
            monkeypatch.setattr(Answers, "handler_for", broken)
            monkeypatch.setattr(CallsWithoutCassette, "handler_for", broken)
        """,
    )
    project.tests("""
        @pytest.mark.groq_cassette
        def test_it():
            try:
                ask()
            except Exception:
                pass

        def test_without_a_cassette():
            try:
                ask()
            except Exception:
                pass
    """)
    result = project.replay()
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["LookupError: something is broken", "LookupError: something is broken"])
