"""The command `groqtape`: it finds the verb, runs it, and turns errors into one message and an exit code."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groqtape._version import __version__
from groqtape.cli.messages import print_message
from groqtape.cli.overview import VERBS, overview
from groqtape.cli.parsing import Parser, declare, parsed
from groqtape.cli.usage_errors import UsageError, near
from groqtape.errors import GroqtapeError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["run"]

GOOD, FINDINGS, WRONG_USE = 0, 1, 2
_INTERRUPTED = 130  # as shells have it: 128, and the number of SIGINT


def run(words: Sequence[str]) -> int:
    """Run the command.

    Args:
        words: What stands after `groqtape`.

    Returns:
        The exit code.
    """
    for stream in (sys.stdout, sys.stderr):
        # A terminal or a pipe that takes no UTF-8 gets escapes for what it can't show.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        code = _run(words)
        sys.stdout.flush()
    except UsageError as error:
        # Raised before there is a project whose secrets are known, or by the options that say what they are.
        from groqtape.redaction.shown import gate

        print_message(gate.lines(str(error)))
        return WRONG_USE
    except BrokenPipeError:
        # What reads the output has ended, as in `groqtape list | head`. The rest goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINDINGS
    except KeyboardInterrupt:
        return _INTERRUPTED
    return code


def _run(words: Sequence[str]) -> int:
    if not words:
        sys.stderr.write(overview())
        return WRONG_USE
    verb, *rest = words
    if verb in ("-h", "--help"):
        sys.stdout.write(overview())
        return GOOD
    if verb in ("-V", "--version"):
        sys.stdout.write(f"groqtape, version {__version__}\n")
        return GOOD
    if verb not in VERBS:
        what = "expected a verb, then its options, got" if verb.startswith("-") else "there is no verb"
        raise UsageError(f"{what} {verb}{near(verb, list(VERBS))}\nSee the verbs: groqtape --help")
    parser = Parser(prog=f"groqtape {verb}")
    command = declare(verb, parser)
    try:
        options = parsed(parser, rest)
    except SystemExit:  # it has printed its help
        return GOOD
    return _run_verb(command, options)


def _run_verb(command: Callable[..., int | None], options: dict[str, Any]) -> int:
    from groqtape.cli.output import Output
    from groqtape.cli.project import project_around
    from groqtape.cli.secrets import Secrets

    output = Output(Secrets(project_around(Path.cwd())))
    try:
        return command(output, **options) or GOOD
    except UsageError as error:
        output.error(str(error))
        return WRONG_USE
    except GroqtapeError as error:
        output.error(str(error))
        return FINDINGS
    finally:
        if note := output.secrets.note():
            output.error(note)
