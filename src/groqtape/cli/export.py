"""`groqtape export`: a cassette in a form that other programs read."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from groqtape.cli.choosing import chosen, one_stream
from groqtape.cli.options import add_choice, add_file, add_interaction, add_json, examples
from groqtape.cli.output_file import write_output
from groqtape.cli.reading import opened
from groqtape.cli.usage_errors import UsageError
from groqtape.reports.exports import as_json_lines, as_vcr
from groqtape.reports.har import as_har

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable

    from groqtape.cli.output import Output
    from groqtape.reports.cassette_files import CassetteFile

__all__ = ["command", "declare"]

_CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]")


def _sse(cassette: CassetteFile, number: int | None) -> bytes:
    return one_stream(cassette, number).answer


def _jsonl(cassette: CassetteFile, number: int | None) -> bytes:
    return as_json_lines(chosen(cassette, number))


def _vcr(cassette: CassetteFile, number: int | None) -> bytes:
    return as_vcr(chosen(cassette, number))


def _har(cassette: CassetteFile, number: int | None) -> bytes:
    return as_har(chosen(cassette, number), cassette.written_at)


FORMATS: dict[str, Callable[[CassetteFile, int | None], bytes]] = {
    "vcr": _vcr,
    "sse": _sse,
    "jsonl": _jsonl,
    "har": _har,
}


def declare(parser: ArgumentParser) -> None:
    """What the verb takes."""
    add_file(parser)
    about = (
        "vcr: plain vcrpy YAML; sse: the exact body of a stream; jsonl: a chunk a line; har: for a browser"
    )
    add_choice(
        parser, "-f", "--format", choices=FORMATS, about=about, dest="form", metavar="FORM", required=True
    )
    about = "write to a file instead of standard output"
    parser.add_argument("-o", "--output", dest="to", metavar="FILE", help=about)
    about = "write secrets and all headers as they are in the file"
    parser.add_argument("--unredacted", action="store_true", help=about)
    add_interaction(parser)
    add_json(parser)
    parser.epilog = examples("export a.yaml --format vcr -o b.yaml", "export a.yaml --format sse")


def command(
    output: Output,
    file: str,
    form: str,
    *,
    to: str | None,
    unredacted: bool,
    interaction: int | None,
    as_json: bool,
) -> None:
    """Write a cassette in a form that other programs read.

    Secrets stand as REDACTED, and headers that groqtape does not keep are left out. vcr and har have no cuts,
    and no calls without an answer. --json tells what was written with --output.
    """
    if as_json and to is None:
        raise UsageError(
            "expected --output with --json, since the export itself goes to standard output\nAdd: -o FILE"
        )
    cassette = opened(file, None if unredacted else output.secrets)
    data = FORMATS[form](cassette, interaction)
    lost = [each for each in chosen(cassette, interaction) if each.status is None or each.end != "complete"]
    if lost and form in ("vcr", "har"):
        numbers = ", ".join(str(each.number) for each in lost)
        output.error(
            f"{form} can't say how interaction {numbers} ended: "
            "an answer that was cut stands as a whole one, and a call without an answer is left out"
        )
    if to is not None:
        write_output(to, data)
        if as_json:
            output.json({"path": file, "format": form, "output": to, "bytes": len(data)})
        return
    if sys.stdout.isatty() and _CONTROL.search(data):
        raise UsageError(
            "it has control characters, which a terminal would act on\nWrite it to a file: -o FILE"
        )
    sys.stdout.buffer.write(data)
