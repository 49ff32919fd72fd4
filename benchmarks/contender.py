"""What a contender is: a tool that records a stream and replays it under the `groq` SDK."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

__all__ = ["WORKING_TREE", "Contender"]

WORKING_TREE = "."
"""What installs groqtape itself: its wheel, built from the working tree."""


class Contender(ABC):
    """One tool, in one of the ways it can be used.

    Its file is imported by the runner, where the tool is not installed, and in the tool's environment: it
    imports the tool in its methods (`importlib.import_module` where there are no types for it).

    Attributes:
        name: As the tables call it.
        environment: The name of its environment (`.venv-bench-<environment>`). Contenders may share one.
        installs: What pip installs there beside the SDK and pytest: pinned, or else in requirements/dev.txt.
        shows: The distributions whose versions stand in the tables.
        floor: Whether it is what the others are compared with.
        suffix: How its cassettes' names end.
        only: The rows it takes part in, by key; None for all.
        plugins: The names of its own pytest plugins, as `-p no:<name>` has them.
        brings: The names of those that its dependencies bring.
        plugin_module: The module of its own plugin.
        suite_head: What a test module begins with: imports and marker.
        suite_client: The expression that makes a test's client.
        suite_conftest: The suite's conftest.py.
        recording_options: pytest's options for recording the suite.
        replaying_options: pytest's options for replaying it.
    """

    name: str
    environment: str
    installs: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()
    floor = False
    suffix = ".yaml"
    only: frozenset[str] | None = None
    plugins: tuple[str, ...] = ()
    brings: tuple[str, ...] = ()
    plugin_module: str | None = None
    suite_head = ""
    suite_client = "groq.Groq()"
    suite_conftest = ""
    recording_options: tuple[str, ...] = ()
    replaying_options: tuple[str, ...] = ()

    @abstractmethod
    def recording(self, path: Path) -> AbstractContextManager[Any]:
        """Record all calls to a new cassette."""

    @abstractmethod
    def replaying(self, path: Path) -> AbstractContextManager[Any]:
        """Answer calls from a cassette, and let none out. Entering it opens the cassette."""

    def client(self) -> Any:
        """A client as an application makes it."""
        import groq

        return groq.Groq()

    def async_client(self) -> Any:
        """An asynchronous client as an application makes it."""
        import groq

        return groq.AsyncGroq()

    def load(self, path: Path) -> int:
        """Make chunk objects of all streams in a cassette, without the SDK's client; gives their number."""
        raise NotImplementedError(f"{self.name} loads no chunks ({path.name})")
