"""Ways in which a call to Groq could leave the machine while replaying: none does, and none is silent.

Each way is a client, what other tools have patched, an address, a cassette, and a moment of the session. Many
share a process, in which names lead to a stand-in of Groq. The suite tries some hundred. For all of them::

    python -m trust.ways_out all    # or a number; in the folder `tests`
"""

from __future__ import annotations

import importlib.util
import itertools
import json
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import yaml
from trust.calls_to_groq import BODY, CLIENTS, PATCHES, PATH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Way = dict[str, str]

TESTS = Path(__file__).parents[1]
IN_ONE_PROCESS = 250

BASES = ("api.groq.com", "gateway.example", "groq.example")
IN_TESTS = ("test", "set-up", "teardown", "module fixture", "thread", "executor", "task", "fork")
MOMENTS = (*IN_TESTS, "collection")
# From Python 3.12 on, no thread can begin when the interpreter ends.
_OF_A_THREAD = ("thread of a thread",) if sys.version_info < (3, 12) else ()
LATE = ("sessionfinish", "unconfigure", "atexit", "finalizer", "thread", "daemon", *_OF_A_THREAD)
STATUSES = ("301", "302", "303", "307", "308")
LOCATIONS = {
    "another host": "http://elsewhere.example:{port}/{name}/hop",
    "another host in capitals": "HTTP://Elsewhere.EXAMPLE:{port}/{name}/hop",
    "no scheme": "//elsewhere.example:{port}/{name}/hop",
    "a path": "/{name}/hop",
    "a path above": "../../{name}/hop",
    "a query": "?{name}",
    "no host": "http:///{name}/hop",
    "TLS": "https://elsewhere.example:{port}/{name}/hop",
    "a fragment": "http://elsewhere.example:{port}/{name}/hop#part",
    "a user": "http://user:pass@elsewhere.example:{port}/{name}/hop",
    "letters": "http://elsewhere.example:{port}/{name}/höp?q=ü b",
    "escapes": "http://elsewhere.example:{port}/%7e/{name}/./hop/%2e",
    "blanks": " http://elsewhere.example:{port}/{name}/hop ",
}
NEED = {"respx passes through": "respx", "respx passes through at httpx": "respx"}
# They have an address of their own, or take long: the other axes are not varied for them.
PLAIN = ("groq, w", "groq async, w", "groq anew", "httpx anew", "httpx and")


class StandIn:
    """A server that answers each request as Groq may, and notes what arrived."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self.arrived: list[bytes] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection = self._listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._answer, args=[connection], daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(5)
            self.arrived.append(b"")
            place, head = len(self.arrived) - 1, b""
            try:
                while b"\r\n\r\n" not in head and not head.startswith(b"\x16"):
                    head += (piece := connection.recv(65536))
                    self.arrived[place] = head
                    if not piece:
                        return
                connection.sendall(
                    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n"
                    b"content-length: 2\r\n\r\n{}"
                )
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass
            except OSError:
                return


# The ways


def ways_in_a_session(seed: int = 0) -> list[Way]:
    """All ways in which a call is made while a session runs, in random order."""
    calls = [
        {"client": client, "patch": patch, "base": base, "cassette": cassette, "moment": moment}
        for client, patch, base in itertools.product(CLIENTS, _patches(), BASES)
        for cassette, moment in [
            *(("", moment) for moment in MOMENTS),
            *((cassette, "test") for cassette in ("missing", "of another request")),
        ]
        if _is_useful(client, base, patch)
    ]
    redirects = [
        {
            "client": client,
            "patch": patch,
            "base": base,
            "cassette": "first hop",
            "moment": "test",
            "status": status,
            "location": location,
        }
        for client, (base, patch), status, location in itertools.product(
            CLIENTS, zip(BASES, itertools.cycle(_patches()), strict=False), STATUSES, LOCATIONS
        )
        if client not in ("event hooks", "an auth flow", "groq streaming")
    ]
    result = [*calls, *redirects]
    random.Random(seed).shuffle(result)
    return result


def late_ways(seed: int = 0) -> list[Way]:
    """All ways in which a call is made when the tests are over, in random order."""
    result = [
        {"client": client, "patch": patch, "base": base, "cassette": "", "moment": moment}
        for client, patch, base, moment in itertools.product(CLIENTS, _patches(), BASES, LATE)
        # Threads would get in each other's way with the first ones. The async SDK needs an executor, and
        # there is none any more when the process ends.
        if not client.startswith(PLAIN)
        and _is_useful(client, base, patch)
        and (client != "groq async" or moment in LATE[:2])
    ]
    random.Random(seed).shuffle(result)
    return result


def covering(ways: Iterable[Way], number: int) -> list[Way]:
    """Some of the ways: first those that are new in something, until there are so many."""
    ways = list(ways)
    seen: set[tuple[str, str]] = set()
    chosen = []
    for way in ways:
        if not seen.issuperset(way.items()):
            seen.update(way.items())
            chosen.append(way)
    return [*chosen, *(way for way in ways if way not in chosen)][:number]


def _is_useful(client: str, base: str, patch: str) -> bool:
    if patch == "respx passes through" and "proxy" in client:  # it can't
        return False
    return not client.startswith(PLAIN) or (base == BASES[0] and "by wrapt" not in patch)


def _patches() -> list[str]:
    return [each for each in PATCHES if each not in NEED or importlib.util.find_spec(NEED[each])]


# The project in which they are tried

CONFTEST = """
import atexit, json, os, sys, threading, weakref

import pytest
from trust.calls_to_groq import perform, resolve_names

resolve_names()
with open("late.json") as file:
    LATE = json.load(file)
FAILED = set()
OVER = threading.Event()


def perform_all(moment):
    for way in LATE:
        if way["moment"] == moment:
            perform(way)


class Finalized:
    pass


def in_a_thread(moment):
    OVER.wait(30)
    perform_all(moment)


def of_a_thread():
    OVER.wait(30)
    if sys.version_info < (3, 12):
        threading.Thread(target=perform_all, args=["thread of a thread"]).start()


def pytest_sessionstart():
    if LATE:
        # What the SDK imports when it is first used can't be imported any more when the process ends.
        import groq

        with groq.Groq(api_key="unused") as client:
            client.chat.completions  # noqa: B018
        atexit.register(perform_all, "atexit")
        weakref.finalize(Finalized, perform_all, "finalizer")
        # Each ends by itself; pytest's cleanup waits for none.
        threading.Thread(target=in_a_thread, args=["thread"]).start()
        threading.Thread(target=of_a_thread).start()
        daemon = threading.Thread(target=in_a_thread, args=["daemon"], daemon=True)
        daemon.start()
        atexit.register(daemon.join, 30)
        atexit.register(OVER.set)
        threading.Thread(target=lambda: (threading.main_thread().join(), OVER.set())).start()


def pytest_sessionfinish():
    perform_all("sessionfinish")


def pytest_unconfigure():
    perform_all("unconfigure")


def pytest_runtest_logreport(report):
    if report.failed:
        FAILED.add(report.nodeid)


def pytest_collectreport(report):
    if report.failed:
        FAILED.add(report.nodeid)


@pytest.hookimpl(tryfirst=True)
def pytest_terminal_summary():
    with open("failed.json", "w") as file:
        json.dump(sorted(FAILED), file)
"""

TEST = """
import asyncio, contextlib, json, os, threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from trust.calls_to_groq import perform

with open("ways.json") as file:
    WAYS = json.load(file)


def marks(way):
    return [pytest.mark.groq_cassette(way["name"])] if way["cassette"] else []


@pytest.fixture
def around(way):
    perform(way) if way["moment"] == "set-up" else None
    yield
    perform(way) if way["moment"] == "teardown" else None


def by_thread(way):
    thread = threading.Thread(target=perform, args=[way])
    thread.start()
    thread.join()


def by_executor(way):
    with ThreadPoolExecutor(1) as executor:
        executor.submit(perform, way).result()


def by_task(way):
    async def main():
        await asyncio.gather(asyncio.to_thread(perform, way), return_exceptions=True)

    asyncio.run(main())


def by_fork(way):
    child = os.fork()
    if not child:
        try:
            perform(way)
        finally:
            os._exit(0)
    os.waitpid(child, 0)


MOMENTS = {"test": perform, "thread": by_thread, "executor": by_executor, "task": by_task, "fork": by_fork}


@pytest.mark.parametrize("way", [pytest.param(way, id=way["name"], marks=marks(way)) for way in WAYS])
def test_way(way, around):
    MOMENTS.get(way["moment"], lambda way: None)(way)
"""

MODULE_FIXTURE = """
import pytest
from trust.calls_to_groq import perform


@pytest.fixture(scope="module", autouse=True)
def of_the_module():
    perform({way!r})


def test_it():
    pass
"""

COLLECTION = """
from trust.calls_to_groq import perform

perform({way!r})


def test_it():
    pass
"""


class Result(NamedTuple):
    """What came of some ways.

    Attributes:
        tried: How many they were.
        left: What reached the stand-in.
        silent: The ways that nothing reported.
    """

    tried: int
    left: list[str]
    silent: list[str]


def tried(ways: list[Way], late: list[Way], folder: Path, *options: str, groqtape: bool = True) -> Result:
    """Try some ways in one process."""
    with StandIn() as server:
        for number, way in enumerate([*ways, *late]):
            way["name"] = f"w{number}x"
            way["server"] = f"http://{way['base']}:{server.port}"
        _write(ways, late, folder, server.port, options)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-rN", "--tb=short", "--continue-on-collection-errors",
             "-p", "no:cacheprovider", *(["-p", "groqtape.pytest_plugin.plugin"] if groqtape else [])],
            cwd=folder,
            env={
                **{name: os.environ[name] for name in os.environ if not name.startswith(("GROQ", "PYTEST"))},
                "PYTHONPATH": os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")]),
                "GROQ_BASE_URL": f"http://{BASES[2]}:{server.port}",
                "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # others may be installed, which don't get along
                "STAND_IN": f"http://127.0.0.1:{server.port}",
            },
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
        left = [each.decode("latin-1") for each in server.arrived]
    output = done.stdout + done.stderr
    if os.environ.get("WAYS_SHOW"):
        print(done.stdout[-20000:], done.stderr[-20000:])
    if not groqtape:
        return Result(len(ways) + len(late), left, [])
    failed = set(json.loads((folder / "failed.json").read_text()))
    shown = set(re.findall(r"\bw\d+x\b", output))
    silent = [str(way) for way in ways if not failed & _ids(way) or way["name"] not in shown]
    silent += [str(way) for way in late if way["name"] not in shown]
    if not done.returncode:
        silent.append(f"exit status 0, {[way['moment'] for way in late]}")
    return Result(len(ways) + len(late), left, silent)


def _ids(way: Way) -> set[str]:
    name = way["name"]
    return {f"test_ways.py::test_way[{name}]", f"test_{name}.py", f"test_{name}.py::test_it"}


def _write(ways: list[Way], late: list[Way], folder: Path, port: int, options: Iterable[str]) -> None:
    for name, of_them in (("late", late), ("ways", [way for way in ways if way["moment"] in IN_TESTS])):
        (folder / f"{name}.json").write_text(
            json.dumps([way for way in of_them if way["moment"] != "module fixture"])
        )
    (folder / "pytest.ini").write_text(
        "\n".join(["[pytest]", "groq_hosts = gateway.example", "pythonpath = .", *options])
    )
    (folder / "conftest.py").write_text(textwrap.dedent(CONFTEST))
    (folder / "test_ways.py").write_text(textwrap.dedent(TEST))
    for way in ways:
        sources = {"module fixture": MODULE_FIXTURE, "collection": COLLECTION}
        if way["moment"] in sources:
            (folder / f"test_{way['name']}.py").write_text(sources[way["moment"]].format(way=way))
        if way["cassette"] in ("first hop", "of another request"):
            path = folder / "cassettes" / f"{way['name']}.yaml"
            path.parent.mkdir(exist_ok=True)
            path.write_text(yaml.safe_dump(_cassette(way, port)))


def _cassette(way: Way, port: int) -> Any:
    """A cassette in plain vcrpy YAML, with one interaction."""
    other = "" if way["cassette"] == "first hop" else "/other"
    location = LOCATIONS.get(way.get("location", ""), "").format(port=port, name=way["name"])
    return {
        "version": 1,
        "interactions": [
            {
                "request": {
                    "method": "POST",
                    "uri": f"https://api.groq.com/{way['name']}{PATH}{other}",
                    "body": json.dumps(BODY),
                    "headers": {"content-type": ["application/json"]},
                },
                "response": {
                    "status": {"code": int(way.get("status", "200")), "message": "As recorded"},
                    "headers": {"location": [location]} if location else {},
                    "body": {"string": "{}"},
                },
            }
        ],
    }


def control(ways: list[Way], folder: Path) -> list[Way]:
    """The ways that don't reach the stand-in without groqtape either: they prove nothing."""
    result = tried(ways, [], folder, groqtape=False)
    arrived = " ".join(result.left)
    return [way for way in ways if way["name"] not in arrived]


def batches(ways: list[Way], size: int = IN_ONE_PROCESS) -> Iterator[list[Way]]:
    """Parts of the ways, each for one process."""
    for at in range(0, len(ways), size):
        yield ways[at : at + size]


def main(number: int | None) -> None:
    """Try many ways, and print the figures."""
    results = []
    options = ("groq_auto = true",), ()
    ways = ways_in_a_session()[:number]
    late = late_ways()[:number]
    with tempfile.TemporaryDirectory() as folder:
        for count, batch in enumerate(batches([way for way in ways if not way["cassette"]][:1000])):
            place = Path(folder) / f"control {count}"
            place.mkdir()
            in_vain = control(batch, place)
            print(f"without groqtape, {len(batch) - len(in_vain)} of {len(batch)} reach the stand-in")
            results.append(Result(0, [], [f"does not call: {way}" for way in in_vain]))
        for count, batch in enumerate(batches(ways)):
            place = Path(folder) / f"{count}"
            place.mkdir()
            results.append(tried(batch, [], place, *options[count % 2]))
        for moment in LATE:
            of_moment = [way for way in late if way["moment"] == moment]
            for count, batch in enumerate(batches(of_moment)):
                place = Path(folder) / f"{moment} {count}"
                place.mkdir()
                results.append(tried([], batch, place))
    left = [each for result in results for each in result.left]
    silent = [each for result in results for each in result.silent]
    print(
        f"{sum(result.tried for result in results)} ways in {len(results)} processes: "
        f"{len(left)} left the machine, {len(silent)} were not reported"
    )
    sys.exit("\n".join([*left[:10], *silent[:10]]) or None)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] and sys.argv[1] != "all" else None if sys.argv[1:] else 500)
