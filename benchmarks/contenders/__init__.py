"""The contenders, a file each. Those here are found by themselves."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.contender import Contender

__all__ = ["contenders"]


def contenders() -> dict[str, Contender]:
    """All contenders by name: the floor first, then groqtape, then the others."""
    found = [
        importlib.import_module(f"{__name__}.{module.name}").CONTENDER
        for module in pkgutil.iter_modules(__path__)
    ]
    found.sort(key=lambda each: (not each.floor, each.environment != "groqtape", each.name))
    return {each.name: each for each in found}
