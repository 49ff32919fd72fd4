"""The command `groqtape`: its verbs, which are imported when they are called, and how it fails."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from groqtape._version import __version__
from groqtape.cli.overview import VERBS, overview
from groqtape.errors import GroqtapeError

__all__ = ["BadCassette", "Problem", "groqtape"]


class Problem(click.ClickException):
    """Ends the command with one message, and with 2: it was used wrongly.

    Args:
        message: What was expected, what came, where, and the way out.
    """

    exit_code = 2

    def show(self, file: Any = None) -> None:
        """Print the message, with control characters escaped."""
        from groqtape.reports.printable import printable

        click.echo(f"groqtape: {printable(self.format_message())}", file=file or sys.stderr)


class BadCassette(Problem):
    """Ends the command with one message, and with 1: a cassette is not as it should be."""

    exit_code = 1


class Verbs(click.Group):
    """The verbs, by `VERBS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The verbs in the order of the help."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a verb."""
        if cmd_name not in VERBS:
            return None
        verb: click.Command = importlib.import_module(f"groqtape.cli.{VERBS[cmd_name][0]}").command
        return verb

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a verb; one that is misspelled is answered with the verbs there are."""
        if args[0] not in VERBS and not args[0].startswith("-") and not ctx.resilient_parsing:
            ctx.fail(f"No such verb {args[0]!r}. There are: {', '.join(VERBS)}.")
        return super().resolve_command(ctx, args)

    def get_help(self, ctx: click.Context) -> str:  # noqa: ARG002
        """The help, without importing any verb."""
        return overview().rstrip("\n")

    def invoke(self, ctx: click.Context) -> Any:
        """Call a verb; an ordinary error becomes one message."""
        try:
            return super().invoke(ctx)
        except GroqtapeError as error:
            raise BadCassette(str(error)) from error


@click.group(
    cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]}, subcommand_metavar="VERB [PATHS]..."
)
@click.version_option(__version__, "-V", "--version", prog_name="groqtape")
def groqtape() -> None:
    """Look at, compare, check and export cassettes of recorded Groq streams."""
