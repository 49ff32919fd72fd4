"""Call back whenever one of some modules is imported, without importing it."""

from __future__ import annotations

import importlib.util
import sys
from importlib.abc import Loader
from importlib.machinery import BuiltinImporter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

__all__ = ["ImportHook"]


class ImportHook:
    """Calls back right after each import of these modules, while it is installed.

    A module may be imported several times: some tests drop it from `sys.modules` and import it anew.

    Args:
        modules: The modules' names.
        callback: What to call with the name of a module that was imported.

    Attributes:
        is_installed: Whether it is.
    """

    def __init__(self, modules: Iterable[str], callback: Callable[[str], None]) -> None:
        self._modules = frozenset(modules)
        self._callback = callback
        self._searching: set[str] = set()
        self.is_installed = False

    def install(self) -> None:
        """Begin to call back."""
        self.is_installed = True
        sys.meta_path.insert(_place(), self)

    def remove(self) -> None:
        """Stop calling back."""
        self.is_installed = False
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def _imported(self, module: str) -> None:
        if self.is_installed:
            self._callback(module)

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """Part of the import system's finder interface: find the module, and watch it load."""
        if name not in self._modules or name in self._searching:
            return None
        self._searching.add(name)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self._searching.discard(name)
        # Code may find a module only to check that it exists, and an import may fail.
        if spec is not None and spec.loader is not None:
            spec.loader = _WatchedLoader(spec.loader, self._imported)
        return spec


def _place() -> int:
    """Before Python's own finders, and that of pytest. Others take theirs from the front again (pyfakefs)."""
    standard = (
        place
        for place, finder in enumerate(sys.meta_path)
        if finder is BuiltinImporter or type(finder).__module__.startswith("_pytest.")
    )
    return next(standard, 0)


class _WatchedLoader(Loader):
    """A loader that calls back when its module has run."""

    def __init__(self, loader: Any, callback: Callable[[str], None]) -> None:
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
        self._callback(module.__name__)
