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
    owner: type
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
        self._transports = tuple(transports)
        self._method = method
        self._replacement = replacement
        self._lock = threading.RLock()
        self._applied: list[_Patch] = []
        self._hooks: list[ImportHook] = []

    def apply(self) -> None:
        """Patch the transports that are imported, and each other one as soon as it is."""
        modules = {transport.module for transport in self._transports}
        with self._lock:
            self._hooks.append(ImportHook(modules, self._patch_module))
            for module in modules & sys.modules.keys():
                self._patch_module(module)

    def undo(self) -> None:
        """Put every method back."""
        with self._lock:
            for hook in self._hooks:
                hook.remove()
            self._hooks.clear()
            for patch in self._applied:
                # A tool that patched after us and is still there calls ours, which calls the genuine one.
                if vars(patch.owner)[patch.name] is patch.ours:
                    setattr(patch.owner, patch.name, patch.genuine)
            self._applied.clear()

    def _patch_module(self, module: str) -> None:
        for transport in self._transports:
            if transport.module == module:
                self._patch(transport)

    def _patch(self, transport: Transport) -> None:
        owner = getattr(sys.modules[transport.module], transport.name, None)
        name = self._method(transport)
        genuine = vars(owner).get(name) if owner else None
        with self._lock:
            # Another version of the library may not have it. And where httpx2 goes by the name of httpx too,
            # there is one class, which is patched once.
            if owner is None or genuine is None or any(patch.owner is owner for patch in self._applied):
                return
            ours = self._replacement(transport, owner, genuine)
            setattr(owner, name, ours)
            self._applied.append(_Patch(owner, name, genuine, ours))


def bound(method: Any, instance: Any) -> Any:
    """A method as Python binds it to an instance: through `__get__`, if it is a descriptor."""
    get = getattr(type(method), "__get__", None)
    return method if get is None else get(method, instance, type(instance))
