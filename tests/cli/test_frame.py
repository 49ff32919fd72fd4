"""The frame of the command line: its help, how it fails, how it starts."""

from __future__ import annotations

import importlib.metadata
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cli.cassettes import events, stream, write
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from groqtape import __version__
from groqtape.cli import completion, entry
from groqtape.cli.completion import complete
from groqtape.cli.findings import RULES
from groqtape.cli.overview import VERBS, overview

if TYPE_CHECKING:
    from collections.abc import Callable

    from cli.conftest import Ran

DOCS = Path(__file__).parents[2] / "docs/command-line.md"


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
    def test_is_the_same_with_argparse_and_without(self, run: Callable[..., Ran], option: str) -> None:
        assert process(option).stdout == run(option).out == overview()

    def test_imports_nothing_that_takes_long(self) -> None:
        program = (
            "import sys; sys.argv = ['groqtape', '--help']; from groqtape.cli.entry import main; main();"
            "print({'argparse', 'argcomplete', 'rich', 'vcr', 'groq', 'yaml'} & {*sys.modules})"
        )
        ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert ran.stdout.splitlines()[-1] == "set()"

    @pytest.mark.parametrize("verb", VERBS)
    def test_of_each_verb_has_an_example(self, run: Callable[..., Ran], verb: str) -> None:
        ran = run(verb, "--help")
        assert ran.code == 0
        assert re.search(rf"Examples?: groqtape {verb}\b", " ".join(ran.out.split()))
        assert "--json" in ran.out
        assert max(map(len, ran.out.splitlines())) <= 80
        assert len(ran.out.splitlines()) <= 24

    def test_is_what_no_verb_gets(self, run: Callable[..., Ran]) -> None:
        ran = run()
        assert (ran.code, ran.err) == (2, overview())

    def test_of_a_verb_imports_no_other(self) -> None:
        program = (
            "import sys; sys.argv = ['groqtape', 'list', '--help']\n"
            "from groqtape.cli.entry import main\n"
            "try: main()\n"
            "except SystemExit: print({'groqtape.cli.show', 'argcomplete', 'rich', 'groq'} & {*sys.modules})"
        )
        ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert ran.stdout.splitlines()[-1] == "set()"


class TestWrongUse:
    @pytest.mark.parametrize(
        ("words", "message", "see"),
        [
            ("lst", "there is no verb lst. Did you mean list?", ""),
            ("qqq", "there is no verb qqq", ""),
            ("--vresion", "expected a verb, then its options, got --vresion", ""),
            ("--json list", "expected a verb, then its options, got --json", ""),
            ("list --jsno", "groqtape list takes no option --jsno. Did you mean --json?", "list "),
            ("list --jsno=1", "groqtape list takes no option --jsno=1. Did you mean --json?", "list "),
            ("list --js", "groqtape list takes no option --js. Did you mean --json?", "list "),
            ("list -q", "groqtape list takes no option -q", "list "),
            ("show", "the following arguments are required: FILE", "show "),
            ("show a b", "groqtape show takes no argument b", "show "),
            ("report", "the following arguments are required: -o/--output", "report "),
            ("export a -f", "argument -f/--format: expected one argument", "export "),
            (
                "export a -f vrc",
                "argument -f/--format: expected one of vcr, sse, jsonl, har, got vrc. Did you mean vcr?",
                "export ",
            ),
            (
                "check --ignore secrets",
                f"argument --ignore: expected one of {', '.join(RULES)}, got secrets. Did you mean secret?",
                "check ",
            ),
            *(
                (
                    f"timeline a -i={bad}",
                    f"argument -i/--interaction: expected a whole number from 1 on, got {bad}",
                    "timeline ",
                )
                for bad in ("0", "-1", "x", "1.5", "²")
            ),
            *(
                (
                    f"play a --max-gap={bad}",
                    f"argument --max-gap: expected a number from 0 on, got {bad}",
                    "play ",
                )
                for bad in ("-1", "x", "nan")
            ),
        ],
    )
    def test_is_one_message_with_the_way_out(
        self, run: Callable[..., Ran], words: str, message: str, see: str
    ) -> None:
        ran = run(*words.split())
        way_out = f"See what it takes: groqtape {see}--help" if see else "See the verbs: groqtape --help"
        assert (ran.code, ran.out, ran.err) == (2, "", f"groqtape: {message}\n{way_out}\n")

    def test_of_a_path_names_it_without_its_escape_sequences(self, run: Callable[..., Ran]) -> None:
        ran = run("list", "no\x1b[31mpe")
        assert ran.code == 2
        assert "got no\\x1b[31mpe\n" in ran.err


def test_options_and_arguments_stand_in_any_order(run: Callable[..., Ran], project: Path) -> None:
    (project / "-a.yaml").write_bytes((project / "cassettes/stream.yaml").read_bytes())
    answers = [
        run(*words.split())
        for words in (
            "list --json cassettes/cut.yaml ./-a.yaml",
            "list cassettes/cut.yaml --json ./-a.yaml",
            "list cassettes/cut.yaml ./-a.yaml --json",
            "list --json -- cassettes/cut.yaml ./-a.yaml",
        )
    ]
    assert answers == answers[:1] * 4
    assert json.loads(answers[0].out)["cassettes"][1]["path"] == "-a.yaml"
    assert run("show", "--text", "--", "-a.yaml").out.startswith("=== 1: POST")


def test_the_version(run: Callable[..., Ran]) -> None:
    assert run("--version").out == run("-V").out == f"groqtape, version {__version__}\n"


def test_it_runs_as_a_module(tmp_path: Path) -> None:
    ran = process("list", str(tmp_path))
    assert (ran.returncode, ran.stderr) == (0, "")
    assert process("list", "nope").returncode == 2


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_it_prints_into_any_encoding(project: Path, encoding: str) -> None:
    write(project / "a.yaml", stream(events(["Émile ✓ 🙂"])))
    ran = subprocess.run(
        [sys.executable, "-m", "groqtape", "show", "--text", "a.yaml"],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        cwd=project,
    )
    shown = "\n\\xc9mile \\u2713 \\U0001f642\n" if encoding == "ascii" else "\nÉmile ✓ 🙂\n"
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert shown in ran.stdout.decode(encoding)


def test_what_reads_the_output_may_end_before_it(project: Path) -> None:
    write(project / "a.yaml", stream(events(["word " * 100_000])))
    command = [sys.executable, "-m", "groqtape", "show", "--text", "a.yaml"]
    with subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as ran:
        assert ran.stdout is not None
        assert ran.stderr is not None
        ran.stdout.readline()
        ran.stdout.close()
        assert ran.stderr.read() == b""
    assert ran.returncode == 1


def test_ctrl_c_ends_it_without_a_word(
    run: Callable[..., Ran], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", interrupted)
    ran = run("play", "cassettes/stream.yaml")
    assert (ran.code, ran.err) == (130, "")


class TestCompletion:
    @pytest.mark.parametrize(
        ("typed", "offered"),
        [
            ("groqtape ", {*VERBS, "-h", "--help", "-V", "--version"}),
            ("groqtape li", {"list "}),
            ("groqtape nope --v", {"--version"}),
            ("groqtape export --fo", {"--format "}),
            ("groqtape export a.yaml -f ", {"vcr", "sse", "jsonl", "har"}),
            ("groqtape check --ignore c", {"cut "}),
            ("groqtape show cass", {"cassettes/"}),
        ],
    )
    @pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
    def test_offers(
        self,
        run: Callable[..., Ran],
        project: Path,
        monkeypatch: pytest.MonkeyPatch,
        shell: str,
        typed: str,
        offered: set[str],
    ) -> None:
        def closed(*_: object) -> None:
            raise OSError

        # argcomplete writes to the file descriptor 9, which the shell opens, and is pytest's here.
        monkeypatch.setattr(os, "fdopen", closed)
        for name, value in {
            "_ARGCOMPLETE": "1",
            "_ARGCOMPLETE_SHELL": shell,
            "_ARGCOMPLETE_IFS": "\n",
            "COMP_LINE": typed,
            "COMP_POINT": str(len(typed)),
        }.items():
            monkeypatch.setenv(name, value)
        output = io.StringIO()
        with pytest.raises(SystemExit) as ended:
            complete(output_stream=output, exit_method=sys.exit)
        lines = {line.replace("\\:", ":").partition("\t")[0] for line in output.getvalue().split("\n")}
        words = {line.partition(":")[0] if shell == "zsh" else line for line in lines if line}
        assert (ended.value.code, {w.strip() for w in words}) == (0, {w.strip() for w in offered})

    def test_is_chosen_by_the_environment_alone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(completion, "complete", sys.exit)
        monkeypatch.setenv("_ARGCOMPLETE", "1")
        with pytest.raises(SystemExit):
            entry.main()
        typed = "groqtape time"
        variables = {"_ARGCOMPLETE": "1", "COMP_LINE": typed, "COMP_POINT": str(len(typed))}
        answer = tmp_path / "answer"
        ran = process(_ARGCOMPLETE_STDOUT_FILENAME=str(answer), **variables)
        assert (ran.returncode, ran.stdout, answer.read_text()) == (0, "", "timeline ")

    @pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
    def test_works_in_bash_as_the_docs_have_it(self) -> None:
        [line] = re.findall(r"^\| bash, zsh \| `(.+)` \|$", DOCS.read_text("utf-8"), re.MULTILINE)
        script = f"""{line}
            [[ $(complete -p groqtape) == *_python_argcomplete* ]] || exit 3
            COMP_LINE="groqtape time" COMP_POINT=13 COMP_TYPE=9
            _python_argcomplete groqtape
            echo "${{COMPREPLY[@]}}" """
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        ran = subprocess.run(
            ["bash", "-c", script], capture_output=True, text=True, env={**os.environ, "PATH": path}
        )
        assert (ran.returncode, ran.stdout.strip()) == (0, "timeline"), ran.stderr


def test_nothing_that_it_needs_has_httpx_import_rich() -> None:
    """`import httpx` imports its own command line where click, pygments and rich are all installed."""
    needed: set[str] = set()
    new: set[str] = {"groqtape"}
    while new:
        needed |= new
        requirements = [Requirement(line) for name in new for line in importlib.metadata.requires(name) or ()]
        new = {
            str(canonicalize_name(each.name))
            for each in requirements
            if each.marker is None or each.marker.evaluate({"extra": ""})
        } - needed
    assert {"httpx", "rich", "pygments"} <= needed
    assert "click" not in needed


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


def test_processes_that_a_verb_starts_run_no_command() -> None:
    """They import the module that the command began with."""
    assert callable(importlib.import_module("groqtape.__main__").main)
