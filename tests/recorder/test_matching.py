import json
from typing import Any

import pytest
from effort import examples
from hypothesis import example, given
from hypothesis import strategies as st
from vcr.matchers import requests_match
from vcr.request import Request

from groqtape.errors import GroqtapeError
from groqtape.recorder.matching import (
    ABSENT,
    DEFAULT_MATCH_ON,
    body,
    differences,
    matchers,
    parsed,
    path,
    signature,
)
from groqtape.redaction.request_body import request_body

ROOT = "https://api.groq.com/openai/v1"

# Few values, so that equal ones meet; among them those that are equal to Python alone, or to JSON alone.
SCALARS = st.sampled_from(
    [
        None,
        True,
        False,
        0,
        1,
        0.0,
        1.0,
        -0.0,
        0.5,
        10**22,
        1e22,
        2**53 + 1,
        float(2**53),
        float("nan"),
        float("inf"),
        "",
        "0",
        "null",
    ]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)


def request(
    content: Any = b"",
    url: str = f"{ROOT}/chat/completions",
    method: str = "POST",
    headers: dict[str, str] | None = None,
) -> Request:
    return Request(method, url, content, headers or {})


def as_json(value: Any, *, compact: bool = False) -> bytes:
    separators = (",", ":") if compact else None
    return json.dumps(value, ensure_ascii=compact, separators=separators, sort_keys=compact).encode()


def changed(draw: st.DrawFn, value: Any) -> Any:
    """The value, or one that differs in a place or two."""
    if draw(st.integers(0, 4)) == 0:
        return draw(VALUES)
    if isinstance(value, dict):
        return {key: changed(draw, inner) for key, inner in reversed(value.items())}
    if isinstance(value, list):
        return [changed(draw, inner) for inner in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Any, Any]:
    one = draw(VALUES)
    return one, changed(draw, one)


@examples(150)
@given(pairs())
@example(({"a": None}, {}))
@example(([None], []))
@example(([1], [True]))
@example(([0], [False]))
@example(([1], [1.0]))
@example((float("nan"), float("nan")))
@example((2**53 + 1, float(2**53)))
def test_there_are_differences_just_when_bodies_are_not_equal_as_json(pair: tuple[Any, Any]) -> None:
    one, other = pair
    recorded, now = request(as_json(one)), request(as_json(other, compact=True))
    found = list(differences(parsed(request_body(recorded)), parsed(request_body(now))))
    assert bool(found) is not body(now, recorded)
    assert bool(found) is bool(list(differences(other, one)))
    assert len({field for field, _, _ in found}) == len(found)


@pytest.mark.parametrize(
    ("recorded", "now", "expected"),
    [
        ({}, {}, []),
        ({"a": 1, "b": [2]}, {"b": [2.0], "a": 1}, []),
        ({"a": 1}, {"a": 2}, [("a", 1, 2)]),
        ({"a": 1}, {"b": 1}, [("a", 1, ABSENT), ("b", ABSENT, 1)]),
        ({"a": None}, {}, [("a", None, ABSENT)]),
        (
            {"messages": [{"role": "user", "content": "A?"}]},
            {"messages": [{"role": "user", "content": "B?"}, {"role": "user"}]},
            [("messages[0].content", "A?", "B?"), ("messages[1]", ABSENT, {"role": "user"})],
        ),
        ([1, 2, 3], [1, 3], [("[1]", 2, 3), ("[2]", 3, ABSENT)]),
        ([[1]], [[2]], [("[0][0]", 1, 2)]),
        ({"a": [1]}, {"a": {"0": 1}}, [("a", [1], {"0": 1})]),
        ({"a": 1}, "text", [("body", {"a": 1}, "text")]),
        ("text", b"\xff", [("body", "text", b"\xff")]),
        (ABSENT, {"a": 1}, [("body", ABSENT, {"a": 1})]),
        (1, True, [("body", 1, True)]),
    ],
)
def test_differences(recorded: Any, now: Any, expected: list[tuple[str, Any, Any]]) -> None:
    assert list(differences(recorded, now)) == expected


def test_what_is_absent_reads_as_nothing() -> None:
    assert repr(ABSENT) == "nothing"


@pytest.mark.parametrize(
    ("content", "read"),
    [
        (None, None),
        (b"", None),
        ("", None),
        (b'{"a": [1, null]}', {"a": [1, None]}),
        (b"null", None),
        (b'"text"', "text"),
        (b"text: \xc3\xa9", "text: é"),
        (b"\xff\x00", b"\xff\x00"),
        (b"[" * 100_000, "[" * 100_000),
        (iter([b'{"a"', b": 1}"]), {"a": 1}),
    ],
)
def test_parsed_bodies(content: Any, read: Any) -> None:
    assert parsed(request_body(request(content))) == read


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (b'{"a": 1, "b": 2}', b'{"b":2,"a":1}', True),
        (b'{"a": 0}', b'{"a": 0.0}', True),
        (b'{"temperature": 1}', b'{"temperature": 1e0}', True),
        (b'{"a": 1}', b'{"a": true}', False),
        (b'{"a": "\\u00e9"}', '{"a": "é"}'.encode(), True),
        (b'{"a": null}', b"{}", False),
        (b"[1, 2]", b"[2, 1]", False),
        (b'"text"', b"text", False),
        (b"text", b"text", True),
        (b"text", b"text ", False),
        (b"\xff\x00", b"\xff\x00", True),
        (b"\xff\x00", b"\xff\x01", False),
        (None, b"", True),
        (b"null", b"", False),
        (b"[" * 100_000, b"[" * 100_000, True),
    ],
)
def test_bodies_match_as_json_or_byte_for_byte(one: bytes | None, other: bytes, *, equal: bool) -> None:
    assert body(request(one), request(other)) is equal
    assert body(request(other), request(one)) is equal


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (f"{ROOT}/chat/completions", "http://127.0.0.1:5000/openai/v1/chat/completions", True),
        (f"{ROOT}/chat/completions", "https://gateway.example/team/groq/v1/chat/completions", True),
        (f"{ROOT}/chat/completions", f"{ROOT}/models", False),
        (f"{ROOT}/chat/completions", "https://gateway.example/chat/completions", False),
        (f"{ROOT}/models/a", f"{ROOT}/models/b", False),
        ("https://gateway.example/chat", "https://other.example/chat", True),
        (f"{ROOT}/models?a=1", f"{ROOT}/models?a=2", True),
    ],
)
def test_paths_match_below_the_root_of_the_api(one: str, other: str, *, equal: bool) -> None:
    assert path(request(url=one), request(url=other)) is equal


REQUESTS = st.builds(
    request,
    st.sampled_from([b"", None, b'{"a":1}', b'{"a": 1.0}', b'{"a":true}', b"a", b'"a"', b"\xff", b"null"]),
    st.builds(
        "".join,
        st.tuples(
            st.sampled_from([ROOT, "http://127.0.0.1:5000/v1", "https://gateway.example"]),
            st.sampled_from(["/chat/completions", "/models", ""]),
            st.sampled_from(["", "?", "?a=1", "?a=1&b=2", "?b=2&a=1", "?a=2"]),
        ),
    ),
    st.sampled_from(["GET", "POST"]),
    st.sampled_from([{}, {"content-type": "application/json"}]),
)


@examples(150)
@given(REQUESTS, REQUESTS)
def test_signatures_are_equal_just_when_the_default_matchers_match(one: Request, other: Request) -> None:
    assert (signature(one) == signature(other)) is requests_match(one, other, matchers(None))
    assert hash(signature(one)) == hash(signature(one))


def test_the_default_matchers() -> None:
    assert DEFAULT_MATCH_ON == ("method", "path", "query", "body")
    assert [matcher.__name__ for matcher in matchers(None)] == list(DEFAULT_MATCH_ON)
    assert matchers(None)[1] is path
    assert matchers(None)[3] is body


def test_matchers_by_name_and_of_ones_own() -> None:
    def mine(now: Any, recorded: Any) -> bool:
        return bool(now.headers == recorded.headers)

    assert [matcher.__name__ for matcher in matchers(["host", "headers"])] == ["host", "headers"]
    assert matchers(["body", mine]) == [body, mine]
    assert matchers("body") == [body]
    assert matchers([]) == []


@pytest.mark.parametrize("name", ["header", "", None, 7, ["body"]])
def test_a_name_that_no_matcher_has_is_refused_with_all_that_there_are(name: Any) -> None:
    with pytest.raises(GroqtapeError) as caught:
        matchers(["method", name])
    first, last = str(caught.value).splitlines()
    assert first.startswith("expected the names of matchers in match_on (body, headers, host, method, path,")
    assert first.endswith(f"), got {name!r}")
    assert last == "Correct the marker's match_on= or use_cassette(match_on=…)."
