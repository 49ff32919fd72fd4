"""Several cassettes open at a time, and streams that outlive their own: nothing is lost, mixed up or torn."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import re
import threading
from typing import TYPE_CHECKING, Any

import pytest
from loopback_groq import Wait, stream
from pytest_plugin.conftest import Project, project
from recorder.integration.calling import question, untouched
from trust.clients import async_client, client

import groqtape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import groq
    from loopback_groq import LoopbackGroq
    from recorder.integration.calling import Sdk

    from groqtape.recorder.record_modes import RecordMode

__all__ = ["project"]

# That nothing is patched after each test, the fixture `genuine` sees to.
ASYNCIO = {"asyncio_mode": "auto", "asyncio_default_fixture_loop_scope": "function"}


@pytest.fixture(autouse=True)
def answers(server: LoopbackGroq) -> None:
    """Each prompt has an answer of its own, so that answers can't be mistaken for each other."""
    server.default = lambda request: stream(f"The answer to {request.prompt}")


@pytest.fixture
def asking() -> Iterator[groq.Groq]:
    with client() as asking:
        yield asking


def begin(asking: groq.Groq, name: str) -> Any:
    return asking.chat.completions.create(**question(name, stream=True))


def rest(chunks: Any) -> str:
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def ask(asking: groq.Groq, name: str) -> str:
    return rest(begin(asking, name))


def contents_of(path: Path) -> list[str]:
    """The content of each stream in a cassette; each has to be complete."""
    assert set(ends(path)) <= {"complete"}
    return [held.content for held in groqtape.load(path)]


def ends(path: Path) -> list[str]:
    return re.findall(r"(?m)^ +end: (\w+)$", path.read_text())


def of(names: str) -> list[str]:
    return [f"The answer to {name}" for name in names]


class TestTheSameFile:
    @pytest.mark.parametrize(
        ("mode", "old", "kept"),
        [
            ("once", "", ""),
            ("new_episodes", "", ""),
            ("new_episodes", "f", "f"),
            ("all", "", ""),
            ("all", "f", ""),
        ],
    )
    def test_within_itself(
        self,
        server: LoopbackGroq,
        asking: groq.Groq,
        cassette_path: Path,
        mode: RecordMode,
        old: str,
        kept: str,
    ) -> None:
        """Each block adds the calls made in it; `all` keeps nothing of an old file."""
        for name in old:
            with groqtape.use_cassette(cassette_path, "once"):
                ask(asking, name)
        with groqtape.use_cassette(cassette_path, mode):
            ask(asking, "a")
            with groqtape.use_cassette(cassette_path, mode):
                ask(asking, "b")
            ask(asking, "c")
        assert contents_of(cassette_path) == of(kept + "bac")
        with untouched(server), groqtape.use_cassette(cassette_path, allow_unplayed=True):
            assert [ask(asking, name) for name in "abc"] == of("abc")

    def test_within_itself_in_replay(
        self, server: LoopbackGroq, asking: groq.Groq, cassette_path: Path
    ) -> None:
        """Each reads the whole file, so each reports what it did not play."""
        with groqtape.use_cassette(cassette_path, "once"):
            for name in "ab":
                ask(asking, name)
        with untouched(server):
            with groqtape.use_cassette(cassette_path, allow_unplayed=True):
                assert ask(asking, "a") == "The answer to a"
                with groqtape.use_cassette(cassette_path, allow_unplayed=True):
                    assert [ask(asking, name) for name in "ab"] == of("ab")
                assert ask(asking, "b") == "The answer to b"
            with (
                pytest.raises(groqtape.UnplayedError, match='"b"'),
                groqtape.use_cassette(cassette_path),
                groqtape.use_cassette(cassette_path, allow_unplayed=True),
            ):
                ask(asking, "a")

    @pytest.mark.parametrize("mode", ["once", "new_episodes", "all"])
    def test_in_two_threads(self, server: LoopbackGroq, cassette_path: Path, mode: RecordMode) -> None:
        """Both are open before either calls; both call, and both replay their calls."""

        def run(mode: RecordMode, names: str, **options: Any) -> dict[str, Any]:
            got: dict[str, Any] = {}
            all_open, all_called = threading.Barrier(len(names)), threading.Barrier(len(names))

            def work(name: str) -> None:
                with client() as asking, groqtape.use_cassette(cassette_path, mode, **options):
                    all_open.wait(10)
                    got[name] = ask(asking, name)
                    all_called.wait(10)

            with threads(*[(work, name) for name in names]):
                pass
            return got

        assert run(mode, "ab") == dict(zip("ab", of("ab"), strict=True))
        assert sorted(contents_of(cassette_path)) == of("ab")
        with untouched(server):
            assert run("none", "ab", allow_unplayed=True) == dict(zip("ab", of("ab"), strict=True))

    def test_in_two_threads_of_which_one_leaves_while_the_other_reads(
        self, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        in_time(server, cassette_path, cassette_path)
        assert sorted(contents_of(cassette_path)) == of("ab")


class TestTwoFiles:
    def test_in_two_threads_each_has_its_own_calls(
        self, server: LoopbackGroq, cassette_path: Path, tmp_path: Path
    ) -> None:
        """Whichever was opened last; the other is closed last."""
        other = tmp_path / "other.yaml"
        in_time(server, cassette_path, other)
        assert (contents_of(cassette_path), contents_of(other)) == (of("a"), of("b"))

    @pytest.mark.parametrize("mode", ["once", "new_episodes", "all"])
    def test_left_in_the_wrong_order(
        self, server: LoopbackGroq, asking: groq.Groq, cassette_path: Path, tmp_path: Path, mode: RecordMode
    ) -> None:
        """The one that is still open handles the calls, whichever was opened first."""
        paths = [cassette_path, tmp_path / "second.yaml", tmp_path / "third.yaml"]
        for each in (mode, "none"):
            before = len(server.requests)
            first, second, third = (groqtape.use_cassette(path, each) for path in paths)
            first.__enter__()
            ask(asking, "a")
            second.__enter__()
            ask(asking, "b")
            third.__enter__()
            second.__exit__(None, None, None)
            ask(asking, "c")
            third.__exit__(None, None, None)
            assert ask(asking, "d") == "The answer to d"
            first.__exit__(None, None, None)
            assert [contents_of(path) for path in paths] == [of("ad"), of("b"), of("c")]
            assert len(server.requests) - before == (0 if each == "none" else 4)

    def test_an_exception_in_the_outer_alone(
        self, asking: groq.Groq, cassette_path: Path, tmp_path: Path
    ) -> None:
        """What was recorded in a block that had ended well stays."""
        inner = tmp_path / "inner.yaml"

        def ask_and_fail() -> None:
            ask(asking, "a")
            with groqtape.use_cassette(inner, "once"):
                ask(asking, "b")
            raise LookupError

        with pytest.raises(LookupError), groqtape.use_cassette(cassette_path, "once"):
            ask_and_fail()
        assert not cassette_path.exists()
        assert contents_of(inner) == of("b")


@contextlib.contextmanager
def threads(*work: tuple[Any, ...]) -> Iterator[None]:
    """Run threads, and raise here what one of them raises."""
    raised: list[BaseException] = []

    def run(call: Any, *args: Any) -> None:
        try:
            call(*args)
        except BaseException as error:
            raised.append(error)

    running = [threading.Thread(target=run, args=each) for each in work]
    for thread in running:
        thread.start()
    try:
        yield
    finally:
        for thread in running:
            thread.join(10)
    if raised:
        raise raised[0]


def in_time(server: LoopbackGroq, first: Path, second: Path) -> None:
    """One thread opens `first` and reads; another, which opened `second` last, closes it meanwhile."""
    gate, first_open, second_open, begun, gone = (threading.Event() for _ in range(5))
    server.reply(stream("The answer to a", gates={2: Wait(gate)}))

    def reads_on() -> None:
        with client() as asking, groqtape.use_cassette(first, "once"):
            first_open.set()
            assert second_open.wait(10)
            chunks = begin(asking, "a")
            got = rest([next(chunks)])
            begun.set()
            assert gone.wait(10)
            gate.set()
            assert got + rest(chunks) == "The answer to a"

    def closes() -> None:
        assert first_open.wait(10)
        with client() as asking, groqtape.use_cassette(second, "once"):
            second_open.set()
            assert begun.wait(10)
            assert ask(asking, "b") == "The answer to b"
        gone.set()

    with threads((reads_on,), (closes,)):
        pass


class TestAStreamAcrossBlocks:
    @pytest.mark.parametrize("when", ["while the inner is open", "after it"])
    def test_begun_under_the_outer_is_the_outer_s(
        self, server: LoopbackGroq, asking: groq.Groq, cassette_path: Path, tmp_path: Path, when: str
    ) -> None:
        inner = tmp_path / "inner.yaml"
        for mode in ("once", "none"):
            with groqtape.use_cassette(cassette_path, mode):
                chunks = begin(asking, "a")
                got = rest([next(chunks)])
                with groqtape.use_cassette(inner, mode):
                    assert ask(asking, "b") == "The answer to b"
                    if when != "after it":
                        got += rest(chunks)
                got += rest(chunks)
                assert got == "The answer to a"
        assert (contents_of(cassette_path), contents_of(inner)) == (of("a"), of("b"))
        assert len(server.requests) == 2

    def test_begun_under_the_inner_and_read_under_the_outer(
        self, server: LoopbackGroq, asking: groq.Groq, cassette_path: Path, tmp_path: Path
    ) -> None:
        """The inner has the chunks from before it was closed; in replay, reading past them raises."""
        gate = threading.Event()
        inner = tmp_path / "inner.yaml"
        server.reply(stream("The answer to a", gates={2: Wait(gate)}))
        with groqtape.use_cassette(cassette_path, "once"):
            with groqtape.use_cassette(inner, "once"):
                chunks = begin(asking, "a")
                got = rest([next(chunks), next(chunks)])
            gate.set()
            before = inner.read_bytes()
            assert got + rest(chunks) == "The answer to a"
        assert not cassette_path.exists()
        assert inner.read_bytes() == before
        assert ends(inner) == ["closed"]
        assert [each.content for each in groqtape.load(inner)] == [got]
        with untouched(server):
            with groqtape.use_cassette(inner):
                chunks = begin(asking, "a")
                assert rest([next(chunks), next(chunks)]) == got
            with pytest.raises(groqtape.RefusedError, match="past the end"):
                next(chunks)

    @pytest.mark.parametrize("read", [0, 1, 3])
    def test_that_is_whole_replays_after_its_block(
        self, sdk: Sdk, server: LoopbackGroq, asking: groq.Groq, cassette_path: Path, read: int
    ) -> None:
        with groqtape.use_cassette(cassette_path, "once"):
            sdk.stream("a")
        with untouched(server):
            with groqtape.use_cassette(cassette_path):
                chunks = begin(asking, "a")
                got = rest([next(chunks) for _ in range(read)])
            assert got + rest(chunks) == "The answer to a"

    def test_a_call_that_gets_its_answer_after_its_block(
        self, server: LoopbackGroq, cassette_path: Path, tmp_path: Path
    ) -> None:
        """It is in the file, without an answer; its caller receives all, the next cassette nothing."""
        arrived, gate = threading.Event(), threading.Event()
        server.reply(held_back(arrived, gate))
        got: list[str] = []

        def work() -> None:
            with client(max_retries=0) as asking:
                got.append(ask(asking, "a"))

        after = tmp_path / "next.yaml"
        with client() as asking, contextlib.ExitStack() as joined:
            with groqtape.use_cassette(cassette_path, "once"):
                joined.enter_context(threads((work,)))
                assert arrived.wait(10)
            with groqtape.use_cassette(after, "once"):
                gate.set()
                assert ask(asking, "b") == "The answer to b"
        assert got == of("a")
        assert ends(cassette_path) == ["closed"]
        assert groqtape.load(cassette_path) == []
        assert contents_of(after) == of("b")


def held_back(arrived: threading.Event, gate: threading.Event) -> Any:
    """An answer whose first byte comes once the gate is open."""

    def reply(_: Any) -> Any:
        arrived.set()
        gate.wait(10)
        return stream("The answer to a")

    return reply


# A client whose loop is closed can't close its connections; Python warns when they are collected.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("how", ["run", "closed by hand"])
def test_a_stream_that_is_open_when_its_loop_is_closed(
    server: LoopbackGroq, cassette_path: Path, how: str
) -> None:
    gate = threading.Event()
    server.reply(stream("The answer to a", gates={2: Wait(gate)}))
    kept: list[Any] = []

    async def begins() -> str:
        chunks = await async_client().chat.completions.create(**question("a", stream=True))
        kept.append(chunks)
        return rest([await anext(chunks), await anext(chunks)])

    def run() -> str:
        if how == "run":
            return asyncio.run(begins())
        loop = asyncio.new_event_loop()
        try:
            return loop.run_until_complete(begins())
        finally:
            loop.close()

    with groqtape.use_cassette(cassette_path, "once"):
        recorded = run()
    gate.set()
    assert ends(cassette_path) == ["closed"]
    assert [held.content for held in groqtape.load(cassette_path)] == [recorded]
    before = cassette_path.read_bytes()
    with untouched(server), groqtape.use_cassette(cassette_path):
        assert run() == recorded
    kept.clear()
    gc.collect()
    assert cassette_path.read_bytes() == before
    assert list(cassette_path.parent.iterdir()) == [cassette_path]


def prompts_in(project: Project, name: str) -> list[str]:
    """The prompts in a cassette whose answers are all complete."""
    assert set(ends(project.cassette(name))) == {"complete"}
    return project.prompts(name)


class TestACassetteOfAFixture:
    """Opened by `use_cassette` in a fixture that several tests share."""

    @pytest.fixture
    def shared(self, project: Project, request: pytest.FixtureRequest) -> Project:
        """Has tests of which some have a cassette of their own, too."""
        project.write(
            "conftest.py",
            f"""
            import groqtape, pytest

            @pytest.fixture(scope="{request.param}", autouse=True)
            def shared(pytestconfig):
                mode = pytestconfig.getoption("groq_record") or "none"
                with groqtape.use_cassette("cassettes/shared.yaml", mode, allow_unplayed=True):
                    yield
            """,
        )
        project.tests("""
            def test_own_first(groq_cassette):
                ask("own first")
                assert [each["messages"][0]["content"] for each in groq_cassette.requests] == ["own first"]

            def test_shared():
                ask("shared")

            @pytest.mark.groq_cassette
            def test_own():
                ask("own")

            @pytest.mark.groq_cassette
            async def test_own_async():
                await ask_async("own, async")

            async def test_shared_async():
                await ask_async("shared, async")
        """)
        project.ini(**ASYNCIO)
        return project

    SCOPES = pytest.mark.parametrize("shared", ["session", "module"], indirect=True)

    def check(self, shared: Project) -> None:
        assert prompts_in(shared, "shared") == ["shared", "shared, async"]
        assert prompts_in(shared, "test_app/test_own_first") == ["own first"]
        assert prompts_in(shared, "test_app/test_own") == ["own"]
        assert prompts_in(shared, "test_app/test_own_async") == ["own, async"]
        assert len(shared.cassettes) == 4

    @SCOPES
    @pytest.mark.parametrize("mode", ["once", "all"])
    def test_takes_what_no_test_s_own_takes(self, shared: Project, mode: RecordMode) -> None:
        shared.record(mode=mode, beside=("asyncio",)).assert_outcomes(passed=5)
        self.check(shared)
        shared.replay(beside=("asyncio",)).assert_outcomes(passed=5)

    @SCOPES
    def test_whichever_test_is_first(self, shared: Project) -> None:
        """Which cassette a call goes to must not hang on the order of tests, nor on which are selected."""
        shared.record("-k", "not own_first", beside=("asyncio",)).assert_outcomes(passed=4, deselected=1)
        shared.record("-k", "own_first", beside=("asyncio",)).assert_outcomes(passed=1, deselected=4)
        self.check(shared)

    @pytest.mark.parametrize("shared", ["session"], indirect=True)
    def test_what_it_lacks_it_refuses(self, shared: Project) -> None:
        """The guard ignores what a cassette handles, which itself reports what differs and fails the test."""
        shared.tests("""
            def test_it():
                try:
                    ask("now")
                except BaseException:
                    pass
        """)
        shared.write_cassette("then", name="shared")
        result = shared.replay(beside=("asyncio",))
        assert result.ret == pytest.ExitCode.TESTS_FAILED
        result.stdout.fnmatch_lines(['*messages[[]0].content: recorded "then" / now "now"'])
        assert "without a cassette" not in result.stdout.str()

    def test_of_an_async_fixture(self, project: Project) -> None:
        project.ini(**{**ASYNCIO, "asyncio_default_fixture_loop_scope": "session"})
        project.tests("""
            import groqtape, pytest_asyncio

            @pytest_asyncio.fixture(scope="session", loop_scope="session")
            async def shared(pytestconfig):
                mode = pytestconfig.getoption("groq_record") or "none"
                with groqtape.use_cassette("cassettes/shared.yaml", mode):
                    await ask_async("before")
                    yield
                    await ask_async("after")

            @pytest.mark.asyncio(loop_scope="session")
            async def test_async(shared):
                await ask_async("async")

            def test_sync(shared):
                ask("sync")
        """)
        project.record(beside=("asyncio",)).assert_outcomes(passed=2)
        assert prompts_in(project, "shared") == ["before", "async", "sync", "after"]
        project.replay(beside=("asyncio",)).assert_outcomes(passed=2)
