"""A project with tests of its own, whose Groq is the loopback server: the plugin is tested from outside."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import re
import shlex
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import filelock  # noqa: F401  # for good, too
import groq
import httpx
import pytest
from inner_sessions import inner_session
from loopback_groq import LoopbackGroq, stream

import groqtape
from groqtape import serializer
from groqtape.pytest_plugin.guard import Guard
from groqtape.recorder import hosts
from groqtape.recorder.interceptors import interceptors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groqtape.recorder.record_modes import RecordMode

# pytester forgets what an inner session imports, and each would import it again: hence all of groqtape here.
for _module in pkgutil.walk_packages(groqtape.__path__, "groqtape."):
    if not _module.name.startswith(("groqtape.cli", "groqtape.__main__")):
        importlib.import_module(_module.name)

MODEL = "openai/gpt-oss-20b"

# Plugins that few tests here are about, and that only cost time in each session of the others.
OTHERS = (
    "hypothesispytest",
    "anyio",
    "asyncio",
    "xdist",
    "xdist.looponfail",
    "cacheprovider",
    "pastebin",
    "legacypath",
    "faulthandler",
    "junitxml",
    "setuponly",
    "setupplan",
    "recwarn",
    "unittest",
    "subtests",
    "logging",
)

WITHOUT_TRIO = str(Path(__file__).with_name("without_trio"))

APP = '''
"""The application under test: it makes its own clients."""

import contextlib, groq


def arguments(prompt, more):
    messages = [{"role": "user", "content": prompt}]
    return {"model": "openai/gpt-oss-20b", "messages": messages, "stream": True, **more}


def ask(prompt="Hi", client=None, **more):
    with contextlib.nullcontext(client) if client else groq.Groq() as client:
        stream = client.chat.completions.create(**arguments(prompt, more))
        return "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)


async def ask_async(prompt="Hi", client=None, **more):
    async with client or groq.AsyncGroq() as client:
        stream = await client.chat.completions.create(**arguments(prompt, more))
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])
'''


def converse(client: groq.Groq, prompt: str) -> None:
    """Send a prompt as `app.ask` does."""
    messages: Any = [{"role": "user", "content": prompt}]
    for _ in client.chat.completions.create(model=MODEL, messages=messages, stream=True):
        pass


class Project:
    """A project under test: its files, and pytest sessions in it."""

    def __init__(
        self, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, server: LoopbackGroq
    ) -> None:
        self._pytester = pytester
        self._monkeypatch = monkeypatch
        self.server = server
        self.path = pytester.path
        self.write("app.py", APP)
        self.ini()

    # Its files

    def write(self, name: str, source: str) -> Path:
        """Write a file, its text dedented."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(source).lstrip(), encoding="utf-8")
        return path

    def tests(self, source: str, name: str = "test_app.py") -> Path:
        """Write a test file that has `pytest`, `groq`, `ask` and `ask_async` at hand."""
        head = "import asyncio, threading\nimport groq, pytest\nfrom app import ask, ask_async\n\n"
        return self.write(name, head + textwrap.dedent(source))

    def ini(self, **options: str) -> None:
        """Set ini options. Without `groq_hosts`, it names the server: as a mock, it would not be guarded."""
        options.setdefault("groq_hosts", self.server.host)
        lines = [f"{name} = {value}" for name, value in options.items() if value]
        self.write("pytest.ini", "\n".join(["[pytest]", "addopts = --strict-markers", *lines]) + "\n")

    def cassette(self, name: str = "test_app/test_it") -> Path:
        """The file of a cassette, by its name below the cassette folder."""
        return self.path / "cassettes" / f"{name}.yaml"

    @property
    def cassettes(self) -> list[str]:
        """The names of the cassettes there are."""
        folder = self.path / "cassettes"
        return sorted(
            str(path.relative_to(folder).with_suffix("").as_posix()) for path in folder.rglob("*.yaml")
        )

    def prompts(self, name: str = "test_app/test_it") -> list[str]:
        """The prompts in a cassette."""
        recorded = serializer.deserialize(self.cassette(name).read_text(encoding="utf-8"))
        bodies = [json.loads(each["request"]["body"]) for each in recorded["interactions"]]
        return [body["messages"][-1]["content"] for body in bodies]

    def write_cassette(
        self, *prompts: str, name: str = "test_app/test_it", mode: RecordMode = "once"
    ) -> Path:
        """Record a cassette without pytest: each prompt is sent as `app.ask` does."""
        path = self.cassette(name)
        with (
            groqtape.use_cassette(path, mode),
            groq.Groq(base_url=self.server.base_url, api_key=self.server.api_key) as client,
        ):
            for prompt in prompts or ["Hi"]:
                converse(client, prompt)
        return path

    # Sessions in it

    def run(self, *args: str, beside: tuple[str, ...] = ()) -> pytest.RunResult:
        """Run pytest in this process, with the key or without it, as the environment stands.

        Args:
            args: Its arguments.
            beside: The plugins that take part.
        """
        _remove_ended_guards()  # other tests' sessions leave some, too
        before = _process()
        hosts._base_urls.clear()  # as in a process of its own
        with inner_session("groqtape", "syrupy", *beside):
            result = self._pytester.runpytest_inprocess(*self._args(beside), *args, no_reraise_ctrlc=True)
        _remove_ended_guards()
        assert _process() == before, "the session left something behind"
        return result

    @staticmethod
    def _args(beside: tuple[str, ...]) -> list[str]:
        without = [each for each in OTHERS if each.partition(".")[0] not in beside]
        return ["-W", "error", *(arg for each in without for arg in ("-p", f"no:{each}"))]

    def record(self, *args: str, mode: str = "once", beside: tuple[str, ...] = ()) -> pytest.RunResult:
        """Run pytest with a key and a record mode."""
        self.with_key()
        return self.run(f"--groq-record={mode}", *args, beside=beside)

    def replay(self, *args: str, beside: tuple[str, ...] = ()) -> pytest.RunResult:
        """Run pytest without a key, and see that nothing reaches the server."""
        self.without_key()
        seen = len(self.server.requests)
        result = self.run(*args, beside=beside)
        assert len(self.server.requests) == seen, "a call left the machine"
        return result

    def run_in_its_own_process(self, *args: str, beside: tuple[str, ...] = ()) -> pytest.RunResult:
        """Run pytest in a fresh process."""
        return self._pytester.runpytest_subprocess(*self._args(beside), *args)

    def run_python(self, script: str) -> pytest.RunResult:
        """Run a script of the project in a fresh process, with pytest's arguments for a session."""
        return self._pytester.run(sys.executable, script, *self._args(()))

    @staticmethod
    def commands(result: pytest.RunResult) -> list[str]:
        """The commands that record which a session printed, in their order."""
        found = (re.search(r"(rm \S+ && )?pytest .*--groq-record=.*", line) for line in result.outlines)
        return [match[0] for match in found if match]

    def run_command(self, command: str, beside: tuple[str, ...] = ()) -> pytest.RunResult:
        """Run a command that groqtape printed, as a shell would take it, with a key."""
        program, *args = shlex.split(command, comments=True)
        assert program == "pytest"
        self.with_key()
        return self.run(*args, beside=beside)

    def setenv(self, name: str, value: str) -> None:
        """Set an environment variable of the project's own."""
        self._monkeypatch.setenv(name, value)

    def with_key(self) -> None:
        """Have a key that the server accepts."""
        assert self.server.api_key is not None
        self._monkeypatch.setenv("GROQ_API_KEY", self.server.api_key)

    def without_key(self) -> None:
        """Have no key."""
        self._monkeypatch.delenv("GROQ_API_KEY", raising=False)


def _remove_ended_guards() -> None:
    """Remove the guards of sessions that some thread outlives: trio keeps idle ones."""
    for each in list(interceptors._stack):
        if isinstance(each, Guard) and each._is_over:
            interceptors.remove(each)


def _process() -> tuple[Any, ...]:
    """The state of the process that a session has to restore."""
    return (
        {name: value for name, value in os.environ.items() if name.startswith("GROQ_")},
        httpx.HTTPTransport.handle_request,
        httpx.AsyncHTTPTransport.handle_async_request,
        list(interceptors._stack),
        list(sys.meta_path),
    )


@pytest.fixture(scope="session")
def _server() -> Iterator[LoopbackGroq]:
    with LoopbackGroq() as running:
        # The SDK imports most of itself when it is first used.
        running.default = stream("Hello")
        with groq.Groq(base_url=running.base_url, api_key=running.api_key) as client:
            converse(client, "Hi")
        yield running


@pytest.fixture
def server(_server: LoopbackGroq) -> Iterator[LoopbackGroq]:
    """The loopback Groq; it answers "Hello there" unless a test sets another answer."""
    _server.clear()
    _server.default = stream("Hello there")
    yield _server
    assert _server.problems == []


@pytest.fixture
def project(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    server: LoopbackGroq,
    tmp_path: Path,
) -> Project:
    """A project whose Groq is the loopback."""
    # Each recording session leaves a note there, and looks through those of all others.
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("GROQ_BASE_URL", server.base_url)
    # Where this suite itself is distributed, the sessions in it are not.
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_TESTRUNUID"):
        monkeypatch.delenv(name, raising=False)
    # The loopback speaks plain HTTP; reading the system's certificates for each client takes most of a test.
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", WITHOUT_TRIO, prepend=os.pathsep)
    return Project(pytester, monkeypatch, server)
