"""The text of a cassette file as plain data: YAML, in one document or several, JSON or TOML.

YAML is read by vcrpy's safe loader, so nothing in a file is executed. Three things differ, since other
recorders write YAML 1.2 or Ruby's tags: `12:30` and `2026-01-01` are text, as are `=` and `<<` where
they are values, and `!binary` is `!!binary`.
"""

from __future__ import annotations

import json
import re
import reprlib
from itertools import islice
from typing import TYPE_CHECKING, Any

import yaml
from vcr.serializers import yamlserializer

from groqtape.errors import CassetteError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["SURROGATE", "line_of", "parse"]

# A line that begins so begins a document, whatever stands around it; what may stand before the first one.
_DOCUMENT = re.compile(r"^---(?=\s|\Z)", re.MULTILINE)
_PREAMBLE = re.compile(r"\ufeff?(?:[ \t]*(?:#.*)?\r?\n|%.*\n)*+")
# How cassetter's TOML begins: no YAML does.
_TOML = re.compile(r"\s*(?:#.*\n\s*)*(?:version\s*=|\[\[interactions\]\])")
_TOML_INTERACTION = re.compile(r"^[ \t]*+\[\[interactions\]\]", re.MULTILINE)
_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7})(?: |$)", re.MULTILINE)
_DEEPEST = 64
# What its aliases may add to a file: a few hundred bytes can stand for more than a machine has.
_MOST_REPEATED = 8 * 2**20
# Python does not write whole numbers of more than some 4300 digits.
_LONGEST_NUMBER = 1000
_LARGEST_INTEGER = 2**4096
# What no UTF-8 can hold.
SURROGATE = re.compile("[\ud800-\udfff]")
# The TOML library walks all of a dotted key once for each of its parts.
_LONG_TOML_KEY = re.compile(
    rf"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){{{_DEEPEST}}}"""
)
_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TOML_LINE = re.compile(r"\(at line (\d+), ")
_LONGEST_PROBLEM = 200


def _text(loader: Any, node: Any) -> str:
    return str(loader.construct_scalar(node))


def _number(loader: Any, node: Any) -> Any:
    """A number; but `12:30`, which YAML 1.1 counts in sixties, is text, and so is what is endless."""
    if ":" in node.value or len(node.value) > _LONGEST_NUMBER:
        return _text(loader, node)
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
        document = _parse_toml(text)
        _check_plain(document, text)
        return [document]
    if _looks_like_json(text):
        try:
            document = json.loads(text.removeprefix("\ufeff"))
        except (ValueError, RecursionError):
            pass  # YAML may begin so too
        else:
            _check_plain(document, text)
            return [document]
    documents = []
    for before, part in _documents(text):
        try:
            documents.append(_parse_yaml(part))
        except CassetteError as error:
            error.line = None if error.line is None else before + error.line
            raise
    return documents


def _looks_like_json(text: str) -> bool:
    return text.lstrip("\ufeff \t\r\n").startswith("{")


def _parse_toml(text: str) -> Any:
    long = _LONG_TOML_KEY.search(text)
    if long:
        line = text.count("\n", 0, long.start()) + 1
        raise CassetteError(f"expected a cassette, but there are more than {_DEEPEST} levels", line=line)
    import tomllib  # seldom needed

    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise CassetteError(f"expected a cassette, but there are more than {_DEEPEST} levels") from error
    except ValueError as error:
        found = _TOML_LINE.search(str(error))
        problem = _clipped(str(error).partition(" (at ")[0])
        raise CassetteError(
            f"expected a cassette in TOML, but it can't be read: {problem}",
            line=int(found[1]) if found else None,
        ) from error


def _check_plain(document: Any, text: str) -> None:
    """Refuse what JSON and TOML can hold and no cassette does: nesting, endless numbers, half letters."""
    coming: list[tuple[Any, tuple[str | int, ...]]] = [(document, (0,))]
    while coming:
        value, at = coming.pop()
        expected = ""
        if isinstance(value, dict):
            coming += [(item, (*at, key)) for key, item in value.items()]
            if any(map(SURROGATE.search, value)):
                expected = "keys that UTF-8 can hold"
        elif isinstance(value, list):
            coming += [(item, (*at, index)) for index, item in enumerate(value)]
        elif isinstance(value, str):
            expected = "text that UTF-8 can hold" if SURROGATE.search(value) else ""
        elif isinstance(value, int):
            expected = "" if abs(value) < _LARGEST_INTEGER else "a number of fewer digits"
        if len(at) > _DEEPEST + 1:
            raise CassetteError(f"expected a cassette, but there are more than {_DEEPEST} levels")
        if expected:
            shown = "one of more" if isinstance(value, int) else reprlib.repr(value)
            raise CassetteError(f"expected {expected}, got {shown}", line=line_of(text, at))


def _parse_yaml(text: str) -> Any:
    try:
        _Scan().through(text)
        return _yaml.deserialize(text)
    except yaml.YAMLError as error:
        raise _unreadable(error, text) from error
    except CassetteError:
        raise
    except Exception as error:  # whatever the library makes of a value that is not what its tag says
        problem = _clipped(str(error))
        raise CassetteError(f"expected a cassette in YAML, but it can't be read: {problem}") from error


class _Open:
    """A collection that has begun."""

    def __init__(self, event: Any, begins: int) -> None:
        self.anchor: str | None = event.anchor
        self.begins = begins  # how much stood before it
        self.levels = 1
        # In a mapping: whether a key comes next.
        self.key_next: bool | None = True if isinstance(event, yaml.MappingStartEvent) else None


class _Scan:
    """Refuses what would take more time or memory than its length, before anything is made of it."""

    def __init__(self) -> None:
        self._open: list[_Open] = []
        # How much each anchor stands for, and how deep that is nested; None while it is open.
        self._anchors: dict[str, tuple[int, int] | None] = {}
        self._size = 0
        self._repeated = 0

    def through(self, text: str) -> None:
        """Go through a document.

        Raises:
            CassetteError: It is refused.
            yaml.YAMLError: It is no YAML.
        """
        for event in yaml.parse(text, Loader=_Parser):
            if isinstance(event, yaml.CollectionEndEvent):
                self._close()
            elif isinstance(event, yaml.NodeEvent):
                problem = self._problem(event)
                if problem:
                    line: int = event.start_mark.line + 1  # type: ignore[union-attr]  # they have
                    raise CassetteError(f"expected a cassette, but there is {problem}", line=line)

    def _close(self) -> None:
        done = self._open.pop()
        if done.anchor is not None:
            self._anchors[done.anchor] = self._size - done.begins, done.levels
        if self._open:
            self._open[-1].levels = max(self._open[-1].levels, done.levels + 1)

    def _problem(self, event: yaml.NodeEvent) -> str | None:
        is_key = bool(self._open and self._open[-1].key_next)
        if self._open and self._open[-1].key_next is not None:
            self._open[-1].key_next = not is_key
        levels = 0
        if isinstance(event, yaml.AliasEvent):
            known = self._anchors.get(event.anchor or "", (0, 0))
            if known is None:
                return "an alias to what it stands in"
            size, levels = known
            self._repeated += size
            if self._repeated > _MOST_REPEATED:
                return "more than its aliases may stand for"
        elif isinstance(event, yaml.ScalarEvent):
            size = 1 + len(event.value)
            if event.anchor is not None:
                self._anchors[event.anchor] = size, 0
            if is_key and event.value == "<<" and event.implicit[0]:
                return "a merge key (<<), which no cassette has"
        else:
            size = 1
            if event.anchor is not None:
                self._anchors[event.anchor] = None
            self._open.append(_Open(event, self._size))
        self._size += size
        if self._open:
            self._open[-1].levels = max(self._open[-1].levels, levels + 1)
        return f"more than {_DEEPEST} levels" if len(self._open) + levels > _DEEPEST else None


def _unreadable(error: yaml.YAMLError, text: str) -> CassetteError:
    conflict = _CONFLICT.search(text)
    if conflict:
        line = text.count("\n", 0, conflict.start()) + 1
        return CassetteError("expected a cassette, but there are the marks of a merge conflict", line=line)
    mark = getattr(error, "problem_mark", None)
    position = getattr(error, "position", None)
    where = mark.line + 1 if mark else None if position is None else text.count("\n", 0, position) + 1
    problem = _clipped(
        getattr(error, "problem", None) or getattr(error, "reason", None) or str(error).partition("\n")[0]
    )
    return CassetteError(f"expected a cassette in YAML, but it can't be read: {problem}", line=where)


def _clipped(problem: str) -> str:
    """What a library says, which may quote all that it read."""
    return problem if len(problem) <= _LONGEST_PROBLEM else f"{problem[: _LONGEST_PROBLEM - 1]}…"


def _documents(text: str) -> Iterator[tuple[int, str]]:
    """The documents of a YAML file, each with how many lines stand before it."""
    starts = [start.start() for start in _DOCUMENT.finditer(text)]
    preamble = _PREAMBLE.match(text)
    if starts and preamble is not None and preamble.end() == starts[0]:
        starts[0] = 0
    else:
        starts.insert(0, 0)
    before = 0
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        yield before, text[start:end]
        before += text.count("\n", start, end)


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
        # Not where they stand otherwise: inline, or with a table's name spelled in another way.
        starts = [found.start() for found in _TOML_INTERACTION.finditer(text)]
        index = steps[1] if len(steps) > 1 else None
        known = isinstance(index, int) and index < len(starts)
        return text.count("\n", 0, starts[int(index)]) + 1 if known else None  # type: ignore[arg-type]
    before, document = next(islice(_documents(text), int(number), None))
    try:
        # YAML has been scanned, and is not nested deep.
        node: Any = yaml.compose(document, Loader=yaml.SafeLoader if _looks_like_json(text) else _Parser)
    except (yaml.YAMLError, RecursionError):
        return None  # JSON that is no YAML
    for step in steps:
        if isinstance(step, int) and isinstance(node, yaml.SequenceNode) and step < len(node.value):
            node = node.value[step]
        elif isinstance(node, yaml.MappingNode) and (
            found := [value for key, value in node.value if key.value == step]
        ):
            node = found[-1]  # the last of a name counts
        else:
            break
    return before + int(node.start_mark.line) + 1 if node is not None else None
