"""Fixtures of module, class, package and session scope: what they call has a cassette of its own.

Several tests share such a fixture, and which of them sets it up depends on the run. So its calls are in no
test's cassette, but in one named after the fixture. Its teardown has another.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from groqtape.pytest_plugin.fixture_cassettes import FixtureCassettes
    from groqtape.pytest_plugin.fixture_owner import FixtureOwner
    from groqtape.pytest_plugin.running_test import RunningTest

__all__ = ["WideFixtures"]


class WideFixtures:
    """A plugin object that gives fixtures cassettes.

    Args:
        cassettes: Gives what opens the cassettes.
        current_test: The test that runs, if one does.
    """

    def __init__(
        self,
        cassettes: Callable[[], FixtureCassettes],
        current_test: Callable[[], RunningTest | None],
    ) -> None:
        self._cassettes = cassettes
        self._current_test = current_test
        self._teardowns: dict[Any, contextlib.AbstractContextManager[None]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> Generator[None, object, object]:
        """Note that a fixture may call Groq when the test is over; give a wide one its cassette."""
        test = self._current_test()
        if test is None or fixturedef.scope == "function" or not _is_of_project(fixturedef):
            if test is not None and fixturedef.scope == "function" and _has_teardown(fixturedef):
                test.tears_down = True
            return (yield)
        from groqtape.pytest_plugin.fixture_owner import owner_of
        from groqtape.recorder.interceptors import interceptors

        owner = owner_of(fixturedef, request)
        before = len(interceptors)
        with contextlib.ExitStack() as stack:
            if test.cassette is not None:
                # The fixture may open a cassette with use_cassette, which must stay below this test's.
                stack.enter_context(interceptors.under(test.cassette))
            stack.enter_context(self._cassettes().calls_of(owner, test))
            result = yield
        if _has_teardown(fixturedef) and len(interceptors) == before:
            # Finalizers run in the reverse order: this one before the fixture's own.
            fixturedef.addfinalizer(functools.partial(self._begin_teardown, fixturedef, owner))
        return result

    def _begin_teardown(self, fixturedef: pytest.FixtureDef[Any], owner: FixtureOwner) -> None:
        test = self._current_test()
        if test is not None:
            teardown = owner._replace(name=f"{owner.name}.teardown", text=f"teardown of {owner.text}")
            self._teardowns[fixturedef] = calls = self._cassettes().calls_of(teardown, test)
            calls.__enter__()

    def pytest_fixture_post_finalizer(self, fixturedef: pytest.FixtureDef[Any]) -> None:
        """Close the cassette of a teardown."""
        calls = self._teardowns.pop(fixturedef, None)
        if calls is not None:
            calls.__exit__(None, None, None)


def _has_teardown(fixturedef: pytest.FixtureDef[Any]) -> bool:
    """Whether a fixture of the project's own, or a `teardown_method` and the like, has a teardown."""
    function = inspect.unwrap(fixturedef.func)
    is_generator = inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)
    return is_generator and _is_of_project(fixturedef)


def _is_of_project(fixturedef: pytest.FixtureDef[Any]) -> bool:
    """Whether a fixture is the project's own, and not pytest's, a plugin's or ours."""
    # pytest makes fixtures of setup_module, setUpClass and others.
    if fixturedef.argname.startswith(("_xunit_", "_unittest_")):
        return True
    function = inspect.unwrap(fixturedef.func)
    file = getattr(getattr(function, "__code__", None), "co_filename", "site-packages")
    return "site-packages" not in file and not function.__module__.startswith("groqtape.")
