"""The user's own expressions see what texts say, however they are encoded."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

import pytest

from groqtape.errors import GroqtapeError
from groqtape.redaction.redactor import Redactor

TEXT = (
    'Herr Müller said "my code" is 4711.\nNew line C:\\Users\\bob, straße 5 & Größe <b> mail ada@example.com'
)
EXPRESSIONS = [
    "Müller",
    'said "my code"',
    r"4711\.\nNew",
    r"^Herr \w+",
    r"C:\\Users\\\w+",
    "[äöüß]\\w*",
    r"\bstra[ßs]e \d",
    r"bob, \w+",
    "<b>",
    r"\S+@\S+\.com",
    r"ada@example\.com$",
    "& Größe",
    r"(?m)^New line",
]


def compact(data: Any) -> str:
    """JSON as Groq writes it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return re.sub("[<>&]", lambda found: f"\\u{ord(found[0]):04x}", text)


@pytest.mark.parametrize("encode", [json.dumps, compact])
@pytest.mark.parametrize("expression", EXPRESSIONS)
class TestEachExpression:
    def test_in_strings_at_any_depth(self, encode: Any, expression: str) -> None:
        wanted = re.sub(expression, "REDACTED", TEXT)
        nested = encode({"a": [TEXT], "b": encode([TEXT])})
        body = encode({"messages": [{"content": TEXT}, {"content": nested}], "n": 4711})
        redacted = json.loads(Redactor(secrets=[expression]).data(body.encode(), "request body"))
        assert redacted["messages"][0]["content"] == wanted
        inner = json.loads(redacted["messages"][1]["content"])
        assert inner["a"] == [wanted]
        assert json.loads(inner["b"]) == [wanted]

    @pytest.mark.parametrize("size", [1, 3, 7])
    def test_across_events(self, encode: Any, expression: str, size: int) -> None:
        texts = [TEXT[at : at + size] for at in range(0, len(TEXT), size)]
        chunks = [{"id": "c", "choices": [{"index": 0, "delta": {"content": text}}]} for text in texts]
        events = [f"data: {encode(chunk)}\n\n".encode() for chunk in chunks]
        redacted = Redactor(secrets=[expression]).response(
            {
                "status": {"code": 200},
                "headers": {},
                "body": {"string": b"".join(events)},
                "stream": {"end": "complete", "sizes": tuple(map(len, events))},
            }
        )
        body, at, contents = redacted["body"]["string"], 0, []
        for new_size in redacted["stream"]["sizes"]:
            event = json.loads(body[at : at + new_size].removeprefix(b"data: "))
            contents.append(event["choices"][0]["delta"]["content"])
            at += new_size
        assert at == len(body)
        assert len(contents) == len(events)
        assert "".join(contents) == re.sub(expression, "REDACTED", TEXT)


def test_json_in_json_has_an_end() -> None:
    body = "Müller"
    for _ in range(7):
        body = json.dumps([body])
    for expression in ("Müller", "^never$"):
        assert json.loads(Redactor(secrets=[expression]).text(body))


class TestPlaces:
    def redacted(self, text: str, expression: str) -> str:
        return Redactor(secrets=[expression]).text(text)

    def test_a_number_in_json_as_a_whole(self) -> None:
        assert self.redacted('{"pin":4711,"n":47110,"x":[4711]}', r"\d{4}") == (
            '{"pin":"REDACTED","n":47110,"x":["REDACTED"]}'
        )

    def test_names_of_fields(self) -> None:
        assert self.redacted('{"customer 7":1}', r"customer \d") == '{"REDACTED":1}'

    def test_a_plain_text(self) -> None:
        assert self.redacted("customer 7\nnext", "^customer \\d\n") == "REDACTEDnext"

    def test_a_body_that_is_cut_off(self) -> None:
        assert self.redacted('{"a":"M\\u00fcller","b":"x', "^Müller$") == '{"a":"REDACTED","b":"x'
        assert self.redacted('{"a":"x","b":"M\\u00fcl', "^Mül$") == '{"a":"x","b":"REDACTED'

    def test_events_that_are_no_json(self) -> None:
        assert self.redacted(": customer 7\ndata: customer 7\nnothing\n\n", "^customer 7$") == (
            ": REDACTED\ndata: REDACTED\nnothing\n\n"
        )

    def test_a_form_in_a_url(self) -> None:
        assert Redactor(secrets=["customer 7"]).url("https://host/?q=customer+7&r=customer%207") == (
            "https://host/?q=REDACTED&r=REDACTED"
        )

    def test_an_expression_for_places_redacts_nothing(self) -> None:
        assert self.redacted("a customer", "(?=customer)") == "a customer"


class TestAllow:
    KEY = "sk-test-0123456789abcdef0123"

    @pytest.mark.parametrize("allow", [[], ["sk-test"], ["sk-live-.*"]])
    def test_what_is_not_allowed_as_a_whole(self, allow: list[str]) -> None:
        assert Redactor(allow=allow).text(f"It is {self.KEY}.") == "It is REDACTED."

    def test_what_is_allowed(self) -> None:
        redactor = Redactor(allow=["sk-test-[0-9a-f]+"])
        assert redactor.text(f"It is {self.KEY}.") == f"It is {self.KEY}."

    def test_in_a_url(self) -> None:
        redactor = Redactor(allow=["demo"])
        assert (
            redactor.url("https://host/?api_key=demo&token=x") == "https://host/?api_key=demo&token=REDACTED"
        )


@pytest.mark.parametrize(
    ("option", "argument", "expression", "problem"),
    [
        ("groq_secrets", "secrets", "(", "missing"),
        ("groq_secrets", "secrets", "x*", "it finds one in an empty text"),
        ("groq_allow_secrets", "allow_secrets", "[", "unterminated"),
    ],
)
def test_an_expression_that_is_not_valid(option: str, argument: str, expression: str, problem: str) -> None:
    with pytest.raises(GroqtapeError) as caught:
        Redactor(**{argument.removesuffix("_secrets"): [expression]})
    assert re.search(
        rf"expected a regular expression.*{re.escape(repr(expression))}: {problem}", str(caught.value)
    )
    assert f"{option} or use_cassette({argument}=…)" in str(caught.value)


def test_a_slow_expression_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = itertools.count(0, 2)
    monkeypatch.setattr("groqtape.redaction.expressions.time.thread_time", lambda: float(next(ticks)))
    with pytest.warns(UserWarning, match=r"'\(a\+\)\+' in groq_secrets took more than 1 s .* 3 characters"):
        assert Redactor(secrets=["(a+)+"]).text("aab") == "REDACTEDb"
