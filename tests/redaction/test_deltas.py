"""Texts that a stream has in pieces, and where each piece is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groqtape.redaction.deltas import encoded, joined, pieces_of_texts


def event(**delta: str) -> bytes:
    return b"data: " + json.dumps({"delta": delta}, ensure_ascii=False).encode() + b"\n\n"


def test_pieces_of_a_text_are_together_and_know_their_places() -> None:
    body = event(content="Hel") + event(reasoning="Hm") + event(content='l"o')
    content, reasoning = pieces_of_texts(body)
    assert [piece.text for piece in content] == [b"Hel", b'l"o']
    assert [body[piece.start : piece.end] for piece in content] == [b'"Hel"', b'"l\\"o"']
    assert [piece.text for piece in reasoning] == [b"Hm"]
    assert list(joined(body)) == [b'Hell"o', b"Hm"]


@pytest.mark.parametrize("literal", [rb'"\q"', b'"\\u12"', b'"\\n\xff"'])
def test_what_is_no_json_has_no_text(literal: bytes) -> None:
    assert list(pieces_of_texts(b'{"content":' + literal + b"}")) == []
    assert list(joined(b'{"content":' + literal + b"}")) == []


def test_half_a_character_is_a_text_too() -> None:
    ((piece,),) = pieces_of_texts(b'{"content":"\\ud83d"}')
    assert piece.text == b"\xed\xa0\xbd"
    assert encoded(piece.text) == b'"\\ufffd\\ufffd\\ufffd"'


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_an_encoded_text_decodes_to_itself(text: str) -> None:
    assert json.loads(encoded(text.encode())) == text


def test_bytes_that_are_no_text_are_encoded_too() -> None:
    assert json.loads(encoded(b"a\xffb")) == "a\ufffdb"
