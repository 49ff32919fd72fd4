"""Paths that are not writable or not files: a clear error, or a safe name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest
from loopback_groq import stream
from recorder.integration.calling import untouched
from trust.forking_recorder import ForkingRecorder, become_nobody, limit_file_size, set_umask

import groqtape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from loopback_groq import LoopbackGroq
    from recorder.integration.calling import Sdk

    from groqtape.recorder.record_modes import RecordMode


@pytest.fixture(scope="module")
def recorder() -> Iterator[ForkingRecorder]:
    """Records in a child process: see forking_recorder.py."""
    with ForkingRecorder() as recorder:
        yield recorder


@pytest.fixture
def good(server: LoopbackGroq, blocking: Sdk, cassette_path: Path) -> Path:
    """A good cassette, of one stream."""
    server.default = stream("Hello there")
    with groqtape.use_cassette(cassette_path, "once"):
        blocking.stream()
    return cassette_path


class TestReadOnly:
    @pytest.fixture(autouse=True)
    def reachable(self, tmp_path: Path) -> None:
        """Others may go through the folders above, and those in which Python itself lies."""
        for folder in [tmp_path, *tmp_path.parents][:-2]:
            folder.chmod(folder.stat().st_mode | 0o555)

    def test_a_folder(self, recorder: ForkingRecorder, good: Path) -> None:
        before = good.read_bytes()
        good.parent.chmod(0o555)
        message = recorder.record(good, setup=become_nobody)
        good.parent.chmod(0o755)
        assert f"{good}: the cassette can't be written: Permission denied" in message
        assert "Make its folder writable" in message
        assert good.read_bytes() == before
        assert [each.name for each in good.parent.iterdir()] == ["book.yaml"]

    def test_a_folder_to_make_one_in(self, recorder: ForkingRecorder, tmp_path: Path) -> None:
        tmp_path.chmod(0o555)
        message = recorder.record(tmp_path / "new" / "book.yaml", setup=become_nobody)
        tmp_path.chmod(0o755)
        assert "can't be written: Permission denied" in message
        assert list(tmp_path.iterdir()) == []

    def test_a_file_that_must_not_be_read(self, recorder: ForkingRecorder, good: Path) -> None:
        good.chmod(0)
        message = recorder.record(good, setup=become_nobody)
        assert f"{good}: the cassette can't be read: Permission denied" in message

    def test_a_file_in_a_folder_that_can_be_written(self, recorder: ForkingRecorder, good: Path) -> None:
        """It is replaced, as by an editor; it stays read-only."""
        good.parent.chmod(0o777)
        good.chmod(0o444)
        assert recorder.record(good, setup=become_nobody) == "recorded"
        assert good.stat().st_mode & 0o777 == 0o444
        assert len(groqtape.load(good)) == 2


class TestAFullDisk:
    def test_a_file_that_may_not_grow_so_long(self, recorder: ForkingRecorder, good: Path) -> None:
        before = good.read_bytes()
        message = recorder.record(good, setup=limit_file_size)
        assert f"{good}: the cassette can't be written: File too large" in message
        assert good.read_bytes() == before
        assert [each.name for each in good.parent.iterdir()] == ["book.yaml"]

    @pytest.mark.parametrize("when", ["write", "flush", "fsync", "replace"])
    def test_no_room_left(
        self, good: Path, blocking: Sdk, monkeypatch: pytest.MonkeyPatch, when: str
    ) -> None:
        before = good.read_bytes()
        full = OSError(28, "No space left on device")

        class Full:
            """A file on a full disk."""

            def __init__(self, file: Any) -> None:
                self._file = file

            def __enter__(self) -> Self:
                return self

            def __exit__(self, *_: object) -> None:
                self._file.close()

            def __getattr__(self, name: str) -> Any:
                return fails if name == when else getattr(self._file, name)

        def fails(*_: Any) -> Any:
            raise full

        genuine: Callable[..., Any] = Path.open
        monkeypatch.setattr(
            Path,
            "open",
            lambda path, mode="r", **more: (Full if "x" in mode else lambda file: file)(
                genuine(path, mode, **more)
            ),
        )
        if when == "fsync":
            monkeypatch.setattr(os, "fsync", fails)
        if when == "replace":
            monkeypatch.setattr(Path, "replace", fails)
        with (
            pytest.raises(groqtape.CassetteError, match="can't be written: No space left on device"),
            groqtape.use_cassette(good, "all"),
        ):
            blocking.stream()
        assert good.read_bytes() == before
        assert [each.name for each in good.parent.iterdir()] == ["book.yaml"]


class TestLinks:
    def test_a_link_stays_one(self, good: Path, blocking: Sdk, tmp_path: Path) -> None:
        link = tmp_path / "links" / "link.yaml"
        link.parent.mkdir()
        link.symlink_to("../cassettes/book.yaml")
        with groqtape.use_cassette(link, "new_episodes"):
            blocking.stream("Hi")
            blocking.stream("And again")
        assert link.is_symlink()
        assert str(link.readlink()) == "../cassettes/book.yaml"
        assert len(groqtape.load(good)) == len(groqtape.load(link)) == 2
        assert [each.name for each in link.parent.iterdir()] == ["link.yaml"]
        assert [each.name for each in good.parent.iterdir()] == ["book.yaml"]

    def test_one_that_leads_nowhere_yet(self, server: LoopbackGroq, blocking: Sdk, tmp_path: Path) -> None:
        server.default = stream("Hello")
        link = tmp_path / "link.yaml"
        link.symlink_to("folder/book.yaml")
        with (
            untouched(server),
            pytest.raises(groqtape.RefusedError, match="There is no cassette"),
            groqtape.use_cassette(link),
        ):
            blocking.stream()
        for mode in ("once", "none"):
            with groqtape.use_cassette(link, mode):
                assert blocking.stream().text == "Hello"
        assert link.is_symlink()
        assert (tmp_path / "folder" / "book.yaml").is_file()

    @pytest.mark.parametrize("mode", ["none", "once", "new_episodes", "all"])
    def test_one_that_leads_to_itself(
        self, server: LoopbackGroq, blocking: Sdk, tmp_path: Path, mode: RecordMode
    ) -> None:
        server.default = stream("Hello")
        link = tmp_path / "link.yaml"
        link.symlink_to("link.yaml")
        with (
            pytest.raises(groqtape.CassetteError, match=r"can't be (read|written): ") as caught,
            groqtape.use_cassette(link, mode),
        ):
            blocking.stream()
        assert str(link) in str(caught.value)
        assert link.is_symlink()
        assert [each.name for each in tmp_path.iterdir()] == ["link.yaml"]

    def test_a_linked_folder(self, server: LoopbackGroq, blocking: Sdk, tmp_path: Path) -> None:
        server.default = stream("Hello")
        (tmp_path / "folder").mkdir()
        (tmp_path / "linked").symlink_to("folder")
        with groqtape.use_cassette(tmp_path / "linked" / "book.yaml", "once"):
            blocking.stream()
        assert (tmp_path / "linked").is_symlink()
        assert (tmp_path / "folder" / "book.yaml").is_file()


class TestNoFile:
    @pytest.mark.parametrize("mode", ["none", "once", "new_episodes", "all"])
    @pytest.mark.parametrize("what", ["directory", "below a file", "pipe", "null", "too long"])
    def test_gives_one_clear_error(
        self, server: LoopbackGroq, blocking: Sdk, tmp_path: Path, mode: RecordMode, what: str
    ) -> None:
        server.default = stream("Hello")
        (tmp_path / "directory").mkdir()
        (tmp_path / "directory" / "in it").write_text("kept")
        (tmp_path / "file").write_text("kept")
        os.mkfifo(tmp_path / "pipe")
        path = {
            "directory": tmp_path / "directory",
            "below a file": tmp_path / "file" / "book.yaml",
            "pipe": tmp_path / "pipe",
            "null": tmp_path / "a\0b.yaml",
            "too long": tmp_path / ("a" * 300 + ".yaml"),
        }[what]
        with (
            pytest.raises(groqtape.CassetteError, match=r"can't be (read|written): ") as caught,
            groqtape.use_cassette(path, mode),
        ):
            blocking.stream()
        assert str(path).replace("\0", r"\x00") in str(caught.value)
        assert (tmp_path / "directory" / "in it").read_text() == "kept"
        assert (tmp_path / "file").read_text() == "kept"
        assert sorted(each.name for each in tmp_path.iterdir()) == ["directory", "file", "pipe"]


class TestModes:
    def test_a_new_file_is_as_the_process_makes_them(self, recorder: ForkingRecorder, tmp_path: Path) -> None:
        path = tmp_path / "book.yaml"
        assert recorder.record(path, setup=set_umask) == "recorded"
        assert path.stat().st_mode & 0o777 == 0o640

    @pytest.mark.parametrize("mode", [0o600, 0o644, 0o664, 0o755])
    def test_an_old_one_keeps_its_own(self, good: Path, blocking: Sdk, mode: int) -> None:
        good.chmod(mode)
        with groqtape.use_cassette(good, "all"):
            blocking.stream("Something new")
        assert good.stat().st_mode & 0o777 == mode


def test_names_that_lead_out_of_the_folder(
    pytester: pytest.Pytester, server: LoopbackGroq, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names given by the marker or by a test's parameter."""
    names = ["../outside", "a/../../outside", "/etc/outside", "..", "//out", "C:\\out", "..\\out", "~/x", "."]
    monkeypatch.setenv("GROQ_API_KEY", str(server.api_key))
    server.default = stream("Hello")
    inner = pytester.mkdir("inner")
    (inner / "pytest.ini").write_text("[pytest]\n")
    ask = "list(groq_stream(model='m', messages=[{'role': 'user', 'content': 'Hi'}]))"
    tests = [
        f"@pytest.mark.groq_cassette({name!r})\ndef test_{number}(groq_stream):\n    {ask}\n"
        for number, name in enumerate(names)
    ]
    tests.append(f"@pytest.mark.parametrize('name', {names!r})\ndef test_it(groq_stream, name):\n    {ask}\n")
    (inner / "test_it.py").write_text("\n".join(["import groq, pytest", *tests]))
    before = set(pytester.path.iterdir())
    for more in (["--groq-record=once"], []):
        result = pytester.runpytest_inprocess(
            f"--rootdir={inner}", str(inner), *more, "-p", "no:cacheprovider", "-p", "no:asyncio"
        )
        result.assert_outcomes(passed=2 * len(names))
    tapes = list(inner.rglob("*.yaml"))
    assert len(tapes) == 2 * len(names)
    assert all(cassette_path.is_relative_to(inner / "cassettes") for cassette_path in tapes)
    assert set(pytester.path.iterdir()) == before
