"""What kind of fixture a definition is, and what its cassette is called."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pytest

__all__ = ["FixtureOwner", "has_teardown", "is_of_project", "owner_of"]

# pytest makes fixtures of setup_module, setup_class, setUpClass and others; their names have this form.
_XUNIT = re.compile(r"_(?:xunit|unittest)_(\w+?)_fixture_")


class FixtureOwner(NamedTuple):
    """What a cassette of a fixture belongs to.

    Attributes:
        node: The node of its scope: a module, a class, a package or the session.
        name: Its file's name, without the extension.
        text: How messages name it.
    """

    node: Any
    name: str
    text: str


def has_teardown(fixturedef: pytest.FixtureDef[Any]) -> bool:
    """Whether a fixture of the project's own, or a `teardown_method` and the like, has a teardown."""
    function = inspect.unwrap(fixturedef.func)
    is_generator = inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)
    return is_generator and is_of_project(fixturedef)


def is_of_project(fixturedef: pytest.FixtureDef[Any]) -> bool:
    """Whether a fixture is the project's own, and not pytest's, a plugin's or ours."""
    if _XUNIT.match(fixturedef.argname):
        return True
    function = inspect.unwrap(fixturedef.func)
    file = getattr(getattr(function, "__code__", None), "co_filename", "site-packages")
    return "site-packages" not in file and not function.__module__.startswith("groqtape.")


def owner_of(fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest) -> FixtureOwner:
    """The owner of the cassette of a fixture that is set up."""
    match = _XUNIT.match(fixturedef.argname)
    name = match[1] if match else fixturedef.argname
    # A parametrized fixture is set up once for each parameter.
    number = f"[{getattr(request, 'param_index', 0)}]" if hasattr(request, "param") else ""
    return FixtureOwner(
        request.node, f"@{name}{number}", f"fixture {name}{number} ({fixturedef.scope} scope)"
    )
