"""What is printed: tables and styled lines in a terminal, plain text in a pipe, JSON where it is wanted.

rich is imported for a terminal only. Secrets are taken out of whatever is printed (see secrets.py), and what
acts on a terminal is escaped (see redaction/printable.py). No text is read as rich's markup.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from groqtape.cli.messages import print_message
from groqtape.redaction.printable import on_one_line, printable, without_commands
from groqtape.reports.columns import columns_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

    from groqtape.cli.secrets import Secrets

__all__ = ["Output", "Row", "Span", "is_terminal"]


class Span(NamedTuple):
    """A piece of a line: its text, and rich's style for it."""

    text: str
    style: str = ""


class Row(NamedTuple):
    """A row of a table.

    Attributes:
        cells: Its cells, each on one line.
        facts: What stands below the first cell where there is no room for the others.
    """

    cells: Sequence[Span]
    facts: Sequence[Span]


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
        print_message(self._shown(message))

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

    def facts(self, facts: Iterable[Span], indent: int = 4) -> None:
        """Print facts with dots between them. In a terminal, one that has room on a line is not broken."""
        line: list[Span] = []
        end = indent
        for fact in map(self._on_one_line, facts):
            length = columns_of(fact.text)
            if line and self.width and end + 3 + length > self.width:
                self.line(" " * indent, *line, hang=indent)
                line, end = [], indent
            if line:
                line.append(Span(" · ", "dim"))
                end += 3
            line.append(fact)
            end += length
        self.line(" " * indent, *line, hang=indent)

    def table(self, headings: Sequence[str], rows: Iterable[Row], right: Iterable[int] = ()) -> None:
        """Print a table; where the terminal is too narrow, the first cell of a row above its facts.

        Args:
            headings: The headings.
            rows: The rows.
            right: Which columns stand at the right, by their indices.
        """
        rows = list(rows)
        lines = [[self._on_one_line(cell) for cell in row.cells] for row in rows]
        texts = [[cell.text for cell in line] for line in lines]
        widths = [max(map(columns_of, column)) for column in zip(headings, *texts, strict=True)]
        if self.in_terminal and sum(widths) + 2 * (len(widths) - 1) > self.width:
            for row, line in zip(rows, lines, strict=True):
                self.line(line[0])
                self.facts(row.facts)
            return
        at_right = set(right)
        for line in ([Span(heading, "bold") for heading in headings], *lines):
            cells: list[Span | str] = []
            for index, (cell, width) in enumerate(zip(line, widths, strict=True)):
                padding = " " * (width - columns_of(cell.text))
                cells += [padding, cell, "  "] if index in at_right else [cell, padding, "  "]
            self.line(*cells[:-1])

    def _on_one_line(self, span: Span) -> Span:
        return Span(on_one_line(self.secrets.text(span.text)), span.style)
