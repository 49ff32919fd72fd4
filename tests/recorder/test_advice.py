"""What a miss advises, and where it advises nothing."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Any

import pytest
from vcr.request import Request

from groqtape.recorder.advice import advice
from groqtape.recorder.comparison import Comparison
from groqtape.recorder.nearest import Nearest, nearest
from groqtape.recorder.settings import CassetteSettings, Owner

URI = "https://api.groq.com/openai/v1/chat/completions"


def chat(content: Any = "x", uri: str = URI, **more: Any) -> Request:
    body = {"model": "openai/gpt-oss-20b", "messages": [{"role": "user", "content": content}], **more}
    return Request("POST", uri, json.dumps(body).encode(), {})


def advised(recorded: Request, now: Request, *failed: str, **options: Any) -> list[str]:
    settings = CassetteSettings(**options)
    near = nearest(now, [(1, recorded, failed or ("body",))], Comparison.of(settings))
    assert near is not None
    lines = advice(now, near, settings, Owner().setting)
    assert not lines or lines[0] == "If this changes in each run, have it not count:"
    return [line.removeprefix("  ") for line in lines[1:]]


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


ID, OTHER_ID = str(uuid.uuid4()), str(uuid.uuid4())

SETTLED = [
    (chat("Today is 2026-11-26."), chat("Today is 2026-11-27."), "volatile=['@date']"),
    (chat("It is Thursday, November 26, 2026"), chat("It is Friday, May 1, 2026"), "volatile=['@date']"),
    (chat("at 09:05"), chat("at 10:05:07"), "volatile=['@time']"),
    (chat("at 2026-11-26T09:05Z"), chat("at 2026-11-26T09:06Z"), "volatile=['@datetime']"),
    (chat("at 2026-11-26 09:05"), chat("at 2026-11-27 10:05"), "volatile=['@datetime']"),
    (chat("at 1795684507"), chat("at 1795684999"), "volatile=['@timestamp']"),
    (chat(json.dumps({"at": 1795684507})), chat(json.dumps({"at": 1795684999})), "volatile=['@timestamp']"),
    (chat(f"id {ID}"), chat(f"id {OTHER_ID}"), "volatile=['@uuid']"),
    (chat("Request 17: hi"), chat("Request 18: hi"), r"volatile=['Request \\d+']"),
    (chat("request #9, please"), chat("request #10, please"), r"volatile=['request \\#\\d+']"),
    (chat("run_17"), chat("run_18"), r"volatile=['run_\\d+']"),
    (chat("session17"), chat("session18"), r"volatile=['session\\d+']"),
    (chat("(no. 5)"), chat("(no. 6)"), r"volatile=['no\\. \\d+']"),
    (chat("order 100234"), chat("order 100235"), r"volatile=['\\d{6,}']"),
    (chat(f"of {sha('a')}"), chat(f"of {sha('b')}"), r"volatile=['\\b[0-9a-fA-F]{64}\\b']"),
    (chat("of 1f9a3c2"), chat("of 77b0d1e"), r"volatile=['\\b[0-9a-fA-F]{7}\\b']"),
    (
        chat("of 01KAXYZ3N5P7Q9R1S3T5V7W9X1"),
        chat("of 01KAXYZ4N5P7Q9R1S3T5V7W9X2"),
        r"volatile=['\\b[0-9A-Za-z]{26}\\b']",
    ),
    (
        chat(f"request 1 of 2026-11-26, {ID}"),
        chat(f"request 2 of 2026-11-27, {OTHER_ID}"),
        r"volatile=['@uuid', '@date', 'request \\d+']",
    ),
    (chat(seed=1), chat(seed=2), "ignore=['seed']"),
    (chat(seed=1), chat(), "ignore=['seed']"),
    (chat(user="ann"), chat(user="bob"), "ignore=['user']"),
    (chat(metadata={"a": {"b": "x"}}), chat(metadata={"a": {"b": "y"}}), "ignore=['metadata.*']"),
    (chat(metadata={"a": 1}), chat(), "ignore=['metadata']"),
    (
        chat(json.dumps({"count": 1})),
        chat(json.dumps({"count": 2})),
        "ignore=['messages[*].content.count']",
    ),
    (
        chat("Today is 2026-11-26.", seed=1),
        chat("Today is 2026-11-27.", seed=2),
        "volatile=['@date'], ignore=['seed']",
    ),
]


@pytest.mark.parametrize(("recorded", "now", "line"), SETTLED)
def test_it_names_the_line_that_settles_the_difference(recorded: Request, now: Request, line: str) -> None:
    assert advised(recorded, now) == [line]
    options = eval(f"dict({line})")
    comparison = Comparison.of(CassetteSettings(**options))
    assert comparison.signature(recorded) == comparison.signature(now)


@pytest.mark.parametrize(
    ("recorded", "now"),
    [
        (chat("Recommend a fantasy book"), chat("Recommend a science fiction book")),
        (chat("Recommend 3 books"), chat("Recommend 5 books")),
        (chat("Recommend a book"), chat("Recommend a film")),
        (chat("Today is 2026-11-26."), chat("Today is 2026-11-27, sunny.")),
        (chat("Today is 2026-11-26."), chat("Today is Friday.")),
        (chat("a decade"), chat("a facade")),
        (chat("2026-11-26", temperature=0), chat("2026-11-27", temperature=1)),
        (
            chat(f"<base64: 900 bytes, SHA-256 {sha('a')}>"),
            chat(f"<base64: 900 bytes, SHA-256 {sha('b')}>"),
        ),
        (chat(max_tokens=100), chat(max_tokens=200)),
        (chat(n=1), chat(n=2)),
        (chat(model="qwen-2026-01-01"), chat(model="qwen-2026-02-01")),
        (chat("x"), chat("x", tools=[])),
        (chat("x"), chat(None)),
        (chat("x"), chat(["x"])),
        (chat("on 2026-11-26", seed=1, stop="a"), chat("on 2026-11-27", seed=2, stop="b")),
    ],
)
def test_it_says_nothing_where_the_prompt_itself_differs(recorded: Request, now: Request) -> None:
    assert advised(recorded, now) == []


def test_nothing_where_nothing_differs() -> None:
    near = Nearest(1, chat(), [])

    assert advice(chat(), near, CassetteSettings(), Owner().setting) == []


def test_a_query_has_values_that_change_too() -> None:
    recorded, now = (chat(uri=f"{URI}?a=b&day=2026-11-{day}") for day in (26, 27))

    assert advised(recorded, now, "query") == ["volatile=['@date']"]
    assert advised(chat(uri=f"{URI}?a=1"), chat(uri=f"{URI}?a=1&b=2"), "query") == []


def test_what_is_set_already_stays_set() -> None:
    recorded, now = chat("2026-11-26", user="ann", seed=1), chat("2026-11-27", user="bob", seed=2)

    assert advised(recorded, now, volatile=["@date"], ignore="seed") == ["ignore=['user']"]


def test_a_matcher_that_nothing_settles() -> None:
    def never(now: Any, recorded: Any) -> bool:
        return False

    settings = CassetteSettings(match_on=[never, "body"])
    recorded, now = chat(seed=1), chat(seed=2)
    near = nearest(now, [(1, recorded, ["body"])], Comparison.of(settings))

    assert near is not None
    assert advice(now, near, settings, Owner().setting) == []
