"""Files that vcrpy wrote itself, with options that change what it writes; and vcrpy with our serializer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import vcr
import yaml
from cassettes.other_recorders.answers import ask, record
from cassettes.other_recorders.recorders import FILES, written
from installed_versions import older_than
from recorder.integration.calling import untouched

import groqtape
from groqtape import serializer

if TYPE_CHECKING:
    from pathlib import Path

    from cassettes.other_recorders.answers import Recording
    from loopback_groq import LoopbackGroq
    from recorder.integration.calling import Sdk


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"decode_compressed_response": True},
        {"decode_compressed_response": True, "serializer": "json"},
        {"filter_headers": ["authorization"], "filter_query_parameters": ["key"]},
    ],
    ids=["as it is", "decompressed", "JSON", "filtered"],
)
def test_what_vcrpy_records_replays(
    options: dict[str, Any], cassette_path: Path, blocking: Sdk, server: LoopbackGroq
) -> None:
    answers = record(cassette_path, **options)
    data = cassette_path.read_bytes()
    assert [item.content for item in groqtape.load(cassette_path)] == [answers.stream.text]
    with untouched(server), groqtape.use_cassette(cassette_path, "new_episodes"):
        assert ask(blocking) == answers
    assert cassette_path.read_bytes() == data


def test_vcrpy_writes_bytes_and_quoted_text(cassette_path: Path) -> None:
    record(cassette_path)
    text = cassette_path.read_text("utf-8")
    assert "!!binary |\n        H4sI" in text
    assert 'string: "data: {' in text


@pytest.mark.parametrize("recorder", FILES)
def test_vcrpy_reads_them_with_our_serializer(
    recorder: str, cassette_path: Path, recording: Recording, blocking: Sdk, server: LoopbackGroq
) -> None:
    cassette_path.parent.mkdir()
    cassette_path.write_text(written(recorder, recording.interactions), "utf-8")
    recorder_of_theirs = vcr.VCR(match_on=["method", "path", "body"], record_mode="none")
    recorder_of_theirs.register_serializer("groqtape", serializer)
    statuses = [
        each["response"]["status"]
        for each in serializer.deserialize(cassette_path.read_text("utf-8"))["interactions"]
    ]
    if any(status["message"] is None for status in statuses) and older_than("vcrpy", 8, 5):
        pytest.skip("before 8.5, vcrpy replays no response without a reason phrase")
    with untouched(server), recorder_of_theirs.use_cassette(str(cassette_path), serializer="groqtape"):
        assert ask(blocking) == recording.answers


def test_aliases_of_equal_parts_are_followed(
    cassette_path: Path, recording: Recording, blocking: Sdk, server: LoopbackGroq
) -> None:
    headers = recording.interactions[0]["request"]["headers"]
    shared = [{**item, "request": {**item["request"], "headers": headers}} for item in recording.interactions]
    text = yaml.dump({"version": 1, "interactions": shared})
    assert "headers: *id001" in text
    cassette_path.parent.mkdir()
    cassette_path.write_text(text, "utf-8")
    with untouched(server), groqtape.use_cassette(cassette_path):
        assert ask(blocking) == recording.answers
