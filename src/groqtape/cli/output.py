"""What is printed: tables and styled lines in a terminal, plain text in a pipe, JSON where it is wanted.

rich is imported for a terminal only. Secrets are taken out of whatever is printed (see secrets.py), and what
acts on a terminal is escaped (see redaction/printable.py). No text is read as rich's markup.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from groqtape.redaction.printable import on_one_line, printable, without_commands

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import Console

    from groqtape.cli.secrets import Secrets

__all__ = ["Output", "Span", "with_progress"]

# Below this many files, no command takes long enough for a progress bar.
_MANY = 200


class Span(NamedTuple):
    """A piece of a line: its text, and rich's style for it."""

    text: str
    style: str = ""


def is_terminal(stream: Any) -> bool:
    """Whether to print colours and tables: into a terminal, or where FORCE_COLOR is set."""
    return bool(os.environ.get("FORCE_COLOR")) or (stream.isatty() and os.environ.get("TERM") != "dumb")


class Output:
    """Prints to standard output.

    Args:
        secrets: What takes secrets out.
    """

    def __init__(self, secrets: Secrets) -> None:
        self.secrets = secrets
        self.in_terminal = is_terminal(sys.stdout)
        self._console: Console | None = None

    @property
    def console(self) -> Console:
        """The terminal, as rich sees it."""
        if self._console is None:
            from rich.console import Console

            self._console = Console(
                file=sys.stdout, force_terminal=True, highlight=False, markup=False, emoji=False
            )
        return self._console

    @property
    def in_colour(self) -> bool:
        """Whether colours are shown."""
        return self.in_terminal and not self.console.no_color

    @property
    def width(self) -> int:
        """How many columns the terminal has; 0 in a pipe, where no line is too long."""
        return self.console.width if self.in_terminal else 0

    def line(self, *spans: Span | str, hang: int = 0) -> None:
        """Print a line; in a terminal, one that is too long is wrapped.

        Args:
            spans: Its pieces.
            hang: In which column the lines begin onto which it is wrapped.
        """
        pieces = [span if isinstance(span, Span) else Span(span) for span in spans]
        pieces = [Span(self._shown(piece.text), piece.style) for piece in pieces]
        if not self.in_terminal:
            text = "".join(piece.text for piece in pieces).rstrip()
            print(text.replace("\n", "\n" + " " * hang))  # noqa: T201
            return
        from rich.text import Text

        styled = Text(overflow="fold")
        for piece in pieces:
            styled.append(piece.text, piece.style)
        first, rest = styled[:hang], styled[hang:]
        wrapped = rest.wrap(self.console, max(self.width - hang, 1)) or [Text()]
        for number, part in enumerate(wrapped):
            start = Text(" " * hang) if number else first
            self.console.print(Text.assemble(start, part), soft_wrap=True)

    def json(self, value: Any) -> None:
        """Print a value as JSON in ASCII."""
        print(json.dumps(self.secrets.data(value), indent=2))  # noqa: T201

    def error(self, message: str) -> None:
        """Print a message to standard error."""
        sys.stderr.write(f"groqtape: {self._shown(message)}\n")

    def _shown(self, text: str) -> str:
        """What is printed of a text: nothing that is secret, or on which a terminal or a CI system acts."""
        shown = printable(self.secrets.text(text))
        return without_commands(shown) if os.environ.get("CI") else shown

    def piece(self, span: Span) -> None:
        """Print a piece of a line at once, as it is: nothing is wrapped."""
        if self.in_terminal:
            from rich.text import Text

            self.console.print(Text(self._shown(span.text), span.style), end="", soft_wrap=True)
        else:
            sys.stdout.write(self._shown(span.text))
        sys.stdout.flush()

    def table(
        self, columns: Sequence[str], rows: Iterable[Sequence[Span]], right: Iterable[int] = ()
    ) -> None:
        """Print a table; where the terminal is too narrow, the first cell of a row above the others.

        Args:
            columns: The headings.
            rows: The cells, each on one line.
            right: Which columns stand at the right, by their indices.
        """
        redacted = self.secrets.text
        lines = [[Span(on_one_line(redacted(cell.text)), cell.style) for cell in row] for row in rows]
        texts = [[cell.text for cell in line] for line in lines]
        widths = [max(map(len, column)) for column in zip(columns, *texts, strict=True)]
        if self.in_terminal and sum(widths) + 2 * len(widths) > self.width:
            for first, *others in lines:
                self.line(first)
                facts: list[Span | str] = [
                    s
                    for c, h in zip(others, columns[1:], strict=True)
                    for s in (" · ", Span(h, "dim"), " ", c)
                ]
                self.line("    ", *facts[1:], hang=4)
            return
        at_right = set(right)
        for line in ([Span(heading, "bold") for heading in columns], *lines):
            cells: list[Span | str] = []
            for index, (cell, width) in enumerate(zip(line, widths, strict=True)):
                padding = " " * (width - len(cell.text))
                cells += [padding, cell, "  "] if index in at_right else [cell, padding, "  "]
            self.line(*cells)


def with_progress(items: Sequence[Any], what: str) -> Iterator[Any]:
    """Go over items, with a progress bar on standard error if they are many and it is a terminal."""
    if len(items) < _MANY or not is_terminal(sys.stderr):
        yield from items
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(items, what, console=Console(stderr=True), transient=True)
