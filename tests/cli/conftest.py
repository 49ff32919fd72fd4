"""The command line in this process: what it printed, and its exit code."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, NamedTuple

import pytest
from cli.cassettes import KINDS, text_of_kind

from groqtape.cli import app

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_STYLES = re.compile(r"\x1b\[[0-9;]*m")


class Ran(NamedTuple):
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def screen(self) -> str:
        """What stands on the screen: no styles, nothing after the end of a line."""
        return "".join(f"{line.rstrip()}\n" for line in _STYLES.sub("", self.out).splitlines())


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Runs the command in a project; `columns` is the width of its terminal, without which it is a pipe."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "COLUMNS", "TERM"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "pytest.ini").touch()

    def run(*args: str | os.PathLike[str], columns: int = 0, **env: str) -> Ran:
        terminal = {"FORCE_COLOR": "1", "COLUMNS": str(columns), "TERM": "xterm-256color"} if columns else {}
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2))
        with monkeypatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            for name, value in {**terminal, **env}.items():
                patch.setenv(name, value)
            code = app.run([os.fspath(arg) for arg in args])
        shown = []
        for stream in (out, err):
            stream.flush()
            shown.append(stream.buffer.getvalue().decode())
        return Ran(code, *shown)

    return run


@pytest.fixture
def git(tmp_path: Path) -> Callable[..., str]:
    """Runs git in the project, which is a repository; what it printed."""
    if shutil.which("git") is None:
        pytest.skip("there is no git")

    def run_git(*args: str) -> str:
        who = ["-c", "user.email=a@example.com", "-c", "user.name=a", "-c", "core.autocrlf=false"]
        ran = subprocess.run(["git", *who, *args], cwd=tmp_path, capture_output=True, text=True, check=True)
        return ran.stdout

    run_git("init", "-q", "-b", "main")
    return run_git


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a cassette of each kind."""
    folder = tmp_path / "cassettes"
    folder.mkdir()
    for kind in KINDS:
        path = folder / f"{kind.replace(' ', '_')}.yaml"
        path.write_text(text_of_kind(kind), encoding="utf-8", newline="")
    return tmp_path
