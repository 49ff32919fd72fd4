"""The text of a cassette in YAML, in one document or several, as plain data.

The loader is a safe one: nothing in a file is executed. It differs from YAML 1.1 in three things, since other
recorders write YAML 1.2 or Ruby's tags: `12:30` and `2026-01-01` are text, as are `=` and `<<` as values, and
`!binary` is `!!binary`. It also knows the tags that vcrpy writes for request bodies that are no text.
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING, Any

import yaml

from groqtape.cassettes.limits import LONGEST_NUMBER, YamlScan, clipped
from groqtape.errors import CassetteError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["line_in_yaml", "parse_yaml", "safe_loader"]

# A line that begins so begins a document, whatever stands around it; what may stand before the first one.
_DOCUMENT = re.compile(r"^---(?=\s|\Z)", re.MULTILINE)
_PREAMBLE = re.compile(r"\ufeff?(?:[ \t]*+(?:#.*)?\r?\n|%.*\n)*+")
_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7})(?: |$)", re.MULTILINE)


def _text(loader: Any, node: Any) -> str:
    return str(loader.construct_scalar(node))


def _number(loader: Any, node: Any) -> Any:
    """A number; but `12:30`, which is base 60 in YAML 1.1, is text, and so are numbers of too many digits."""
    if ":" in node.value or len(node.value) > LONGEST_NUMBER:
        return _text(loader, node)
    if node.tag.endswith("int"):
        return loader.construct_yaml_int(node)
    return loader.construct_yaml_float(node)


def _binary(loader: Any, node: Any) -> bytes:
    data: bytes = loader.construct_yaml_binary(node)
    return data


def _tuple(loader: Any, node: Any) -> tuple[Any, ...]:
    return tuple(loader.construct_sequence(node))


def _file(loader: Any, node: Any) -> BytesIO:
    """A file that was a request's body: vcrpy wrote its pickled state, of which only the content counts."""
    content = (loader.construct_mapping(node, deep=True).get("state") or [b""])[0]
    return BytesIO(content.encode() if isinstance(content, str) else content or b"")


def _iterator(loader: Any, node: Any) -> Iterator[Any]:
    """An iterator that was a request's body: vcrpy wrote what was left in it."""
    return iter((loader.construct_mapping(node, deep=True).get("args") or [[]])[0])


_YAML, _PYTHON = "tag:yaml.org,2002:", "tag:yaml.org,2002:python/"
_CONSTRUCTORS = {
    f"{_YAML}timestamp": _text,
    f"{_YAML}value": _text,
    f"{_YAML}merge": _text,
    f"{_YAML}int": _number,
    f"{_YAML}float": _number,
    "!binary": _binary,
    f"{_PYTHON}str": _text,
    f"{_PYTHON}unicode": _text,
    f"{_PYTHON}tuple": _tuple,
    f"{_PYTHON}object/new:_io.BytesIO": _file,
    f"{_PYTHON}object/apply:builtins.iter": _iterator,
}


class _PureLoader(yaml.SafeLoader):
    """PyYAML's safe loader in pure Python, which takes tabs for spaces where libyaml does."""

    def scan_to_next_token(self) -> None:
        super().scan_to_next_token()
        while self.peek() == "\t" and (self.flow_level or not self.allow_simple_key):
            self.forward()
            super().scan_to_next_token()


def safe_loader(*, libyaml: bool) -> Any:
    """The loader of cassettes, on top of libyaml or of PyYAML in pure Python."""
    loader: Any = type("CassetteLoader", (yaml.CSafeLoader if libyaml else _PureLoader,), {})
    for tag, constructor in _CONSTRUCTORS.items():
        loader.add_constructor(tag, constructor)
    return loader


_loader = safe_loader(libyaml=yaml.__with_libyaml__)


def parse_yaml(text: str) -> list[Any]:
    """Read the documents of a cassette in YAML.

    Raises:
        CassetteError: It can't be read; the error says in which line.
    """
    documents = []
    for before, part in _documents(text):
        try:
            documents.append(_parse(part))
        except CassetteError as error:
            error.line = None if error.line is None else before + error.line
            raise
    return documents


def _parse(text: str) -> Any:
    try:
        YamlScan().check(yaml.parse(text, Loader=_loader))
        return yaml.load(text, Loader=_loader)  # noqa: S506  # a safe one
    except yaml.YAMLError as error:
        raise _unreadable(error, text) from error
    except CassetteError:
        raise
    except Exception as error:  # whatever PyYAML makes of a value that is not what its tag says
        problem = clipped(str(error))
        raise CassetteError(f"expected a cassette in YAML, but it can't be read: {problem}") from error


def _unreadable(error: yaml.YAMLError, text: str) -> CassetteError:
    conflict = _CONFLICT.search(text)
    if conflict:
        line = text.count("\n", 0, conflict.start()) + 1
        return CassetteError("expected a cassette, but there are the marks of a merge conflict", line=line)
    mark = getattr(error, "problem_mark", None)
    position = getattr(error, "position", None)
    where = mark.line + 1 if mark else None if position is None else text.count("\n", 0, position) + 1
    problem = clipped(
        getattr(error, "problem", None) or getattr(error, "reason", None) or str(error).partition("\n")[0]
    )
    return CassetteError(f"expected a cassette in YAML, but it can't be read: {problem}", line=where)


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


def line_in_yaml(text: str, at: Sequence[str | int], loader: Any = None) -> int | None:
    """The line (the first is 1) in which a value stands, or the nearest value around it.

    Args:
        text: The text of a cassette.
        at: The number of the document (the first is 0), and the keys and indices that lead to the value.
        loader: Another loader than that of cassettes.

    Returns:
        The line; None where the text is no YAML.
    """
    number, *steps = at
    documents = list(_documents(text))
    before, document = documents[int(number)]
    try:
        # The text has been scanned: it is not nested deep.
        node: Any = yaml.compose(document, Loader=loader or _loader)
    except (yaml.YAMLError, RecursionError):
        return None
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
