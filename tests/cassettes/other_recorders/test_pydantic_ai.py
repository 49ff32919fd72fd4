from __future__ import annotations

import json
from typing import Any

import pytest
from cassettes.other_recorders.translated import (
    EVENTS,
    JSON,
    quickly,
    request,
    response,
    unreadable_request,
    unreadable_response,
)
from hypothesis import given

from groqtape.cassettes.other_recorders import bodies


class TestPydanticAi:
    @quickly
    @given(JSON)
    def test_bodies_are_json_again(self, data: Any) -> None:
        assert json.loads(request({"parsed_body": data})["body"]) == data
        assert json.loads(response({"parsed_body": data})["body"]["string"]) == data

    def test_a_stream_has_its_body(self) -> None:
        assert response({"body": {"string": EVENTS}})["body"] == {"string": EVENTS}

    def test_a_request_may_have_no_body_at_all(self) -> None:
        assert "body" not in request({})

    def test_text_stays_readable(self) -> None:
        assert request({"parsed_body": {"a": "é“😀”"}})["body"] == '{"a": "é“😀”"}'

    def test_halves_of_characters_stay_escaped(self) -> None:
        assert request({"parsed_body": ["\ud83d"]})["body"] == '["\\ud83d"]'

    def test_a_body_that_was_parsed_is_not_compressed(self) -> None:
        read = response({"parsed_body": {}, "headers": {"content-encoding": ["br"], "content-type": ["a/b"]}})
        assert read["headers"] == {"content-type": ["a/b"]}

    @pytest.mark.parametrize(
        "value", [{"a": b"bytes"}, {"a": {1, 2}}, {(1, 2): 3}], ids=["bytes", "a set", "a tuple as key"]
    )
    def test_what_is_no_json_is_refused(self, value: Any) -> None:
        error = unreadable_response(parsed_body=value)
        assert error.expected.startswith("a body that JSON can hold (")
        assert error.came is value
        assert error.at == (0, "interactions", 0, "response", "parsed_body")
        assert unreadable_request(parsed_body=value).at == (0, "interactions", 0, "request", "parsed_body")

    def test_what_holds_itself_is_refused(self) -> None:
        value: list[Any] = []
        value.append(value)
        assert "Circular" in unreadable_response(parsed_body=value).expected

    def test_what_aliases_blow_up_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bodies, "LARGEST_BODY", 10_000)
        value: list[Any] = ["lol"]
        for _ in range(40):
            value = [value] * 10
        error = unreadable_response(parsed_body=value)
        assert (error.expected, error.came) == ("a body of at most 10000 characters", "more")
