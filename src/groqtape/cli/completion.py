"""Completion of verbs, options and files in a shell, by argcomplete."""

from __future__ import annotations

import os
from typing import Any

from groqtape.cli.overview import VERBS
from groqtape.cli.parsing import Parser, declare

__all__ = ["complete"]


def complete(**options: Any) -> None:
    """Answer the shell, which asks through environment variables, and end the process.

    Args:
        options: What `argcomplete.autocomplete` takes.
    """
    import argcomplete

    parser = Parser(prog="groqtape")
    parser.add_argument("-V", "--version", action="store_true", help="show the version")
    verbs = parser.add_subparsers(parser_class=Parser)
    typed = os.environ.get("COMP_LINE", "").split()[1:]
    for name, (_, about) in VERBS.items():
        verb = verbs.add_parser(name, help=about)
        if name in typed:
            declare(name, verb)
    argcomplete.autocomplete(parser, **options)
