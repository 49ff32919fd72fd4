"""Messages as other recorders write them, translated; and the errors for those that can't be."""

from __future__ import annotations

from typing import Any

import pytest
from effort import examples
from hypothesis import strategies as st

from groqtape.cassettes.other_recorders.bodies import UnreadableError
from groqtape.cassettes.other_recorders.translation import translate

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=9), inner, max_size=2),
    max_leaves=5,
)
quickly = examples(20)
URI = "https://api.groq.com/openai/v1/chat/completions"
OK = {"code": 200, "message": "OK"}
EVENTS = 'data: {"id":"chatcmpl-1"}\n\ndata: [DONE]\n\n'
LONG = EVENTS.encode() * 50


def interaction(
    request: dict[str, Any] | None = None, response: dict[str, Any] | None = None
) -> dict[str, Any]:
    return {
        "request": {"method": "POST", "uri": URI, "headers": {}, "body": "{}", **(request or {})},
        "response": {"status": OK, "headers": {}, "body": {"string": "{}"}, **(response or {})},
    }


def one(item: Any) -> dict[str, Any]:
    """The one interaction of a file, translated."""
    read: dict[str, Any]
    (read,) = translate([{"version": 1, "interactions": [item]}]).cassette["interactions"]
    return read


def request(written: dict[str, Any]) -> dict[str, Any]:
    item = {**interaction(), "request": {"method": "POST", "uri": URI, "headers": {}, **written}}
    read: dict[str, Any] = one(item)["request"]
    return read


def response(written: dict[str, Any]) -> dict[str, Any]:
    read: dict[str, Any] = one({**interaction(), "response": {"status": OK, "headers": {}, **written}})[
        "response"
    ]
    return read


def unreadable(documents: list[Any]) -> UnreadableError:
    with pytest.raises(UnreadableError) as caught:
        translate(documents)
    return caught.value


def unreadable_response(**written: Any) -> UnreadableError:
    item = {**interaction(), "response": {"status": OK, "headers": {}, **written}}
    return unreadable([{"interactions": [item]}])


def unreadable_request(**written: Any) -> UnreadableError:
    item = {**interaction(), "request": {"method": "POST", "uri": URI, **written}}
    return unreadable([{"interactions": [item]}])
