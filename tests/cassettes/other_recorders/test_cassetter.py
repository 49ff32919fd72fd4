from __future__ import annotations

import json
from typing import Any

import pytest
from cassettes.other_recorders.translated import (
    JSON,
    quickly,
    request,
    response,
    unreadable_request,
    unreadable_response,
)
from hypothesis import given
from hypothesis import strategies as st


class TestCassetter:
    @quickly
    @given(JSON)
    def test_json_is_json_again(self, data: Any) -> None:
        body = {"type": "json", "content": data}
        assert json.loads(request({"body": body})["body"]) == data
        assert json.loads(response({"status": 200, "body": body})["body"]["string"]) == data

    @quickly
    @given(st.text())
    def test_text_is_text(self, text: str) -> None:
        body = {"type": "text", "content": text}
        assert request({"body": body})["body"] == text
        assert response({"body": body})["body"] == {"string": text}
        assert response({"body_type": "text", "body_content": text})["body"] == {"string": text}

    @quickly
    @given(st.binary())
    def test_hexadecimal_digits_are_bytes(self, data: bytes) -> None:
        assert request({"body": {"type": "binary", "content": data.hex()}})["body"] == data
        assert request({"body_type": "binary", "body_content": data.hex()})["body"] == data

    @pytest.mark.parametrize("kind", ["json", "text", "binary", "none"])
    def test_without_content_there_is_no_body(self, kind: str) -> None:
        assert request({"body": {"type": kind}})["body"] is None
        assert request({"body_type": kind})["body"] is None
        assert response({"body": {"type": kind}})["body"] == {"string": ""}

    def test_in_toml_json_is_text(self) -> None:
        read = request({"body_type": "json", "body_content": '{"a":1.0}'})
        assert read["body"] == '{"a":1.0}'
        assert response({"body_type": ""})["body"] == {"string": ""}

    def test_a_status_is_a_number(self) -> None:
        read = response({"status": 429, "body": {"type": "none"}})
        assert read["status"] == {"code": 429, "message": None}

    def test_a_body_with_other_keys_is_a_body_of_another_recorder(self) -> None:
        for body in (
            {"type": "text", "content": "a", "id": 1},
            {"type": "image", "content": "a"},
            {"content": "a"},
        ):
            assert json.loads(request({"body": body})["body"]) == body

    @pytest.mark.parametrize("content", [5, ["a"], {"a": 1}])
    @pytest.mark.parametrize("kind", ["text", "binary"])
    def test_other_content_is_refused(self, kind: str, content: Any) -> None:
        error = unreadable_response(body={"type": kind, "content": content})
        assert (error.expected, error.came) == ("the content of a body as text", content)
        assert error.at == (0, "interactions", 0, "response", "body", "content")
        assert unreadable_request(body_type=kind, body_content=content).at[-1] == "body_content"

    @pytest.mark.parametrize("content", ["abc", "zz", "0é"])
    def test_other_digits_are_refused(self, content: str) -> None:
        error = unreadable_response(body={"type": "binary", "content": content})
        assert (error.expected, error.came) == ("the content of a binary body as hexadecimal digits", content)

    def test_other_types_in_toml_are_refused(self) -> None:
        error = unreadable_request(body_type="xml", body_content="<a/>")
        assert (error.expected, error.came) == ("a `body_type` (json, text, binary, none)", "xml")
        assert error.at == (0, "interactions", 0, "request", "body_type")
