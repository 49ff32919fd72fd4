"""`groqtape report`: one self-contained page of cassettes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from groqtape.cli.comparing import Comparison, since_revision
from groqtape.cli.options import add_json, add_paths, examples
from groqtape.cli.output import Output, Span
from groqtape.cli.output_file import write_output
from groqtape.cli.paths import cassettes_in, shown_path
from groqtape.cli.reading import Reader, error_as_data
from groqtape.reports.figures import plural, size
from groqtape.reports.page import Entry, page

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Iterator, Sequence

    from groqtape.cli.secrets import Secrets

__all__ = ["command", "declare"]


def declare(parser: ArgumentParser) -> None:
    """What the verb takes."""
    add_paths(parser)
    parser.add_argument(
        "-o", "--output", dest="to", metavar="FILE.html", required=True, help="the page to write"
    )
    about = "show what changed since this git revision too"
    parser.add_argument("--since", metavar="REV", help=about)
    add_json(parser)
    parser.epilog = examples("report -o streams.html", "report --since main -o review.html cassettes")


def command(output: Output, paths: Sequence[str], *, to: str, since: str | None, as_json: bool) -> int:
    """Write one self-contained page of cassettes: a picture of each stream, its figures, its text as it grew.

    The page has no script and loads nothing. Secrets stand as REDACTED.
    """
    files = cassettes_in(paths)
    changed = {}
    if since is not None:
        found = since_revision(since, paths, output.secrets, timing=False)
        changed = {each.after: each for each in found if isinstance(each, Comparison)}
    reader = Reader(output)
    entries = list(_entries(reader, output.secrets, files, changed))
    text = "".join(page("Recorded Groq streams", entries, output.secrets.text))
    data = text.encode("utf-8", "backslashreplace")
    write_output(to, data)
    if as_json:
        unreadable = [error_as_data(error) for error in reader.errors]
        output.json({"output": to, "bytes": len(data), "cassettes": len(entries), "unreadable": unreadable})
    else:
        output.line(Span(to, "cyan"), f": {plural(len(entries), 'cassette')}, {size(len(data))}")
    return reader.finish()


def _entries(
    reader: Reader, secrets: Secrets, files: Sequence[Path], changed: dict[str | None, Comparison]
) -> Iterator[Entry]:
    for cassette in map(secrets.cassette, reader.read(files)):
        name = shown_path(Path(cassette.name))
        comparison = changed.get(name)
        note = "new" if comparison is not None and comparison.before is None else ""
        yield Entry(name, cassette.interactions, note, comparison.changes if comparison else ())
    for error in reader.errors:
        yield Entry(str(error.path), note=f"unreadable: {error.problem}")
