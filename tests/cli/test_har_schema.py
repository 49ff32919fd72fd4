"""What `groqtape export --format har` writes: what HAR 1.2 requires, a library reads, and Chromium needs.

test_network_panel.py shows it to Chromium's network panel, where there is a Chromium.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from cli.cassettes import KINDS, events, stream, write
from haralyzer import HarEntry, HarParser

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Ran


def fields(**types: Any) -> dict[str, Any]:
    """An object with these fields, all of them required, and others."""
    return {"type": "object", "required": list(types), "properties": types}


TEXT, NUMBER, COUNT = {"type": "string"}, {"type": "number"}, {"type": "integer"}
WHEN = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"
TIME = {"type": "string", "format": "date-time", "pattern": WHEN}
DURATION = {"type": "number", "minimum": 0}
PAIRS = {"type": "array", "items": fields(name=TEXT, value=TEXT)}
SIZES = {"headersSize": COUNT, "bodySize": COUNT}
LISTS = {"cookies": PAIRS, "headers": PAIRS}
REQUEST = fields(method=TEXT, url=TEXT, httpVersion=TEXT, queryString=PAIRS, **LISTS, **SIZES)
REQUEST["properties"]["postData"] = fields(mimeType=TEXT, params=PAIRS, text=TEXT)
CONTENT = fields(size=COUNT, mimeType=TEXT)
CONTENT["properties"] |= {"text": TEXT, "encoding": {"const": "base64"}}
RESPONSE = fields(
    status=COUNT,
    statusText=TEXT,
    httpVersion=TEXT,
    cookies=PAIRS,
    headers=PAIRS,
    content=CONTENT,
    redirectURL=TEXT,
    headersSize=COUNT,
    bodySize=COUNT,
    _transferSize=COUNT,
)
# Without `blocked`, the panel shows the wait as a stall, and an answer that took no time as pending.
SOME = {"type": "number", "exclusiveMinimum": 0}
TIMINGS = fields(blocked=SOME, send=DURATION, wait=DURATION, receive=DURATION)
MESSAGES = {"type": "array", "items": fields(time=NUMBER, eventName=TEXT, eventId=TEXT, data=TEXT)}
ENTRY = fields(
    startedDateTime=TIME,
    time=SOME,
    connection={"type": "string", "pattern": r"^\d+$"},
    _resourceType={"const": "fetch"},
    request=REQUEST,
    response=RESPONSE,
    cache={"type": "object"},
    timings=TIMINGS,
)
ENTRY["properties"]["_eventSourceMessages"] = MESSAGES
CREATOR = fields(name=TEXT, version=TEXT)
HAR = fields(log=fields(version={"const": "1.2"}, creator=CREATOR, entries={"type": "array", "items": ENTRY}))


# A library that haralyzer uses calls it.
@pytest.mark.filterwarnings("ignore:'asyncio.iscoroutinefunction' is deprecated:DeprecationWarning")
@pytest.mark.parametrize("kind", KINDS)
def test_an_archive_of_each_kind_fits(run: Callable[..., Ran], project: Path, kind: str) -> None:
    ran = run("export", f"cassettes/{kind.replace(' ', '_')}.yaml", "--format", "har")
    archive = json.loads(ran.out)
    jsonschema.Draft202012Validator(HAR).validate(archive)
    assert len(archive["log"]["entries"]) == sum(
        not each["response"].get("stream", {}).get("unanswered") for each in KINDS[kind]
    )
    for entry, read in zip(archive["log"]["entries"], HarParser(archive).har_data["entries"], strict=True):
        of_library = HarEntry(read)
        assert of_library.startTime is not None
        assert of_library.status == entry["response"]["status"]
        assert of_library.url == entry["request"]["url"]
        assert of_library.request.text == entry["request"].get("postData", {}).get("text")
        assert of_library.response.text == entry["response"]["content"]["text"]
        assert of_library.request.headers == entry["request"]["headers"]
        known = [entry["timings"][name] for name in ("blocked", "send", "wait", "receive")]
        assert sum(known) == pytest.approx(entry["time"])


def test_an_archive_of_times_before_the_request_fits(run: Callable[..., Ran], tmp_path: Path) -> None:
    parts = events()
    write(tmp_path / "a.yaml", stream(parts, times=[-20.0] * len(parts)))
    archive = json.loads(run("export", "a.yaml", "--format", "har").out)
    jsonschema.Draft202012Validator(HAR).validate(archive)
