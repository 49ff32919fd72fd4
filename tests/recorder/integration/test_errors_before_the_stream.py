"""An error that reached the application replays as the same exception, at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import groq
import pytest
from loopback_groq import error, rate_limited, raw, stream
from recorder.integration.calling import untouched

import groqtape

if TYPE_CHECKING:
    from pathlib import Path

    from loopback_groq import LoopbackGroq
    from recorder.integration.calling import Sdk

WAYS = ("sync", "asyncio")
ERRORS = [
    (400, groq.BadRequestError, {"code": "json_validate_failed", "failed_generation": '{"a":'}),
    (401, groq.AuthenticationError, {"code": "invalid_api_key"}),
    (404, groq.NotFoundError, {"code": "model_not_found"}),
    (413, groq.APIStatusError, {"kind": "tokens", "code": "rate_limit_exceeded"}),
    (429, groq.RateLimitError, {"kind": "tokens", "headers": {"retry-after": "60"}}),
    (503, groq.InternalServerError, {"kind": "internal_server_error"}),
]


def facts(error: BaseException | None) -> tuple[Any, ...]:
    assert isinstance(error, groq.APIStatusError)
    return type(error), str(error), error.message, error.status_code, error.body, error.response.text


@pytest.mark.parametrize("streams", [True, False], ids=["stream", "plain"])
@pytest.mark.parametrize(("status", "kind", "saying"), ERRORS, ids=[str(status) for status, *_ in ERRORS])
def test_the_same_exception(
    sdk: Sdk,
    server: LoopbackGroq,
    cassette_path: Path,
    status: int,
    kind: type[groq.APIStatusError],
    saying: dict[str, Any],
    streams: bool,
) -> None:
    server.default = error(status, f"This is a {status} — é", **saying)

    def call(max_retries: int) -> tuple[Any, ...]:
        with pytest.raises(kind) as caught:
            sdk.create(stream=streams, options={"max_retries": max_retries})
        assert type(caught.value) is kind
        return facts(caught.value)

    without = call(0)
    assert f"This is a {status} — é" in without[1]
    with groqtape.use_cassette(cassette_path, "once"):
        assert call(0) == without
    # A client that would try again finds out at once that trying again is of no use.
    with untouched(server), groqtape.use_cassette(cassette_path) as cassette:
        assert call(2) == without
    assert len(cassette.requests) == 1


def test_an_error_whose_body_is_no_json(sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
    server.default = raw(b"<h1>Bad Gateway</h1>", content_type="text/html", status=502)
    without = facts(sdk.stream(options={"max_retries": 0}).error)
    with groqtape.use_cassette(cassette_path, "once"):
        assert facts(sdk.stream(options={"max_retries": 0}).error) == without
    with untouched(server), groqtape.use_cassette(cassette_path):
        assert facts(sdk.stream().error) == without
    assert groqtape.load(cassette_path) == []


def test_a_rate_limit_without_the_organization(sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
    server.reply(rate_limited(42))
    with groqtape.use_cassette(cassette_path, "once"):
        live = sdk.stream(options={"max_retries": 0}).error
    with groqtape.use_cassette(cassette_path):
        replayed = sdk.stream().error
    assert isinstance(live, groq.RateLimitError)
    assert isinstance(replayed, groq.RateLimitError)
    assert re.sub(r"org_\w{26}", "REDACTED", str(live)) == str(replayed) != str(live)
    assert replayed.response.headers["retry-after"] == "42"


def test_an_error_and_then_a_stream(sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
    """An application that tries again by itself gets the same two answers."""
    server.reply(error(429, "Slower, please"), stream("Here you are"))

    def call_twice() -> tuple[Any, Any]:
        first, second = (sdk.stream(options={"max_retries": 0}) for _ in range(2))
        return first.raised, second

    with groqtape.use_cassette(cassette_path, "once"):
        recorded = call_twice()
    with groqtape.use_cassette(cassette_path):
        replayed = call_twice()
    assert replayed == recorded
    assert recorded[1].text == "Here you are"
