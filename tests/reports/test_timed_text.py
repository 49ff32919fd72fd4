"""Text with the time beside each of its lines."""

from __future__ import annotations

import pytest

from groqtape.reports.timed_text import timed_lines


@pytest.mark.parametrize(
    ("pieces", "width", "lines"),
    [
        ([], 0, [(None, "")]),
        ([(1.0, "a"), (2.0, ""), (3.0, "b")], 0, [(1.0, "ab")]),
        ([(1.0, "a\n"), (2.0, "b")], 0, [(1.0, "a"), (2.0, "b")]),
        ([(1.0, "one two "), (2.0, "three")], 10, [(1.0, "one two"), (2.0, "three")]),
        ([(1.0, "one two"), (2.0, " three")], 10, [(1.0, "one two"), (2.0, "three")]),
        ([(None, "a")], 0, [(None, "a")]),
        ([(1.0, "\x1b[1m")], 0, [(1.0, "\\x1b[1m")]),
        ([(1.0, "漢字, and 字e\u0301 words")], 11, [(1.0, "漢字, and"), (1.0, "字e\u0301 words")]),
        ([(1.0, "x" * 25)], 10, [(1.0, "x" * 10), (1.0, "x" * 10), (1.0, "x" * 5)]),
        ([(1.0, "  a " + " " * 12 + "b")], 10, [(1.0, "  a"), (1.0, "b")]),
        ([(1.0, "漢字" * 8)], 20, [(1.0, "漢字" * 5), (1.0, "漢字" * 3)]),
    ],
)
def test_lines_have_the_time_at_which_they_began(
    pieces: list[tuple[float | None, str]], width: int, lines: list[tuple[float | None, str]]
) -> None:
    assert list(timed_lines(pieces, width)) == lines
