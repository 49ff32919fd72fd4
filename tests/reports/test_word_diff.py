"""Which words of a text changed."""

from __future__ import annotations

import pytest

from groqtape.reports.word_diff import Piece, readable, word_diff


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


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("a b c", "x b y", "-a b c|+x b y"),
        ("a b c d", "x b c y", "-a|+x| b c |-d|+y"),
        ("a b c", "x b c", "-a|+x| b c"),
        ("a b", "x b", "-a|+x| b"),
        ("b a", "b x", "b |-a|+x"),
        ("one, two; three", "1, 2; 3 4", "-one, two; three|+1, 2; 3 4"),
        ("a b", "b c", "-a b|+b c"),
        ("", "", ""),
    ],
)
def test_is_joined_to_phrases_that_can_be_read(before: str, after: str, pieces: str) -> None:
    marks = {"same": "", "removed": "-", "added": "+"}
    found = list(readable(word_diff(before, after)))
    assert "|".join(f"{marks[kind]}{text}" for kind, text in found) == pieces
    assert "".join(text for kind, text in found if kind != "added") == before
    assert "".join(text for kind, text in found if kind != "removed") == after


def test_what_is_left_out_stays_left_out() -> None:
    pieces = [Piece("removed", "a"), Piece("left out", "…"), Piece("added", "b")]
    assert list(readable(pieces)) == pieces


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
