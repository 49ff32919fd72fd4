"""Call back as soon as a module is imported, without importing it."""

from __future__ import annotations

import importlib.util
import sys
from importlib.abc import Loader
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

__all__ = ["OnImport"]


class OnImport:
    """Calls back once, right after a module was imported; at once if it is imported already.

    Args:
        module: The module's name.
        callback: What to call.
    """

    def __init__(self, module: str, callback: Callable[[], None]) -> None:
        self._module = module
        self._callback = callback
        self._searching = False
        self._waiting = sys.modules.get(module) is None
        if self._waiting:
            sys.meta_path.insert(0, self)
        else:
            callback()

    def cancel(self) -> None:
        """Stop waiting."""
        self._waiting = False
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def _imported(self) -> None:
        if self._waiting:
            self.cancel()
            self._callback()

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """Part of the import system's finder interface: find the module, and watch it load."""
        if name != self._module or self._searching or not self._waiting:
            return None
        self._searching = True
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self._searching = False
        # Code may find a module only to check that it exists, and an import may fail.
        if spec is not None and spec.loader is not None:
            spec.loader = _Watched(spec.loader, self._imported)
        return spec


class _Watched(Loader):
    """A loader that calls back when its module has run."""

    def __init__(self, loader: Any, callback: Callable[[], None]) -> None:
        self._loader = loader
        self._callback = callback

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Part of the import system's loader interface."""
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Part of the import system's loader interface."""
        self._loader.exec_module(module)
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._callback()
