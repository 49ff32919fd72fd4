"""`groqtape check`: what is wrong with cassettes, and what of it can be mended."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from groqtape.cli.findings import RULES, Finding, findings_in
from groqtape.cli.options import add_choice, add_json, add_paths, examples
from groqtape.cli.output import Output, Span, with_progress
from groqtape.cli.paths import cassettes_in, shown_path
from groqtape.cli.project import project_around
from groqtape.cli.secrets import redactor_of
from groqtape.reports.canonical_form import write_canonical
from groqtape.reports.figures import plural

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Sequence

    from groqtape.redaction.redactor import Redactor

__all__ = ["command", "declare"]


def declare(parser: ArgumentParser) -> None:
    """What the verb takes."""
    add_paths(parser)
    about = "take secrets out, and write files anew that are not as groqtape writes them"
    parser.add_argument("--fix", action="store_true", help=about)
    about = f"leave a rule out, and others when repeated: {', '.join(RULES)}"
    add_choice(parser, "--ignore", choices=RULES, about=about, action="append", default=[], metavar="RULE")
    add_json(parser)
    parser.epilog = examples("check", "check --fix", "check --ignore left cassettes/tests")


def command(output: Output, paths: Sequence[str], *, fix: bool, ignore: Sequence[str], as_json: bool) -> int:
    """Find what is wrong with cassettes.

    They can be unreadable, or not in canonical form; have secrets that redaction would take out, requests to
    models that Groq has retired, streams that were cut, were left before their end, or are malformed. Of a
    secret, its kind and its place are shown, and never its value. Exit code 1: something is (still) wrong.
    """
    project = project_around(Path.cwd())
    today = datetime.datetime.now(tz=datetime.UTC).date()
    checked = cassettes_in(paths)
    left: list[Finding] = []
    mended: list[Finding] = []
    for path in with_progress(checked, "Checking cassettes"):
        redactor = redactor_of(project)  # one for each: what one file calls a secret need be none in another
        found = [
            one for one in findings_in(path, shown_path(path), redactor, today) if one.rule not in ignore
        ]
        if fix and any(one.can_be_mended for one in found):
            _mend(path, redactor)
            mended += [one for one in found if one.can_be_mended]
            found = [one for one in found if not one.can_be_mended]
        left += found
    if as_json:
        output.json({"checked": len(checked), "findings": _as_data(left), "mended": _as_data(mended)})
    else:
        _print(output, left, mended, len(checked))
    return 1 if left else 0


def _mend(path: Path, redactor: Redactor) -> None:
    """Write a cassette anew, whole or not at all.

    Raises:
        CassetteError: It can't be written; the old file is as it was.
    """
    from groqtape.cassettes.locking import CassetteLock

    with CassetteLock(path).held():
        write_canonical(path, redactor)


def _print(output: Output, left: Sequence[Finding], mended: Sequence[Finding], checked: int) -> None:
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
