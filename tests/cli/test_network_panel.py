"""What `groqtape export --format har` writes, imported by the code of Chromium's own network panel."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from cli.cassettes import CHAT, COMPLETION, KINDS, events, plain, stream, write
from cli.chromium import Page, needs_chromium, opened_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cli.conftest import Ran

pytestmark = needs_chromium

PANEL = "devtools://devtools/bundled/devtools_app.html"
IMPORTER = "import('./models/har/har.js').then(har => { window.har = har }, () => {})"
IMPORT = """(async text => {
  const requests = har.Importer.Importer.requestsFromHARLog(new har.HARFormat.HARRoot(JSON.parse(text)).log);
  return Promise.all(requests.map(async each => {
    const content = await each.requestContentData();
    return {
      url: each.url(),
      method: each.requestMethod,
      status: [each.statusCode, each.statusText],
      type: each.resourceType().name(),
      mime: each.mimeType,
      start: each.startTime,
      milliseconds: [1000 * each.latency, 1000 * each.duration],
      wait: each.timing.receiveHeadersEnd - each.timing.sendEnd,
      sent: each.timing.sendStart,
      size: [each.resourceSize, each.transferSize],
      address: each.remoteAddress(),
      body: await each.requestFormData(),
      form: await each.formParameters(),
      events: each.eventSourceMessages().map(event => [event.eventName, event.data, event.time]),
      content: content.isTextContent ? content.text : content.base64,
    };
  }));
})"""


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with opened_page(PANEL, tmp_path_factory.mktemp("profile")) as page:
        page.until("document.readyState == 'complete'")
        page.run(IMPORTER)
        if not page.run("'har' in window"):
            pytest.skip("this Chromium has its importer elsewhere")
        yield page


@pytest.fixture
def imported(
    run: Callable[..., Ran], tmp_path: Path, panel: Page
) -> Callable[..., tuple[list[Any], list[Any]]]:
    """Exports a cassette; its entries, and the requests that the panel makes of them."""

    def import_(*interactions: Any) -> tuple[list[Any], list[Any]]:
        write(tmp_path / "exported.yaml", *interactions)
        archive = run("export", "exported.yaml", "--format", "har").out
        return json.loads(archive)["log"]["entries"], panel.run(f"{IMPORT}({json.dumps(archive)})")

    return import_


def test_every_kind_of_call_is_a_request_of_the_panel(imported: Callable[..., Any]) -> None:
    entries, requests = imported(*(each for kind in KINDS.values() for each in kind))
    by_start = sorted(entries, key=lambda entry: entry["startedDateTime"])
    assert len(requests) == len(by_start) >= len(KINDS)
    for entry, request in zip(by_start, requests, strict=True):
        response = entry["response"]
        assert request["url"] == entry["request"]["url"]
        assert request["method"] == entry["request"]["method"]
        assert request["status"] == [response["status"], response["statusText"]]
        assert request["type"] == "fetch"
        assert request["mime"] == response["content"]["mimeType"]
        assert request["milliseconds"][1] == pytest.approx(entry["time"], abs=0.001)
        assert request["milliseconds"][1] > 0  # else the panel calls it pending
        assert request["sent"] > 0  # else the panel calls the wait a stall
        assert request["size"] == [response["content"]["size"]] * 2
        assert request["body"] == entry["request"].get("postData", {}).get("text")
        assert request["address"] == ":443"
        assert request["content"] == response["content"].get("text")


def test_a_stream_has_its_events_at_their_times(imported: Callable[..., Any]) -> None:
    parts = events()
    answer = stream(parts)
    answer["response"]["headers"]["content-type"] = ["text/event-stream; charset=utf-8"]
    _, [request] = imported(answer)
    assert request["mime"] == "text/event-stream"  # else the panel has no list of events
    assert request["wait"] == pytest.approx(100)
    shown = [(name, data, round(1000 * (at - request["start"]))) for name, data, at in request["events"]]
    assert shown == [("message", part.decode()[6:-2], 100 + 10 * number) for number, part in enumerate(parts)]


def test_a_form_has_its_fields(imported: Callable[..., Any]) -> None:
    _, [request] = imported(*KINDS["transcription"])
    fields = [{"name": "model", "value": "whisper-large-v3"}, {"name": "file", "value": "(binary)"}]
    assert request["form"] == fields


def test_a_sound_has_its_bytes(imported: Callable[..., Any]) -> None:
    _, [request] = imported(*KINDS["speech"])
    assert base64.b64decode(request["content"]) == b"RIFF\x00\xff" * 100


def test_calls_whose_time_is_not_known_follow_the_others(imported: Callable[..., Any]) -> None:
    _, requests = imported(*KINDS["models"], stream(), plain(COMPLETION), *KINDS["rate limit"])
    starts = [request["start"] - requests[0]["start"] for request in requests]
    assert starts == pytest.approx([0, 0, 0.22, 0.22], abs=0.001)
    assert [request["url"] for request in requests[1:]] == [CHAT] * 3
