"""What `import groqtape` gives, and what it does not import for that."""

from __future__ import annotations

import subprocess
import sys
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, assert_type

import pytest

import groqtape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

HEAVY = ("groq", "vcr", "httpx", "pydantic", "yaml", "syrupy", "anyio")


@pytest.mark.parametrize("name", groqtape.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(groqtape, name) is not None


def test_no_name_is_forgotten() -> None:
    assert set(groqtape._HOMES) | {"__version__", "serializer"} == set(groqtape.__all__)
    assert dir(groqtape) == sorted(groqtape.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'groqtape' has no attribute 'gruetape'"):
        _ = groqtape.gruetape  # type: ignore[attr-defined]


def test_the_package_imports_nothing_heavy_by_itself() -> None:
    program = f"import sys, groqtape; print([name for name in {HEAVY!r} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_the_types_of_functions() -> None:
    if TYPE_CHECKING:
        assert_type(groqtape.load("book.yaml"), list[groqtape.GroqStream])
        assert_type(groqtape.use_cassette("book.yaml").__enter__(), groqtape.Cassette)
        groqtape.use_cassette("book.yaml", "All")  # type: ignore[arg-type]
        groqtape.use_cassette("book.yaml", pace="fast")  # type: ignore[arg-type]
        groqtape.use_cassette("book.yaml", "once", pace="recorded")
        assert_type(groqtape.serializer, ModuleType)
        assert_type(groqtape.__version__, str)
    opened = groqtape.use_cassette("book.yaml", "none", pace=0.5, match_on=["method"], hosts=["example.com"])
    assert isinstance(opened, AbstractContextManager)


def test_the_types_of_a_cassette() -> None:
    def typed(cassette: groqtape.Cassette) -> Iterator[None]:
        assert_type(cassette.streams, list[groqtape.GroqStream])
        assert_type(cassette.record_mode, str)
        assert_type(cassette.path.name, str)
        yield

    assert callable(typed)


def test_errors_differ() -> None:
    assert issubclass(groqtape.CassetteError, (groqtape.GroqtapeError, ValueError))
    assert issubclass(groqtape.UnplayedError, groqtape.GroqtapeError)
    assert issubclass(groqtape.UnplayedWarning, UserWarning)
    # What gets past the SDK's `except Exception`, and an application's.
    assert not issubclass(groqtape.RefusedError, Exception)
