"""`groqtape diff`: what changed in cassettes, by meaning."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groqtape.cli.comparing import Comparison, between_paths, since_revision
from groqtape.cli.options import add_json, examples
from groqtape.cli.output import Output, Span
from groqtape.cli.reading import error_as_data, report_errors
from groqtape.reports.figures import plural
from groqtape.reports.word_diff import readable, word_diff

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Sequence

    from groqtape.errors import CassetteError
    from groqtape.reports.changes import Change, InteractionChange

__all__ = ["command", "declare"]

_STYLES = {"removed": "red strike", "added": "green", "left out": "dim", "same": ""}
_HANG = 17
_MARKS = {"removed": ("[-", "-]"), "added": ("{+", "+}")}


def declare(parser: ArgumentParser) -> None:
    """What the verb takes."""
    parser.usage = "groqtape diff [-h] [--timing] [--json] [A B | [REV] [PATHS ...]]"
    about = "two files or folders A and B; or a revision REV and PATHS, both optional"
    parser.add_argument("what", nargs="*", metavar="A B, REV, PATHS", help=about)
    parser.add_argument("--timing", action="store_true", help="compare times and the number of chunks too")
    add_json(parser)
    parser.epilog = examples("diff", "diff old.yaml new.yaml", "diff HEAD~3 cassettes/tests")


def command(output: Output, what: Sequence[str], *, timing: bool, as_json: bool) -> int:
    """Compare cassettes by meaning: words, finish reasons, tool calls, usage.

    With two files or folders A and B, compare them. Otherwise compare the cassettes at PATHS (by default the
    project's) with those of the git revision REV (by default HEAD), under the names that they had there.
    Ids, bytes and the order of keys do not count. Exit code 1 says that something changed.
    """
    if len(what) == 2 and all(map(os.path.lexists, what)):
        found = between_paths(Path(what[0]), Path(what[1]), output.secrets, timing=timing)
    else:
        revision = what[0] if what and not os.path.lexists(what[0]) else None
        found = since_revision(
            revision or "HEAD", what[1:] if revision else what, output.secrets, timing=timing
        )
    comparisons: list[Comparison] = []
    errors: list[CassetteError] = []
    for one in found:
        if isinstance(one, Comparison):
            comparisons.append(one)
        else:
            errors.append(one)
    if as_json:
        unreadable = [error_as_data(error) for error in errors]
        output.json({"cassettes": [_as_data(one) for one in comparisons], "unreadable": unreadable})
    else:
        _print(output, comparisons)
    report_errors(output, errors)
    return 1 if comparisons or errors else 0


def _print(output: Output, comparisons: Sequence[Comparison]) -> None:
    for number, one in enumerate(comparisons):
        if number:
            output.line()
        name = one.after or one.before or ""
        title = f"{one.before} → {name}" if one.before and one.before != name else name
        output.line(Span(title, "bold cyan"))
        if one.before is None or one.after is None:
            word, style = ("new", "green") if one.before is None else ("removed", "red")
            output.line("  ", Span(f"{word}: {plural(one.interactions, 'interaction')}", style))
        for change in one.changes:
            _print_interaction(output, change)


def _print_interaction(output: Output, change: InteractionChange) -> None:
    what = f"{change.after or change.before}  {change.title}"
    if change.after is None or change.before is None:
        word, style = ("new", "green") if change.before is None else ("removed", "red")
        output.line("  ", Span(what, "bold"), "  ", Span(word, style), hang=5)
        return
    output.line("  ", Span(what, "bold"), hang=5)
    for each in change.changes:
        label = Span(f"    {each.what:12} ", "magenta")
        if output.in_terminal and len(label.text) > _HANG:
            output.line(label)
            label = Span(" " * _HANG)
        output.line(label, *_spans(output, each), hang=_HANG)


def _spans(output: Output, change: Change) -> list[Span]:
    if not change.is_text:
        before, after = change.before or "none", change.after or "none"
        return [Span(before, "red"), Span(" → ", "dim"), Span(after, "green")]
    spans: list[Span] = []
    for kind, text in readable(word_diff(change.before, change.after)):
        # Colours alone tell nothing in a pipe, or to a reader who does not see them.
        before, after = _MARKS.get(kind, ("", "")) if not output.in_colour else ("", "")
        if kind == "added" and output.in_colour and spans and spans[-1].style == _STYLES["removed"]:
            spans.append(Span(" "))  # else the words run into each other
        spans.append(Span(f"{before}{text}{after}", _STYLES[kind] if output.in_colour else ""))
    return spans


def _as_data(one: Comparison) -> dict[str, Any]:
    return {
        "before": one.before,
        "after": one.after,
        "interactions": [
            {
                "before": change.before,
                "after": change.after,
                "changes": [{"what": c.what, "before": c.before, "after": c.after} for c in change.changes],
            }
            for change in one.changes
        ],
    }
