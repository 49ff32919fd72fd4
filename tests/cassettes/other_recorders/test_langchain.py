from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from cassettes.other_recorders.translated import EVENTS, interaction, unreadable

import groqtape
from groqtape.cassettes.other_recorders.translation import translate

if TYPE_CHECKING:
    from pathlib import Path


def document(*interactions: dict[str, Any]) -> dict[str, Any]:
    return {
        "requests": [each["request"] for each in interactions],
        "responses": [each["response"] for each in interactions],
    }


def test_two_lists_are_interactions() -> None:
    several = [interaction({"body": f"{number}"}, {"body": {"string": f"{number}"}}) for number in range(3)]
    cassette, places = translate([document(*several)])
    assert cassette == {"version": 1, "interactions": several}
    assert places[2] == ((0, "requests", 2), (0, "responses", 2))


def test_lists_of_different_lengths_are_refused() -> None:
    error = unreadable([{"requests": [{}, {}], "responses": [{}]}])
    assert (error.expected, error.came) == ("as many `responses` as `requests` (2)", 1)
    assert error.at == (0, "responses")


@pytest.mark.parametrize("content_type", ["text/event-stream", "**REDACTED**"])
def test_a_file_is_loaded(tmp_path: Path, content_type: str) -> None:
    """As its serializer writes it."""
    event = 'data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"Hi"}}]}'
    response = {
        "headers": {"content-type": [content_type]},
        "body": {"string": f"{event}\n\n{EVENTS}".encode()},
    }
    path = tmp_path / "test_stream.yaml.gz"
    path.write_bytes(gzip.compress(yaml.safe_dump(document(interaction(None, response))).encode()))
    (stream,) = groqtape.load(path)
    assert stream.content == "Hi"


def test_what_is_wrong_is_named_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "test_stream.yaml"
    path.write_text("requests:\n- method: POST\n  uri: http://a/\n  body: ''\nresponses:\n- status: none\n")
    with pytest.raises(groqtape.CassetteError, match="expected a response's `status`") as caught:
        groqtape.load(path)
    assert caught.value.line == 6
