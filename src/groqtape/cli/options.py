"""Options and arguments that several verbs take."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING

from groqtape.cli.usage_errors import near

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["add_choice", "add_file", "add_interaction", "add_json", "add_paths", "at_least_0", "examples"]


def add_paths(parser: argparse.ArgumentParser) -> None:
    """Take PATHS."""
    about = "files, folders or globs (default: the project's cassettes)"
    parser.add_argument("paths", nargs="*", metavar="PATHS", help=about)


def add_file(parser: argparse.ArgumentParser) -> None:
    """Take one FILE."""
    parser.add_argument("file", metavar="FILE", help="a cassette")


def add_json(parser: argparse.ArgumentParser) -> None:
    """Take `--json`."""
    parser.add_argument("--json", dest="as_json", action="store_true", help="print JSON")


def add_interaction(parser: argparse.ArgumentParser) -> None:
    """Take `--interaction`."""
    about = "only this interaction (the first is 1)"
    parser.add_argument("-i", "--interaction", type=_from_1, metavar="N", help=about)


def add_choice(
    parser: argparse.ArgumentParser, *names: str, choices: Iterable[str], about: str, **more: object
) -> None:
    """Take an option that has one of some values."""
    known = list(choices)
    parser.add_argument(*names, type=_one_of(known), choices=known, help=about, **more)  # type: ignore[arg-type]


def examples(*lines: str) -> str:
    """What stands below a verb's help."""
    return "".join([f"Example{'s' if len(lines) > 1 else ''}:", *(f"\n  groqtape {line}" for line in lines)])


def _from_1(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 on, got {text}")
    return int(text)


def at_least_0(text: str) -> float:
    """Read a number that is not negative."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not number >= 0:
        raise argparse.ArgumentTypeError(f"expected a number from 0 on, got {text}")
    return number


def _one_of(known: list[str]) -> Callable[[str], str]:
    def one_of(text: str) -> str:
        if text not in known:
            listed = ", ".join(known)
            raise argparse.ArgumentTypeError(f"expected one of {listed}, got {text}{near(text, known)}")
        return text

    return one_of
