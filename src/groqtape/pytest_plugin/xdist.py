"""What pytest-xdist gives its workers. It is known only once the session has been configured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

__all__ = ["is_worker", "run_id"]


def is_worker(config: pytest.Config) -> bool:
    """Whether this process is a worker, which runs only some of the tests."""
    return hasattr(config, "workerinput")


def run_id(config: pytest.Config) -> str | None:
    """The name of the run, the same in all of its workers; None without pytest-xdist."""
    given: dict[str, Any] = getattr(config, "workerinput", {})
    return given.get("testrunuid")
