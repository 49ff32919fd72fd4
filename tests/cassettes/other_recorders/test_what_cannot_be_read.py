"""A file that can't be read: the error says what was expected, what came, where, and the way out."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import pytest

import groqtape
from groqtape import CassetteError
from groqtape.cassettes.other_recorders import bodies

if TYPE_CHECKING:
    from pathlib import Path

REMEDY = (
    "Mend it by hand, restore it from version control, or record it anew: rm {} && pytest --groq-record=once"
)
REQUEST = "  request: {method: POST, uri: 'https://api.groq.com/openai/v1/chat/completions'}"

BROKEN = {
    "Ruby VCR, Base64": (
        f"""\
        ---
        http_interactions:
        -{REQUEST[1:]}
          response:
            status: {{code: 200, message: OK}}
            body:
              encoding: ASCII-8BIT
              base64_string: abc
        """,
        8,
        "expected a `base64_string` in Base64, got 'abc'",
    ),
    "Ruby VCR, no list": (
        "http_interactions: none\n",
        1,
        "expected a list of `http_interactions`, got 'none'",
    ),
    "cassetter, bytes": (
        f"""\
        version: 1
        interactions:
        -{REQUEST[1:]}
          response:
            status: 200
            body:
              type: binary
              content: xyz
        """,
        8,
        "expected the content of a binary body as hexadecimal digits, got 'xyz'",
    ),
    "cassetter, TOML": (
        """\
        version = 1

        [[interactions]]
        [interactions.request]
        method = "POST"
        uri = "https://api.groq.com/openai/v1/chat/completions"
        body_type = "xml"
        """,
        3,
        "expected a `body_type` (json, text, binary, none), got 'xml'",
    ),
    "cassetter, another protocol": (
        "version: 1\ninteractions: []\nws_interactions:\n- uri: 'wss://example.com'\n",
        4,
        "expected HTTP calls alone (what stands under `ws_interactions` needs a file of its own), got [{",
    ),
    "pydantic-ai": (
        f"""\
        interactions:
        -{REQUEST[1:]}
          response:
            status: {{code: 200, message: OK}}
            parsed_body:
              image: !!binary H4sI
        """,
        6,
        "expected a body that JSON can hold (Object of type bytes is not JSON serializable), got {'image'",
    ),
    "older vcrpy": (
        f"""\
        interactions:
        -{REQUEST[1:]}
          response:
            status_code: 200
            content: [data]
        """,
        5,
        "expected a response's `content` as text, got ['data']",
    ),
    "vcrpy, compressed": (
        f"""\
        interactions:
        -{REQUEST[1:]}
          response:
            status: {{code: 200, message: OK}}
            headers: {{content-encoding: [gzip]}}
            body: {{string: !!binary H4sIAAAAAAAA/////w==}}
        """,
        6,
        "expected a body compressed with gzip, as its headers say, got b'\\x1f\\x8b",
    ),
    "vcrpy, second document": (
        f"""\
        version: 1
        interactions: []
        ---
        interactions:
        -{REQUEST[1:]}
          response: {{status: {{code: 200}}, body: {{string: ''}}}}
        - request: {{method: POST}}
        """,
        7,
        "expected a request's `uri` as text, got nothing",
    ),
    "of Go": (
        "---\nversion: 2\ninteractions: []\n",
        2,
        "expected version 1, got 2",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_says_what_is_wrong_and_where(name: str, cassette_path: Path) -> None:
    text, line, problem = BROKEN[name]
    cassette_path.parent.mkdir()
    cassette_path.write_text(textwrap.dedent(text), "utf-8")
    with pytest.raises(CassetteError) as caught:
        groqtape.load(cassette_path)
    assert str(caught.value).startswith(f"{cassette_path}, line {line}: {problem}")
    assert str(caught.value).endswith("\n" + REMEDY.format(cassette_path))
    with pytest.raises(CassetteError) as again, groqtape.use_cassette(cassette_path, "new_episodes"):
        pass
    assert str(again.value).partition("anew: ")[0] == str(caught.value).partition("anew: ")[0]
    assert cassette_path.read_text("utf-8") == textwrap.dedent(text)


@pytest.mark.parametrize("document", [1, 2])
def test_executes_nothing(document: int, cassette_path: Path, tmp_path: Path) -> None:
    made = tmp_path / "made"
    path = f"!!python/object/apply:pathlib.Path ['{made}']"
    call = f"interactions: !!python/object/apply:pathlib.Path.touch [{path}]\n"
    cassette_path.parent.mkdir()
    cassette_path.write_text("interactions: []\n---\n" * (document - 1) + call, "utf-8")
    with pytest.raises(CassetteError, match="python/object") as caught:
        groqtape.load(cassette_path)
    assert caught.value.line == 2 * document - 1
    assert not made.exists()


@pytest.mark.parametrize("key", ["parsed_body: *e", "body: {type: json, content: *e}"])
def test_stops_at_what_aliases_blow_up(
    key: str, cassette_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "LARGEST_BODY", 100_000)
    lines = ["a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    for before, name in zip("abcd", "bcde", strict=True):
        lines.append(f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]")
    lines += ["interactions:", f"-{REQUEST[1:]}", f"  response: {{status: 200, {key}}}"]
    cassette_path.parent.mkdir()
    cassette_path.write_text("\n".join(lines), "utf-8")
    with pytest.raises(CassetteError) as caught:
        groqtape.load(cassette_path)
    assert "expected" in caught.value.problem
    assert caught.value.line is not None


def test_the_error_is_short_however_much_came(cassette_path: Path) -> None:
    interactions: dict[str, Any] = {f"key {number}": "value" * 100 for number in range(100)}
    cassette_path.parent.mkdir()
    cassette_path.write_text(f"interactions: {interactions}", "utf-8")
    with pytest.raises(CassetteError) as caught:
        groqtape.load(cassette_path)
    assert len(str(caught.value)) < 600
