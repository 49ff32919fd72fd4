"""A reader of the docs: a project that has what a page shows, and a Groq that answers it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inner_sessions import inner_session
from loopback_groq import LoopbackGroq, ToolCall, stream
from pages import README

# For good: an inner pytest run forgets what it imports, and YAML's C part bears no second import.
import groqtape.recorder.cassette  # noqa: F401

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

ANSWER = "Try A Wizard of Earthsea by Ursula K. Le Guin: a boy, his shadow, and the true names of things."
REASONING = "User wants a fantasy book. Suggest Earthsea."
RECORD = ["pytest", "--groq-record=once", "--snapshot-update"]
REPLAY = ["pytest"]
PLAIN_TEST = "import my_app\n\n\ndef test_it():\n    assert my_app.answer('Hi')\n"
# pytest-asyncio warns without it.
_LOOP_SCOPE = "asyncio_default_fixture_loop_scope"


def script(server: LoopbackGroq) -> None:
    """Let a Groq answer as the pages show."""
    server.clear()
    server.default = stream(ANSWER, reasoning=REASONING)
    server.on("weather", stream(tool_calls=[ToolCall("weather", {"city": "Oslo"})]))


class Reader:
    """Writes what pages show into a project, and runs commands in it.

    Args:
        pytester: The project's folder.
        server: The Groq that answers while it is online.
        patch: For the environment.
    """

    def __init__(self, pytester: pytest.Pytester, server: LoopbackGroq, patch: pytest.MonkeyPatch) -> None:
        self._pytester = pytester
        self._patch = patch
        self.server = server
        patch.delenv("PYTEST_XDIST_WORKER", raising=False)  # syrupy would take the inner session for ours
        pytester.makeini(f"[pytest]\n{_LOOP_SCOPE} = function\n")
        pytester.syspathinsert()
        self.write("my_app.py", README.files["my_app.py"])
        script(server)
        self.online()

    @property
    def folder(self) -> Path:
        """The project."""
        return self._pytester.path

    def write(self, file: str, text: str) -> None:
        """Write a file."""
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def configure(self, toml: str) -> None:
        """Make this the project's configuration."""
        (self.folder / "tox.ini").unlink()
        self.write("pyproject.toml", f'{toml}{_LOOP_SCOPE} = "function"\n')

    def online(self) -> None:
        """Reach Groq, with a key."""
        self._patch.setenv("GROQ_BASE_URL", self.server.base_url)
        self._patch.setenv("GROQ_API_KEY", str(self.server.api_key))

    def offline(self) -> None:
        """Have no key and no Groq."""
        self._patch.delenv("GROQ_BASE_URL")
        self._patch.delenv("GROQ_API_KEY")

    def run(self, command: list[str]) -> pytest.RunResult:
        """Run pytest as a page's command says."""
        program, *args = command
        assert program == "pytest"
        with inner_session("groqtape", "syrupy", "asyncio"):
            return self._pytester.runpytest_inprocess(*args)

    def files(self, pattern: str) -> dict[str, str]:
        """The project's files of a pattern, by their names, and what they hold."""
        return {
            str(path.relative_to(self.folder)): path.read_text(encoding="utf-8")
            for path in self.folder.rglob(pattern)
        }
