"""`groqtape report`: one self-contained page of cassettes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from groqtape.cli.app import Problem
from groqtape.cli.comparing import Comparison, since_revision
from groqtape.cli.output import Output, Span, print_json, with_json
from groqtape.cli.paths import cassettes_in, shown_path, with_paths
from groqtape.cli.project import project_around
from groqtape.cli.reading import Reader, error_as_data
from groqtape.reports.figures import plural, size
from groqtape.reports.page import Entry, page

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["command"]


@click.command(
    name="report",
    epilog="Examples: groqtape report -o streams.html; groqtape report --since main -o review.html cassettes",
    short_help="Write a page.",
)
@with_paths
@click.option("-o", "--output", metavar="FILE.html", required=True, help="The page to write.")
@click.option("--since", metavar="REV", help="Show what changed since this git revision too.")
@with_json
def command(paths: tuple[str, ...], *, output: str, since: str | None, as_json: bool) -> None:
    """Write one self-contained page of cassettes: a picture of each stream, its figures, its text as it grew.

    The page has no script and loads nothing. Secrets that redaction would take out of a cassette are taken
    out of the page.
    """
    from groqtape.redaction.redactor import Redactor

    files = cassettes_in(paths)
    changed = {}
    if since is not None:
        found = since_revision(since, paths, timing=False)
        changed = {each.after: each for each in found if isinstance(each, Comparison)}
    project = project_around(Path.cwd())
    redactor = Redactor(project.kept_headers, project.secrets, project.allowed_secrets)
    reader = Reader()
    entries = list(_entries(reader, files, changed))
    text = "".join(page("Recorded Groq streams", entries, redactor.text))
    data = text.encode("utf-8", "backslashreplace")
    try:
        Path(output).write_bytes(data)
    except OSError as error:
        raise Problem(
            f"{output} can't be written: {error.strerror}\nName another file: -o FILE.html"
        ) from error
    if as_json:
        unreadable = [error_as_data(error) for error in reader.errors]
        print_json(
            {"output": output, "bytes": len(data), "cassettes": len(entries), "unreadable": unreadable}
        )
    else:
        Output().line(Span(output, "cyan"), f": {plural(len(entries), 'cassette')}, {size(len(data))}")
    reader.finish()


def _entries(reader: Reader, files: Sequence[Path], changed: dict[str | None, Comparison]) -> Iterator[Entry]:
    for cassette in reader.read(files):
        name = shown_path(Path(cassette.name))
        comparison = changed.get(name)
        note = "new" if comparison is not None and comparison.before is None else ""
        yield Entry(name, cassette.interactions, note, comparison.changes if comparison else ())
    for error in reader.errors:
        yield Entry(str(error.path), note=f"unreadable: {error.problem}")
