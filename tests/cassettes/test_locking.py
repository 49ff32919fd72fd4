"""One writer at a time for a cassette, and who began it."""

from __future__ import annotations

import getpass
import json
import os
import tempfile
import threading
from typing import TYPE_CHECKING

import pytest

from groqtape.cassettes.locking import CassetteLock
from groqtape.errors import CassetteError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files of the test's own."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tape.yaml"


def test_one_waits_for_the_other(path: Path) -> None:
    inside, order = threading.Event(), []

    def second() -> None:
        inside.wait(5)
        with CassetteLock(path).held():
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with CassetteLock(path).held():
        inside.set()
        thread.join(0.1)
        order.append("first")
    thread.join(5)
    assert order == ["first", "second"]


def test_whoever_waits_too_long_is_told_who_holds_it(path: Path) -> None:
    with (
        CassetteLock(path).held(),
        pytest.raises(
            CassetteError, match=f"within 0.01 s, but process {os.getpid()} since .* holds it"
        ) as error,
        CassetteLock(path, timeout=0.01).held(),
    ):
        raise AssertionError("it is held")
    assert "record again" in str(error.value)
    assert str(path) in str(error.value)


@pytest.mark.parametrize("left", [None, "", "[]", json.dumps({"process": 1})])
def test_a_holder_that_left_no_number(path: Path, temporary: Path, left: str | None) -> None:
    lock = CassetteLock(path, timeout=0.01)
    with CassetteLock(path).held():
        (holder,) = temporary.rglob("*.holder")
        holder.unlink()
        if left is not None:
            holder.write_text(left)
        with (
            pytest.raises(CassetteError, match="a process that left no note holds it"),
            lock.held(),
        ):
            raise AssertionError("it is held")


def test_other_cassettes_are_not_locked(path: Path) -> None:
    with CassetteLock(path).held(), CassetteLock(path.with_name("other.yaml"), timeout=0.01).held():
        pass


def test_it_is_free_again_after_an_error(path: Path) -> None:
    with pytest.raises(KeyError), CassetteLock(path).held():
        raise KeyError
    with CassetteLock(path, timeout=0.01).held():
        pass


def test_no_lock_where_nothing_can_be_written(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(path.parent / "missing" / "folder"))
    with (
        pytest.raises(CassetteError, match=r"its lock .* can't be taken.*\n.*TMPDIR"),
        CassetteLock(path).held(),
    ):
        raise AssertionError("there can be no lock")
    with pytest.raises(CassetteError, match="that this run began it can't be noted"):
        CassetteLock(path).begin("run")


def test_who_began_it(path: Path) -> None:
    lock = CassetteLock(path)
    assert not lock.is_begun_by("run")
    path.touch()
    assert not lock.is_begun_by("run")
    with lock.held():
        lock.begin("run")
    assert CassetteLock(path).is_begun_by("run")
    assert not lock.is_begun_by("another run")
    path.unlink()
    assert not lock.is_begun_by("run")


def test_each_user_has_a_folder(path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "getuid")
    for user in ("ada", "bob"):
        monkeypatch.setattr(getpass, "getuser", lambda user=user: user)
        with CassetteLock(path).held():
            pass
    assert len(list(temporary.iterdir())) == 2
