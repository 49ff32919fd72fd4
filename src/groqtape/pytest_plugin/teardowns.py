"""Fixtures that may call Groq after the test function has returned."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

__all__ = ["has_teardown"]


def has_teardown(fixturedef: pytest.FixtureDef[Any]) -> bool:
    """Whether a fixture of the project's own, or a `teardown_method` and the like, has a teardown."""
    function = inspect.unwrap(fixturedef.func)
    if not (inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)):
        return False
    return fixturedef.argname.startswith("_xunit_") or not (
        "site-packages" in function.__code__.co_filename or function.__module__.startswith("groqtape.")
    )
