"""A project that uses another package's client: recorded from the loopback Groq, replayed without it.

Imports that nothing uses, here and in the test files, are for the inner sessions: pytester removes the
modules that a session imports, and the next one would import them again, which PyYAML's C extension does not
support.
"""

from __future__ import annotations

import gc
import os
import textwrap
import warnings
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import groq
import pytest
import vcr  # noqa: F401
from loopback_groq import LoopbackGroq, stream

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from loopback_groq import AnyReply, Request

    Write = Callable[..., Any]

# litellm, and whatever imports it, would look for a list of prices on the network, and for tokenizers.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
os.environ["HF_HUB_OFFLINE"] = "1"

HEAD = """
import asyncio, json, os
import pytest
import groqtape

MODEL = "openai/gpt-oss-20b"
GROQ = os.environ.get("GROQ_BASE_URL", "https://api.groq.com")
HI = [{"role": "user", "content": "Recommend a fantasy book"}]
BOOK = "The Name of the Wind by Patrick Rothfuss"
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Tell the weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
"""


# What pytest loads by itself, by the name that `-p no:` takes, and the package it comes from.
INSTALLED = {each.name: each.dist.name for each in entry_points(group="pytest11") if each.dist}


class Suite:
    """A project's tests, and pytest sessions that run them."""

    def __init__(self, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
        self._pytester = pytester
        self._monkeypatch = monkeypatch
        self.path = pytester.path
        self.requests: list[Request] = []
        self.ini("asyncio_mode = auto", "asyncio_default_fixture_loop_scope = function")
        self.beside("pytest-asyncio")

    def beside(self, *packages: str) -> None:
        """Set which packages' plugins are active beside groqtape and syrupy in the sessions."""
        self.plugins = {"groqtape", "syrupy", *packages}

    def ini(self, *lines: str) -> None:
        """Write the ini file."""
        (self.path / "pytest.ini").write_text("\n".join(["[pytest]", *lines]) + "\n")

    def tests(self, source: str, name: str = "test_app.py") -> Path:
        """Write a test file, which starts with `HEAD`."""
        path = self.path / name
        path.write_text(HEAD + textwrap.dedent(source), encoding="utf-8")
        return path

    def record(
        self,
        *replies: AnyReply,
        rules: Mapping[str, AnyReply] = MappingProxyType({}),
        args: tuple[str, ...] = (),
        fresh: bool = False,
        leaves_open: bool = False,
    ) -> pytest.RunResult:
        """Run the tests against a loopback Groq that gives these replies, and record.

        Args:
            replies: What the server answers, in order; each of them has to be requested.
            rules: The reply to each prompt, for any number of requests.
            args: pytest's arguments.
            fresh: Whether the session runs in a process of its own.
            leaves_open: Whether the client relies on the garbage collector to close its connections.
        """
        with LoopbackGroq() as server, self._monkeypatch.context() as environment:
            server.reply(*replies)
            for prompt, reply in rules.items():
                server.on(prompt, reply)
            environment.setenv("GROQ_BASE_URL", server.base_url)
            environment.setenv("GROQ_API_KEY", server.api_key or "")
            result = self._run("--groq-record=once", *args, fresh=fresh, leaves_open=leaves_open)
            self.requests = list(server.requests)
            assert server.problems == []
            assert server.pending == 0, "a reply was not requested"
        return result

    def replay(self, *args: str, fresh: bool = False, leaves_open: bool = False) -> pytest.RunResult:
        """Run the tests with no server, and no key."""
        with self._monkeypatch.context() as environment:
            environment.delenv("GROQ_BASE_URL", raising=False)
            environment.delenv("GROQ_API_KEY", raising=False)
            return self._run(*args, fresh=fresh, leaves_open=leaves_open)

    def run(self, *args: str) -> pytest.RunResult:
        """Run the tests in a process of their own, in the environment that there is."""
        return self._run(*args, fresh=True, leaves_open=False)

    def record_and_replay(
        self,
        *replies: AnyReply,
        passed: int = 1,
        args: tuple[str, ...] = (),
        fresh: bool = False,
        leaves_open: bool = False,
    ) -> None:
        """Record, then replay: each test passes both times, and all that was sent is on a cassette."""
        live = self.record(*replies, args=args, fresh=fresh, leaves_open=leaves_open)
        live.assert_outcomes(passed=passed)
        assert len(self.requests) == len(replies)
        replayed = self.replay(*args, fresh=fresh, leaves_open=leaves_open)
        replayed.assert_outcomes(passed=passed)

    def _run(self, *args: str, fresh: bool, leaves_open: bool) -> pytest.RunResult:
        without = [name for name, package in INSTALLED.items() if package not in self.plugins]
        args = (*(arg for name in without for arg in ("-p", f"no:{name}")), "-W", "error", *args)
        if leaves_open:
            args = (*args, "-W", "ignore:unclosed:ResourceWarning")
        run = self._pytester.runpytest_subprocess if fresh else self._pytester.runpytest_inprocess
        try:
            return run("-vv", *args)
        finally:
            if leaves_open:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", ResourceWarning)
                    gc.collect()


@pytest.fixture(scope="session", autouse=True)
def _imported() -> None:
    """Make the SDK import what it imports when it is first used."""
    messages: Any = [{"role": "user", "content": "Hi"}]
    with LoopbackGroq() as server, groq.Groq(base_url=server.base_url, api_key=server.api_key) as client:
        server.reply(stream("Hello"))
        list(client.chat.completions.create(model="openai/gpt-oss-20b", messages=messages, stream=True))
    # pytest looks for garbage many times at the end of every session, and all these packages are none.
    gc.collect()
    gc.freeze()


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Suite:
    """A project whose tests use a client."""
    # The loopback speaks plain HTTP; reading the system's certificates for each client takes most of a test.
    monkeypatch.setenv("SSL_CERT_DIR", str(pytester.path))
    return Suite(pytester, monkeypatch)
