"""An error while groqtape handles a call is not taken for the network's: it fails the test with its text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import groq
import pytest
from loopback_groq import LoopbackGroq, completion, stream

import groqtape
from groqtape.recorder import answers, playback
from groqtape.recorder.hosts import GroqHosts
from groqtape.recorder.vcr_cassette import IndexedVcrCassette
from groqtape.redaction.redactor import Redactor

if TYPE_CHECKING:
    from pathlib import Path

    from recorder.integration.calling import Sdk


def broken(*_: Any, **__: Any) -> Any:
    raise LookupError("something of groqtape's is broken")


PLACES = [
    (Redactor, "call"),
    (IndexedVcrCassette, "play_response"),
    (answers, "Playback"),
    (playback, "untimed_events_of"),
    (playback.Playback, "_headers"),
]


@pytest.mark.parametrize(("owner", "name"), PLACES, ids=lambda value: getattr(value, "__name__", value))
@pytest.mark.parametrize("streams", [True, False])
def test_an_error_anywhere(
    sdk: Sdk,
    server: LoopbackGroq,
    cassette_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    owner: Any,
    name: str,
    *,
    streams: bool,
) -> None:
    """With retries, in a plain call and in a stream."""

    def call() -> Any:
        if not streams:
            return sdk.create(options={"max_retries": 2})
        received = sdk.stream(options={"max_retries": 2})
        if received.error:
            raise received.error
        return received

    server.reply(stream("Hello") if streams else completion("Hello"))
    with groqtape.use_cassette(cassette_path, "once"):
        call()
    monkeypatch.setattr(owner, name, broken)
    with pytest.raises(groqtape.RefusedError) as caught, groqtape.use_cassette(cassette_path):
        call()
    text = str(caught.value)
    assert text.startswith("LookupError: something of groqtape's is broken\n")
    assert "  POST /openai/v1/chat/completions\n" in text
    assert f"{__file__}:" in text
    assert "match_on=" in text


@pytest.mark.parametrize("kind", [ValueError, KeyError, OSError, RuntimeError, groq.APIConnectionError])
def test_a_matcher_that_raises_fails_the_test_although_the_error_is_caught(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path, kind: type[Exception]
) -> None:
    def matcher(now: Any, recorded: Any) -> bool:
        raise kind.__new__(kind)

    server.reply(stream("Hello"))
    with groqtape.use_cassette(cassette_path, "once"):
        sdk.stream()
    with (
        pytest.raises(groqtape.RefusedError, match=f"^{kind.__name__}: "),
        groqtape.use_cassette(cassette_path, match_on=[matcher]),
    ):
        assert isinstance(sdk.stream().error, groqtape.RefusedError)


def test_hosts_that_can_not_be_compared(
    blocking: Sdk, cassette_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether a call is Groq's is decided before; an error there is raised as it is."""
    monkeypatch.setattr(GroqHosts, "cover", broken)
    with groqtape.use_cassette(cassette_path):
        error = blocking.stream(options={"max_retries": 0}).error
    assert isinstance(error.__cause__ if error else None, LookupError)
