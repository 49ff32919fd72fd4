"""One interaction on the page: the picture of its stream, its figures, its text as it grew."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from groqtape.reports.answers import Answer, answer_of
from groqtape.reports.endings import explained, tone
from groqtape.reports.events import KINDS
from groqtape.reports.figures import plural, rate, span_of_time
from groqtape.reports.picture import axis, picture
from groqtape.reports.requests import messages_of, parameters_of, request_text
from groqtape.reports.sentences import timing_sentences
from groqtape.reports.timed_text import timed_lines
from groqtape.reports.timing import Timing, timing_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from groqtape.reports.interaction import Interaction

    Text = Callable[[str], str]

__all__ = ["stream_section"]

_LINE = 88
_MOST_STALLS = 8


def stream_section(interaction: Interaction, text: Callable[[str], str]) -> str:
    """Write an interaction.

    Args:
        interaction: The interaction.
        text: Makes a text safe to stand on the page.
    """
    answer = answer_of(interaction)
    timing = timing_of(interaction.events)
    kind = plural(interaction.chunks, "chunk") if interaction.is_stream else "no stream"
    head = (
        f"<article><header><h3>{interaction.number}. {text(interaction.model or interaction.path)}</h3>"
        f'<span class="soft">{text(f"{interaction.method} {interaction.path}")}, {kind}</span>'
        f'<span class="{tone([interaction])}">{text(explained(interaction))}</span></header>\n'
    )
    return "".join(
        [
            head,
            *_picture(interaction, timing),
            _figures(timing, answer),
            *_answer(interaction, answer, text),
            _request(interaction, text),
            "</article>\n",
        ]
    )


def _picture(interaction: Interaction, timing: Timing) -> Iterator[str]:
    if not interaction.is_stream:
        return
    if timing.duration is None:
        why = "No times were recorded: another recorder wrote the cassette."
        why = why if interaction.events_as_bytes != [b""] else "No event came."
        yield f'<p class="soft">{why}</p>\n'
        return
    title = f"{plural(interaction.chunks, 'chunk')}; {'; '.join(timing_sentences(timing))}"
    yield picture(interaction.events, timing.duration, timing.stalls, title)
    yield axis(timing.duration)
    kinds = {event.kind for event in interaction.events}
    items = "".join(
        f'<li><i class="{kind.replace(" ", "-")}"></i>{kind}</li>' for kind in KINDS if kind in kinds
    )
    items += "".join(
        f'<li><i class="stall"></i>stall of {span_of_time(stall.length)} at {span_of_time(stall.start)}</li>'
        for stall in timing.stalls[:_MOST_STALLS]
    )
    yield f'<ul class="key">{items}</ul>\n'


def _figures(timing: Timing, answer: Answer) -> str:
    known = [
        ("first chunk", timing.first_chunk),
        ("first words", timing.first_text),
        ("in all", timing.duration),
        ("chunk gap, p50", timing.gap_p50),
        ("chunk gap, p95", timing.gap_p95),
        ("longest chunk gap", timing.gap_longest),
        ("Groq: queue", timing.groq.get("queue_time")),
        ("Groq: prompt", timing.groq.get("prompt_time")),
        ("Groq: completion", timing.groq.get("completion_time")),
    ]
    pairs = [(name, span_of_time(value)) for name, value in known if value is not None]
    if timing.tokens_per_second is not None:
        pairs.append(("rate by usage", rate(timing.tokens_per_second)))
    pairs += [(f"{word} tokens", str(count)) for word, count in answer.usage.items()]
    items = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in pairs)
    return f"<dl>{items}</dl>\n" if items else ""


def _answer(interaction: Interaction, answer: Answer, text: Text) -> Iterator[str]:
    if answer.reasoning:
        lines = _lines(interaction, "reasoning", answer.reasoning, text)
        yield f'<details><summary>Reasoning</summary><ol class="thought">{lines}</ol></details>\n'
    if answer.content:
        yield f"<ol>{_lines(interaction, 'content', answer.content, text)}</ol>\n"
    if answer.body:
        yield f"<pre>{text(answer.body)}</pre>\n"
    for choice in answer.choices:
        words = "\n\n".join(filter(None, (choice.reasoning, choice.content)))
        yield f'<p class="soft">choice {choice.number}</p>\n<pre>{text(words)}</pre>\n'
    for name, arguments in answer.tool_calls:
        yield f"<pre>{text(name)}({text(arguments)})</pre>\n"
    if answer.error:
        yield f'<p class="bad">{text(answer.error)}</p>\n'
    if answer.finish_reasons:
        yield f'<p class="soft">finish reason: {text(", ".join(answer.finish_reasons))}</p>\n'


def _lines(interaction: Interaction, kind: str, whole: str, text: Text) -> str:
    """The text as it grew: each line with the time at which it began."""
    pieces = [(event.at, event.text) for event in interaction.events if event.kind == kind] or [(None, whole)]
    items = []
    last: float | None = None
    for at, line in timed_lines(pieces, _LINE):
        is_new = bool(line) and at != last
        beside = "" if at is None else f"<time>{span_of_time(at)}</time>" if is_new else "<i></i>"
        items.append(f"<li>{beside}<p>{text(line)}</p></li>\n")
        last = at if line else last
    return "".join(items)


def _request(interaction: Interaction, text: Text) -> str:
    parts = [f"<pre>{text(f'{message.role}: {message.text}')}</pre>" for message in messages_of(interaction)]
    parameters = "\n".join(
        f"{name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for name, value in parameters_of(interaction).items()
    )
    parts += [f"<pre>{text(each)}</pre>" for each in (parameters, request_text(interaction)) if each]
    return f"<details><summary>Request</summary>{''.join(parts)}</details>\n" if parts else ""
