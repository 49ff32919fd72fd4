from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from groqtape.errors import (
    CassetteError,
    GroqtapeError,
    RefusedError,
    StreamCheckError,
    UnplayedError,
    UnplayedWarning,
)
from groqtape.redaction.redactor import Redactor
from groqtape.redaction.shown import gate

if TYPE_CHECKING:
    from collections.abc import Callable

REMEDY = "Mend it by hand, restore it from version control, or record it anew: {} pytest --groq-record=once"


@pytest.mark.parametrize(
    ("path", "line", "where", "remove"),
    [
        (None, None, "", "remove it, then"),
        (None, 7, "line 7: ", "remove it, then"),
        ("a b.yaml", None, "a b.yaml: ", "rm 'a b.yaml' &&"),
        ("a.yaml", 7, "a.yaml, line 7: ", "rm a.yaml &&"),
        (Path("b") / "a.yaml", 7, f"{Path('b') / 'a.yaml'}, line 7: ", f"rm {Path('b') / 'a.yaml'} &&"),
    ],
)
def test_a_cassette_error_says_where_what_and_the_way_out(
    path: str | Path | None, line: int | None, where: str, remove: str
) -> None:
    error = CassetteError("expected this, got that", path=path, line=line)
    assert str(error) == f"{where}expected this, got that\n{REMEDY.format(remove)}"
    assert (error.problem, error.path, error.line) == ("expected this, got that", path, line)
    assert error.remedy == REMEDY.format(remove)


@pytest.mark.parametrize(
    "kind", [GroqtapeError, CassetteError, RefusedError, UnplayedError, UnplayedWarning, StreamCheckError]
)
def test_no_error_shows_a_secret_or_text_that_acts(kind: Callable[[Any], BaseException]) -> None:
    """Wherever it is printed: `use_cassette` and `load` have no terminal of their own."""
    text = "got \x1b[31m gsk_" + "aB3" * 17 + "Z\n::warning::https://user:pass-word@host/"
    shown = str(kind([text] if kind is StreamCheckError else text))
    assert "got \\x1b[31m REDACTED\n\\::warning::https://REDACTED@host/" in shown


def test_an_error_about_an_expression_for_secrets_is_shown_all_the_same() -> None:
    gate.begin_session(["("])
    try:
        with pytest.raises(GroqtapeError) as caught:
            Redactor(secrets=["("])
        assert "got '('" in str(caught.value)
    finally:
        gate.end_session()


def test_a_cassette_error_learns_its_path_later() -> None:
    error = CassetteError("expected this", line=2, remedy="Do that.")
    error.path = "a.yaml"
    assert str(error) == "a.yaml, line 2: expected this\nDo that."


def test_the_way_out_can_name_the_command_for_this_very_cassette() -> None:
    error = CassetteError("expected this", path="a.yaml")
    error.record_anew_with("pytest test_a.py --groq-record=all")
    assert str(error).endswith("or record it anew: pytest test_a.py --groq-record=all")
    other = CassetteError("can't be written", remedy="Make its folder writable.")
    other.record_anew_with("pytest test_a.py --groq-record=all")
    assert other.remedy == "Make its folder writable."


def test_what_catches_what() -> None:
    assert issubclass(CassetteError, GroqtapeError)
    assert issubclass(CassetteError, ValueError)
    assert issubclass(UnplayedError, GroqtapeError)
    assert issubclass(GroqtapeError, Exception)
    assert issubclass(UnplayedWarning, UserWarning)


def test_nothing_that_catches_exceptions_catches_a_refusal() -> None:
    assert issubclass(RefusedError, BaseException)
    assert not issubclass(RefusedError, Exception)


def test_a_warning_of_unplayed_interactions_can_be_made_an_error() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", UnplayedWarning)
        with pytest.raises(UnplayedWarning, match="2 of 3"):
            warnings.warn(UnplayedWarning("2 of 3 left"), stacklevel=1)
