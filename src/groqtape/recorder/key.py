"""The placeholder for a missing `GROQ_API_KEY`: in the environment, and for clients made without a key."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from typing import TYPE_CHECKING, Any

from groqtape.recorder.import_hook import ImportHook
from groqtape.redaction.placeholder import PLACEHOLDER_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["KeylessClients", "PlaceholderKey", "needed_key"]

_VARIABLE = "GROQ_API_KEY"

# Classes that read GROQ_API_KEY when they are made, if they get no `api_key` (and no `groq_client`).
_CLIENTS = (
    ("groq", "Groq"),
    ("groq", "AsyncGroq"),
    ("pydantic_ai.providers.groq", "GroqProvider"),
)


class PlaceholderKey:
    """Sets `GROQ_API_KEY` to the placeholder, if it is not set, until it is removed."""

    def __init__(self) -> None:
        self._before = os.environ.get(_VARIABLE)
        if not self._before:
            os.environ[_VARIABLE] = PLACEHOLDER_KEY

    def remove(self) -> None:
        """Restore the environment."""
        if os.environ.get(_VARIABLE) != PLACEHOLDER_KEY:
            return
        if self._before is None:
            del os.environ[_VARIABLE]
        else:
            os.environ[_VARIABLE] = self._before


class KeylessClients:
    """Gives the placeholder to clients that are made without a key, until it is removed.

    The environment stays as it is.
    """

    def __init__(self) -> None:
        self._patches: list[tuple[Any, Any, Any]] = []
        modules = {module for module, _ in _CLIENTS}
        self._hook = ImportHook(modules, self._patch)
        self._hook.install()
        for module in modules & sys.modules.keys():
            self._patch(module)

    def _patch(self, module: str) -> None:
        for name in (name for each, name in _CLIENTS if each == module):
            client: Any = getattr(sys.modules[module], name, None)
            if client is not None:  # another version may not have it
                genuine = client.__init__
                client.__init__ = ours = _with_placeholder(genuine)
                self._patches.append((client, genuine, ours))

    def remove(self) -> None:
        """Restore the clients."""
        self._hook.remove()
        for client, genuine, ours in self._patches:
            # A patch on top of ours stays, and calls ours, which calls the genuine method.
            if vars(client)["__init__"] is ours:
                client.__init__ = genuine
        self._patches.clear()


def _with_placeholder(genuine: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(genuine)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        has_key = kwargs.get("api_key") is not None or kwargs.get("groq_client") is not None
        if not has_key and not os.environ.get(_VARIABLE):
            kwargs["api_key"] = PLACEHOLDER_KEY
        genuine(self, *args, **kwargs)

    return __init__


@contextlib.contextmanager
def needed_key() -> Iterator[None]:
    """Answer `os.environ["GROQ_API_KEY"]` with the placeholder if it is not set.

    Code that asks whether it is set (`os.environ.get`, `in`, `os.getenv`) finds that it is not.
    """
    genuine = os.environ.__class__

    class Environment(genuine):  # type: ignore[misc, valid-type]
        def __getitem__(self, name: str) -> str:
            if name == _VARIABLE and name not in self:
                return PLACEHOLDER_KEY
            value: str = super().__getitem__(name)
            return value

        def __contains__(self, name: object) -> bool:
            try:
                super().__getitem__(name)
            except KeyError:
                return False
            return True

        def get(self, name: str, default: Any = None) -> Any:
            return super().__getitem__(name) if name in self else default

    os.environ.__class__ = Environment
    try:
        yield
    finally:
        os.environ.__class__ = genuine
