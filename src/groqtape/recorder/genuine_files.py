"""The genuine files, where pyfakefs puts others in their place for longer than a test."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["on_genuine_files"]

_Result = TypeVar("_Result")
_Arguments = ParamSpec("_Arguments")


def on_genuine_files(function: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """Have a function read and write the genuine files.

    A test's own cassette is read before its fixtures, and written after them. But a fixture of a module or a
    session stays from test to test.
    """

    @functools.wraps(function)
    def on_files(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
        pyfakefs = sys.modules.get("pyfakefs.fake_filesystem_unittest")
        patcher = pyfakefs and pyfakefs.Patcher.PATCHER
        if pyfakefs is None or patcher is None or not patcher.is_patching:
            return function(*args, **kwargs)
        with pyfakefs.Pause(patcher):
            return function(*args, **kwargs)

    return on_files
