from __future__ import annotations

from typing import Any

import pytest
from cassettes.other_recorders.translated import (
    URI,
    interaction,
    request,
    response,
    unreadable,
    unreadable_request,
    unreadable_response,
)

from groqtape.cassettes.other_recorders.translation import translate


class TestAFile:
    def test_of_vcrpy_is_as_it_was(self) -> None:
        cassette = {"version": 1, "interactions": [interaction(), interaction()], "metadata": {"a": "b"}}
        assert translate([cassette]).cassette == cassette

    def test_is_not_changed_itself(self) -> None:
        cassette = {
            "http_interactions": [interaction({"method": "post", "headers": {"a": [b"b"]}}, {"status": 200})]
        }
        before = repr(cassette)
        translate([cassette])
        assert repr(cassette) == before

    def test_says_where_its_interactions_stand(self) -> None:
        documents = [{"interactions": [interaction()] * 2}, {"http_interactions": [interaction()]}]
        assert [at for at, _ in translate(documents).places] == [
            (0, "interactions", 0, "request"),
            (0, "interactions", 1, "request"),
            (1, "http_interactions", 0, "request"),
        ]
        assert translate(documents).places[1][1] == (0, "interactions", 1, "response")

    def test_may_have_several_documents(self) -> None:
        documents = [{"interactions": [interaction({"uri": f"{URI}/{number}"})]} for number in range(3)]
        cassette = translate([*documents, None]).cassette
        assert [item["request"]["uri"][-1] for item in cassette["interactions"]] == ["0", "1", "2"]

    def test_may_be_empty_of_interactions(self) -> None:
        assert translate([{"version": 1, "interactions": []}]) == ({"version": 1, "interactions": []}, [])

    def test_leaves_what_is_no_interaction_to_the_reader_of_interactions(self) -> None:
        odd = [None, "text", {"request": "GET"}, {"response": [1]}, {}, {"request": {"method": 5}}]
        assert translate([{"interactions": odd}]).cassette["interactions"] == odd

    @pytest.mark.parametrize(
        ("documents", "expected", "came", "at"),
        [
            ([None], "a mapping", None, (0,)),
            ([["a"]], "a mapping", ["a"], (0,)),
            ([{"interactions": []}, "text"], "a mapping", "text", (1,)),
            ([{"version": 2, "interactions": []}], "version 1", 2, (0, "version")),
            ([{"version": 1}], "a list of `interactions`", None, (0, "interactions")),
            ([{"interactions": {"a": 1}}], "a list of `interactions`", {"a": 1}, (0, "interactions")),
            ([{"http_interactions": 5}], "a list of `http_interactions`", 5, (0, "http_interactions")),
            ([{"interactions": [], "ws_interactions": [1]}], "HTTP calls alone", [1], (0, "ws_interactions")),
            (
                [{"interactions": [], "grpc_interactions": [1]}],
                "HTTP calls alone",
                [1],
                (0, "grpc_interactions"),
            ),
        ],
    )
    def test_that_is_no_cassette_is_refused(
        self, documents: list[Any], expected: str, came: Any, at: tuple[Any, ...]
    ) -> None:
        error = unreadable(documents)
        assert expected in error.expected
        assert (error.came, error.at) == (came, at)
        assert str(error) == f"expected {error.expected}"

    def test_with_empty_lists_of_other_protocols_is_a_cassette(self) -> None:
        document: dict[str, Any] = {"interactions": [], "ws_interactions": [], "grpc_interactions": []}
        assert translate([document]).cassette["interactions"] == []


class TestText:
    def test_that_no_utf_8_can_hold_is_refused(self) -> None:
        error = unreadable_request(body='"\ud83d"')
        assert (error.expected, error.came) == ("text that UTF-8 can hold", '"\ud83d"')
        assert error.at == (0, "interactions", 0, "request", "body")
        error = unreadable_response(body={"string": "\udc80"})
        assert error.at == (0, "interactions", 0, "response", "body", "string")


class TestHeaders:
    def test_are_text_where_a_recorder_wrote_bytes(self) -> None:
        headers = {b"Content-Type": [b"text/event-stream"], "a": b"\xe9", "b": ("c", 5), "d": "e"}
        texts = {"Content-Type": ["text/event-stream"], "a": ["é"], "b": ["c", 5], "d": ["e"]}
        assert response({"headers": headers, "body": {"string": ""}})["headers"] == texts
        assert request({"headers": headers})["headers"] == texts

    def test_without_a_value_are_none(self) -> None:
        assert request({"headers": {"a": [], "b": None, "c": [None]}})["headers"] == {}

    @pytest.mark.parametrize("headers", [None, "text", ["a"]])
    def test_that_are_none_are_left_to_the_reader_of_interactions(self, headers: Any) -> None:
        assert request({"headers": headers})["headers"] == headers
        assert response({"headers": headers, "body": {"string": "a"}})["headers"] == headers
