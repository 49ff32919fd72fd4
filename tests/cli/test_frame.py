"""The frame of the command line: its help, how it fails, how it starts."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from groqtape import __version__
from groqtape.cli.overview import VERBS, overview

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Ran


def process(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "groqtape", *args], capture_output=True, text=True, env={**os.environ, **env}
    )


class TestHelp:
    def test_fits_a_screen(self) -> None:
        lines = overview().splitlines()
        assert len(lines) <= 24
        assert max(map(len, lines)) <= 80
        for verb in VERBS:
            assert any(line.startswith(f"  {verb} ") for line in lines)

    @pytest.mark.parametrize("option", ["--help", "-h"])
    def test_is_the_same_with_click_and_without(self, run: Callable[..., Ran], option: str) -> None:
        assert process(option).stdout == run(option).out == overview()

    def test_imports_nothing_that_takes_long(self) -> None:
        program = (
            "import sys; sys.argv = ['groqtape', '--help']; from groqtape.cli.entry import main; main();"
            "print([name for name in ('click', 'rich', 'vcr', 'groq', 'yaml') if name in sys.modules])"
        )
        ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert ran.stdout.splitlines()[-1] == "[]"

    @pytest.mark.parametrize("verb", VERBS)
    def test_of_each_verb_has_an_example(self, run: Callable[..., Ran], verb: str) -> None:
        ran = run(verb, "--help")
        assert ran.code == 0
        assert re.search(rf"Examples?: groqtape {verb}\b", " ".join(ran.out.split()))
        assert "--json" in ran.out
        assert max(map(len, ran.out.splitlines())) <= 80

    def test_is_what_no_verb_gets(self, run: Callable[..., Ran]) -> None:
        ran = run()
        assert (ran.code, ran.err) == (2, overview())

    def test_of_a_verb_imports_no_other(self) -> None:
        program = (
            "import sys; sys.argv = ['groqtape', 'list', '--help']\n"
            "from groqtape.cli.entry import main\n"
            "try: main()\n"
            "except SystemExit: print([n for n in ('groqtape.cli.show', 'rich', 'groq') if n in sys.modules])"
        )
        ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert ran.stdout.splitlines()[-1] == "[]"


class TestWrongUse:
    def test_of_a_verb_names_those_there_are(self, run: Callable[..., Ran]) -> None:
        ran = run("lst")
        assert ran.code == 2
        assert f"No such verb 'lst'. There are: {', '.join(VERBS)}." in ran.err

    @pytest.mark.parametrize("args", [("--nope",), ("list", "--nope"), ("show",)])
    def test_of_options_and_arguments_is_one_message(self, run: Callable[..., Ran], args: tuple[str]) -> None:
        ran = run(*args)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith("Usage: groqtape ")
        assert "Error: " in ran.err
        assert "Traceback" not in ran.err

    def test_of_a_path_names_it_without_its_escape_sequences(self, run: Callable[..., Ran]) -> None:
        ran = run("list", "no\x1b[31mpe")
        assert ran.code == 2
        assert "got no\\x1b[31mpe\n" in ran.err


def test_the_version(run: Callable[..., Ran]) -> None:
    assert run("--version").out == run("-V").out == f"groqtape, version {__version__}\n"


def test_it_runs_as_a_module(tmp_path: Path) -> None:
    ran = process("list", str(tmp_path))
    assert (ran.returncode, ran.stderr) == (0, "")
    assert process("list", "nope").returncode == 2


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_verbs(shell: str) -> None:
    name = "groqtape" if shell == "fish" else "_groqtape"
    script = process(_GROQTAPE_COMPLETE=f"{shell}_source").stdout
    assert f"_GROQTAPE_COMPLETE={shell}_complete" in script
    words = {"COMP_WORDS": "groqtape li", "COMP_CWORD": "li" if shell == "fish" else "1"}
    assert name in script
    assert "list" in process(_GROQTAPE_COMPLETE=f"{shell}_complete", **words).stdout


def test_a_shell_completes_verbs_after_one_that_is_none() -> None:
    words = {"COMP_WORDS": "groqtape nope ", "COMP_CWORD": "2"}
    ran = process(_GROQTAPE_COMPLETE="bash_complete", **words)
    assert (ran.stdout.split(), ran.stderr) == ([f"plain,{verb}" for verb in VERBS], "")


def test_a_dumb_terminal_is_no_terminal() -> None:
    from groqtape.cli.output import is_terminal

    class Stream:
        def isatty(self) -> bool:
            return True

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TERM", "dumb")
        assert not is_terminal(Stream())
        patch.setenv("TERM", "xterm")
        assert is_terminal(Stream())
        patch.setenv("TERM", "dumb")
        patch.setenv("FORCE_COLOR", "1")
        assert is_terminal(Stream())
