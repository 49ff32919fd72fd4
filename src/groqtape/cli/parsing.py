"""The parser of a verb's options and arguments: argparse's, with our help and our errors."""

from __future__ import annotations

import argparse
import importlib
import shutil
import textwrap
from typing import TYPE_CHECKING, Any, NoReturn

from groqtape.cli.overview import VERBS
from groqtape.cli.usage_errors import UsageError, near

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Parser", "declare", "parsed"]

_WIDEST = 80


class Parser(argparse.ArgumentParser):
    """Parses what stands after `groqtape VERB`.

    Args:
        options: What argparse's parser takes.
    """

    def __init__(self, **options: Any) -> None:
        options = {"formatter_class": _Formatter, "allow_abbrev": False, **options}
        super().__init__(**options)

    def options(self) -> list[str]:
        """The options that it knows."""
        return [name for action in self._actions for name in action.option_strings]

    def format_help(self) -> str:
        """The help, with the paragraphs of the description wrapped."""
        paragraphs = textwrap.dedent(f"    {self.description or ''}").strip().split("\n\n")
        width = _columns()
        self.description = "\n\n".join(textwrap.fill(" ".join(each.split()), width) for each in paragraphs)
        return super().format_help()

    def error(self, message: str) -> NoReturn:
        """Raise what argparse would print.

        Raises:
            UsageError: Always.
        """
        raise UsageError(f"{message}\nSee what it takes: {self.prog} --help")


class _Formatter(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str, **options: Any) -> None:
        super().__init__(prog, **{"max_help_position": 26, "width": _columns(), **options})


def _columns() -> int:
    return min(shutil.get_terminal_size().columns, _WIDEST)


def declare(verb: str, parser: Parser) -> Any:
    """Import a verb, and tell a parser what it takes.

    Returns:
        The function that runs it, which takes its options and arguments by their names.
    """
    module = importlib.import_module(f"groqtape.cli.{VERBS[verb][0]}")
    parser.description = module.command.__doc__
    module.declare(parser)
    return module.command


def parsed(parser: Parser, words: Sequence[str]) -> dict[str, Any]:
    """Parse what stands after a verb; options and arguments may stand in any order.

    Raises:
        UsageError: The verb does not take it.
    """
    # What follows a -- is no option, which Python before 3.13 forgets where both may be mixed.
    parse = parser.parse_known_args if "--" in words else parser.parse_known_intermixed_args
    found, left = parse(words)
    if left:
        known = near(left[0].partition("=")[0], parser.options()) if left[0].startswith("-") else ""
        what = "option" if left[0].startswith("-") else "argument"
        parser.error(f"{parser.prog} takes no {what} {left[0]}{known}")
    return vars(found)
