"""The guard: while replaying, no call to Groq leaves the machine; other calls are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_plugin.conftest import Project

# `project.replay` sees for itself that the server has seen nothing.


def test_an_unmarked_test_that_calls_groq_fails(project: Project) -> None:
    project.tests("""
        def test_it():
            ask()

        def test_async():
            asyncio.run(ask_async())
    """)
    result = project.replay()
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            "This test called Groq without a cassette, and while replaying no such call leaves the machine:",
            f"  POST {project.server.base_url}/openai/v1/chat/completions",
            "Give the test a cassette, with @pytest.mark.groq_cassette or any groq_ fixture",
        ]
    )
    assert project.commands(result) == [
        "pytest test_app.py::test_it --groq-record=once",
        "pytest test_app.py::test_async --groq-record=once",
    ]


def test_with_a_key_of_one_s_own_too(project: Project) -> None:
    project.tests("""
        def test_it():
            ask()
    """)
    project.with_key()
    seen = len(project.server.requests)
    project.run().assert_outcomes(failed=1)
    assert len(project.server.requests) == seen


@pytest.mark.parametrize("kind", ["Exception", "BaseException"])
def test_where_everything_is_swallowed(project: Project, kind: str) -> None:
    project.tests(f"""
        def test_it():
            try:
                ask()
            except {kind}:
                pass

        def test_async():
            async def swallow():
                try:
                    await ask_async()
                except {kind}:
                    pass

            asyncio.run(swallow())
    """)
    project.replay().assert_outcomes(failed=2)


def test_in_a_thread(project: Project) -> None:
    project.tests("""
        def swallow():
            try:
                ask()
            except BaseException:
                pass

        def test_it():
            thread = threading.Thread(target=swallow)
            thread.start()
            thread.join()
    """)
    project.replay().assert_outcomes(failed=1)


@pytest.mark.parametrize("when", ["set-up", "teardown"])
def test_in_a_fixture(project: Project, when: str) -> None:
    before, after = ("swallow()", "") if when == "set-up" else ("", "swallow()")
    project.tests(f"""
        def swallow():
            try:
                ask()
            except BaseException:
                pass

        @pytest.fixture
        def around():
            {before}
            yield
            {after}

        def test_it(around):
            pass
    """)
    result = project.replay()
    result.assert_outcomes(**({"failed": 1} if when == "set-up" else {"passed": 1, "errors": 1}))
    result.stdout.fnmatch_lines(["This test called Groq without a cassette*"])


def test_what_a_skip_hides_fails(project: Project) -> None:
    """'Groq can't be reached' would always skip such a test."""
    project.tests("""
        def test_it():
            try:
                ask()
            except BaseException:
                pytest.skip("Groq can't be reached")

        @pytest.fixture
        def greeting():
            try:
                return ask()
            except BaseException:
                pytest.skip("Groq can't be reached")

        def test_fixture(greeting):
            pass
    """)
    result = project.replay()
    result.assert_outcomes(failed=1, errors=1)
    result.stdout.fnmatch_lines(["This test called Groq without a cassette*"])


class TestAtCollection:
    def test_the_module_is_an_error(self, project: Project) -> None:
        project.tests("""
            GREETING = ask()

            def test_it():
                pass
        """)
        result = project.replay()
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(
            [
                "*Groq was called outside a test, and while replaying no such call leaves the machine:",
                f"*POST {project.server.base_url}/openai/v1/chat/completions",
            ]
        )

    def test_also_where_it_swallows_everything(self, project: Project) -> None:
        project.tests("""
            try:
                GREETING = ask()
            except BaseException:
                GREETING = "Hello"

            def test_it():
                pass
        """)
        result = project.replay()
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(["Groq was called outside a test, *"])

    def test_a_good_module_beside_it_is_none(self, project: Project) -> None:
        project.tests("ask()", "test_bad.py")
        project.tests("def test_it(): pass")
        project.replay("--continue-on-collection-errors").assert_outcomes(passed=1, errors=1)

    @pytest.mark.parametrize("swallow", [False, True])
    def test_a_conftest_that_calls_groq_is_a_usage_error(self, project: Project, swallow: bool) -> None:
        call = "try: ask()\nexcept BaseException: pass" if swallow else "ask()"
        project.write("conftest.py", f"from app import ask\n{call}\n")
        result = project.replay()
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines(["ERROR: Groq was called outside a test, *"])

    def test_a_conftest_that_fails_otherwise_says_so(self, project: Project) -> None:
        project.write("conftest.py", "import pytest\npytest.fail('not today')\n")
        with pytest.raises(pytest.fail.Exception, match="not today"):
            project.replay()

    def test_so_it_is_in_the_conftest_of_a_folder(self, project: Project) -> None:
        project.write("below/conftest.py", "from app import ask\nask()\n")
        project.tests("def test_it(): pass", "below/test_app.py")
        project.tests("def test_it(): pass")
        project.ini(pythonpath=".")
        result = project.replay("--import-mode=importlib", "--continue-on-collection-errors")
        result.assert_outcomes(passed=1, errors=1)
        result.stdout.fnmatch_lines(["*Groq was called outside a test, *"])


class TestImportedLate:
    """A fresh process imports httpx and the SDK only when the test does."""

    def test_in_the_body_of_the_test(self, project: Project) -> None:
        project.write(
            "test_app.py",
            """
            import sys

            def test_it():
                assert "httpx" not in sys.modules
                from app import ask

                try:
                    ask()
                except BaseException:
                    pass

            def test_of_another_kind():
                import importlib.util
                import httpx

                assert importlib.util.find_spec("httpx") is not None
                try:
                    httpx.post("https://api.groq.com/openai/v1/chat/completions", json={})
                except BaseException:
                    pass
            """,
        )
        project.without_key()
        seen = len(project.server.requests)
        result = project.run_in_its_own_process()
        result.assert_outcomes(failed=2)
        assert result.stdout.str().count("This test called Groq without a cassette") >= 2
        assert len(project.server.requests) == seen


class TestOtherTraffic:
    def test_goes_its_own_way(self, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("GROQ_BASE_URL")
        project.ini(groq_hosts="")
        project.tests(f"""
            import httpx

            URL = "{project.server.base_url}"

            def test_it():
                assert httpx.get(URL).status_code == 401

            @pytest.mark.groq_cassette
            def test_beside_a_cassette():
                assert httpx.get(URL).status_code == 401

            def test_async():
                async def get():
                    async with httpx.AsyncClient() as client:
                        return (await client.get(URL)).status_code

                assert asyncio.run(get()) == 401
        """)
        project.without_key()
        project.run().assert_outcomes(passed=3)
        assert project.cassettes == []

    def test_a_transport_of_one_s_own_is_nobody_s_business(self, project: Project) -> None:
        project.tests("""
            import httpx

            def test_it():
                transport = httpx.MockTransport(lambda request: httpx.Response(418))
                with httpx.Client(transport=transport) as client:
                    assert client.get("https://api.groq.com/openai/v1/models").status_code == 418
        """)
        project.replay().assert_outcomes(passed=1)

    @pytest.mark.parametrize("auto", ["false", "true"])
    def test_a_mock_behind_httpx_answers(self, project: Project, auto: str) -> None:
        """As respx does, which stands in for the pools that httpx's transports send through."""
        project.ini(groq_auto=auto)
        seen = len(project.server.requests)
        project.tests("""
            import httpcore

            CHUNK = b'{"id":"1","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"A mock"}}]}'
            HEADERS = [(b"content-type", b"text/event-stream")]

            def answer():
                return httpcore.Response(200, headers=HEADERS, content=b"data: " + CHUNK + b"\\n\\n")

            def test_it(monkeypatch):
                monkeypatch.setattr(httpcore.ConnectionPool, "handle_request", lambda pool, request: answer())
                assert ask() == "A mock"

            def test_async(monkeypatch):
                async def handle(pool, request):
                    return answer()

                monkeypatch.setattr(httpcore.AsyncConnectionPool, "handle_async_request", handle)
                assert asyncio.run(ask_async()) == "A mock"

            def test_none():
                ask()
        """)
        result = project.replay()
        result.assert_outcomes(passed=2, failed=1)
        assert len(project.server.requests) == seen
        assert project.cassettes == []


def test_in_a_recording_session_unmarked_tests_go_out(project: Project) -> None:
    """In a process of its own: in this one, this very suite's session is replaying."""
    project.tests("""
        def test_it():
            assert ask() == "Hello there"

        @pytest.mark.groq_cassette(record_mode="none")
        def test_locked():
            try:
                ask("locked")
            except BaseException:
                pass
    """)
    project.with_key()
    seen = len(project.server.requests)
    project.run_in_its_own_process("--groq-record=once").assert_outcomes(passed=1, failed=1)
    assert [request.prompt for request in project.server.requests[seen:]] == ["Hi"]
    assert project.cassettes == []
