"""What is taken out, seen without a file."""

from __future__ import annotations

import base64

import httpx
import pytest

from groqtape.errors import GroqtapeError
from groqtape.redaction.redactor import Redactor


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


def test_a_number_at_the_end_of_a_body_is_no_value_in_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as nothing of JSON follows it, it may be a secret; what stands beside the body is not of it."""
    monkeypatch.setenv("OTHER_TOKEN", "98765432")
    call = httpx.Request("POST", "https://api.groq.com/", content=b'not JSON: "pin":98765432')
    assert Redactor().call(call).body == b'not JSON: "pin":REDACTED'
