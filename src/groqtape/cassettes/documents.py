"""The text of a cassette file as plain data: YAML, in one document or several, JSON or TOML."""

from __future__ import annotations

import json
import reprlib
from typing import TYPE_CHECKING, Any

import yaml

from groqtape.cassettes.limits import forbidden_values
from groqtape.cassettes.toml_documents import line_in_toml, looks_like_toml, parse_toml
from groqtape.cassettes.yaml_documents import line_in_yaml, parse_yaml
from groqtape.errors import CassetteError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["line_of", "parse"]


def parse(text: str) -> list[Any]:
    """Read the text of a cassette.

    Returns:
        Its documents: one, except for YAML that has several.

    Raises:
        CassetteError: It can't be read; the error says in which line.
    """
    if looks_like_toml(text):
        return [_checked(parse_toml(text), text)]
    if _looks_like_json(text):
        try:
            document = json.loads(text.removeprefix("\ufeff"))
        except (ValueError, RecursionError):
            pass  # YAML may begin so too
        else:
            return [_checked(document, text)]
    return parse_yaml(text)


def _looks_like_json(text: str) -> bool:
    return text.lstrip("\ufeff \t\r\n").startswith("{")


def _checked(document: Any, text: str) -> Any:
    for expected, value, at in forbidden_values(document):
        shown = "one of more" if isinstance(value, int) else reprlib.repr(value)
        raise CassetteError(f"expected {expected}, got {shown}", line=line_of(text, at))
    return document


def line_of(text: str, at: Sequence[str | int]) -> int | None:
    """The line in which a value stands (the first is 1), or the nearest value around it.

    Args:
        text: The text of a cassette.
        at: The number of the document (the first is 0), and the keys and indices that lead to the value.

    Returns:
        The line; None where it is not known.
    """
    if looks_like_toml(text):
        return line_in_toml(text, at[2] if len(at) > 2 else None)
    # PyYAML in pure Python reads more of the JSON that is no YAML than libyaml does.
    return line_in_yaml(text, at, yaml.SafeLoader if _looks_like_json(text) else None)
