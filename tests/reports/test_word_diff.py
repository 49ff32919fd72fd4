"""Which words of a text changed."""

from __future__ import annotations

import pytest

from groqtape.reports.word_diff import word_diff


def shown(before: str, after: str) -> str:
    marks = {"same": "", "removed": "-", "added": "+", "left out": ""}
    return "|".join(f"{marks[kind]}{text}" for kind, text in word_diff(before, after))


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("", "a", "+a"),
        ("a", "", "-a"),
        ("a b", "a c", "a |-b|+c"),
        ("a b c", "a c", "a |-b |c"),
        ("né", "ne", "-né|+ne"),
    ],
)
def test_shows_words(before: str, after: str, pieces: str) -> None:
    assert shown(before, after) == pieces


def test_leaves_out_words_that_stay() -> None:
    many = " ".join("abcdefghijklmnopqrstuvwxyz")
    assert shown(f"X {many} Y {many}", f"1 {many} 2 {many}") == (
        "-X|+1| a b c d e f|…|u v w x y z |-Y|+2| a b c d e f|…"
    )


def test_compares_long_texts_by_lines_and_longer_ones_as_wholes() -> None:
    lines = "one two\n" * 2000
    assert shown(lines, f"{lines}three\n").endswith("|+three\n")
    words = "a\n" * 5000
    assert shown(words, f"{words}b") == f"-{words}|+{words}b"
