import os
import re

import pytest

from groqtape.recorder.key import PlaceholderKey
from groqtape.redaction.placeholder import PLACEHOLDER_KEY


def test_the_placeholder_stands_in_while_it_is_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GROQ_API_KEY", raising=False)
    placeholder = PlaceholderKey()
    assert os.environ["GROQ_API_KEY"] == PLACEHOLDER_KEY
    placeholder.remove()
    assert "GROQ_API_KEY" not in os.environ
    placeholder.remove()
    assert "GROQ_API_KEY" not in os.environ


def test_an_empty_key_is_none_and_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "")
    placeholder = PlaceholderKey()
    assert os.environ["GROQ_API_KEY"] == PLACEHOLDER_KEY
    placeholder.remove()
    assert os.environ["GROQ_API_KEY"] == ""


def test_a_real_key_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "gsk_mine")
    placeholder = PlaceholderKey()
    assert os.environ["GROQ_API_KEY"] == "gsk_mine"
    placeholder.remove()
    assert os.environ["GROQ_API_KEY"] == "gsk_mine"


def test_a_key_that_somebody_set_meanwhile_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GROQ_API_KEY", raising=False)
    placeholder = PlaceholderKey()
    monkeypatch.setenv("GROQ_API_KEY", "gsk_mine")
    placeholder.remove()
    assert os.environ["GROQ_API_KEY"] == "gsk_mine"


def test_a_key_that_somebody_removed_meanwhile_stays_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GROQ_API_KEY", raising=False)
    placeholder = PlaceholderKey()
    monkeypatch.delenv("GROQ_API_KEY")
    placeholder.remove()
    assert "GROQ_API_KEY" not in os.environ


def test_one_session_inside_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GROQ_API_KEY", raising=False)
    outer = PlaceholderKey()
    PlaceholderKey().remove()
    assert os.environ["GROQ_API_KEY"] == PLACEHOLDER_KEY
    outer.remove()
    assert "GROQ_API_KEY" not in os.environ


def test_the_placeholder_can_be_sent_in_a_header_and_is_no_real_key() -> None:
    assert re.fullmatch(r"gsk_\w+", PLACEHOLDER_KEY, re.ASCII)
    assert "placeholder" in PLACEHOLDER_KEY
    assert "GROQ_API_KEY" in PLACEHOLDER_KEY
