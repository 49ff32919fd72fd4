from __future__ import annotations

import base64
import gzip
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from cassettes.other_recorders.translated import (
    LONG,
    OK,
    quickly,
    response,
    unreadable_response,
)
from hypothesis import given
from hypothesis import strategies as st

from groqtape.cassettes.other_recorders import bodies

if TYPE_CHECKING:
    from collections.abc import Callable


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
        monkeypatch.setattr(bodies, "LARGEST_BODY", 10_000)
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
