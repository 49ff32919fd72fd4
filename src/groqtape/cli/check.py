"""`groqtape check`: what is wrong with cassettes, and what of it can be mended."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from groqtape.cli.findings import RULES, Finding, findings_in
from groqtape.cli.output import Output, Span, print_json, with_json, with_progress
from groqtape.cli.paths import cassettes_in, shown_path, with_paths
from groqtape.cli.project import project_around
from groqtape.reports.canonical_form import write_canonical
from groqtape.reports.figures import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groqtape.redaction.redactor import Redactor

__all__ = ["command"]


@click.command(
    name="check",
    epilog="Examples: groqtape check; groqtape check --fix; groqtape check --ignore left cassettes/tests",
    short_help="Find what is wrong.",
)
@with_paths
@click.option(
    "--fix", is_flag=True, help="Take secrets out, and write files anew that are not as groqtape writes them."
)
@click.option(
    "--ignore", multiple=True, type=click.Choice(list(RULES)), help="Leave a rule out. Can be repeated."
)
@with_json
def command(paths: tuple[str, ...], *, fix: bool, ignore: tuple[str, ...], as_json: bool) -> None:
    """Find what is wrong with cassettes.

    Rules: unreadable files; secrets that redaction would take out; requests to models that Groq has retired;
    streams that were cut (an error, or no end) or left (closed before the end); files that are not in
    canonical form. Of a secret, its kind and its place are shown, and never its value. Exit code 1 says that
    something is wrong (with --fix: still wrong).
    """
    project = project_around(Path.cwd())
    today = datetime.datetime.now(tz=datetime.UTC).date()
    checked = cassettes_in(paths)
    left: list[Finding] = []
    mended: list[Finding] = []
    for path in with_progress(checked, "Checking cassettes"):
        from groqtape.redaction.redactor import Redactor

        redactor = Redactor(project.kept_headers, project.secrets, project.allowed_secrets)
        found = [
            one for one in findings_in(path, shown_path(path), redactor, today) if one.rule not in ignore
        ]
        if fix and any(one.can_be_mended for one in found):
            _mend(path, redactor)
            mended += [one for one in found if one.can_be_mended]
            found = [one for one in found if not one.can_be_mended]
        left += found
    if as_json:
        print_json({"checked": len(checked), "findings": _as_data(left), "mended": _as_data(mended)})
    else:
        _print(left, mended, len(checked))
    if left:
        click.get_current_context().exit(1)


def _mend(path: Path, redactor: Redactor) -> None:
    """Write a cassette anew, whole or not at all.

    Raises:
        CassetteError: It can't be written; the old file is as it was.
    """
    from groqtape.cassettes.locking import CassetteLock

    with CassetteLock(path).held():
        write_canonical(path, redactor)


def _print(left: Sequence[Finding], mended: Sequence[Finding], checked: int) -> None:
    output = Output()
    for one in left:
        place = one.path if one.line is None else f"{one.path}, line {one.line}"
        number = "" if one.interaction is None else f" (interaction {one.interaction})"
        output.line(
            Span(place, "cyan"), ": ", Span(one.rule, "red"), ": ", one.message, Span(number, "dim"), hang=4
        )
        output.line("    ", Span(one.remedy, "dim"), hang=4)
    for one in mended:
        output.line(Span(one.path, "cyan"), ": ", Span("mended", "green"), ": ", f"{one.rule}: {one.message}")
    summary = f"{plural(checked, 'cassette')} checked: {plural(len(left), 'finding') if left else 'all good'}"
    output.line(Span(summary, "red" if left else "green"))


def _as_data(findings: Sequence[Finding]) -> list[dict[str, object]]:
    return [one._asdict() for one in findings]
