"""Requests and responses, redacted without a file."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from groqtape.redaction.redactor import Redaction, Redactor

KEY = "gsk_" + "aB3" * 17 + "Z"


def test_a_number_at_the_end_of_a_body_is_no_value_in_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """A number is a value in JSON only if JSON follows it. The URL and the headers do not."""
    monkeypatch.setenv("OTHER_TOKEN", "98765432")
    call = httpx.Request("POST", "https://api.groq.com/", content=b'not JSON: "pin":98765432')
    assert Redactor().call(call).body == b'not JSON: "pin":REDACTED'


@pytest.mark.parametrize("depth", [1, 2])
def test_a_character_of_two_escapes_is_one(depth: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_SECRET", "hunter😀2x")
    text = "see hunter😀2x."
    for _ in range(depth):
        text = json.dumps(text)
    assert "ud83d" in text
    assert Redactor().text(text) == text.replace(
        text[text.index("hunter") : text.index("2x.") + 2], "REDACTED"
    )


def response(events: list[str], code: int = 200) -> dict[str, Any]:
    encoded = [event.encode() for event in events]
    return {
        "status": {"code": code},
        "headers": {"location": ["https://me:pw@host/?code=4711"]},
        "body": {"string": b"".join(encoded)},
        "stream": {"end": "complete", "sizes": tuple(map(len, encoded))},
    }


def delta(**fields: Any) -> str:
    return f"data: {json.dumps({'choices': [{'index': 0, 'delta': fields}]})}\n\n"


class TestWhatWasRedacted:
    def test_in_a_request(self) -> None:
        redactor = Redactor()
        body = {"messages": [{"content": "Hi"}, {"content": f"{KEY} and {KEY}"}], "tools": json.dumps([KEY])}
        request = redactor.call(httpx.Request("POST", "https://host/?api_key=x", json=body))
        assert request.redactions == {
            Redaction("Groq key", "request body messages[1].content"): 2,
            Redaction("Groq key", "request body tools"): 1,
            Redaction("query parameter api_key", "request URL"): 1,
        }
        assert redactor.take_redactions() == {}

    def test_in_a_stream(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MY_SECRET", "hunter-2x")
        redactor = Redactor()
        events = [delta(content=KEY[:20]), delta(content=KEY[20:]), delta(content=" hunter-2x")]
        redactor.response(response(events))
        assert redactor.take_redactions() == {
            Redaction("Groq key", "response body event 1: choices[0].delta.content"): 1,
            Redaction("variable MY_SECRET", "response body event 3: choices[0].delta.content"): 1,
            Redaction("user and password of a URL", "response header location"): 1,
            Redaction("query parameter code", "response header location"): 1,
        }

    def test_in_a_text_that_is_no_json(self) -> None:
        redactor = Redactor()
        redactor.data(f"it is {KEY}".encode(), "request body")
        assert redactor.take_redactions() == {Redaction("Groq key", "request body"): 1}
