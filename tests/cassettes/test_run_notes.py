"""What the processes of a test run note for each other."""

from __future__ import annotations

import getpass
import os
import tempfile
import time
from typing import TYPE_CHECKING

import pytest

from groqtape.cassettes.run_notes import RunNotes
from groqtape.errors import CassetteError

if TYPE_CHECKING:
    from pathlib import Path

POSIX = pytest.mark.skipif(not hasattr(os, "getuid"), reason="folders have no owner and mode here")


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files of the test's own."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "book.yaml"


def note(path: Path, run: str = "run", renewed: tuple[str, ...] = ()) -> None:
    RunNotes(path, run).draft(begun=True, renewed=renewed).publish()


def test_a_run_has_begun_what_it_noted(path: Path) -> None:
    assert not RunNotes(path, "run").has_begun
    path.touch()
    draft = RunNotes(path, "run").draft(begun=True, renewed=["b", "a"])
    assert not RunNotes(path, "run").has_begun
    draft.publish()
    assert RunNotes(path, "run").has_begun
    assert RunNotes(path, "run").renewed == {"a", "b"}
    assert not RunNotes(path, "another run").has_begun
    assert RunNotes(path, "another run").renewed == set()
    path.unlink()
    assert not RunNotes(path, "run").has_begun


def test_each_cassette_has_notes_of_its_own(path: Path) -> None:
    other = path.with_name("other.yaml")
    for each in (path, other):
        each.touch()
    note(path)
    assert not RunNotes(other, "run").has_begun
    note(other)
    assert RunNotes(path, "run").has_begun


def test_nothing_is_there_before_something_is_noted(path: Path, temporary: Path) -> None:
    assert RunNotes(path, "run").renewed == set()
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("text", ["", "nonsense", "\xff"])
def test_notes_that_are_none_count_as_missing(path: Path, temporary: Path, text: str) -> None:
    path.touch()
    note(path)
    (file,) = temporary.rglob("*.json")
    file.write_bytes(text.encode("latin-1"))
    assert not RunNotes(path, "run").has_begun


def test_notes_of_earlier_runs_are_removed(path: Path, temporary: Path) -> None:
    yesterday = time.time() - 25 * 60 * 60
    for run in ("old", "older"):
        note(path, run)
    (folder,) = temporary.iterdir()
    for old in folder.iterdir():
        os.utime(old, (yesterday, yesterday))
    (folder / "f00.lock").touch()
    os.utime(folder / "f00.lock", (yesterday, yesterday))
    note(path, "now")
    assert len(list(folder.iterdir())) == 1
    note(path, "at the same time")
    assert len(list(folder.iterdir())) == 2


@POSIX
@pytest.mark.parametrize("wrong", ["a link", "a file", "another owner", "a mode for others"])
def test_a_folder_of_another_user_is_not_trusted(
    path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    path.touch()
    note(path)
    (folder,) = temporary.iterdir()
    if wrong == "a link":
        folder = folder.rename(temporary / "elsewhere")
        (temporary / f"groqtape-{os.getuid()}").symlink_to(folder)
    elif wrong == "a file":
        folder.rename(temporary / "elsewhere")
        folder.write_text("precious")
    elif wrong == "a mode for others":
        folder.chmod(0o770)
    else:
        genuine = os.getuid()
        monkeypatch.setattr(os, "getuid", lambda: genuine + 1)
        folder.rename(temporary / f"groqtape-{genuine + 1}")
    before = sorted((each, each.lstat().st_mtime_ns) for each in temporary.rglob("*"))
    assert not RunNotes(path, "run").has_begun
    with pytest.raises(CassetteError, match=r"the run can't be noted in .*\n.*TMPDIR"):
        RunNotes(path, "run").draft(begun=True, renewed=[])
    assert sorted((each, each.lstat().st_mtime_ns) for each in temporary.rglob("*")) == before


def test_where_nothing_can_be_written(path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(temporary / "missing" / "folder"))
    with pytest.raises(CassetteError, match=r"the run can't be noted in .*: No such file .*\n.*TMPDIR"):
        RunNotes(path, "run").draft(begun=True, renewed=[])


def test_a_note_that_can_t_be_published(path: Path, temporary: Path) -> None:
    draft = RunNotes(path, "run").draft(begun=True, renewed=[])
    for file in temporary.rglob("*"):
        if file.is_file():
            file.unlink()
    with pytest.raises(CassetteError, match="the cassette was written, but the run can't be noted in "):
        draft.publish()


def test_a_path_that_can_t_exist_has_no_notes(path: Path) -> None:
    assert not RunNotes(path / "\0", "run").renewed


def test_each_user_has_a_folder(path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "getuid")
    for user in ("ada", "bob"):
        monkeypatch.setattr(getpass, "getuser", lambda user=user: user)
        note(path)
    assert len(list(temporary.iterdir())) == 2
