"""`groqtape timeline`: when the events of a stream arrived, as a picture in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groqtape.cli.choosing import chosen
from groqtape.cli.lanes import axis_of, lanes_of, stalls_of
from groqtape.cli.options import add_file, add_interaction, add_json, examples
from groqtape.cli.output import Output, Span
from groqtape.cli.reading import opened
from groqtape.cli.show import interaction_as_data
from groqtape.reports.endings import explained
from groqtape.reports.figures import plural
from groqtape.reports.sentences import timing_sentences
from groqtape.reports.timing import timing_of

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from typing import Any

    from groqtape.reports.interaction import Interaction

__all__ = ["command", "declare"]

_STYLES = {
    "role": "bright_black",
    "reasoning": "magenta",
    "content": "blue",
    "tool call": "yellow",
    "executed tool": "cyan",
    "finish": "green",
    "usage": "bright_black",
    "error": "bold red",
    "done": "bright_black",
    "other": "red",
}
_MARGIN = 15
_IN_A_PIPE = 80
_NARROWEST = 10


def declare(parser: ArgumentParser) -> None:
    """What the verb takes."""
    add_file(parser)
    add_interaction(parser)
    add_json(parser)
    parser.epilog = examples("timeline cassettes/tests/test_books/test_recommends_a_book.yaml")


def command(output: Output, file: str, *, interaction: int | None, as_json: bool) -> None:
    """Draw when the events of a stream arrived: a lane for each kind of event, over one time axis.

    The higher a column, the more events arrived in that stretch of time. A stall is a gap between chunks of
    200 ms or more that is at least five times the median gap. Gaps are between chunks, which are not tokens;
    tokens a second are Groq's completion tokens by its completion time.
    """
    found = chosen(opened(file, output.secrets), interaction)
    if as_json:
        output.json({"path": file, "interactions": [_as_data(each) for each in found]})
        return
    for number, each in enumerate(found):
        if number:
            output.line()
        _draw(output, each)


def _as_data(interaction: Interaction) -> dict[str, Any]:
    events = [{"at_ms": e.at, "kind": e.kind, "text": e.text, "bytes": e.size} for e in interaction.events]
    return {**interaction_as_data(interaction), "events": events}


def _draw(output: Output, interaction: Interaction) -> None:
    chunks = plural(interaction.chunks, "chunk") if interaction.is_stream else "no stream"
    output.line(
        Span(f"{interaction.number}  {interaction.method} {interaction.path}", "bold"),
        Span(f"  {interaction.model or ''}", "magenta"),
        Span(f"  {chunks}, {explained(interaction)}", "dim"),
        hang=3,
    )
    timing = timing_of(interaction.events)
    if timing.duration is None:
        if interaction.is_stream:
            why = "no times were recorded: another recorder wrote the cassette"
            output.line(f"    {why if interaction.events_as_bytes != [b''] else 'no event came'}")
    else:
        width = max((output.width or _IN_A_PIPE) - _MARGIN, _NARROWEST)
        for lane in lanes_of(interaction.events, timing.duration, width):
            output.line(f"{lane.kind:>{_MARGIN - 2}}  ", Span(lane.cells.rstrip(), _STYLES[lane.kind]))
        if timing.stalls:
            drawn = stalls_of(timing.stalls, timing.duration, width).rstrip()
            output.line(f"{'stalls':>{_MARGIN - 2}}  ", Span(drawn, "bold yellow"))
        output.line(" " * _MARGIN, Span(axis_of(timing.duration, width), "dim"))
    for sentence in timing_sentences(timing):
        output.line("    ", Span(sentence), hang=4)
