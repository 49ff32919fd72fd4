"""Patches on classes of modules that may be imported at any time."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from groqtape.recorder.import_hook import ImportHook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from groqtape.recorder.transports import Transport

__all__ = ["Patches", "bound"]


class _Patch(NamedTuple):
    name: str
    genuine: Any
    ours: Any


class Patches:
    """Replaces one method of each transport, as long as it is applied.

    Args:
        transports: The transports.
        method: Gives the name of the method.
        replacement: Makes the new method, from the transport, its class and the genuine method as it stands
            in the class: any descriptor, because instrumentation may have wrapped it.
    """

    def __init__(
        self,
        transports: Iterable[Transport],
        method: Callable[[Transport], str],
        replacement: Callable[[Transport, type, Any], Any],
    ) -> None:
        self._by_module: dict[str, list[Transport]] = {}
        for transport in transports:
            self._by_module.setdefault(transport.module, []).append(transport)
        self._method = method
        self._replacement = replacement
        self._lock = threading.RLock()
        self._applied: dict[type, _Patch] = {}
        self._hook = ImportHook(self._by_module, self._patch_module)

    def apply(self) -> None:
        """Patch the transports that are imported, and each other one as soon as it is."""
        if self._hook.is_installed:
            return
        with self._lock:
            self._hook.install()
            for module in self._by_module:
                if module in sys.modules:
                    self._patch_module(module)

    def undo(self) -> None:
        """Put every method back."""
        with self._lock:
            self._hook.remove()
            for owner, patch in self._applied.items():
                # A tool that patched after us and is still there calls ours, which calls the genuine one.
                if vars(owner)[patch.name] is patch.ours:
                    setattr(owner, patch.name, patch.genuine)
            self._applied.clear()

    def _patch_module(self, module: str) -> None:
        with self._lock:
            for transport in self._by_module[module]:
                owner: Any = getattr(sys.modules[module], transport.name, None)
                name = self._method(transport)
                # Another version of the library may not have it. And where httpx2 goes by the name of httpx
                # too, there is one class, which is patched once.
                if owner is None or name not in vars(owner) or owner in self._applied:
                    continue
                genuine = vars(owner)[name]
                ours = self._replacement(transport, owner, genuine)
                setattr(owner, name, ours)
                self._applied[owner] = _Patch(name, genuine, ours)


def bound(method: Any, instance: Any) -> Any:
    """A method as Python binds it to an instance: through `__get__`, if it is a descriptor."""
    get = getattr(type(method), "__get__", None)
    return method if get is None else get(method, instance, type(instance))
