"""`groqtape check`: what is wrong with cassettes, and what of it can be fixed."""

from __future__ import annotations

import datetime
import functools
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from groqtape.cassettes.gc_pause import gc_paused
from groqtape.cli.findings import RULES, Finding, findings_in
from groqtape.cli.many import by_processes
from groqtape.cli.options import add_choice, add_json, add_paths, examples
from groqtape.cli.output import Output, Span
from groqtape.cli.paths import cassettes_in, shown_path
from groqtape.cli.project import OwnProjects, project_around
from groqtape.cli.secrets import redactor_of
from groqtape.reports.canonical_form import write_canonical
from groqtape.reports.figures import plural

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Sequence

    from groqtape.cli.project import Project
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
    today = datetime.datetime.now(tz=datetime.UTC).date()
    here = project_around(Path.cwd())
    check = functools.partial(_checked, here=here, today=today, ignore=tuple(ignore), fix=fix)
    own = OwnProjects(here)
    checked = [(path, own.of(path)) for path in cassettes_in(paths)]
    results = list(by_processes(check, checked, "Checking cassettes"))
    left = [one for result in results for one in result.left]
    fixed = [one for result in results for one in result.fixed]
    if as_json:
        output.json({"checked": len(checked), "findings": _as_data(left), "fixed": _as_data(fixed)})
    else:
        _print(output, left, fixed, len(checked))
    return 1 if left else 0


class _Checked(NamedTuple):
    """What is wrong with a cassette, and what of it was fixed."""

    left: list[Finding]
    fixed: list[Finding]


def _checked(
    cassette: tuple[Path, Project], *, here: Project, today: datetime.date, ignore: Sequence[str], fix: bool
) -> _Checked:
    """Check a cassette of a project, and fix it; this may run in a process of its own."""
    path, own = cassette
    redactor = redactor_of(here, own)  # one for each: what one file calls a secret need be none in another
    with gc_paused():
        found = findings_in(path, shown_path(path), redactor, today)
    found = [one for one in found if one.rule not in ignore]
    if not fix or not any(one.can_be_fixed for one in found):
        return _Checked(found, [])
    _fix(path, redactor)
    return _Checked(
        [one for one in found if not one.can_be_fixed], [one for one in found if one.can_be_fixed]
    )


def _fix(path: Path, redactor: Redactor) -> None:
    """Write a cassette anew, whole or not at all.

    Raises:
        CassetteError: It can't be written; the old file is as it was.
    """
    from groqtape.cassettes.locking import CassetteLock

    with CassetteLock(path).held():
        write_canonical(path, redactor)


def _print(output: Output, left: Sequence[Finding], fixed: Sequence[Finding], checked: int) -> None:
    for one in left:
        place = one.path if one.line is None else f"{one.path}, line {one.line}"
        number = "" if one.interaction is None else f" (interaction {one.interaction})"
        output.line(
            Span(place, "cyan"), ": ", Span(one.rule, "red"), ": ", one.message, Span(number, "dim"), hang=4
        )
        output.line("    ", Span(one.remedy, "dim"), hang=4)
    for one in fixed:
        output.line(Span(one.path, "cyan"), ": ", Span("fixed", "green"), ": ", f"{one.rule}: {one.message}")
    summary = f"{plural(checked, 'cassette')} checked: {plural(len(left), 'finding') if left else 'all good'}"
    output.line(Span(summary, "red" if left else "green"))


def _as_data(findings: Sequence[Finding]) -> list[dict[str, object]]:
    return [one._asdict() for one in findings]
