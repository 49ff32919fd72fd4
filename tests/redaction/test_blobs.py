"""Long binary data in requests stands as its length and SHA-256."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groqtape.redaction.blobs import BOUNDARY, without_blobs, without_parts

DATA = bytes(range(256)) * 2
SHA = hashlib.sha256(DATA).hexdigest()
FORM = "multipart/form-data; boundary={}"


def form(boundary: str, *parts: tuple[str, bytes]) -> bytes:
    mark = b"--" + boundary.encode()
    pieces = [mark + b"\r\n" + head.encode() + b"\r\n\r\n" + content + b"\r\n" for head, content in parts]
    return b"".join([*pieces, mark, b"--\r\n"])


FILE = 'Content-Disposition: form-data; name="file"; filename="a.wav"'
FIELD = 'Content-Disposition: form-data; name="model"'


class TestBase64:
    def test_stands_as_the_digest_of_what_it_encodes(self) -> None:
        body = json.dumps({"url": f"data:image/png;base64,{base64.b64encode(DATA).decode()}"}).encode()
        shown = f'{{"url": "data:image/png;base64,<base64: 512 bytes, SHA-256 {SHA}>"}}'
        assert without_blobs(body) == shown.encode()

    def test_in_the_alphabet_of_urls_is_the_same(self) -> None:
        assert without_blobs(base64.urlsafe_b64encode(DATA)) == without_blobs(base64.b64encode(DATA))

    def test_that_can_not_be_decoded_stands_as_the_digest_of_its_text(self) -> None:
        text = base64.b64encode(DATA).rstrip(b"=") + b"AA"  # one more than a multiple of four
        digest = hashlib.sha256(text).hexdigest()
        assert without_blobs(text) == f"<base64, not decodable: 685 bytes, SHA-256 {digest}>".encode()

    @pytest.mark.parametrize("text", [b"-" * 300, b"a" * 300, b"0123456789abcdef" * 30, b"A1b" * 80])
    def test_what_only_looks_like_it_stays(self, text: bytes) -> None:
        assert without_blobs(text) == text

    @given(st.binary(min_size=192, max_size=400), st.text(max_size=20))
    def test_twice_is_once(self, data: bytes, around: str) -> None:
        body = around.encode() + b" " + base64.b64encode(data) + b" " + around.encode()
        once = without_blobs(body)
        assert without_blobs(once) == once

    def test_other_data_has_another_digest(self) -> None:
        assert without_blobs(base64.b64encode(DATA)) != without_blobs(base64.b64encode(DATA[::-1]))


class TestMultipart:
    def test_files_stand_as_digests_under_one_boundary(self) -> None:
        body, content_type = without_parts(form("xyz", (FIELD, b"whisper"), (FILE, DATA)), FORM.format("xyz"))
        digest = f"<file: 512 bytes, SHA-256 {SHA}>".encode()
        assert body == form(BOUNDARY, (FIELD, b"whisper"), (FILE, digest))
        assert content_type.startswith("multipart/form-data")
        assert "groqtape" in content_type

    def test_another_boundary_changes_nothing(self) -> None:
        first = without_parts(form("one", (FILE, DATA)), FORM.format("one"))
        assert first == without_parts(form("two", (FILE, DATA)), FORM.format('"two"'))

    def test_twice_is_once(self) -> None:
        once = without_parts(form("xyz", (FILE, DATA)), FORM.format("xyz"))
        assert without_parts(*once) == once

    def test_a_field_that_is_no_text_is_a_file(self) -> None:
        body, _ = without_parts(form("xyz", (FIELD, b"\xff\xfe")), FORM.format("xyz"))
        assert b"<file: 2 bytes" in body

    def test_a_part_that_breaks_off_stays(self) -> None:
        cut = b"--xyz\r\n" + FILE.encode()
        assert without_parts(cut, FORM.format("xyz"))[0] == cut.replace(b"xyz", BOUNDARY.encode())
        open_end = b"--xyz\r\n" + FILE.encode() + b"\r\n\r\nabc"
        assert without_parts(open_end, FORM.format("xyz"))[0].endswith(
            f"<file: 3 bytes, SHA-256 {hashlib.sha256(b'abc').hexdigest()}>".encode()
        )

    @pytest.mark.parametrize(
        "content_type", ["", "application/json", "multipart/form-data", "text/plain; boundary=x"]
    )
    def test_what_is_no_form_stays(self, content_type: str) -> None:
        assert without_parts(b"--x\r\n", content_type) == (b"--x\r\n", content_type)
