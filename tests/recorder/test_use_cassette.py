"""`use_cassette` as a decorator; the recorder itself is tested in tests/recorder/integration."""

from __future__ import annotations

import asyncio
import functools
import inspect
from typing import TYPE_CHECKING, Any

import pytest

import groqtape
from groqtape.recorder.interceptors import interceptors

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path


def in_use() -> int:
    """How many cassettes answer calls."""
    return sum(isinstance(each, groqtape.Cassette) for each in interceptors._stack)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "book.yaml"


def test_a_function_uses_the_cassette_in_each_call(path: Path) -> None:
    @groqtape.use_cassette(path)
    def call(number: int, *, other: str = "x") -> tuple[int, str, int]:
        """Call."""
        return number, other, in_use()

    before = in_use()
    assert [call(1), call(2, other="y")] == [(1, "x", before + 1), (2, "y", before + 1)]
    assert in_use() == before
    assert (call.__name__, call.__doc__) == ("call", "Call.")
    assert list(inspect.signature(call).parameters) == ["number", "other"]


def test_a_coroutine_function_uses_it_while_it_runs(path: Path) -> None:
    @groqtape.use_cassette(path)
    async def call() -> int:
        await asyncio.sleep(0)
        return in_use()

    assert inspect.iscoroutinefunction(call)
    before = in_use()
    coroutine = call()
    assert in_use() == before
    assert asyncio.run(coroutine) == before + 1
    assert in_use() == before


def test_what_it_raises_comes_through(path: Path) -> None:
    @groqtape.use_cassette(path)
    async def call() -> None:
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        asyncio.run(call())


def test_a_partial_coroutine_function_is_one(path: Path) -> None:
    async def call(number: int) -> tuple[int, int]:
        return number, in_use()

    before = in_use()
    assert asyncio.run(groqtape.use_cassette(path)(functools.partial(call, 7))()) == (7, before + 1)


def generate() -> Iterator[int]:
    yield in_use()


async def generate_async() -> AsyncIterator[int]:
    yield in_use()


class Class:
    pass


@pytest.mark.parametrize(
    ("refused", "kind"),
    [(generate, "a generator function"), (generate_async, "a generator function"), (Class, "a class")],
)
def test_others_are_refused_at_once(path: Path, refused: Any, kind: str) -> None:
    with pytest.raises(groqtape.GroqtapeError, match=f"got {refused.__name__}, {kind}"):
        groqtape.use_cassette(path)(refused)


def test_a_function_that_returns_a_coroutine_is_refused_when_it_is_called(path: Path) -> None:
    async def call() -> None: ...

    decorated: Any = groqtape.use_cassette(path)(lambda: call())
    with pytest.raises(groqtape.GroqtapeError, match="a function that returns a coroutine"):
        decorated()


def test_the_current_folder_may_be_gone(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with groqtape.use_cassette(path, "once") as cassette:
        assert cassette.path == path


def test_one_context_manager_can_be_entered_again(path: Path) -> None:
    block = groqtape.use_cassette(path)
    before = in_use()
    with block as first, block as second:
        assert first is not second
        assert in_use() == before + 2
    with block:
        assert in_use() == before + 1
    assert in_use() == before
