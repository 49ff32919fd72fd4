"""schema/cassette-v1.json: every cassette that groqtape writes fits it, and others do not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from cli.cassettes import KINDS, text
from trust.fuzz import good_cassettes

from groqtape.cassettes.ends import CLOSED, COMPLETE, ERRORS

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "schema/cassette-v1.json").read_text(encoding="utf-8"))
CHECK = jsonschema.Draft202012Validator(SCHEMA)
OURS = ("a stream", "several", "ends", "odd bodies")


class Loader(yaml.SafeLoader):
    """JSON has no bytes: what is `!!binary` is text to the schema, as it is to an editor."""


Loader.add_constructor("tag:yaml.org,2002:binary", lambda loader, node: str(node.value))


def problems(cassette: str) -> list[str]:
    document: Any = yaml.load(cassette, Loader=Loader)
    return [error.message for error in CHECK.iter_errors(document)]


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("kind", KINDS)
def test_a_cassette_of_each_kind_fits(kind: str) -> None:
    assert problems(text(*KINDS[kind])) == []


@pytest.mark.parametrize("kind", OURS)
def test_odd_cassettes_that_groqtape_wrote_fit(kind: str) -> None:
    assert problems(good_cassettes()[kind].decode()) == []


@pytest.mark.parametrize("path", sorted((ROOT / "cassettes").rglob("*.yaml")), ids=lambda path: path.stem)
def test_the_projects_own_cassettes_fit(path: Path) -> None:
    assert problems(path.read_text(encoding="utf-8")) == []


def test_it_knows_every_end() -> None:
    assert set(SCHEMA["$defs"]["end"]["enum"]) == {COMPLETE, CLOSED, *ERRORS}


GOOD = text(*KINDS["stream"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version: 1", "version: 2"),
        ("    method: POST\n", ""),
        ("end: complete", "end: maybe"),
        ("code: 200", "code: two"),
        ("[text/event-stream]", "text/event-stream"),
        ("      end: complete\n", ""),
    ],
)
def test_what_is_no_cassette_does_not_fit(old: str, new: str) -> None:
    assert old in GOOD
    assert problems(GOOD.replace(old, new)) != []
