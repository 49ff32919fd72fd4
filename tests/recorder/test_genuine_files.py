"""Where pyfakefs is active, a cassette's file is the genuine one; with pyfakefs itself: tests/clients."""

from __future__ import annotations

import contextlib
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from groqtape.recorder.genuine_files import on_genuine_files

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.mark.parametrize(
    ("patcher", "paused"),
    [
        (None, []),
        (SimpleNamespace(is_patching=False), []),
        (SimpleNamespace(is_patching=True), ["paused", "resumed"]),
    ],
    ids=["none", "paused already", "active"],
)
def test_pyfakefs_is_paused(monkeypatch: pytest.MonkeyPatch, patcher: Any, paused: list[str]) -> None:
    events: list[str] = []

    @contextlib.contextmanager
    def pause(of: Any) -> Iterator[None]:
        assert of is patcher
        events.append("paused")
        yield
        events.append("resumed")

    fake = SimpleNamespace(Patcher=SimpleNamespace(PATCHER=patcher), Pause=pause)
    monkeypatch.setitem(sys.modules, "pyfakefs.fake_filesystem_unittest", fake)

    @on_genuine_files
    def read(path: str, *, mode: str) -> str:
        assert events == paused[:1]
        return f"{path} {mode}"

    assert read("a", mode="b") == "a b"
    assert events == paused


def test_without_pyfakefs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "pyfakefs.fake_filesystem_unittest", raising=False)
    assert on_genuine_files(str.upper)("a") == "A"
