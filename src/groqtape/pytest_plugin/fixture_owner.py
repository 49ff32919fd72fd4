"""Which fixture a cassette belongs to, and what the cassette is called."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pytest

__all__ = ["FixtureOwner", "fixture_name", "owner_of"]

# pytest makes fixtures of setup_module, setup_class, setUpClass and others; their names have this form.
_XUNIT = re.compile(r"_(?:xunit|unittest)_(\w+?)_fixture_")


class FixtureOwner(NamedTuple):
    """What a cassette of a fixture belongs to.

    Attributes:
        node: The node of its scope: a module, a class, a package or the session.
        name: Its file's name, without the extension.
        text: How messages name it.
        file: The file that defines it.
    """

    node: Any
    name: str
    text: str
    file: Path


def fixture_name(argname: str) -> str:
    """The name of a fixture; `setup_module` and the like where pytest made it of such a function."""
    match = _XUNIT.match(argname)
    return match[1] if match else argname


def owner_of(fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest) -> FixtureOwner:
    """The owner of the cassette of a fixture that is set up."""
    name = fixture_name(fixturedef.argname)
    # A parametrized fixture is set up once for each parameter.
    number = f"[{getattr(request, 'param_index', 0)}]" if hasattr(request, "param") else ""
    code = inspect.unwrap(fixturedef.func).__code__
    text = f"fixture {name}{number} ({fixturedef.scope} scope)"
    return FixtureOwner(request.node, f"@{name}{number}", text, Path(code.co_filename))
