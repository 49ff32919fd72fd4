"""No way in which a project calls Groq leads out of the machine while replaying; see ways_out.py."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
from effort import EFFORT
from trust.ways_out import LATE, covering, late_ways, tried, ways_in_a_session

if TYPE_CHECKING:
    from pathlib import Path

SOME = 50 * EFFORT
"""The first ones are new in something; they are fewer than so many."""
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")


def is_here(way: dict[str, str]) -> bool:
    """Whether the library that calls is installed: httpx2 is not, beside the oldest dependencies."""
    return not way["client"].startswith("httpx2") or find_spec("httpx2") is not None


@pytest.mark.parametrize("option", ["groq_auto = false", "groq_auto = true"])
def test_in_a_session(tmp_path: Path, option: str) -> None:
    ways = covering([way for way in ways_in_a_session(len(option)) if is_here(way)], SOME)
    assert tried(ways, [], tmp_path, option) == (SOME, [], [])


@pytest.mark.parametrize("moments", [LATE[1:2], LATE[2:]], ids=["unconfigure", "at exit"])
def test_after_the_tests(tmp_path: Path, moments: tuple[str, ...]) -> None:
    ways = covering([way for way in late_ways() if way["moment"] in moments and is_here(way)], SOME)
    assert tried([], ways, tmp_path) == (SOME, [], [])
