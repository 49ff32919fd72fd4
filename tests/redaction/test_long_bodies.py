"""Long bodies, of which redaction looks at what repeats only once: nothing in them is overlooked for that."""

from __future__ import annotations

import json
from typing import Any

import pytest
from effort import examples
from hypothesis import given
from hypothesis import strategies as st

from groqtape.redaction.json_texts import distinct
from groqtape.redaction.redactor import Redactor

SECRET = "Zq8kLw3xPv9TnB2m"
HOLDERS: dict[str, Any] = {
    "a field": {"x_api_key": SECRET},
    "a field among others": {"a": 1, "password": SECRET, "b": "x"},
    "a field of a list": {"headers": [{"n": "v"}, {"x-api-key": [SECRET]}]},
    "a pair": {"headers": [["accept", "b"], ["x-api-key", SECRET], ["b", "c"]]},
    "a flat list": {"headers": ["accept", "b", "x-api-key", SECRET, "b"]},
    "the first of a flat list": {"headers": ["x-api-key", SECRET]},
    "a pair with a scheme": {"headers": [["authorization", f"Bearer {SECRET}"]]},
    "a text": {"text": f"Set x-api-key: {SECRET}, b, c"},
    "JSON in a text": {"arguments": json.dumps({"b": "c", "pairs": [["x-api-key", SECRET]], "k": "v"})},
    "a URL": {"url": f"https://user:{SECRET}@example.com/b,c"},
}
# Strings, separators and pairs that the holders have, too.
FILLING = [{"id": f"c{number}", "a": ["accept", "b"], "b": "x, y", "c": ["b", "c"]} for number in range(80)]


@pytest.mark.parametrize("holder", HOLDERS.values(), ids=HOLDERS)
@pytest.mark.parametrize("filling", [[], FILLING], ids=["short", "long"])
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")], ids=["compact", "spaced"])
class TestASecret:
    def test_in_a_document(self, holder: Any, filling: list[Any], separators: tuple[str, str]) -> None:
        document = json.dumps([*filling, holder, *filling[:1]], separators=separators)
        assert SECRET not in Redactor().text(document)

    def test_in_a_stream(self, holder: Any, filling: list[Any], separators: tuple[str, str]) -> None:
        events = [f"data: {json.dumps(each, separators=separators)}\n\n" for each in (*filling, holder)]
        response = {
            "status": {"code": 200},
            "headers": {},
            "body": {"string": "".join(events).encode()},
            "stream": {"end": "complete", "sizes": tuple(map(len, events)), "times": ()},
        }
        redacted = Redactor().response(response)
        assert SECRET.encode() not in redacted["body"]["string"]
        assert sum(redacted["stream"]["sizes"]) == len(redacted["body"]["string"])


NAMES = st.sampled_from(["a", "b", "index", "headers", "x-api-key", "password", "note"])
TEXTS = st.sampled_from(["", "b", "accept", "x-api-key", "one, two", 'a "b": c', SECRET, f"token={SECRET}"])
DOCUMENTS = st.recursive(
    TEXTS | st.integers(0, 3) | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@examples(80)
@given(st.lists(DOCUMENTS, min_size=1, max_size=4), st.integers(1, 3), st.sampled_from(["", " "]))
def test_what_repeats_hides_nothing(documents: list[Any], times: int, space: str) -> None:
    separators = f",{space}", f":{space}"
    text = "".join(f"data: {json.dumps(each, separators=separators)}\n\n" for each in documents * times)
    finder = Redactor()._finder
    if not finder.is_harmless(text):
        assert not finder.is_harmless(distinct(text))
