import os
import re
import sys
import types

import pytest

from groqtape.recorder import key
from groqtape.recorder.key import KeylessClients, PlaceholderKey, needed_key
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


def test_a_key_that_was_set_meanwhile_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GROQ_API_KEY", raising=False)
    placeholder = PlaceholderKey()
    monkeypatch.setenv("GROQ_API_KEY", "gsk_mine")
    placeholder.remove()
    assert os.environ["GROQ_API_KEY"] == "gsk_mine"


def test_a_key_that_was_removed_meanwhile_stays_away(monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_a_client_made_without_a_key_gets_the_placeholder(monkeypatch: pytest.MonkeyPatch) -> None:
    class Client:
        def __init__(self, api_key: str | None = None, groq_client: object = None) -> None:
            self.api_key = api_key

    module = types.ModuleType("sdk")
    module.Client = Client  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sdk", module)
    monkeypatch.setattr(key, "_CLIENTS", (("sdk", "Client"), ("sdk", "Gone"), ("not_installed", "Client")))
    monkeypatch.delenv("GROQ_API_KEY", raising=False)
    genuine = Client.__init__
    finders = list(sys.meta_path)
    clients = KeylessClients()
    assert Client().api_key == Client(api_key=None).api_key == PLACEHOLDER_KEY
    assert Client(api_key="mine").api_key == "mine"
    assert Client(groq_client=object()).api_key is None
    monkeypatch.setenv("GROQ_API_KEY", "gsk_mine")
    assert Client().api_key is None
    clients.remove()
    assert Client.__init__ is genuine
    assert sys.meta_path == finders


def test_a_key_that_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GROQ_API_KEY", raising=False)
    monkeypatch.setenv("GROQ_OTHER", "other")
    genuine = type(os.environ)
    with needed_key():
        assert os.environ["GROQ_API_KEY"] == PLACEHOLDER_KEY
        assert "GROQ_API_KEY" not in os.environ
        assert os.environ.get("GROQ_API_KEY") is os.getenv("GROQ_API_KEY") is None
        assert "GROQ_API_KEY" not in dict(os.environ)
        assert (os.environ["GROQ_OTHER"], os.environ.get("GROQ_OTHER")) == ("other", "other")
        with pytest.raises(KeyError, match="GROQ_MISSING"):
            os.environ["GROQ_MISSING"]
        os.environ["GROQ_API_KEY"] = "gsk_mine"
        assert os.environ["GROQ_API_KEY"] == os.environ.get("GROQ_API_KEY") == "gsk_mine"
        del os.environ["GROQ_API_KEY"]
    assert type(os.environ) is genuine
