"""Names and values of secrets wherever a text has them: at its start, in another value, after a mark."""

from __future__ import annotations

import re

import pytest

from groqtape.redaction.redactor import Redactor

VALUE = "Zq8kLw3xPv9TnB2m"
SECRETS = (
    f"api_key={VALUE}",
    "password: hunter22abc",
    f"token={VALUE}",
    f"x-api-key: {VALUE}",
    f"SECRET={VALUE}",
    f"Authorization: Bearer {VALUE}",
    f"bearer_token={VALUE}",
    f"a=b&token={VALUE}",
    f"https://example.com/?next=https://example.com/?token={VALUE}",
    "org_id=org_01hv8xyzabcdefghijklmnopq",
    "hf=hf_aBcDeFgHiJkLmNoPqRsTuV123456",
    "gsk_key=gsk_" + "aB3" * 17 + "Z",
    "jwt=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
)
CARRIERS = (
    *("{}", "note: {}", "note:{}", "x={}", "x=y:{}", "[{}]", "({})", "see {}.", "export {}", "- {}", "1) {}"),
    *("a: b: c: {}", '"""{}"""', "curl -H '{}'", "url=https://example.com/p?q={}", "env: {{{}}}"),
    *('{{"content":"{}"}}', '{{"messages":[{{"role":"user","content":"{}"}}]}}', '["a","{}"]'),
    *("key:{}", "password={}", "token: {}", "hf_token={}", "sk-={}", "gsk_.{}"),
)


@pytest.mark.parametrize("secret", SECRETS)
def test_are_found_in_whatever_carries_them(secret: str) -> None:
    value = re.split(r"[=: ]", secret)[-1]
    redactor = Redactor()
    assert [carrier for carrier in CARRIERS if value in redactor.text(carrier.format(secret))] == []


def test_several_keys_of_a_kind_in_a_row_are_all_found() -> None:
    keys = [f"gsk_{letter * 3}{'aB3' * 16}Z" for letter in "XYZ"]
    for mark in "=.,;: ":
        assert "aB3" not in Redactor().text(mark.join(keys))


def test_what_only_looks_like_them_stays() -> None:
    for text in (
        '{"content":"The key: value pairs of a dictionary","role":"user"}',
        "note: token=none, password: required, api_key=your_api_key",
        "https://example.com/?q=what?page=2&code=go",
        "org_id=org_name, hf_token=none",
    ):
        assert Redactor().text(text) == text
