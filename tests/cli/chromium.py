"""A headless Chromium: where it is, how it starts, and a page of it whose scripts a test runs."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: make test-browser installs it")

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]

# Chromium reads what it is to do from descriptor 3, and answers on 4.
_START = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(end), fcntl.F_DUPFD, 10) for end in sys.argv[1:3]]
for end, number in zip(ends, (3, 4)):
    os.dup2(end, number)
os.execv(sys.argv[3], sys.argv[3:])
"""
_PATIENCE = 30


class Page:
    """A page, by Chromium's DevTools Protocol.

    Args:
        commands: Where Chromium reads commands from.
        answers: Where it writes answers to.
        url: What to open.
    """

    def __init__(self, commands: int, answers: int, url: str) -> None:
        self._commands = commands
        self._answers = answers
        self._read = b""
        self._number = 0
        self._session: dict[str, str] = {}
        target = self._call("Target.createTarget", url=url)["targetId"]
        attached = self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = {"sessionId": attached["sessionId"]}

    def run(self, script: str) -> Any:
        """Run a script; its value, once its promise is kept."""
        ran = self._call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in ran, ran
        return ran["result"].get("value")

    def until(self, condition: str) -> None:
        """Wait until a condition holds."""
        deadline = time.monotonic() + _PATIENCE
        while not self.run(condition):
            assert time.monotonic() < deadline, condition
            time.sleep(0.05)

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        command = {"id": self._number, "method": method, "params": params, **self._session}
        os.write(self._commands, json.dumps(command).encode() + b"\0")
        while True:
            while b"\0" not in self._read:
                more = os.read(self._answers, 65536)
                assert more, "Chromium ended"
                self._read += more
            answer, _, self._read = self._read.partition(b"\0")
            message: dict[str, Any] = json.loads(answer)
            if message.get("id") == self._number:
                assert "error" not in message, message
                result: dict[str, Any] = message["result"]
                return result


@contextlib.contextmanager
def opened_page(url: str, profile: Path) -> Iterator[Page]:
    """Open a page in a Chromium of its own."""
    theirs, commands = os.pipe()
    answers, theirs_too = os.pipe()
    flags = [*FLAGS, "--remote-debugging-pipe", f"--user-data-dir={profile}", "about:blank"]
    start = [sys.executable, "-c", _START, str(theirs), str(theirs_too), str(CHROMIUM), *flags]
    process = subprocess.Popen(start, pass_fds=(theirs, theirs_too), stderr=subprocess.DEVNULL)
    os.close(theirs)
    os.close(theirs_too)
    try:
        yield Page(commands, answers, url)
    finally:
        os.close(commands)  # Chromium ends
        process.wait(_PATIENCE)
        os.close(answers)
