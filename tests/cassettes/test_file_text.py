"""The bytes of a cassette file as text, and what a file that is no text is called."""

from __future__ import annotations

import gzip
import shlex
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from vcr.request import Request

import groqtape
from groqtape.cassettes import file_text
from groqtape.cassettes.store import Store
from groqtape.errors import CassetteError
from groqtape.redaction.redactor import Redactor

if TYPE_CHECKING:
    from pathlib import Path

POINTER = """\
version https://git-lfs.github.com/spec/v1
oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
size 12345
"""
CASSETTE: dict[str, Any] = {
    "requests": [Request("POST", "https://api.groq.com/openai/v1/x", b"{}", {})],
    "responses": [{"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": b"Hi"}}],
}


def refused(path: Path) -> CassetteError:
    with pytest.raises(CassetteError) as caught:
        groqtape.load(path)
    assert caught.value.path == path
    return caught.value


def test_a_git_lfs_pointer_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a book.yaml"
    path.write_text(POINTER)
    error = refused(path)
    assert (error.problem, error.line) == ("expected a cassette, but this is a Git LFS pointer to one", 1)
    assert error.remedy == "Get the file itself: git lfs pull --include 'a book.yaml'"


def test_a_file_compressed_by_accident_is_called_one_and_the_command_mends_it(tmp_path: Path) -> None:
    path = tmp_path / "a book.yaml"
    Store(Redactor()).save_cassette(path, CASSETTE)
    text = path.read_bytes()
    path.write_bytes(gzip.compress(text))
    error = refused(path)
    assert error.problem == "expected text in UTF-8, but the file is compressed with gzip"
    command = error.remedy.removeprefix("Decompress it: ")
    assert shlex.split(command)[1] == str(path)
    subprocess.run(command, shell=True, check=True)
    assert path.read_bytes() == text


@pytest.mark.parametrize("name", ["book.yaml.gz", "book.json.gz", "book.gz"])
def test_a_file_that_is_named_so_is_compressed(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    Store(Redactor()).save_cassette(path, CASSETTE)
    first = path.read_bytes()
    assert gzip.decompress(first).startswith(b"version: 1\ninteractions:\n")
    requests, responses = Store.load_cassette(path)
    assert requests[0].method == "POST"
    assert responses[0]["body"] == {"string": "Hi"}
    Store(Redactor()).save_cassette(path, CASSETTE)
    assert path.read_bytes() == first, "no time of writing is in it"


def test_a_file_that_is_only_named_so_is_read_as_text(tmp_path: Path) -> None:
    path = tmp_path / "book.yaml.gz"
    path.write_text("version: 1\ninteractions: []\n")
    assert groqtape.load(path) == []


@pytest.mark.parametrize(
    ("data", "problem"), [(b"\x1f\x8b nonsense", "as its name says: "), (None, "it breaks off")]
)
def test_a_broken_one_is_refused(tmp_path: Path, data: bytes | None, problem: str) -> None:
    path = tmp_path / "book.yaml.gz"
    path.write_bytes(data or gzip.compress(b"version: 1\ninteractions: []\n")[:-9])
    assert problem in refused(path).problem


def test_a_file_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_text, "LARGEST_CASSETTE", 2**20)
    text = "version: 1\ninteractions: []\n" + "#" * 2**20
    path, compressed = tmp_path / "book.yaml", tmp_path / "book.yaml.gz"
    path.write_text(text)
    compressed.write_bytes(gzip.compress(text.encode()))
    for each in (path, compressed):
        error = refused(each)
        assert error.problem == "expected a cassette of at most 1 MiB, got 2 MiB"
        assert error.remedy.startswith("Divide it: ")


def test_a_cassette_that_would_be_too_large_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "book.yaml"
    Store(Redactor()).save_cassette(path, CASSETTE)
    before = path.read_bytes()
    monkeypatch.setattr(file_text, "LARGEST_CASSETTE", 10)
    with pytest.raises(CassetteError, match="at most 0 MiB, got 1 MiB") as caught:
        Store(Redactor()).save_cassette(path, CASSETTE)
    assert caught.value.path == path
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["book.yaml"]
