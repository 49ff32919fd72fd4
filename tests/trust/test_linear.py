"""Redaction takes time in proportion to the text, whatever the text is."""

from __future__ import annotations

import os
from unittest import mock

import pytest
from effort import EFFORT
from trust.adversarial_texts import SECRETS, seconds, texts

LENGTH = 30_000
LIMIT = 1.5
"""Seconds. An expression that needs the square of the length takes longer."""
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
EVERY = max(24 // EFFORT, 1)
"""The rest is long: one in so many is tried here."""
TEXTS = [name for number, (name, _) in enumerate(texts(1000)) if name in NAMED or number % EVERY == 0]


@pytest.mark.parametrize("part", range(4))
def test_no_text_takes_long(part: int) -> None:
    chosen = set(TEXTS[part::4])
    with mock.patch.dict(os.environ, SECRETS):
        slow = [name for name, text in texts(LENGTH) if name in chosen and seconds(text) > LIMIT]
    assert slow == []


def test_the_named_ones_are_tried() -> None:
    assert set(NAMED) <= set(TEXTS)


def test_secrets_are_found_beside_them() -> None:
    """So the texts do reach the expressions."""
    from groqtape.redaction.redactor import Redactor

    with mock.patch.dict(os.environ, SECRETS):
        redactor = Redactor()
    for name, text in texts(200):
        assert "hunter" not in redactor.text(f"{text} \n api_key=hunter-2-and-more"), name
