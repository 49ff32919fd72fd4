"""`groqtape list`: a line a cassette."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from groqtape.cli.options import add_json, add_paths, examples
from groqtape.cli.output import Output, Row, Span
from groqtape.cli.paths import cassettes_in, shown_path
from groqtape.cli.reading import Reader, error_as_data
from groqtape.reports.endings import is_good, shown_end
from groqtape.reports.figures import counted, plural, size, span_of_time

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Sequence

    from groqtape.reports.cassette_files import CassetteFile
    from groqtape.reports.interaction import Interaction

__all__ = ["command", "declare"]

_COLUMNS = ("cassette", "interactions", "models", "chunks", "first chunk", "duration", "ends", "size")
_AT_RIGHT = (1, 3, 4, 5, 7)


class _Row(NamedTuple):
    """What the line of an interaction's cassette needs of it."""

    number: int
    method: str
    path: str
    model: str | None
    status: int | None
    is_stream: bool
    chunks: int
    first_chunk: float | None
    duration: float | None
    end: str
    is_good: bool


def declare(parser: ArgumentParser) -> None:
    """What the verb takes."""
    add_paths(parser)
    add_json(parser)
    parser.epilog = examples("list", "list cassettes/tests/test_books")


def command(output: Output, paths: Sequence[str], *, as_json: bool) -> int:
    """List cassettes, a line each.

    Columns: how many interactions, which models were requested, how many chunks the streams have, when the
    first chunk arrived (the slowest stream's), how long the answers took together, how they ended, and the
    file's size.
    """
    reader = Reader(output)
    cassettes = [
        (shown_path_of(cassette), cassette.size, [_row(each) for each in cassette.interactions])
        for cassette in reader.read(cassettes_in(paths))
    ]
    if as_json:
        output.json(
            {
                "cassettes": [
                    {"path": path, "size": length, "interactions": [_as_data(row) for row in rows]}
                    for path, length, rows in cassettes
                ],
                "unreadable": [error_as_data(error) for error in reader.errors],
            }
        )
    elif cassettes:
        output.table(_COLUMNS, (_line(*cassette) for cassette in cassettes), right=_AT_RIGHT)
    elif not reader.errors:
        output.line("There are no cassettes. Record some with: pytest --groq-record=once")
    return reader.finish()


def shown_path_of(cassette: CassetteFile) -> str:
    """The path of a cassette as it is shown."""
    from pathlib import Path

    return shown_path(Path(cassette.name))


def _row(interaction: Interaction) -> _Row:
    times = [at for at in interaction.times if at is not None] if interaction.is_stream else []
    return _Row(
        interaction.number,
        interaction.method,
        interaction.path,
        interaction.model,
        interaction.status,
        interaction.is_stream,
        interaction.chunks,
        times[0] if times and interaction.chunks else None,
        times[-1] if times else None,
        shown_end(interaction),
        is_good(interaction),
    )


def _as_data(row: _Row) -> dict[str, Any]:
    return {
        "number": row.number,
        "method": row.method,
        "path": row.path,
        "model": row.model,
        "status": row.status,
        "stream": row.is_stream,
        "chunks": row.chunks,
        "first_chunk_ms": row.first_chunk,
        "duration_ms": row.duration,
        "end": row.end,
    }


def _line(path: str, length: int, rows: list[_Row]) -> Row:
    firsts = [row.first_chunk for row in rows if row.first_chunk is not None]
    durations = [row.duration for row in rows if row.duration is not None]
    name = Span(path, "cyan")
    models = Span(counted(row.model or "–" for row in rows) or "–")
    chunks = sum(row.chunks for row in rows)
    first = span_of_time(max(firsts, default=None))
    duration = span_of_time(sum(durations) if durations else None)
    is_good = all(row.is_good for row in rows)
    ends = Span(counted(row.end for row in rows) or "–", "green" if is_good else "yellow")
    bytes_ = Span(size(length), "dim")
    cells = [name, Span(str(len(rows))), models, Span(str(chunks)), Span(first), Span(duration), ends, bytes_]
    facts = [Span(plural(len(rows), "interaction"))] if len(rows) != 1 else []
    facts += [models] if rows else []
    facts += [Span(plural(chunks, "chunk") + (f" in {duration}" if firsts else ""))] if chunks else []
    facts += [Span(f"first {first}")] if firsts else []
    facts += [ends] if rows else []
    return Row(cells, [*facts, bytes_])
