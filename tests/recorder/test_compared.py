"""Requests as they are compared."""

from __future__ import annotations

import json
from typing import Any

import pytest
from vcr.matchers import requests_match
from vcr.request import Request

from groqtape.recorder.compared import Compared
from groqtape.recorder.comparison import Comparison
from groqtape.recorder.matching import DEFAULT_MATCH_ON, signature
from groqtape.recorder.settings import CassetteSettings

URI = "https://api.groq.com/openai/v1/chat/completions"
VCRPYS = ["method", "scheme", "host", "port", "path", "query", "uri", "raw_body", "body"]


def request(body: Any = None, uri: str = URI) -> Request:
    content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    return Request("POST", uri, content, {})


def chat(content: Any, **more: Any) -> Request:
    return request({"model": "m", "messages": [{"role": "user", "content": content}], **more})


def equal(one: Request, other: Request, *, by: Any = None, **options: Any) -> bool:
    """Whether two requests match: by the index, and by the matchers."""
    comparison = Comparison.of(CassetteSettings(match_on=by, **options))
    matched = bool(requests_match(one, other, comparison.matchers))
    if by is None:
        assert matched is (comparison.signature(one) == comparison.signature(other))
    return matched


def result(**fields: Any) -> str:
    """The result of a tool, as a message has it."""
    return json.dumps(fields, indent=1)


VOLATILE = [
    (chat("On 2026-11-26."), chat("On 2026-11-27."), "@date"),
    (chat("On 2026-11-26 or 2026-11-27"), chat("On 2026-12-26 or 2027-11-27"), "@date"),
    (chat([{"type": "text", "text": "#17"}]), chat([{"type": "text", "text": "#180"}]), r"#\d+"),
    (chat(result(at="2026-11-26T09:05")), chat(result(at="2026-11-27T19:05:07Z")), "@datetime"),
    (chat(result(at=1795684507, a=1)), chat(result(at=1795684999, a=1)), "@timestamp"),
    (chat(result(text="Größe 1")), chat(result(text="Größe 2")), r"Größe \d"),
    (chat(result(n=17)), chat(result(n=18)), r'"n": \d+'),
    (chat(result(inner=result(day="2026-11-26"))), chat(result(inner=result(day="2026-11-27"))), "^@date$"),
    (chat("x", at=1795684507), chat("x", at=1795684507.5), "@timestamp"),
    (chat("x", metadata={"on 2026-11-26": 1}), chat("x", metadata={"on 2026-11-27": 1}), "@date"),
    (request(b"on 2026-11-26"), request(b"on 2026-11-27"), "@date"),
    (request(b"\xff on 2026-11-26"), request(b"\xff on 2026-11-27"), "@date"),
    (request(None, f"{URI}?day=2026-11-26"), request(None, f"{URI}?day=2026-11-27"), "@date"),
    (
        request(None, f"{URI}?at=2026-11-26%2009%3A05"),
        request(None, f"{URI}?at=2026-11-27+10:05"),
        "@datetime",
    ),
    (request(None, f"{URI}/batch%201"), request(None, f"{URI}/batch%2022"), r"batch \d+"),
]


@pytest.mark.parametrize(("one", "other", "expression"), VOLATILE)
def test_volatile_text_does_not_count(one: Request, other: Request, expression: str) -> None:
    assert not equal(one, other)
    assert equal(one, other, volatile=[expression])
    assert equal(one, other, volatile=expression)


@pytest.mark.parametrize("by", VCRPYS)
@pytest.mark.parametrize(("one", "other", "expression"), VOLATILE)
def test_nor_does_it_to_vcrpys_own_matchers(one: Request, other: Request, expression: str, by: str) -> None:
    assert equal(one, other, by=[by], volatile=[expression])


def test_a_matcher_of_ones_own_sees_what_counts() -> None:
    def by_body(now: Any, recorded: Any) -> bool:
        return bool(now.body == recorded.body)

    one, other, expression = VOLATILE[0]

    assert not equal(one, other, by=[by_body])
    assert equal(one, other, by=[by_body], volatile=[expression])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (chat("On 2026-11-26."), chat("From 2026-11-26.")),
        (chat("On 2026-11-26."), chat("On Thursday.")),
        (chat("2026-11-26"), chat("")),
        (chat(100), chat(200)),
        (chat("x", metadata={"2026-11-26": 1}), chat("x", metadata={"2026-11-27": 2})),
        (
            chat("x", metadata={"2026-11-26": 1, "2026-11-27": 2}),
            chat("x", metadata={"2026-11-26": 1}),
        ),
        (request(b"on 2026-11-26"), request(None)),
        (request(None, f"{URI}?day=2026-11-26"), request(None, f"{URI}?night=2026-11-26")),
    ],
)
def test_all_other_text_counts(one: Request, other: Request) -> None:
    assert not equal(one, other, volatile=["@date", r"\d+"])


IGNORED = [
    (chat("x", seed=1), chat("x", seed=2), "seed"),
    (chat("x", seed=1), chat("x"), "seed"),
    (chat("x", metadata={"run": 1}), chat("x", metadata={"run": 2, "by": "me"}), "metadata.*"),
    (chat("x", metadata={"run": 1}), chat("x"), "metadata.*"),
    (chat("x"), chat("y"), "messages[0].content"),
    (chat("x"), chat("y"), "messages[*].content"),
    (chat("x"), chat(None), "messages"),
    (chat("x", stop=["a", "b"]), chat("x", stop=[]), "stop[*]"),
    (chat("x", stop=["a", "b"]), chat("x"), "stop[*]"),
    (chat("x", stop=["a", "b"]), chat("x", stop=["a"]), "stop[1]"),
    (chat("x", stop=["a", "b"]), chat("x", stop=["c", "b"]), "stop[0]"),
    (chat(result(a=1, n=1)), chat(result(n=2, a=1)), "messages[0].content.n"),
    (chat(json.dumps([{"n": 1}])), chat(json.dumps([{"n": 2}])), "messages[*].content[*].n"),
    (request(None, f"{URI}?page=1&a=1"), request(None, f"{URI}?page=2&a=1"), "query.page"),
    (request(None, f"{URI}?page=1"), request(None), "query"),
    (request(b"a"), request(b"b"), "body"),
]


@pytest.mark.parametrize(("one", "other", "field"), IGNORED)
def test_ignored_fields_do_not_count(one: Request, other: Request, field: str) -> None:
    assert not equal(one, other)
    assert equal(one, other, ignore=[field])
    assert equal(one, other, ignore=field)


@pytest.mark.parametrize(
    ("one", "other", "field"),
    [
        (chat("x", seed=1), chat("y", seed=1), "seed"),
        (chat("x", stop=["a", "b"]), chat("x", stop=["b"]), "stop[0]"),
        (chat("x", stop={}), chat("x"), "seed"),
        (chat(result(n=1)), chat(result(n=2)), "n"),
        (request(None, f"{URI}?page=1"), request(None, f"{URI}?page=2"), "page"),
    ],
)
def test_all_other_fields_count(one: Request, other: Request, field: str) -> None:
    assert not equal(one, other, ignore=[field])


@pytest.mark.parametrize(
    ("one", "other", "expression"),
    [
        (result(at=1795684507, n=1), json.dumps({"n": 2, "at": 1795684999}), "@timestamp"),
        (result(c=17, n=1), result(n=2, c=180), r'"c": \d+'),
        (json.dumps([1795684507, {"n": 1}]), json.dumps([1795684999, {"n": 2}]), "@timestamp"),
        (result(inner=result(at=1795684507, n=1)), result(inner=result(n=2, at=1795684999)), "@timestamp"),
        (result(a="1795684507, b", n=1), result(n=2, a="1795684999, b"), "@timestamp"),
    ],
)
def test_json_within_a_text_stays_json_whatever_is_volatile(one: str, other: str, expression: str) -> None:
    ignore = [f"messages[0].content{place}" for place in (".n", "[1].n", ".inner.n")]

    assert equal(chat(one), chat(other), volatile=[expression], ignore=ignore)
    assert not equal(chat(one), chat(other), volatile=[expression])
    assert not equal(chat(one), chat(other + " "), volatile=[expression])


def test_text_that_is_no_json_any_more_is_compared_as_text() -> None:
    one, other, another = (chat(result(a=n, b=m)) for n, m in ((1, 2), (3, 2), (1, 4)))

    assert equal(one, other, volatile=[r'\{\n "a": \d'])
    assert not equal(one, another, volatile=[r'\{\n "a": \d'])


def test_a_path_in_which_nothing_is_volatile_stays_as_it_is() -> None:
    one, other = (request(None, f"{URI}/{name}") for name in ("a%2Fb", "a/b"))

    assert not equal(one, other, volatile=["@date"])


def test_a_body_that_is_nested_too_deeply_is_compared_as_text() -> None:
    bodies = [b'{"a":' * 900 + b'"on 2026-11-2%d"' % day + b"}" * 900 for day in (6, 7)]

    assert equal(*map(request, bodies), volatile=["@date"])


def test_the_request_itself_stays_as_it_was_and_is_compared_once() -> None:
    one = chat("On 2026-11-26.", seed=1)
    body, uri = one.body, one.uri
    compared = Compared(["@date"], ["seed"])

    assert compared(one) is compared(one)
    assert (one.body, one.uri) == (body, uri)
    assert compared(one).body != body
    assert Compared(["@uuid"])(one).body != compared(one).body


def test_without_these_options_nothing_is_in_between() -> None:
    comparison = Comparison.of(CassetteSettings())

    assert comparison.signature is signature
    assert [matcher.__name__ for matcher in comparison.matchers] == list(DEFAULT_MATCH_ON)
    assert not any(hasattr(matcher, "__wrapped__") for matcher in comparison.matchers)
