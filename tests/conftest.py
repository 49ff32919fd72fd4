"""What is not part of the ordinary suite, what all of it runs without, and the reader of the docs."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from reader import Reader

# They need other packages, and run in environments of their own: make test-clients.
collect_ignore = ["clients"]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect no garbage meanwhile: looking through thousands of tests that stay takes half the time.

    Nor look through them later, when a test collects its own.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest: in the end, no worker waits for another that has it."""
    items.sort(key=lambda item: "tests/trust/" not in item.nodeid)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish() -> None:
    """What is frozen has no referrers, which makes hypothesis warn if it is imported afterwards."""
    gc.unfreeze()


@pytest.fixture(autouse=True)
def wherever_it_runs() -> Iterator[None]:
    """Pytest shows more in its summary where some variables say that a CI runs it, in inner sessions too."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CI", "BUILD_NUMBER", "PYTEST_ADDOPTS", "FORCE_COLOR", "PY_COLORS"):
            patch.delenv(name, raising=False)
        # A test file that is changed within a second, to one of the same size, would be taken from the cache.
        patch.setattr(sys, "dont_write_bytecode", True)
        patch.setenv("PYTHONDONTWRITEBYTECODE", "1")
        yield


@pytest.fixture
def reader(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    """A project in which a page's code runs, and a Groq that answers it."""
    from loopback_groq import LoopbackGroq
    from reader import Reader

    with LoopbackGroq() as server:
        yield Reader(pytester, server, monkeypatch)
