"""The command line: how it starts, and how `list`, `check` and `diff` grow with the number of cassettes."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from benchmarks.growth import Growth, Point
from benchmarks.rows import Goal, Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.field import Field
    from benchmarks.rounds import Sample

__all__ = ["help_row", "verb_growths"]

_NOTHING = "python -c pass"


def help_row(field: Field) -> Row:
    """How `groqtape --help` starts, beside an interpreter that does nothing."""
    return Row(
        key="help",
        title="`groqtape --help`, against `python -c pass`",
        comparison="ratio",
        goal=Goal(3, "≤ 3 ×"),
        subjects={
            "groqtape": functools.partial(field.run_python, "-m", "groqtape", "--help"),
            _NOTHING: functools.partial(field.run_python, "-c", "pass"),
        },
        beside={"groqtape": _NOTHING},
        rounds=field.sizes.rounds,
    )


def verb_growths(field: Field) -> Iterator[Growth]:
    """`list`, `check` and `diff` over many cassettes; `diff` compares folders in which each one changed."""
    for verb in ("list", "check", "diff"):
        yield Growth(
            key=f"cli-{verb}",
            title=f"`groqtape {verb}` of {field.sizes.short}-chunk cassettes",
            piece="cassette",
            subjects={
                Point("groqtape", count): functools.partial(_run, field, verb, count)
                for count in field.sizes.growing_cassettes
            },
            rounds=lambda _: 1,  # it takes long
        )


def _run(field: Field, verb: str, count: int) -> Sample:
    folder = str(field.folder_of_cassettes(count, first=0))
    arguments = {
        "list": [folder],
        # The benchmarks' model may be one that Groq has retired.
        "check": [folder, "--ignore", "retired-model"],
        "diff": [folder, str(field.folder_of_cassettes(count, first=1))],
    }[verb]
    return field.run_python("-m", "groqtape", verb, *arguments, ends_with=int(verb == "diff"))
