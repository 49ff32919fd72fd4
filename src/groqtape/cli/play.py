"""`groqtape play`: an answer at the pace at which it was recorded."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from groqtape.cli.choosing import chosen
from groqtape.cli.options import add_file, add_interaction, add_json, at_least_0, examples
from groqtape.cli.output import Output, Span
from groqtape.cli.reading import opened
from groqtape.cli.usage_errors import UsageError
from groqtape.errors import GroqtapeError
from groqtape.recorder.pace import Pacer, parse_pace
from groqtape.reports.answers import answer_of
from groqtape.reports.endings import explained, is_good

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Iterator

    from groqtape.reports.events import Event
    from groqtape.reports.interaction import Interaction

__all__ = ["command", "declare"]

_STYLES = {"reasoning": "dim italic", "tool call": "magenta", "executed tool": "magenta", "error": "red"}
_SHOWN = frozenset({"content", "reasoning", "tool call", "executed tool", "error"})


def declare(parser: ArgumentParser) -> None:
    """What the verb takes."""
    add_file(parser)
    about = "recorded (the default), instant, or a factor on the recorded waiting times"
    parser.add_argument("--pace", default="recorded", help=about)
    about = "wait no longer than this at a time"
    parser.add_argument("--max-gap", type=at_least_0, metavar="SECONDS", help=about)
    add_interaction(parser)
    add_json(parser)
    file = "cassettes/tests/test_books/test_recommends_a_book.yaml"
    parser.epilog = examples(f"play {file}", "play a.yaml --pace 10 --max-gap 2")


def command(
    output: Output, file: str, pace: str, *, max_gap: float | None, interaction: int | None, as_json: bool
) -> None:
    """Print the answers of a cassette at the pace at which they were recorded: words as they arrived."""
    try:
        factor = parse_pace(pace)
    except GroqtapeError:
        raise UsageError(
            f"expected a pace (recorded, instant, or a factor such as 0.5), got {pace}\n"
            f"Try: groqtape play --pace 0.5 {file}"
        ) from None
    several = chosen(opened(file, output.secrets), interaction)
    for each in several:
        if len(several) > 1 and not as_json:
            output.line(Span(f"{each.number}  {each.method} {each.path}", "bold"))
        _play(output, each, factor, max_gap, as_json=as_json)


def _play(
    output: Output, interaction: Interaction, factor: float, max_gap: float | None, *, as_json: bool
) -> None:
    pacer = Pacer(factor)
    last = ""
    for event, due in _paced(interaction.events, max_gap):
        wait = pacer.wait(due)
        if wait > 0:
            time.sleep(wait)
        if as_json:
            line = json.dumps({"at_ms": event.at, "kind": event.kind, "text": event.text})
            print(line, flush=True)  # noqa: T201
        elif event.kind in _SHOWN and event.text:
            between = (
                "\n"
                if last and (event.kind != last or event.kind != "content") and event.kind != "reasoning"
                else ""
            )
            if last == "reasoning" and event.kind == "content":
                between = "\n\n"
            output.piece(Span(between + event.text, _STYLES.get(event.kind, "")))
            last = event.kind
    if as_json:
        return
    if not interaction.is_stream:
        answer = answer_of(interaction)
        output.piece(Span(answer.content or answer.body or answer.error))
    output.line()
    if not is_good(interaction):
        output.line(Span(f"[{explained(interaction)}]", "yellow"))


def _paced(events: list[Event], max_gap: float | None) -> Iterator[tuple[Event, float | None]]:
    """Events with the times at which they are due: those recorded, but for gaps that are too long."""
    longest = float("inf") if max_gap is None else max_gap * 1000
    last = due = 0.0
    for event in events:
        if event.at is not None:
            due += min(max(event.at - last, 0.0), longest)
            last = event.at
        yield event, None if event.at is None else due
