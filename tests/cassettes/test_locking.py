"""One writer at a time for a cassette."""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING

import filelock
import pytest

from groqtape.cassettes.locking import CassetteLock
from groqtape.errors import CassetteError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tapes" / "book.yaml"


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


def test_waiting_too_long_is_an_error_that_names_the_holder(path: Path) -> None:
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


@pytest.mark.parametrize("left", ["", "[]", json.dumps({"process": 1})])
def test_a_holder_that_left_no_number(path: Path, left: str) -> None:
    with CassetteLock(path).held():
        (lock,) = path.parent.iterdir()
        lock.write_text(left)
        with (
            pytest.raises(CassetteError, match="a process that left no note holds it"),
            CassetteLock(path, timeout=0.01).held(),
        ):
            raise AssertionError("it is held")


def test_other_cassettes_are_not_locked(path: Path) -> None:
    with CassetteLock(path).held(), CassetteLock(path.with_name("other.yaml"), timeout=0.01).held():
        assert len(list(path.parent.iterdir())) == 2


def test_nothing_is_left(path: Path) -> None:
    with CassetteLock(path).held():
        (lock,) = path.parent.iterdir()
        assert lock.name.startswith(".groqtape-")
    assert list(path.parent.iterdir()) == []


def test_it_is_free_again_after_an_error(path: Path) -> None:
    with pytest.raises(KeyError), CassetteLock(path).held():
        raise KeyError
    with CassetteLock(path, timeout=0.01).held():
        pass


def test_what_a_killed_process_left_is_no_lock_and_is_removed(path: Path) -> None:
    with CassetteLock(path).held():
        (lock,) = path.parent.iterdir()
    lock.write_text(json.dumps({"process": 1, "since": "12:30:00"}))
    with CassetteLock(path, timeout=0.01).held():
        pass
    assert list(path.parent.iterdir()) == []


def test_many_threads_are_inside_one_after_the_other(path: Path) -> None:
    """The file is removed and made anew again and again, while others wait for it."""
    inside, most = 0, 0

    def work() -> None:
        nonlocal inside, most
        for _ in range(20):
            with CassetteLock(path).held():
                inside += 1
                most = max(most, inside)
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (inside, most) == (0, 1)


def test_a_link_in_its_place_is_not_followed(path: Path) -> None:
    with CassetteLock(path).held():
        (lock,) = path.parent.iterdir()
    victim = path.parent.parent / "victim"
    victim.write_text("precious")
    lock.symlink_to(victim)
    with pytest.raises(CassetteError, match=r"can't be written: .* \(its lock, "), CassetteLock(path).held():
        raise AssertionError("there can be no lock")
    assert victim.read_text() == "precious"


@pytest.mark.parametrize(
    "error", [PermissionError(13, "Permission denied"), NotImplementedError("no locks here")]
)
def test_no_lock_where_nothing_can_be_written(
    path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def acquire(*args: object, **kwargs: object) -> None:
        raise error

    monkeypatch.setattr(filelock.FileLock, "acquire", acquire)
    with (
        pytest.raises(
            CassetteError, match=r"can't be written: .* \(its lock, .*\n.*groq_cassette_dir"
        ) as caught,
        CassetteLock(path).held(),
    ):
        raise AssertionError("there can be no lock")
    assert str(error).rpartition("] ")[2] in str(caught.value)
    # Nobody else can write there either: a test that only replays does not wait.
    with_lock = CassetteLock(path)
    with_lock._file.touch()
    with_lock.wait()


def test_what_a_killed_process_left_holds_nobody_up(path: Path) -> None:
    with CassetteLock(path).held():
        (lock,) = path.parent.iterdir()
    lock.touch()
    CassetteLock(path, timeout=0.01).wait()
    assert list(path.parent.iterdir()) == []


def test_waiting_takes_as_long_as_another_writes(path: Path) -> None:
    CassetteLock(path).wait()
    assert not path.parent.exists()
    with CassetteLock(path).held(), pytest.raises(CassetteError, match=f"process {os.getpid()} since"):
        CassetteLock(path, timeout=0.01).wait()
    CassetteLock(path, timeout=0.01).wait()
