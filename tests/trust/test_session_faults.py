"""Faults of a test session: threads that outlive tests, interrupts, signals, crashes, forks, misses."""

from __future__ import annotations

import functools
import re
import signal
import subprocess
import textwrap
import threading
from typing import TYPE_CHECKING, Any

import pytest
from loopback_groq import Note, Wait, stream
from pytest_plugin.conftest import Project, project

import groqtape
from groqtape.recorder import playback

if TYPE_CHECKING:
    from loopback_groq import LoopbackGroq

__all__ = ["project"]

TEXT = "One two three four"


@pytest.fixture(autouse=True)
def answers(server: LoopbackGroq) -> None:
    server.default = stream("Hello there")


def interactions(project: Project, name: str) -> list[tuple[str, str]]:
    """The interactions of a cassette: each prompt, and how its answer ended."""
    ends = re.findall(r"(?m)^ +end: (\w+)$", project.cassette(name).read_text())
    return list(zip(project.prompts(name), ends, strict=True))


def whole(*prompts: str) -> list[tuple[str, str]]:
    return [(prompt, "complete") for prompt in prompts]


class TestAThreadThatOutlivesItsTest:
    @pytest.fixture
    def outlived(self, project: Project, request: pytest.FixtureRequest) -> Project:
        """A test's thread calls Groq while the next test runs, and swallows every exception."""
        project.tests(f"""
            go_on = threading.Event()

            def call():
                go_on.wait(10)
                try:
                    ask("outside")
                except BaseException:
                    pass

            thread = threading.Thread(target=call)

            @pytest.mark.groq_cassette
            def test_before():
                ask("before")
                thread.start()

            {request.param}
            def test_it():
                go_on.set()
                thread.join()

            @pytest.mark.groq_cassette
            def test_after():
                ask("after")
        """)
        return project

    @pytest.mark.parametrize("outlived", [""], indirect=True)
    def test_and_calls_in_one_without_a_cassette(self, outlived: Project, server: LoopbackGroq) -> None:
        """Recording: it is answered and written to no file. Replaying: it is refused and reported."""
        outlived.record().assert_outcomes(passed=3)
        assert [request.prompt for request in server.requests] == ["before", "outside", "after"]
        assert outlived.cassettes == ["test_app/test_after", "test_app/test_before"]
        assert interactions(outlived, "test_app/test_before") == whole("before")
        result = outlived.replay()
        result.assert_outcomes(passed=2, failed=1)
        result.stdout.fnmatch_lines(["*_ test_it _*", "This test called Groq without a cassette*"])

    @pytest.mark.parametrize("outlived", ["@pytest.mark.groq_cassette"], indirect=True)
    def test_and_calls_in_one_that_has_a_cassette(self, outlived: Project) -> None:
        """The call counts as that test's own: it is in its cassette, and in its failure."""
        outlived.record("-k", "test_it or test_before").assert_outcomes(passed=2, deselected=1)
        assert interactions(outlived, "test_app/test_it") == whole("outside")
        assert interactions(outlived, "test_app/test_before") == whole("before")
        outlived.write_cassette("after", name="test_app/test_after")
        outlived.replay().assert_outcomes(passed=3)
        outlived.cassette("test_app/test_it").unlink()
        result = outlived.replay()
        result.assert_outcomes(passed=2, failed=1)
        result.stdout.fnmatch_lines(["There is no cassette cassettes/test_app/test_it.yaml,", '*"outside"'])

    @pytest.mark.parametrize("hook", ["pytest_runtest_logfinish(nodeid)", "pytest_sessionfinish()"])
    def test_and_calls_between_tests_or_after_them(self, project: Project, hook: str) -> None:
        """No test can fail for it, so the session fails, with the reason."""
        project.write(
            "conftest.py",
            f"""
            import threading

            from app import ask

            def call():
                try:
                    ask("outside")
                except BaseException:
                    pass

            def {hook}:
                thread = threading.Thread(target=call)
                thread.start()
                thread.join()
            """,
        )
        project.tests("""
            @pytest.mark.groq_cassette
            def test_it():
                ask("Hi")
        """)
        project.write_cassette("Hi")
        result = project.replay()
        result.assert_outcomes(passed=1)
        assert result.ret == pytest.ExitCode.TESTS_FAILED
        result.stdout.fnmatch_lines(["*Groq was called outside a test, *"])

    def test_and_calls_in_a_worker_when_its_tests_are_over(self, project: Project) -> None:
        project.write(
            "conftest.py",
            """
            from app import ask

            def pytest_sessionfinish(session):
                if hasattr(session.config, "workerinput"):
                    try:
                        ask("outside")
                    except BaseException:
                        pass
            """,
        )
        project.tests("""
            @pytest.mark.groq_cassette
            def test_it():
                ask("Hi")
        """)
        project.write_cassette("Hi")
        result = project.replay("-n1", beside=("xdist",))
        result.assert_outcomes(passed=1)
        assert result.ret == pytest.ExitCode.TESTS_FAILED
        result.stdout.fnmatch_lines(
            ["*groqtape: a call outside a test*", "*Groq was called outside a test, *"]
        )

    def test_in_the_middle_of_a_stream(
        self, project: Project, server: LoopbackGroq, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The file has what arrived while its test ran. The thread gets everything. The next test passes."""
        monkeypatch.setattr(playback, "_GRACE", 0.1)
        gate = threading.Event()
        server.on("slow", stream(TEXT, gates={3: Wait(gate)}))
        server.on("next", stream("Unharmed", before=[Note(gate)]))
        project.tests("""
            from app import arguments

            received = []
            has_three = threading.Event()

            def call():
                try:
                    with groq.Groq() as client:
                        for chunk in client.chat.completions.create(**arguments("slow", {})):
                            if chunk.choices:
                                received.append(chunk.choices[0].delta.content or "")
                            if len(received) == 3:
                                has_three.set()
                except BaseException as error:
                    received.append(type(error).__name__)

            thread = threading.Thread(target=call)

            @pytest.mark.groq_cassette
            def test_it():
                thread.start()
                assert has_three.wait(10)

            @pytest.mark.groq_cassette
            def test_next(pytestconfig):
                assert ask("next") == "Unharmed"
                thread.join()
                if pytestconfig.getoption("groq_record"):
                    assert "".join(received) == "One two three four"
                else:
                    assert (len(received), received[3:]) == (4, ["GroqtapeError"])
        """)
        project.record().assert_outcomes(passed=2)
        assert interactions(project, "test_app/test_it") == [("slow", "closed")]
        (held,) = groqtape.load(project.cassette())
        assert held.content == "One two"
        assert interactions(project, "test_app/test_next") == whole("next")
        project.replay().assert_outcomes(passed=2)


INTERRUPTS = {
    "KeyboardInterrupt": ("raise KeyboardInterrupt", pytest.ExitCode.INTERRUPTED),
    "exit": ("pytest.exit('enough', returncode=7)", 7),
}
MOMENTS = {
    "in the test": """
        def test_it():
            chunks = begin()
            {}
    """,
    "in a set-up": """
        @pytest.fixture
        def broken():
            chunks = begin()
            {}

        def test_it(broken):
            pass
    """,
    "in a teardown": """
        @pytest.fixture
        def broken():
            yield
            chunks = begin()
            {}

        def test_it(broken):
            ask("new")
    """,
    "in an event loop": """
        async def begin_async():
            async for chunk in await groq.AsyncGroq().chat.completions.create(**arguments("slow", {{}})):
                {}

        def test_it():
            asyncio.run(begin_async())
    """,
}


class TestAnInterrupt:
    """While a stream is being recorded."""

    @pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS.keys())
    @pytest.mark.parametrize(("interrupt", "status"), INTERRUPTS.values(), ids=INTERRUPTS.keys())
    def test_of_the_session(
        self, project: Project, server: LoopbackGroq, moment: str, interrupt: str, status: int
    ) -> None:
        gone = threading.Event()
        server.on("slow", stream(TEXT, gates={2: Wait(gone)}))
        head = """
            from app import arguments

            pytestmark = pytest.mark.groq_cassette

            def begin():
                chunks = groq.Groq().chat.completions.create(**arguments("slow", {}))
                next(chunks)
                return chunks

            def test_before():
                ask("before")
        """
        tests = project.tests(head)
        tests.write_text(tests.read_text() + textwrap.dedent(moment.format(interrupt)))
        cassette_path = project.write_cassette("old")
        old = cassette_path.read_bytes()
        # The interrupted test does not close its stream.
        result = project.record("-W", "ignore::ResourceWarning", mode="all")
        gone.set()
        assert result.ret == status
        assert cassette_path.read_bytes() == old
        assert interactions(project, "test_app/test_before") == whole("before")
        assert files(project) == ["test_before.yaml", "test_it.yaml"]
        # The next session works as usual.
        project.tests("""
            pytestmark = pytest.mark.groq_cassette

            def test_it():
                ask("new")

            def test_after():
                ask("after")
        """)
        project.record(mode="all").assert_outcomes(passed=2)
        project.replay().assert_outcomes(passed=2)
        assert interactions(project, "test_app/test_it") == whole("new")

    @pytest.mark.parametrize("mode", ["new_episodes", "all"])
    def test_of_the_test_alone(self, project: Project, server: LoopbackGroq, mode: str) -> None:
        """`sys.exit` fails the test, and does not end the session."""
        gone = threading.Event()
        server.on("slow", stream(TEXT, gates={2: Wait(gone)}))
        project.tests("""
            import sys

            from app import arguments

            pytestmark = pytest.mark.groq_cassette

            def test_it():
                with groq.Groq() as client:
                    for chunk in client.chat.completions.create(**arguments("slow", {})):
                        sys.exit(0)

            def test_after():
                ask("after")
        """)
        old = project.write_cassette("old").read_bytes()
        project.record(mode=mode).assert_outcomes(passed=1, failed=1)
        gone.set()
        assert project.cassette().read_bytes() == old
        assert interactions(project, "test_app/test_after") == whole("after")

    @pytest.mark.parametrize("enough", ["-x", "--maxfail=1"])
    def test_by_the_first_failure(self, project: Project, enough: str) -> None:
        project.tests("""
            pytestmark = pytest.mark.groq_cassette

            def test_before():
                ask("before")

            def test_it():
                ask("new")
                assert False

            def test_after():
                ask("after")
        """)
        old = project.write_cassette("old").read_bytes()
        project.record(enough, mode="all").assert_outcomes(passed=1, failed=1)
        assert project.cassette().read_bytes() == old
        assert interactions(project, "test_app/test_before") == whole("before")
        assert files(project) == ["test_before.yaml", "test_it.yaml"]


def files(project: Project, folder: str = "test_app") -> list[str]:
    """All files in a folder of cassettes, hidden ones too."""
    return sorted(each.name for each in (project.path / "cassettes" / folder).iterdir())


class TestAProcessThatEnds:
    """On its own or by a signal, in the middle of a stream that is being recorded."""

    TESTS = """
        pytestmark = pytest.mark.groq_cassette

        def test_before():
            ask("before")

        def test_it():
            ask("slow")

        def test_after():
            ask("after")
    """

    @pytest.mark.parametrize(
        ("number", "status"),
        [(signal.SIGINT, pytest.ExitCode.INTERRUPTED), (signal.SIGTERM, -signal.SIGTERM)],
        ids=["SIGINT", "SIGTERM"],
    )
    def test_by_a_signal(
        self,
        project: Project,
        pytester: pytest.Pytester,
        server: LoopbackGroq,
        number: signal.Signals,
        status: int,
    ) -> None:
        """The signal arrives while the test waits for the network."""
        project.tests(self.TESTS)
        old = project.write_cassette("old").read_bytes()
        halfway, gone = threading.Event(), threading.Event()
        server.on("slow", halved(halfway, gone))
        project.with_key()
        arguments = [*pytester._getpytestargs(), *project._args(()), "--groq-record=all"]
        output = project.path / "output.txt"
        with output.open("w", encoding="utf-8") as file:
            process = pytester.popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                # A suite that a shell runs in the background ignores SIGINT, and so would its children.
                preexec_fn=functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
            )
        assert halfway.wait(30), output.read_text()
        process.send_signal(number)
        assert process.wait(30) == status, output.read_text()
        gone.set()
        assert project.cassette().read_bytes() == old
        assert interactions(project, "test_app/test_before") == whole("before")
        assert files(project) == ["test_before.yaml", "test_it.yaml"]
        # The next session works as usual.
        server.clear()
        server.default = stream("Hello there")
        project.record(mode="all").assert_outcomes(passed=3)
        assert interactions(project, "test_app/test_it") == whole("slow")
        project.replay().assert_outcomes(passed=3)

    def test_that_is_a_worker(self, project: Project) -> None:
        """pytest-xdist starts another worker, and reports which test crashed it."""
        project.tests("""
            import os

            pytestmark = pytest.mark.groq_cassette

            def test_before():
                ask("before")

            def test_it():
                ask("new")
                os._exit(1)

            def test_after():
                ask("after")

            @pytest.mark.groq_cassette("shared")
            @pytest.mark.parametrize("number", range(4))
            def test_shared(number):
                ask(f"{number}")
                if number == 2:
                    os._exit(1)
        """)
        old = project.write_cassette("old").read_bytes()
        result = project.record("-n1", mode="all", beside=("xdist",))
        result.assert_outcomes(passed=5, failed=2)
        result.stdout.fnmatch_lines_random(["*crashed while running 'test_app.py::test_it'*"])
        assert project.cassette().read_bytes() == old
        for name in ("before", "after"):
            assert interactions(project, f"test_app/test_{name}") == whole(name)
        assert sorted(interactions(project, "shared")) == whole("0", "1", "3")
        assert files(project) == ["test_after.yaml", "test_before.yaml", "test_it.yaml"]
        assert files(project, "") == ["shared.yaml", "test_app"]


class TestAFork:
    """In a process of its own: one with several threads is not to be forked."""

    HEAD = """
        import multiprocessing, os

        def in_a_fork(work):
            process = os.fork()
            if process == 0:
                try:
                    work()
                    os._exit(0)
                except BaseException as error:
                    os.write(2, str(error).encode())
                    os._exit(1)
            return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])

        def in_a_process(work):
            child = multiprocessing.get_context("fork").Process(target=work)
            child.start()
            child.join()
            return child.exitcode

        ways = pytest.mark.parametrize("way", [in_a_fork, in_a_process])
    """

    def run(self, project: Project, tests: str, *args: str) -> pytest.RunResult:
        path = project.tests(self.HEAD)
        path.write_text(path.read_text() + textwrap.dedent(tests))
        return project.run_in_its_own_process(*args)

    def test_records_the_calls_of_the_parent(self, project: Project, server: LoopbackGroq) -> None:
        """The call of the child is answered, and written to no file."""
        project.with_key()
        result = self.run(
            project,
            """
            @ways
            @pytest.mark.groq_cassette
            def test_it(way):
                ask("before")
                assert way(lambda: ask("child")) == 0
                ask("after")
            """,
            "--groq-record=all",
        )
        result.assert_outcomes(passed=2)
        assert [request.prompt for request in server.requests] == ["before", "child", "after"] * 2
        for name in project.cassettes:
            assert interactions(project, name) == whole("before", "after")
        assert len(project.cassettes) == 2

    def test_replays_in_the_child_too(self, project: Project, server: LoopbackGroq) -> None:
        cassette_path = project.write_cassette("before", "child", "after", name="book")
        old = cassette_path.read_bytes()
        project.without_key()
        seen = len(server.requests)
        result = self.run(
            project,
            """
            pytestmark = ways

            @pytest.mark.groq_cassette("book", allow_unplayed=True)
            def test_it(way):
                ask("before")
                assert way(lambda: ask("child")) == 0
                ask("after")

            @pytest.mark.groq_cassette("book", allow_unplayed=True)
            def test_that_it_lacks(way):
                assert way(lambda: ask("now")) == 0

            def test_without_a_cassette(way):
                assert way(lambda: ask("now")) == 0
            """,
            "-s",
        )
        result.assert_outcomes(passed=2, failed=4)
        # The children show it, and the parent's tests fail with it.
        output = result.stderr.str() + result.stdout.str()
        assert output.count("messages[0].content differs from what") == 4
        assert output.count("This test called Groq without a cassette") == 4
        assert len(server.requests) == seen
        assert cassette_path.read_bytes() == old

    def test_whose_child_closes_the_cassette_too(self, project: Project) -> None:
        """Every interaction of the parent is in the file, once."""
        project.write_cassette("old", name="all")
        project.write(
            "script.py",
            """
            import os

            import groqtape
            from app import ask

            for mode in ("once", "all"):
                with groqtape.use_cassette(f"cassettes/{mode}.yaml", mode):
                    ask("before")
                    process = os.fork()
                    if process:
                        assert os.waitpid(process, 0)[1] == 0
                    ask("after" if process else "child")
                if not process:
                    os._exit(0)
            """,
        )
        project.with_key()
        result = project.run_python("script.py")
        assert result.ret == 0, result.stderr.str()
        for name in ("once", "all"):
            assert [each for each in interactions(project, name) if each[0] != "child"] == whole(
                "before", "after"
            )


def halved(halfway: threading.Event, gone: threading.Event) -> Any:
    """A stream that sends half of its events, and then nothing until the client is gone."""
    return stream(TEXT, gates={3: [Note(halfway), Wait(gone)]})


MISSES = {
    "a nursery of trio": """
        async def main():
            try:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(ask_async, "now")
            except BaseException:
                pass

        trio.run(main)
    """,
    "a task group of anyio, on asyncio": """
        async def main():
            try:
                async with anyio.create_task_group() as group:
                    group.start_soon(ask_async, "now")
                    group.start_soon(anyio.sleep, 10)
            except BaseException:
                pass

        anyio.run(main)
    """,
    "a thread of anyio": """
        async def main():
            with contextlib.suppress(BaseException):
                await anyio.to_thread.run_sync(ask, "now")

        anyio.run(main, backend="trio")
    """,
    "except*": """
        async def main():
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(ask_async("now"))
            except* BaseException:
                pass

        asyncio.run(main())
    """,
    "suppress": """
        with contextlib.suppress(BaseException):
            ask("now")
    """,
    "a return in a finally": """
        def swallow():
            try:
                ask("now")
            finally:
                return "Hello"

        swallow()
    """,
    "the finally of a generator": """
        def generate():
            try:
                yield
            finally:
                with contextlib.suppress(BaseException):
                    ask("now")

        next(generate())
        gc.collect()
    """,
    "a callback of the loop": """
        async def main():
            loop = asyncio.get_running_loop()
            loop.set_exception_handler(lambda *_: None)
            loop.call_soon(swallow, ask, "now")
            await asyncio.sleep(0)
            await asyncio.sleep(0)

        def swallow(call, *args):
            with contextlib.suppress(BaseException):
                call(*args)

        asyncio.run(main())
    """,
    "a task whose exception goes to the loop's handler": """
        async def main():
            asyncio.get_running_loop().set_exception_handler(lambda *_: None)
            await asyncio.wait([asyncio.create_task(ask_async("now"))])
            gc.collect()

        asyncio.run(main())
    """,
    "a callback of a future": """
        def swallow(_):
            with contextlib.suppress(BaseException):
                ask("now")

        with ThreadPoolExecutor() as pool:
            pool.submit(int).add_done_callback(swallow)
    """,
    "a timer": """
        def swallow():
            with contextlib.suppress(BaseException):
                ask("now")

        timer = threading.Timer(0, swallow)
        timer.start()
        timer.join()
    """,
    "an executor of the loop": """
        async def main():
            loop = asyncio.get_running_loop()
            await asyncio.gather(loop.run_in_executor(None, ask, "now"), return_exceptions=True)

        asyncio.run(main())
    """,
}


class TestAMiss:
    """A miss fails the test, wherever the call is made and whatever swallows the exception."""

    @pytest.mark.parametrize("body", MISSES.values(), ids=MISSES.keys())
    def test_fails_the_test(self, project: Project, body: str) -> None:
        head = """
            import contextlib, gc
            from concurrent.futures import ThreadPoolExecutor

            import anyio, trio

            @pytest.mark.groq_cassette
            def test_it():
        """
        tests = project.tests(head)
        tests.write_text(tests.read_text().rstrip() + "\n" + textwrap.indent(textwrap.dedent(body), "    "))
        project.write_cassette("then")
        # Python 3.14 and later warn of the `return` in one of them.
        result = project.replay("-W", "ignore:'return' in a 'finally' block:SyntaxWarning")
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(['  messages[[]0].content: recorded "then" / now "now"'])
