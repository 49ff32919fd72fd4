"""What a cassette has that it had not before it was recorded anew: a few lines for the end of a test run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from groqtape.errors import CassetteError
from groqtape.redaction.printable import on_one_line
from groqtape.redaction.shown import gate
from groqtape.reports.cassette_files import read_bytes, read_file
from groqtape.reports.changes import changes_between
from groqtape.reports.word_diff import word_diff

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from groqtape.reports.changes import Change, InteractionChange
    from groqtape.reports.word_diff import Piece

__all__ = ["recorded_anew"]

# Times differ in each recording.
_TIMES = frozenset({"first chunk", "duration", "gap p50", "gap p95"})
_MOST_INTERACTIONS = 8
_MOST_TEXT = 60
_MARKS = {"removed": ("[-", "-]"), "added": ("{+", "+}")}


def recorded_anew(before: bytes, after: Path, *, all_words: bool = False) -> list[str]:
    """What changed in a cassette, as lines of text; none where only ids and times differ.

    Args:
        before: The file as it was.
        after: The file as it is now.
        all_words: Whether to show every word that changed, instead of the first.

    Raises:
        CassetteError: The file as it is now is no good cassette.
    """
    now = read_file(after).interactions
    try:
        old = read_bytes(before, str(after)).interactions
    except CassetteError:
        return ["replaces a file that was no good cassette"]
    is_one = len(old) == len(now) == 1
    shown: list[list[str]] = []
    for change in changes_between(old, now, timing=True):
        lines = list(_of_interaction(change, all_words=all_words))
        if lines:
            name = "" if is_one else f"interaction {change.after or change.before}: "
            shown.append([name + line for line in lines])
    lines = [line for lines in shown[:_MOST_INTERACTIONS] for line in lines]
    more = len(shown) - _MOST_INTERACTIONS
    if more > 0:
        lines.append(f"and {more} interaction{'' if more == 1 else 's'} more")
    return lines


def _of_interaction(change: InteractionChange, *, all_words: bool) -> Iterator[str]:
    if change.before is None or change.after is None:
        yield f"{'new' if change.before is None else 'gone'}, {on_one_line(change.title)}"
        return
    for each in change.changes:
        if each.what not in _TIMES:
            # Redacted before it is cut: a part of a secret is none to the patterns.
            before, after = gate.redacted(each.before), gate.redacted(each.after)
            if before != after:
                yield f"{each.what}: {_shown(each._replace(before=before, after=after), all_words=all_words)}"


def _shown(change: Change, *, all_words: bool) -> str:
    if not change.is_text:
        return f"{_short(change.before) or 'none'} → {_short(change.after) or 'none'}"
    pieces = list(word_diff(change.before, change.after))
    if all_words:
        return "".join(_marked(piece) for piece in pieces)
    removed, added = (_words(pieces, kind) for kind in ("removed", "added"))
    first = next(number for number, piece in enumerate(pieces) if piece.kind in _MARKS)
    after = pieces[first + 1 : first + 2] if pieces[first].kind == "removed" else []
    changed = [pieces[first], *(piece for piece in after if piece.kind == "added")]
    was, now = (
        "".join(f'"{_short(piece.text)}"' for piece in changed if piece.kind == kind) or "nothing"
        for kind in ("removed", "added")
    )
    return f"{removed} removed, {added} added, first {was} → {now}"


def _words(pieces: Iterable[Piece], kind: str) -> int:
    return sum(len(re.findall(r"\w+", piece.text)) for piece in pieces if piece.kind == kind)


def _marked(piece: Piece) -> str:
    before, after = _MARKS.get(piece.kind, ("", ""))
    return f"{before}{on_one_line(piece.text)}{after}"


def _short(text: str) -> str:
    shown = on_one_line(text)
    return shown if len(shown) <= _MOST_TEXT else f"{shown[:_MOST_TEXT]}…"
