"""What is taken out, seen without a file."""

from __future__ import annotations

import base64

import pytest

from groqtape.errors import GroqtapeError
from groqtape.redaction import Redactor


def test_an_expression_that_is_none_is_refused() -> None:
    with pytest.raises(GroqtapeError, match=r"expected a regular expression.*'\('.*\n.*groq_secrets"):
        Redactor(secrets=["("])


def test_an_expression_that_finds_nothings_is_refused() -> None:
    with pytest.raises(GroqtapeError, match="it finds one in an empty text"):
        Redactor(secrets=["x*"])


def test_an_expression_that_finds_places_takes_nothing_out() -> None:
    assert Redactor(secrets=["(?=customer)"]).text("a customer") == "a customer"


def test_the_password_of_basic_credentials() -> None:
    redactor = Redactor()
    credentials = base64.b64encode(b"me:open4Sesame").decode()
    redactor.learn_from([("Authorization", f"Basic {credentials}")])
    assert redactor.text(f"{credentials} is open4Sesame") == "REDACTED is REDACTED"


def test_credentials_that_are_no_base64_are_taken_out_as_they_are() -> None:
    redactor = Redactor()
    redactor.learn_from([("Authorization", "Basic abcDEF123")])
    assert redactor.text("said abcDEF123") == "said REDACTED"
