"""Redaction takes time in proportion to the text, whatever the text is."""

from __future__ import annotations

import os
from unittest import mock

import pytest
from effort import EFFORT
from trust.adversarial_texts import SECRETS, seconds, texts

LENGTH = 30_000
MOST = 10
"""How many times as long four times the text may take. In proportion that is 4, by the square 16."""
SHORT = 0.25
"""Seconds of processor time that say nothing about growth: an expression that is slow takes longer."""
NAMED = (
    "'bearer ' and '+'",
    "'bearer+'",
    "'bearer' and '+'",
    repr("/begins/with-a-slash-1"),
    repr("/"),
    repr('"\\'),
    repr("\\\\"),
    "'api_key=' and ' '",
)
EVERY = max(48 // EFFORT, 1)
"""The rest is long: one in so many is tried here."""
TEXTS = [name for number, (name, _) in enumerate(texts(1000)) if name in NAMED or number % EVERY == 0]


@pytest.mark.parametrize("part", range(4))
def test_no_text_takes_long(part: int) -> None:
    chosen = set(TEXTS[part::4])
    with mock.patch.dict(os.environ, SECRETS):
        quarters = dict(texts(LENGTH // 4))
        slow = [name for name, text in texts(LENGTH) if name in chosen and grows(text, quarters[name])]
    assert slow == []


def grows(text: str, quarter: str) -> bool:
    """Whether redacting a text takes more than in proportion to its length."""
    taken = seconds(text)
    return taken > SHORT and taken > MOST * seconds(quarter)


def test_the_named_ones_are_tried() -> None:
    assert set(NAMED) <= set(TEXTS)


def test_secrets_are_found_beside_them() -> None:
    """So the texts do reach the expressions."""
    from groqtape.redaction.redactor import Redactor

    with mock.patch.dict(os.environ, SECRETS):
        redactor = Redactor()
    for name, text in texts(200):
        assert "hunter" not in redactor.text(f"{text} \n api_key=hunter-2-and-more"), name
