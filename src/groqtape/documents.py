"""The text of a cassette file as plain data: YAML, in one document or several, JSON or TOML.

YAML is read by vcrpy's safe loader, so nothing in a file is executed. Three things differ, since other
recorders write YAML 1.2 or Ruby's tags: `12:30` and `2026-01-01` are text, as are `=` and `<<` where
they are values, and `!binary` is `!!binary`.
"""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING, Any

import yaml
from vcr.serializers import yamlserializer

from groqtape.errors import CassetteError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["line_of", "parse"]

# A line that begins so begins a document, whatever stands around it; what may stand before the first one.
_DOCUMENT = re.compile(r"^---(?=\s|\Z)", re.MULTILINE)
_PREAMBLE = re.compile(r"\ufeff?(?:[ \t]*(?:#.*)?\r?\n|%.*\n)*")
# How cassetter's TOML begins: no YAML does.
_TOML = re.compile(r"\s*(?:#.*\n\s*)*(?:version\s*=|\[\[interactions\]\])")
_TOML_INTERACTION = re.compile(r"^\[\[interactions\]\]", re.MULTILINE)
_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7})(?: |$)", re.MULTILINE)
_DEEPEST = 64
_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TOML_LINE = re.compile(r"\(at line (\d+), ")


def _text(_: Any, node: Any) -> str:
    return str(node.value)


def _number(loader: Any, node: Any) -> Any:
    """A number; but `12:30`, which YAML 1.1 counts in sixties, is text."""
    if ":" in node.value:
        return node.value
    if node.tag.endswith("int"):
        return loader.construct_yaml_int(node)
    return loader.construct_yaml_float(node)


def _binary(loader: Any, node: Any) -> bytes:
    data: bytes = loader.construct_yaml_binary(node)
    return data


_yaml = yamlserializer.with_custom_tags(
    {
        "tag:yaml.org,2002:timestamp": _text,
        "tag:yaml.org,2002:value": _text,
        "tag:yaml.org,2002:merge": _text,
        "tag:yaml.org,2002:int": _number,
        "tag:yaml.org,2002:float": _number,
        "!binary": _binary,
    }
)


def parse(text: str) -> list[Any]:
    """Read the text of a cassette.

    Returns:
        Its documents: one, but for YAML that has several.

    Raises:
        CassetteError: It can't be read; the error says in which line.
    """
    if _TOML.match(text):
        return [_parse_toml(text)]
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        try:
            return [json.loads(text.removeprefix("\ufeff"))]
        except (ValueError, RecursionError):
            pass  # YAML may begin so too
    return [_parse_yaml(document) for document in _documents(text)]


def _parse_toml(text: str) -> Any:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        line = _TOML_LINE.search(str(error))
        problem = str(error).partition(" (at ")[0]
        raise CassetteError(
            f"expected a cassette in TOML, but it can't be read: {problem}",
            line=int(line[1]) if line else None,
        ) from error


def _parse_yaml(text: str) -> Any:
    try:
        _scan(text)
        return _yaml.deserialize(text)
    except yaml.YAMLError as error:
        raise _unreadable(error, text) from error
    except CassetteError:
        raise
    except Exception as error:  # whatever the library makes of a value that is not what its tag says
        raise CassetteError(f"expected a cassette in YAML, but it can't be read: {error}") from error


def _scan(text: str) -> None:
    """Refuse what would take more time or memory than its length, before anything is made of it."""
    around: list[bool | None] = []  # for each mapping whether a key comes next, for each sequence None
    for event in yaml.parse(text, Loader=_Parser):
        if isinstance(event, yaml.CollectionEndEvent):
            around.pop()
        if not isinstance(event, yaml.NodeEvent):
            continue
        is_key = bool(around and around[-1])
        if around and around[-1] is not None:
            around[-1] = not is_key
        if isinstance(event, yaml.CollectionStartEvent):
            around.append(True if isinstance(event, yaml.MappingStartEvent) else None)
        merges = is_key and isinstance(event, yaml.ScalarEvent) and event.value == "<<" and event.implicit[0]
        if merges or len(around) > _DEEPEST:
            what = "a merge key (<<), which no cassette has" if merges else f"more than {_DEEPEST} levels"
            line: int = event.start_mark.line + 1  # type: ignore[union-attr]  # they have
            raise CassetteError(f"expected a cassette, but there is {what}", line=line)


def _unreadable(error: yaml.YAMLError, text: str) -> CassetteError:
    conflict = _CONFLICT.search(text)
    if conflict:
        line = text.count("\n", 0, conflict.start()) + 1
        return CassetteError("expected a cassette, but there are the marks of a merge conflict", line=line)
    mark = getattr(error, "problem_mark", None)
    position = getattr(error, "position", None)
    where = mark.line + 1 if mark else None if position is None else text.count("\n", 0, position) + 1
    problem = (
        getattr(error, "problem", None) or getattr(error, "reason", None) or str(error).partition("\n")[0]
    )
    return CassetteError(f"expected a cassette in YAML, but it can't be read: {problem}", line=where)


def _documents(text: str) -> Iterator[str]:
    """The documents of a YAML file, each with empty lines before it, so that its lines keep their numbers."""
    starts = [start.start() for start in _DOCUMENT.finditer(text)]
    preamble = _PREAMBLE.match(text)
    if starts and preamble is not None and preamble.end() == starts[0]:
        starts[0] = 0
    else:
        starts.insert(0, 0)
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        yield "\n" * text.count("\n", 0, start) + text[start:end]


def line_of(text: str, at: Sequence[str | int]) -> int | None:
    """The line in which a value stands (the first is 1), or the value around it that is nearest.

    Args:
        text: The text of a cassette.
        at: The number of the document (the first is 0), and the keys and indices that lead to the value.

    Returns:
        The line; None where it is not known.
    """
    number, *steps = at
    if _TOML.match(text):
        starts = [start.start() for start in _TOML_INTERACTION.finditer(text)]
        inside = isinstance(number, int) and len(steps) > 1 and isinstance(steps[1], int)
        return text.count("\n", 0, starts[int(steps[1])]) + 1 if inside else None
    try:
        node: Any = yaml.compose(list(_documents(text))[int(number)], Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError):
        return None  # JSON that is no YAML
    for step in steps:
        if isinstance(step, int) and isinstance(node, yaml.SequenceNode):
            node = node.value[step]
        elif isinstance(node, yaml.MappingNode) and (
            found := [value for key, value in node.value if key.value == step]
        ):
            node = found[0]
        else:
            break
    return int(node.start_mark.line) + 1 if node is not None else None
