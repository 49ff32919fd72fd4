from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from cassettes.other_recorders.translated import (
    EVENTS,
    JSON,
    interaction,
    one,
    quickly,
    request,
    response,
    unreadable_request,
    unreadable_response,
)
from hypothesis import given
from hypothesis import strategies as st


class TestOlderVcrpy:
    def test_responses_of_httpx_have_the_form_of_all_others(self) -> None:
        written = {"status_code": 200, "http_version": "HTTP/1.1", "headers": {"a": "b"}, "content": EVENTS}
        item = {"request": interaction()["request"], "response": written}
        assert one(item)["response"] == {
            "status": {"code": 200, "message": None},
            "headers": {"a": ["b"]},
            "body": {"string": EVENTS},
        }

    def test_their_text_is_not_compressed_whatever_the_headers_say(self) -> None:
        read = response({"status_code": 200, "headers": {"Content-Encoding": "gzip"}, "content": "{}"})
        assert (read["headers"], read["body"]) == ({}, {"string": "{}"})

    def test_they_may_be_empty(self) -> None:
        assert response({"status_code": 204, "content": None})["body"] == {"string": ""}

    def test_other_content_is_refused(self) -> None:
        error = unreadable_response(status_code=200, content=["a"])
        assert (error.expected, error.came) == ("a response's `content` as text", ["a"])
        assert error.at == (0, "interactions", 0, "response", "content")


class TestVcrpysRequests:
    @quickly
    @given(st.lists(JSON, max_size=2) | st.dictionaries(st.text(max_size=9), JSON, max_size=2))
    def test_mappings_are_json(self, data: Any) -> None:
        if isinstance(data, dict) and data.keys() & {"type", "encoding", "base64_string"}:
            return
        assert json.loads(request({"body": data})["body"]) == data

    def test_files_are_bytes(self) -> None:
        assert request({"body": BytesIO(b"a\xff")})["body"] == b"a\xff"

    def test_iterators_are_bytes(self) -> None:
        assert request({"body": iter([b"a\xff", "é"])})["body"] == b"a\xff\xc3\xa9"

    def test_iterators_of_anything_else_are_refused(self) -> None:
        error = unreadable_request(body=iter(["a", 5]))
        assert error.expected == "a request's `body` in pieces of text"

    @pytest.mark.parametrize("body", ["{}", b"\xff", None])
    def test_all_else_is_as_it_was(self, body: Any) -> None:
        assert request({"body": body})["body"] == body
