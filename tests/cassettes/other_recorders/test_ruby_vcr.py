from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cassettes.other_recorders.translated import (
    OK,
    interaction,
    quickly,
    request,
    response,
    unreadable_response,
)
from hypothesis import given
from hypothesis import strategies as st

from groqtape.cassettes.other_recorders.translation import translate


class TestRubyVcr:
    def test_interactions_have_a_name_of_their_own(self) -> None:
        document = {"http_interactions": [interaction({"method": "post"})], "recorded_with": "VCR 6.2.0"}
        (item,) = translate([document]).cassette["interactions"]
        assert item["request"]["method"] == "POST"

    @quickly
    @given(st.text())
    def test_text_is_text(self, text: str) -> None:
        body = {"encoding": "UTF-8", "string": text}
        assert request({"body": body})["body"] == text
        assert response({"body": body})["body"] == {"string": text}

    @quickly
    @given(st.binary())
    def test_exact_bytes_are_bytes(self, data: bytes) -> None:
        body = {"encoding": "ASCII-8BIT", "base64_string": base64.encodebytes(data).decode()}
        assert request({"body": body})["body"] == data
        assert response({"body": body})["body"] == {"string": data or ""}

    def test_bytes_are_bytes(self) -> None:
        body = {"encoding": "ASCII-8BIT", "string": b"\xff\x00"}
        assert response({"body": body})["body"] == {"string": b"\xff\x00"}

    @pytest.mark.parametrize(
        ("encoding", "sent"),
        [
            ("UTF-8", "é"),
            ("utf8", "é"),
            ("ASCII-8BIT", "é"),
            ("US-ASCII", "é"),
            ("ISO-8859-1", b"\xe9"),
            ("UTF-16LE", b"\xe9\x00"),
            ("Klingon", "é"),
            ("hex", "é"),
            (None, "é"),
        ],
    )
    def test_text_is_as_it_was_sent(self, encoding: str | None, sent: str | bytes) -> None:
        assert response({"body": {"encoding": encoding, "string": "é"}})["body"] == {"string": sent}

    def test_a_body_may_be_empty(self) -> None:
        assert response({"body": {"encoding": "UTF-8", "string": None}})["body"] == {"string": ""}
        assert request({"body": {"encoding": "UTF-8"}})["body"] is None

    def test_only_what_a_response_is_stays(self) -> None:
        read = response(
            {"body": {"encoding": "UTF-8", "string": "a"}, "http_version": None, "adapter_metadata": {}}
        )
        assert read == {"status": OK, "headers": {}, "body": {"string": "a"}}

    def test_other_bodies_that_have_an_encoding_are_json(self) -> None:
        body = {"encoding": "float", "input": "a"}
        assert json.loads(request({"body": body})["body"]) == body

    def test_other_strings_are_refused(self) -> None:
        error = unreadable_response(body={"encoding": "UTF-8", "string": {"a": 1}})
        assert (error.expected, error.came) == ("a body's `string` as text", {"a": 1})
        assert error.at == (0, "interactions", 0, "response", "body", "string")

    @pytest.mark.parametrize("text", ["abc", "é", 5])
    def test_other_base64_is_refused(self, text: Any) -> None:
        error = unreadable_response(body={"encoding": "UTF-8", "base64_string": text})
        assert (error.expected, error.came) == ("a `base64_string` in Base64", text)
        assert error.at == (0, "interactions", 0, "response", "body", "base64_string")
