"""The texts that forked processes note; `os.getpid` tells here which process it is."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from groqtape.recorder import forks
from groqtape.recorder.forks import RefusedTexts, unclaimed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    AsChild = Callable[[int], None]

PARENT = os.getpid()


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> Iterator[forks._Pipe]:
    pipe = forks._Pipe()
    monkeypatch.setattr(forks, "_pipe", pipe)
    yield pipe
    for end in pipe._ends or ():
        os.close(end)


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> AsChild:
    return lambda number: monkeypatch.setattr(os, "getpid", lambda: number)


def test_those_of_children_come_after_one_s_own(pipe: forks._Pipe, in_process: AsChild) -> None:
    first, second = RefusedTexts(), RefusedTexts()
    first.append("own")
    pipe._make()
    pipe._make()
    for child in (-1, -2):
        in_process(child)
        first.append(f"one of {child}, with ü")
        second += [f"two of {child}", "nul\0"]
        assert unclaimed() == []  # a child takes nothing
        assert second.all()[-1] == "nul\0"
    in_process(PARENT)
    # In a real child, those before the last two would be in its copy.
    assert first.all() == first.all()
    assert first.all()[3:] == ["one of -1, with ü", "one of -2, with ü"]
    assert unclaimed() == ["two of -1", "nul", "two of -2", "nul"]
    assert unclaimed() == []


def test_what_a_child_makes_is_its_own(pipe: forks._Pipe, in_process: AsChild) -> None:
    pipe._make()
    in_process(-1)
    texts = RefusedTexts()
    texts.append("of the child")
    assert texts.all() == ["of the child"]
    in_process(PARENT)
    assert unclaimed() == []


def test_a_full_pipe_blocks_nothing(pipe: forks._Pipe, in_process: AsChild) -> None:
    texts = RefusedTexts()
    pipe._make()
    in_process(-1)
    for _ in range(1000):
        texts.append("a" * 10_000)
    in_process(PARENT)
    assert {len(text) for text in texts.all()} == {10_000, 3000}


def test_without_httpx_there_is_no_pipe(
    pipe: forks._Pipe, in_process: AsChild, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = RefusedTexts()
    monkeypatch.delitem(sys.modules, "httpx")
    pipe._make()
    in_process(-1)
    texts.append("lost")
    in_process(PARENT)
    assert unclaimed() == []
