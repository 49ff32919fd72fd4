"""The gate: no secret and nothing that acts is in what is shown or named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from groqtape.redaction.redactor import Redactor
from groqtape.redaction.shown import Gate

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "gsk_" + "aB3" * 17 + "Z"
ACTING = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))]
ACTING += ["\u2028", "\u2029", "\u202e", "\u2066", "\u200b", "\ufeff", "\udc80"]


@pytest.mark.parametrize("show", [Gate().redacted, Gate().line, Gate().lines])
@pytest.mark.parametrize(
    "text", ["POST https://user:pw@host/?api_key=x", f"test_it[{KEY}]", f"{{'a': '{KEY}'}}"]
)
def test_secrets_are_redacted(show: Callable[[str], str], text: str) -> None:
    shown = show(text)
    assert "REDACTED" in shown
    assert not any(secret in shown for secret in (KEY, "pw@", "key=x"))


def test_a_variable_that_was_set_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate()
    assert gate.line("hunter-2x") == "hunter-2x"
    monkeypatch.setenv("MY_SECRET", "hunter-2x")
    assert gate.line("hunter-2x") == "REDACTED"


@pytest.mark.parametrize("character", ACTING, ids=lambda character: f"{ord(character):04x}")
def test_what_acts_is_shown_as_its_escape(character: str) -> None:
    line = Gate().line(f"model {character}[31m")
    assert character not in line
    assert line.startswith("model \\")
    if character not in "\t\n":
        assert Gate().lines(f"model {character}[31m") == line


def test_lines_stay_lines_but_are_no_commands_of_a_ci_system() -> None:
    text = "first\n::warning::x\n  ::error::y\n##[group]z\n##vso[task]\nC::D ## [e]"
    assert Gate().lines(text) == (
        "first\n\\::warning::x\n  \\::error::y\n\\##[group]z\n\\##vso[task]\nC::D ## [e]"
    )


@pytest.mark.parametrize(
    "text", ["", "cassettes/test_é漢/test_it[a-b].yaml: 1 interaction", "👩‍💻 ::x", "a\tb"]
)
def test_other_text_stays(text: str) -> None:
    assert Gate().redacted(text) == text
    assert Gate().line(text) == text.replace("\t", "\\t")


def test_the_options_of_the_innermost_session_count() -> None:
    gate = Gate()
    gate.begin_session(["customer [0-9]+"], ["gsk_.*"])
    assert gate.line(f"customer 7, {KEY}") == f"REDACTED, {KEY}"
    gate.begin_session()
    assert gate.line("customer 7") == "customer 7"
    gate.end_session()
    assert gate.line("customer 7") == "REDACTED"
    gate.end_session()
    assert gate.line("customer 7") == "customer 7"


def test_open_cassettes_redact_what_they_have_learned() -> None:
    gate, one, other = Gate(), Redactor(), Redactor(secrets=["customer [0-9]+"])
    one.learn_from([("authorization", "Bearer my-own-key-1")])
    gate.open(one)
    gate.open(other)
    assert gate.line("my-own-key-1 customer 7") == "REDACTED REDACTED"
    gate.close(one)
    assert gate.line("my-own-key-1 customer 7") == "my-own-key-1 REDACTED"
    gate.close(other)
    assert gate.line("customer 7") == "customer 7"
