"""`groqtape show`: requests and answers as people read them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groqtape.cli.options import add_file, add_json, examples
from groqtape.cli.output import Output, Span
from groqtape.cli.reading import opened
from groqtape.reports.answers import Answer, answer_of
from groqtape.reports.endings import explained, is_good, shown_end
from groqtape.reports.figures import plural, rate, span_of_time
from groqtape.reports.requests import messages_of, parameters_of, request_text
from groqtape.reports.timed_text import timed_lines
from groqtape.reports.timing import timing_of

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Iterable, Iterator

    from groqtape.reports.interaction import Interaction

__all__ = ["command", "declare", "interaction_as_data"]

_INDENT = "    "
_TIME = 10


def declare(parser: ArgumentParser) -> None:
    """What the verb takes."""
    add_file(parser)
    about = "print stable plain text without times, for git's textconv"
    parser.add_argument("--text", dest="as_text", action="store_true", help=about)
    about = "with --text: print a file that is no good cassette as it is"
    parser.add_argument("--or-raw", action="store_true", help=about)
    add_json(parser)
    parser.epilog = examples("show cassettes/tests/test_books/test_recommends_a_book.yaml")


def command(output: Output, file: str, *, as_text: bool, or_raw: bool, as_json: bool) -> None:
    """Show the requests and answers of a cassette as people read them, with the times beside the answer."""
    if as_text and or_raw and (raw := _raw_text(file)) is not None:
        sys.stdout.write(output.secrets.text(raw))
        return
    cassette = opened(file, output.secrets)
    if as_json:
        output.json(
            {"path": file, "interactions": [interaction_as_data(each) for each in cassette.interactions]}
        )
    elif as_text:
        from groqtape.cli.text_form import text_form

        print(text_form(cassette.interactions))  # noqa: T201
    else:
        count = plural(len(cassette.interactions), "interaction")
        output.line(Span(file, "cyan"), "  ", Span(count, "dim"), hang=4)
        for interaction in cassette.interactions:
            output.line()
            _show(output, interaction)


def _raw_text(file: str) -> str | None:
    """The text of a file that is no good cassette; None where it is one, or no file."""
    from groqtape.errors import CassetteError
    from groqtape.redaction.printable import printable
    from groqtape.reports.cassette_files import read_file

    try:
        read_file(Path(file))
    except CassetteError:
        if Path(file).is_file():
            return printable(Path(file).read_text(encoding="utf-8", errors="replace"))
    return None


def _show(output: Output, interaction: Interaction) -> None:
    kind = "stream" if interaction.is_stream else "answer"
    output.line(
        Span(f"{interaction.number}  {interaction.method} {interaction.path}", "bold"),
        Span(f"  {interaction.model or ''}", "magenta"),
        Span(f"  {kind}", "dim"),
        hang=3,
    )
    parameters = {k: v for k, v in parameters_of(interaction).items() if k not in ("model", "stream")}
    if parameters:
        texts = (
            f"{k} {v if isinstance(v, str) else json.dumps(v, ensure_ascii=False)}"
            for k, v in parameters.items()
        )
        _block(output, [(None, "\n".join(texts))], "dim")
    if text := request_text(interaction):
        output.line(Span("body", "blue"))
        _block(output, [(None, text)])
    for message in messages_of(interaction):
        output.line(Span(message.role or "message", "blue"))
        _block(output, [(None, message.text)])
    output.line(Span("answer", "green" if is_good(interaction) else "yellow"))
    _show_answer(output, interaction, answer_of(interaction))


def _show_answer(output: Output, interaction: Interaction, answer: Answer) -> None:
    for kind, style in (("reasoning", "dim italic"), ("content", "")):
        pieces = [(event.at, event.text) for event in interaction.events if event.kind == kind]
        whole = answer.reasoning if kind == "reasoning" else answer.content or answer.body
        if pieces or whole:
            _block(output, pieces or [(None, whole)], style, timed=interaction.is_stream)
    for choice in answer.choices:
        output.line(_INDENT, Span(f"choice {choice.number}", "blue"))
        for text, style in ((choice.reasoning, "dim italic"), (choice.content, "")):
            if text:
                _block(output, [(None, text)], style)
    for name, arguments in answer.tool_calls:
        output.line(
            _INDENT,
            Span("tool call ", "dim"),
            Span(name, "magenta"),
            Span(f"({arguments})"),
            hang=len(_INDENT),
        )
    if answer.error:
        output.line(_INDENT, Span(answer.error, "red"), hang=len(_INDENT))
    for facts in _facts(interaction, answer):
        output.facts([Span(fact, "dim") for fact in facts], len(_INDENT))


def _facts(interaction: Interaction, answer: Answer) -> Iterator[list[str]]:
    """What stands below an answer: why it ended, its tokens, its times."""
    tokens = [f"{word} {count}" for word, count in answer.usage.items()]
    reasons = [f"finish {', '.join(answer.finish_reasons)}"] if answer.finish_reasons else []
    if reasons or tokens:
        yield [*reasons, *([f"tokens: {', '.join(tokens)}"] if tokens else [])]
    if not interaction.is_stream:
        status = [f"status {interaction.status}"] if interaction.status else []
        yield [*status, explained(interaction)]
        return
    timing = timing_of(interaction.events)
    facts = [plural(interaction.chunks, "chunk")]
    if timing.first_chunk is not None:
        facts.append(f"first chunk {span_of_time(timing.first_chunk)}")
    if timing.duration is not None:
        facts.append(f"{span_of_time(timing.duration)} in all")
    if timing.tokens_per_second is not None:
        facts.append(rate(timing.tokens_per_second))
    yield [*facts, explained(interaction)]


def _block(
    output: Output, pieces: Iterable[tuple[float | None, str]], style: str = "", *, timed: bool = False
) -> None:
    """A text, indented; where times are known, each line stands beside the time at which it began."""
    margin = len(_INDENT) + (_TIME + 2 if timed else 0)
    last: float | None = None
    for at, line in timed_lines(pieces, output.width and max(output.width - margin, 1)):
        beside = "" if at is None or at == last or not line else span_of_time(at)
        last = at if line else last
        output.line(_INDENT, Span(f"{beside:>{_TIME}}  " if timed else "", "dim"), Span(line, style))


def interaction_as_data(interaction: Interaction) -> dict[str, Any]:
    """An interaction as plain values, for JSON."""
    answer = answer_of(interaction)
    timing = timing_of(interaction.events)
    return {
        "number": interaction.number,
        "request": {
            "method": interaction.method,
            "path": interaction.path,
            "body": interaction.parameters
            if interaction.parameters is not None
            else request_text(interaction),
        },
        "status": interaction.status,
        "stream": interaction.is_stream,
        "end": shown_end(interaction),
        "message": interaction.message,
        "chunks": interaction.chunks,
        "answer": {
            **answer._asdict(),
            "tool_calls": [list(call) for call in answer.tool_calls],
            "choices": [choice._asdict() for choice in answer.choices],
        },
        "timing": {**timing._asdict(), "stalls": [stall._asdict() for stall in timing.stalls]},
    }
