"""Text of a cassette as it can be shown."""

from __future__ import annotations

import pytest

from groqtape.redaction.printable import on_one_line, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, née 漢字 🎉", "plain, née 漢字 🎉"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x1b]8;;http://x\x07", "\\x1b]8;;http://x\\x07"),
        ("\x9b31m\x7f\x00\x85", "\\x9b31m\\x7f\\x00\\x85"),
        ("a\rb\x08", "a\\rb\\x08"),
        ("\u202eevil\u2066", "\\u202eevil\\u2066"),
        ("\u2028\ufeff\ud800", "\\u2028\\ufeff\\ud800"),
        ("\u061c\u200b\u2060\u2065\ufff9", "\\u061c\\u200b\\u2060\\u2065\\ufff9"),
        ("e\u0301 👩\u200d💻 می\u200cخواهم", "e\u0301 👩\u200d💻 می\u200cخواهم"),
        ("a\tb\nc", "a\tb\nc"),
    ],
)
def test_shows_control_characters_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_has_one_line_where_there_is_room_for_one() -> None:
    assert on_one_line("a\tb\nc\x1b") == "a\\tb\\nc\\x1b"
    assert on_one_line("abc") == "abc"
