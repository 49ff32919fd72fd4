"""One self-contained page of cassettes: HTML and SVG, no script, nothing from anywhere else."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, NamedTuple

from groqtape.redaction.printable import printable
from groqtape.reports.endings import shown_end, tone
from groqtape.reports.figures import counted, plural, rate, span_of_time
from groqtape.reports.page_style import POLICY, STYLE
from groqtape.reports.stream_section import stream_section
from groqtape.reports.timing import timing_of
from groqtape.reports.word_diff import readable, word_diff

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from groqtape.reports.changes import InteractionChange
    from groqtape.reports.interaction import Interaction

__all__ = ["Entry", "page"]

_COLUMNS = ("cassette", "models", "chunks", "first chunk", "duration", "tokens/s", "ends")


class Entry(NamedTuple):
    """A cassette on the page, or a test.

    Attributes:
        title: Its file, or the test's id.
        interactions: What is in the cassette.
        note: What else there is to say of it, such as a test's outcome or what is wrong with the file.
        changes: What changed in it.
    """

    title: str
    interactions: Sequence[Interaction] = ()
    note: str = ""
    changes: Sequence[InteractionChange] = ()


def page(title: str, entries: Iterable[Entry], redact: Callable[[str], str]) -> Iterator[str]:
    """Write a page, in pieces.

    Args:
        title: Its heading.
        entries: What is on it.
        redact: Takes secrets out of a text.
    """

    def text(value: str) -> str:
        return escape(printable(redact(value)))

    rows, sections, streams = [], [], 0
    for number, entry in enumerate(entries, 1):
        rows.append(_row(number, entry, text))
        sections.append(_section(number, entry, text))
        streams += sum(each.is_stream for each in entry.interactions)
    heading = escape(title)
    yield (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{heading}</title><style>{STYLE}</style></head>\n<body><main><h1>{heading}</h1>"
        f'<p class="soft">{plural(len(rows), "cassette")}, {plural(streams, "stream")}</p>\n'
    )
    if rows:
        head = "".join(f'<th scope="col">{column}</th>' for column in _COLUMNS)
        yield f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>\n'
        yield from rows
        yield "</tbody></table></div>\n"
    yield from sections
    yield "</main></body></html>\n"


def _row(number: int, entry: Entry, text: Callable[[str], str]) -> str:
    timings = [timing_of(each.events) for each in entry.interactions if each.is_stream]
    firsts = [timing.first_chunk for timing in timings if timing.first_chunk is not None]
    durations = [timing.duration for timing in timings if timing.duration is not None]
    rates = [timing.tokens_per_second for timing in timings if timing.tokens_per_second is not None]
    ends = counted(shown_end(each) for each in entry.interactions) or entry.note or "–"
    cells = (
        f'<a href="#c{number}">{text(entry.title)}</a>',
        text(counted(each.model or "–" for each in entry.interactions) or "–"),
        str(sum(each.chunks for each in entry.interactions)),
        span_of_time(max(firsts, default=None)),
        span_of_time(sum(durations) if durations else None),
        rate(min(rates)).removesuffix(" tokens/s") if rates else "–",
        f'<span class="{tone(entry.interactions) if entry.interactions else "soft"}">{text(ends)}</span>',
    )
    # On a phone, each row is a block, and its cells name themselves.
    named = (f'<td data-c="{name}">{cell}</td>' for name, cell in zip(_COLUMNS, cells, strict=True))
    return f"<tr>{''.join(named)}</tr>\n"


def _section(number: int, entry: Entry, text: Callable[[str], str]) -> str:
    parts = [f'<section><h2 id="c{number}">{text(entry.title)}</h2>\n']
    if note := entry.note or ("" if entry.interactions else "No interactions."):
        parts.append(f'<p class="soft">{text(note)}</p>\n')
    if entry.changes:
        parts.append(_changes(entry.changes, text))
    parts += [stream_section(each, text) for each in entry.interactions]
    return "".join([*parts, "</section>\n"])


def _changes(changes: Iterable[InteractionChange], text: Callable[[str], str]) -> str:
    marks = {"added": "ins", "removed": "del"}
    lines = []
    for change in changes:
        title = f"{change.after or change.before} {change.title}"
        if change.before is None or change.after is None:
            lines.append(f"{text(title)}: {'new' if change.before is None else 'removed'}")
        for each in change.changes:
            if each.is_text:
                pieces = (
                    f"<{marks[kind]}>{text(words)}</{marks[kind]}>" if kind in marks else text(words)
                    for kind, words in readable(word_diff(each.before, each.after))
                )
                shown = "".join(pieces)
            else:
                shown = f"<del>{text(each.before)}</del> → <ins>{text(each.after)}</ins>"
            lines.append(f"{text(title)}, {text(each.what)}: {shown}")
    shown = "\n".join(lines)
    return f"<article><h3>What changed</h3><pre>{shown}</pre></article>\n"
