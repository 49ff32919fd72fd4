"""What stands on the screen, verb by verb, in terminals of 40, 80 and 160 columns.

`screens.txt` has them. GROQTAPE_WRITE_SCREENS=1 writes it anew: look at the difference before you commit it.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cli.cassettes import ANSWER, KINDS, events, request, stream, write

from groqtape.reports.columns import columns_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from cli.conftest import Ran

SCREENS = Path(__file__).with_name("screens.txt")
COMMANDS = (
    "list cassettes/several.yaml cassettes/stream.yaml cassettes/漢字.yaml cassettes/nothing.yaml",
    "show cassettes/漢字.yaml",
    "show cassettes/tool_calls.yaml",
    "show cassettes/several.yaml",
    "show cassettes/error_event.yaml",
    "show cassettes/unanswered.yaml",
    "show cassettes/transcription.yaml",
    "play --pace instant cassettes/reasoning.yaml",
    "play --pace instant cassettes/cut.yaml",
    "diff cassettes/stream.yaml cassettes/漢字.yaml --timing",
    "diff cassettes/several.yaml cassettes/stream.yaml",
    "check cassettes/closed.yaml cassettes/cut.yaml cassettes/stream.yaml",
    "timeline cassettes/stall.yaml",
    "timeline cassettes/several.yaml",
)
WIDTHS = (40, 80, 160)
WORDS = "日本語のファンタジー小説なら、「十二国記」をおすすめします。"


@pytest.fixture(autouse=True)
def _project(project: Path) -> None:
    wide = stream(
        events(f"{WORDS} {ANSWER}\n\n| Title | Author |\n|---|---|\n{ANSWER}"), request(f"{WORDS * 2}?")
    )
    write(project / "cassettes/漢字.yaml", wide)


def test_are_as_they_were_looked_at(run: Callable[..., Ran]) -> None:
    found = "".join(
        f"$ groqtape {command}   # {columns} columns\n{run(*command.split(), columns=columns).screen}\n"
        for command in COMMANDS
        for columns in WIDTHS
    )
    if os.environ.get("GROQTAPE_WRITE_SCREENS"):
        SCREENS.write_text(found, "utf-8")
    assert found == SCREENS.read_text("utf-8")


@pytest.mark.parametrize("columns", WIDTHS)
def test_have_no_line_that_is_too_long_for_any_kind(run: Callable[..., Ran], columns: int) -> None:
    for command in ("list", "show", "timeline", "check", "diff --timing cassettes/stream.yaml"):
        for kind in KINDS:
            ran = run(*command.split(), f"cassettes/{kind.replace(' ', '_')}.yaml", columns=columns)
            assert ran.code in (0, 1)
            assert max(map(columns_of, ran.screen.splitlines()), default=0) <= columns, (command, kind)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pty")
@pytest.mark.parametrize("columns", [40, 80])
def test_are_those_of_a_real_terminal(run: Callable[..., Ran], project: Path, columns: int) -> None:
    shown = in_terminal("list cassettes/stream.yaml; groqtape show nowhere/there.yaml", project, columns)
    listed = run("list", "cassettes/stream.yaml", columns=columns)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown).replace("\r", "")
    assert plain.startswith(listed.screen)
    assert "\x1b[32mcomplete\x1b[0m" in shown
    message = plain.removeprefix(listed.screen)
    problem = "groqtape: expected a cassette file, but there is no nowhere/there.yaml"
    assert " ".join(message.split()) == f"{problem} See what cassettes the project has: groqtape list"
    assert max(map(len, message.splitlines())) <= columns
    assert message.splitlines()[0] == (
        problem if columns == 80 else "groqtape: expected a cassette file, but"
    )


def in_terminal(command: str, folder: Path, columns: int) -> str:
    """What a shell prints into a terminal of its own."""
    import fcntl
    import pty
    import struct
    import termios

    try:
        master, terminal = pty.openpty()
    except OSError as error:  # in a container without /dev/pts
        pytest.skip(f"the system gives no terminal: {error}")
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    changed = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "CI")
    variables = {name: value for name, value in os.environ.items() if name not in changed}
    function = f'groqtape() {{ "{sys.executable}" -m groqtape "$@"; }}; '
    with subprocess.Popen(
        ["sh", "-c", f"{function} groqtape {command}"],
        cwd=folder,
        env={**variables, "TERM": "xterm-256color"},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    ):
        os.close(terminal)
        shown = b""
        with contextlib.suppress(OSError):  # Linux answers so at the end
            while read := os.read(master, 65536):
                shown += read
    os.close(master)
    return shown.decode()
