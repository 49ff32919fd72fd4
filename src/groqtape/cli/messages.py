"""Messages on standard error."""

from __future__ import annotations

import os
import sys
import textwrap

__all__ = ["print_message"]


def print_message(message: str) -> None:
    """Print a message. In a terminal, a line that is too long is wrapped between words.

    Args:
        message: The message, in which nothing is secret or acts on a terminal.
    """
    lines = f"groqtape: {message}".split("\n")
    if sys.stderr.isatty():
        width = os.get_terminal_size(sys.stderr.fileno()).columns
        wrap = textwrap.TextWrapper(width, break_long_words=False, break_on_hyphens=False).wrap
        lines = [part for line in lines for part in wrap(line)]
    sys.stderr.write("".join(f"{line}\n" for line in lines))
