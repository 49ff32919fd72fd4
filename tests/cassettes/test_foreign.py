import base64
import gzip
import json
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groqtape.cassettes import foreign
from groqtape.cassettes.foreign import UnreadableError, translate

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=9), inner, max_size=2),
    max_leaves=5,
)
quickly = settings(deadline=None, max_examples=40)
URI = "https://api.groq.com/openai/v1/chat/completions"
OK = {"code": 200, "message": "OK"}
EVENTS = 'data: {"id":"chatcmpl-1"}\n\ndata: [DONE]\n\n'
LONG = EVENTS.encode() * 50


def interaction(
    request: dict[str, Any] | None = None, response: dict[str, Any] | None = None
) -> dict[str, Any]:
    return {
        "request": {"method": "POST", "uri": URI, "headers": {}, "body": "{}", **(request or {})},
        "response": {"status": OK, "headers": {}, "body": {"string": "{}"}, **(response or {})},
    }


def one(item: Any) -> dict[str, Any]:
    """The one interaction of a file, translated."""
    read: dict[str, Any]
    (read,) = translate([{"version": 1, "interactions": [item]}]).cassette["interactions"]
    return read


def request(written: dict[str, Any]) -> dict[str, Any]:
    item = {**interaction(), "request": {"method": "POST", "uri": URI, "headers": {}, **written}}
    read: dict[str, Any] = one(item)["request"]
    return read


def response(written: dict[str, Any]) -> dict[str, Any]:
    read: dict[str, Any] = one({**interaction(), "response": {"status": OK, "headers": {}, **written}})[
        "response"
    ]
    return read


def unreadable(documents: list[Any]) -> UnreadableError:
    with pytest.raises(UnreadableError) as caught:
        translate(documents)
    return caught.value


def unreadable_response(**written: Any) -> UnreadableError:
    item = {**interaction(), "response": {"status": OK, "headers": {}, **written}}
    return unreadable([{"interactions": [item]}])


def unreadable_request(**written: Any) -> UnreadableError:
    item = {**interaction(), "request": {"method": "POST", "uri": URI, **written}}
    return unreadable([{"interactions": [item]}])


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
        assert translate(documents).places == [
            (0, "interactions", 0),
            (0, "interactions", 1),
            (1, "http_interactions", 0),
        ]

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
        monkeypatch.setattr(foreign, "LARGEST_BODY", 10_000)
        value: list[Any] = ["lol"]
        for _ in range(40):
            value = [value] * 10
        error = unreadable_response(parsed_body=value)
        assert (error.expected, error.came) == ("a body of at most 10000 characters", "more")


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


def zlibs(data: bytes) -> bytes:
    return zlib.compress(data)


def bare(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


class TestCompressedBodies:
    @pytest.mark.parametrize(
        ("coding", "compress"),
        [
            ("gzip", gzip.compress),
            ("x-gzip", gzip.compress),
            ("deflate", zlibs),
            ("deflate", bare),
            (" GZip ", gzip.compress),
        ],
    )
    @pytest.mark.parametrize("name", ["content-encoding", "Content-Encoding"])
    def test_are_text(self, coding: str, compress: Callable[[bytes], bytes], name: str) -> None:
        read = response({"headers": {name: [coding], "a": ["b"]}, "body": {"string": compress(LONG)}})
        assert read["body"] == {"string": LONG}
        assert read["headers"] == {"a": ["b"]}

    @quickly
    @given(st.binary())
    def test_are_what_was_compressed(self, data: bytes) -> None:
        read = response({"headers": {"content-encoding": "gzip"}, "body": {"string": gzip.compress(data)}})
        assert read["body"]["string"] == data

    def test_in_base64_are_text_too(self) -> None:
        body = {"encoding": "ASCII-8BIT", "base64_string": base64.b64encode(gzip.compress(LONG)).decode()}
        read = response({"headers": {"Content-Encoding": ["gzip"]}, "body": body})
        assert (read["headers"], read["body"]) == ({}, {"string": LONG})

    def test_that_were_cut_are_the_text_before_the_cut(self) -> None:
        whole = gzip.compress(LONG)
        read = response({"headers": {"content-encoding": ["gzip"]}, "body": {"string": whole[:-12]}})
        assert read["body"]["string"]
        assert LONG.startswith(read["body"]["string"])

    @pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, br", "identity"])
    @pytest.mark.parametrize("string", ["{}", b"{}", "", b"", "née"])
    def test_that_are_text_already_are_as_they_were(self, coding: str, string: str | bytes) -> None:
        read = response({"headers": {"content-encoding": [coding]}, "body": {"string": string}})
        assert (read["headers"], read["body"]) == ({}, {"string": string})

    @pytest.mark.parametrize("coding", ["gzip", "deflate"])
    def test_that_are_sound_already_are_as_they_were(self, coding: str) -> None:
        sound = b"\xff\xfb\x90\x00" * 9
        read = response({"headers": {"content-encoding": [coding]}, "body": {"string": sound}})
        assert (read["headers"], read["body"]) == ({}, {"string": sound})

    @pytest.mark.parametrize("coding", ["br", "zstd", "gzip, br"])
    def test_that_only_httpx_can_read_are_left_to_it(self, coding: str) -> None:
        headers, body = {"content-encoding": coding.split(", ")}, {"string": b"\x28\xb5\x2f\xfd"}
        read = response({"headers": headers, "body": body})
        assert (read["headers"], read["body"]) == (headers, body)

    def test_that_are_broken_are_refused(self) -> None:
        broken = bytearray(gzip.compress(LONG))
        broken[14] ^= 0xFF
        error = unreadable_response(headers={"content-encoding": ["gzip"]}, body={"string": bytes(broken)})
        assert error.expected == "a body compressed with gzip, as its headers say"
        assert error.at == (0, "interactions", 0, "response", "body", "string")

    def test_that_are_larger_than_a_machine_are_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(foreign, "LARGEST_BODY", 10_000)
        body = {"string": gzip.compress(bytes(10_001))}
        error = unreadable_response(headers={"content-encoding": ["gzip"]}, body=body)
        assert (error.expected, error.came) == ("a body of at most 10000 bytes", "more")
        body = {"string": gzip.compress(bytes(10_000))}
        assert (
            len(response({"headers": {"content-encoding": ["gzip"]}, "body": body})["body"]["string"])
            == 10_000
        )

    @pytest.mark.parametrize("body", [None, "text", {}, {"string": None}, {"string": ["a"]}])
    def test_that_are_no_bodies_are_left_to_the_reader_of_interactions(self, body: Any) -> None:
        headers = {"content-encoding": ["gzip"]}
        read = response({"headers": headers, "body": body})
        assert (read["headers"], read["body"]) == (headers, body)

    def test_of_our_own_files_are_as_they_were(self) -> None:
        written = {
            "stream": {"end": "complete", "events": ""},
            "headers": {"content-type": ["text/event-stream"]},
        }
        assert response(written) == {"status": OK, **written}
