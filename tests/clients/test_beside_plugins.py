"""groqtape beside other pytest plugins: with each of them alone, and with all of them."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING

import groq  # noqa: F401
import pytest
from loopback_groq import stream

if TYPE_CHECKING:
    from clients.conftest import Suite, Write

BOOK = "The Name of the Wind by Patrick Rothfuss"

OTHERS = (
    "anyio",
    "cassetter",
    "inline-snapshot",
    "pyfakefs",
    "pytest-asyncio",
    "pytest-bdd",
    "pytest-httpx",
    "pytest-randomly",
    "pytest-recording",
    "pytest-rerunfailures",
    "pytest-socket",
    "pytest-trio",
    "pytest-xdist",
    "respx",
)
# These two both declare --record-mode, and pytest does not start with both.
EITHER_OF = ("pytest-recording", "cassetter")

ASK = """
import groq

def ask(prompt="Recommend a fantasy book"):
    with groq.Groq() as client:
        stream = client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": prompt}], stream=True
        )
        return "".join(chunk.choices[0].delta.content or "" for chunk in stream)

async def ask_async(prompt="Recommend a fantasy book"):
    async with groq.AsyncGroq() as client:
        stream = await client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": prompt}], stream=True
        )
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
"""


@pytest.fixture
def tests(suite: Suite) -> Write:
    """Write a test file that can call `ask` and `ask_async`, and set which plugins take part."""

    def write(source: str, *packages: str) -> None:
        suite.beside(*packages)
        suite.ini(
            *(["asyncio_default_fixture_loop_scope = function"] if "pytest-asyncio" in packages else [])
        )
        suite.tests(ASK + source)

    return write


COMMON = """
@pytest.mark.groq_cassette
def test_sync():
    assert ask() == BOOK

def test_async(groq_cassette):
    assert asyncio.run(ask_async()) == BOOK

def test_snapshot(groq_stream, groq_snapshot):
    stream = groq_stream(model=MODEL, messages=HI)
    assert [chunk.content for chunk, _ in stream][1] == "The"
    assert stream == groq_snapshot

def test_nothing_to_do_with_groq(tmp_path):
    assert tmp_path.exists()
"""


def test_every_plugin_is_there() -> None:
    assert set(OTHERS) <= {each.dist.name for each in entry_points(group="pytest11") if each.dist}


class TestInOneSession:
    @pytest.mark.parametrize("package", OTHERS)
    def test_alone(self, suite: Suite, tests: Write, package: str) -> None:
        tests(COMMON, package)
        suite.record(*[stream(BOOK)] * 3, args=("--snapshot-update",)).assert_outcomes(passed=4)
        suite.replay().assert_outcomes(passed=4)

    @pytest.mark.parametrize("absent", EITHER_OF)
    def test_together(self, suite: Suite, tests: Write, absent: str) -> None:
        tests(COMMON, *(package for package in OTHERS if package != absent))
        suite.record(*[stream(BOOK)] * 3, args=("--snapshot-update",)).assert_outcomes(passed=4)
        suite.replay().assert_outcomes(passed=4)


class TestPyfakefs:
    @pytest.mark.parametrize("ini", ["", "groq_auto = true"], ids=["marker", "groq_auto"])
    @pytest.mark.parametrize("fs", ["fs", "fs_class", "fs_module", "fs_session"])
    def test_cassettes_are_genuine_files(self, suite: Suite, tests: Write, fs: str, ini: str) -> None:
        mark = "" if ini else "@pytest.mark.groq_cassette"
        tests(
            f"""
{mark}
def test_one({fs}):
    assert not os.path.exists(__file__)
    assert ask("one") == BOOK

class TestTwo:
    {mark}
    def test_two(self, {fs}):
        assert asyncio.run(ask_async("two")) == BOOK

    {mark}
    def test_three(self, {fs}):
        assert ask("three") == BOOK
        assert not os.path.exists(__file__)

{mark}
def test_four():
    assert ask("four") == BOOK
""",
            "pyfakefs",
        )
        suite.ini(ini)
        fresh = suite.record(*[stream(BOOK)] * 4, fresh=True)
        fresh.assert_outcomes(passed=4)
        assert len(list((suite.path / "cassettes").rglob("*.yaml"))) == 4
        suite.replay(fresh=True).assert_outcomes(passed=4)

    @pytest.mark.parametrize("ini", ["", "groq_auto = true"], ids=["marker", "groq_auto"])
    def test_functions_that_read_files_are_mocked(self, suite: Suite, tests: Write, ini: str) -> None:
        mark = "" if ini else "@pytest.mark.groq_cassette"
        tests(f"""
import io, pathlib
from unittest import mock

def broken(*args, **kwargs):
    raise OSError("patched")

{mark}
def test_open():
    with mock.patch("builtins.open", mock.mock_open(read_data="data")):
        assert ask("open") == BOOK

{mark}
def test_exists(monkeypatch):
    monkeypatch.setattr(pathlib.Path, "exists", lambda *_, **__: True)
    monkeypatch.setattr(os.path, "exists", lambda path: True)
    assert ask("exists") == BOOK

{mark}
def test_functions(monkeypatch):  # the last: the SDK reads files when it is first used
    for owner, names in (
        (pathlib.Path, "open read_text read_bytes write_text exists is_file stat mkdir"),
        (io, "open"),
        (os, "stat listdir replace mkdir open getcwd"),
        (os.path, "exists isfile"),
    ):
        for name in names.split():
            monkeypatch.setattr(owner, name, broken)
    assert ask("functions") == BOOK
""")
        suite.ini(ini)
        suite.record(*[stream(BOOK)] * 3, fresh=True).assert_outcomes(passed=3)
        suite.replay(fresh=True).assert_outcomes(passed=3)


def test_pytest_bdd(suite: Suite, tests: Write) -> None:
    (suite.path / "books.feature").write_text("""
        Feature: books
            @groq_cassette
            Scenario: one book
                When I ask for "fantasy"
            @groq_cassette
            Scenario Outline: several books
                When I ask for "<kind>"
                Examples:
                | kind   |
                | crime  |
                | poetry |
        """)
    tests(
        """
from pytest_bdd import parsers, scenarios, when

scenarios("books.feature")

@when(parsers.parse('I ask for "{kind}"'))
def ask_for(kind):
    assert ask(kind) == BOOK
""",
        "pytest-bdd",
    )
    suite.record_and_replay(*[stream(BOOK)] * 3, passed=3)
    names = sorted(path.stem for path in (suite.path / "cassettes").rglob("*.yaml"))
    assert names == ["test_one_book", "test_several_books[crime]", "test_several_books[poetry]"]


class TestAsyncPlugins:
    def test_pytest_asyncio(self, suite: Suite, tests: Write) -> None:
        tests(
            """
@pytest.mark.asyncio
async def test_it(async_groq_stream):
    stream = await async_groq_stream(model=MODEL, messages=HI)
    assert "".join([chunk.content async for chunk, _ in stream]) == BOOK
""",
            "pytest-asyncio",
        )
        suite.record_and_replay(stream(BOOK))

    def test_anyio_on_both_backends(self, suite: Suite, tests: Write) -> None:
        tests(
            """
@pytest.mark.anyio
async def test_it(async_groq_stream):
    stream = await async_groq_stream(model=MODEL, messages=HI)
    assert "".join([chunk.content async for chunk, _ in stream]) == BOOK
""",
            "anyio",
        )
        suite.record_and_replay(stream(BOOK), stream(BOOK), passed=2)

    def test_pytest_trio(self, suite: Suite, tests: Write) -> None:
        tests(
            """
@pytest.mark.trio
async def test_it(async_groq_stream):
    stream = await async_groq_stream(model=MODEL, messages=HI)
    assert "".join([chunk.content async for chunk, _ in stream]) == BOOK
""",
            "pytest-trio",
        )
        suite.record_and_replay(stream(BOOK))

    def test_recorded_pace_under_trio(self, suite: Suite, tests: Write) -> None:
        tests(
            """
@pytest.mark.trio
@pytest.mark.groq_cassette(pace=0.1)
async def test_it(async_groq_stream):
    stream = await async_groq_stream(model=MODEL, messages=HI)
    assert "".join([chunk.content async for chunk, _ in stream]) == BOOK
""",
            "pytest-trio",
        )
        suite.record_and_replay(stream(BOOK, delay=0.01))


class TestXdist:
    SUITE = """
@pytest.mark.groq_cassette
@pytest.mark.parametrize("book", ["1", "2", "3", "4"])
def test_each_its_own(book):
    assert ask(book) == f"Book {book}"

@pytest.mark.groq_cassette("shared")
@pytest.mark.parametrize("book", ["1", "2", "3", "4"])
def test_one_of_all(book):
    assert ask(book) == f"Book {book}"

def test_snapshot(groq_stream, groq_snapshot):
    stream = groq_stream(model=MODEL, messages=[{"role": "user", "content": "1"}])
    assert list(stream) and stream == groq_snapshot
"""

    def test_workers(self, suite: Suite, tests: Write) -> None:
        tests(self.SUITE, "pytest-xdist")
        live = suite.record(
            args=("-n", "2", "--snapshot-update"),
            rules={book: stream(f"Book {book}") for book in "1234"},
        )
        live.assert_outcomes(passed=9)
        assert len(suite.requests) == 9
        suite.replay("-n", "2").assert_outcomes(passed=9)

    def test_replayed_in_one_process(self, suite: Suite, tests: Write) -> None:
        tests(self.SUITE, "pytest-xdist")
        rules = {book: stream(f"Book {book}") for book in "1234"}
        suite.record(args=("-n", "2", "--snapshot-update"), rules=rules).assert_outcomes(passed=9)
        suite.replay().assert_outcomes(passed=9)


class TestRandomly:
    def test_any_order_replays(self, suite: Suite, tests: Write) -> None:
        tests(TestXdist.SUITE, "pytest-randomly")
        rules = {book: stream(f"Book {book}") for book in "1234"}
        live = suite.record(args=("--snapshot-update",), rules=rules)
        live.assert_outcomes(passed=9)
        orders = set()
        for seed in ("1", "2", "3"):
            replayed = suite.replay(f"--randomly-seed={seed}")
            replayed.assert_outcomes(passed=9)
            orders.add(tuple(line for line in replayed.outlines if "PASSED" in line))
        assert len(orders) == 3


class TestRerunfailures:
    FLAKY = """
tries = []

@pytest.mark.groq_cassette
def test_it():
    tries.append(ask())
    assert len(tries) == 2
"""

    def test_replay_begins_again(self, suite: Suite, tests: Write) -> None:
        tests(self.FLAKY, "pytest-rerunfailures")
        live = suite.record(stream(BOOK), stream(BOOK), args=("--reruns", "2"))
        assert live.parseoutcomes() == {"passed": 1, "rerun": 1}
        assert suite.replay("--reruns", "2").parseoutcomes() == {"passed": 1, "rerun": 1}

    def test_what_failed_is_not_kept(self, suite: Suite, tests: Write) -> None:
        tests(self.FLAKY, "pytest-rerunfailures")
        suite.record(stream("The Hobbit"), stream(BOOK), args=("--reruns", "2"))
        text = (suite.path / "cassettes/test_app/test_it.yaml").read_text()
        assert "Hobbit" not in text
        assert "Rothfuss" in text

    def test_miss_is_not_made_good(self, suite: Suite, tests: Write) -> None:
        tests(self.FLAKY, "pytest-rerunfailures")
        assert suite.replay("--reruns", "1").parseoutcomes() == {"failed": 1, "rerun": 1}


SSE = """
SSE = {
    "content": b'data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":'
    b'[{"index":0,"delta":{"content":"A mock"},"finish_reason":null}]}\\n\\ndata: [DONE]\\n\\n',
    "headers": {"content-type": "text/event-stream"},
}
"""


class TestMocks:
    """pytest-httpx stands in front of httpx's transports, respx behind them."""

    def test_pytest_httpx_answers_for_groq(self, suite: Suite, tests: Write) -> None:
        tests(
            SSE
            + """
def test_it(httpx_mock):
    httpx_mock.add_response(**SSE)
    assert ask() == "A mock"
""",
            "pytest-httpx",
        )
        suite.replay().assert_outcomes(passed=1)

    def test_pytest_httpx_wins_over_a_cassette(self, suite: Suite, tests: Write) -> None:
        tests(
            SSE
            + """
def test_it(groq_cassette, httpx_mock):
    httpx_mock.add_response(**SSE)
    assert ask() == "A mock"
    assert groq_cassette.streams == []
""",
            "pytest-httpx",
        )
        suite.replay().assert_outcomes(passed=1)

    def test_pytest_httpx_leaves_groq_to_the_cassette(self, suite: Suite, tests: Write) -> None:
        tests(
            """
import httpx

@pytest.mark.httpx_mock(should_mock=lambda request: request.url.host == "books.example")
def test_it(groq_cassette, httpx_mock):
    httpx_mock.add_response(url="https://books.example/", text="ours")
    assert httpx.get("https://books.example/").text == "ours"
    assert ask() == BOOK
""",
            "pytest-httpx",
        )
        suite.record_and_replay(stream(BOOK))

    def test_respx_answers_for_groq(self, suite: Suite, tests: Write) -> None:
        tests(
            SSE
            + """
def test_it(respx_mock):
    respx_mock.post("https://api.groq.com/openai/v1/chat/completions").respond(200, **SSE)
    assert ask() == "A mock"

def test_it_async(respx_mock):
    respx_mock.post("https://api.groq.com/openai/v1/chat/completions").respond(200, **SSE)
    assert asyncio.run(ask_async()) == "A mock"
""",
            "respx",
        )
        suite.replay().assert_outcomes(passed=2)

    def test_call_that_respx_does_not_know_stays_on_the_machine(self, suite: Suite, tests: Write) -> None:
        tests(
            """
def test_it(respx_mock):
    ask()
""",
            "respx",
        )
        result = suite.replay()
        result.assert_outcomes(failed=1)

    def test_cassette_wins_over_respx(self, suite: Suite, tests: Write) -> None:
        tests(
            """
import httpx

def test_it(groq_cassette, respx_mock):
    respx_mock.get("https://books.example/").respond(200, text="ours")
    respx_mock.route(host="127.0.0.1").pass_through()
    assert httpx.get("https://books.example/").text == "ours"
    assert ask() == BOOK
""",
            "respx",
        )
        suite.record_and_replay(stream(BOOK))


VCR = """
@pytest.fixture(scope="module")
def vcr_config():
    return {"match_on": ["method", "body"], "filter_headers": ["authorization"]}

"""
BOTH_RECORD = ("--record-mode=once", "--groq-record=once")


@pytest.mark.parametrize("recorder", EITHER_OF)
class TestOtherRecorders:
    """They patch when a test's fixtures are set up, so that they stand in front of groqtape: they win."""

    def test_their_tests_replay_as_before(self, suite: Suite, tests: Write, recorder: str) -> None:
        tests(
            VCR
            + """
@pytest.mark.vcr
def test_theirs():
    assert ask() == BOOK

def test_ours(groq_cassette):
    assert ask() == BOOK
""",
            recorder,
        )
        live = suite.record(stream(BOOK), stream(BOOK), args=BOTH_RECORD)
        live.assert_outcomes(passed=2)
        assert "groqtape" not in (suite.path / "cassettes/test_app/test_theirs.yaml").read_text()
        suite.replay().assert_outcomes(passed=2)

    def test_their_recording_is_refused_while_ours_is_off(
        self, suite: Suite, tests: Write, recorder: str
    ) -> None:
        tests(
            VCR
            + """
@pytest.mark.vcr
def test_theirs():
    ask()
""",
            recorder,
        )
        # Without this line, calls to the loopback go through where no cassette answers them.
        named = ("-o", "groq_hosts=127.0.0.1")
        result = suite.record(args=("--record-mode=once", "--groq-record=none", *named), fresh=True)
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["*--groq-record=once*"])
        assert suite.requests == []

    def test_they_win_where_a_test_has_both_marks(self, suite: Suite, tests: Write, recorder: str) -> None:
        tests(
            VCR
            + """
@pytest.mark.vcr
@pytest.mark.groq_cassette("ours", allow_unplayed=True)
def test_it(groq_cassette):
    assert ask() == BOOK
    if groq_cassette.record_mode == "none":
        assert groq_cassette.requests == []
""",
            recorder,
        )
        suite.record(stream(BOOK), args=BOTH_RECORD).assert_outcomes(passed=1)
        assert (suite.path / "cassettes/test_app/test_it.yaml").exists()
        suite.replay().assert_outcomes(passed=1)


class TestSocket:
    def test_replay_opens_no_socket(self, suite: Suite, tests: Write) -> None:
        tests(
            """
import socket

def test_it(groq_cassette):
    assert ask() == BOOK

def test_it_async(groq_cassette):
    assert asyncio.run(ask_async()) == BOOK

@pytest.mark.skipif("not config.getoption('--disable-socket')")
def test_no_socket_is_opened():
    from pytest_socket import SocketBlockedError
    with pytest.raises((SocketBlockedError, UserWarning)):  # it warns first
        socket.socket()
""",
            "pytest-socket",
        )
        live = suite.record(stream(BOOK), stream(BOOK), args=("--allow-hosts=127.0.0.1",))
        live.assert_outcomes(passed=2, skipped=1)
        # asyncio talks to itself over a pair of Unix sockets.
        suite.replay("--disable-socket", "--allow-unix-socket").assert_outcomes(passed=3)
