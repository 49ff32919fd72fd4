"""The names of tests' cassette files.

A name shows which test it belongs to. Every file system takes it, and no two tests share one, also on a
file system to which `A` and `a` are the same file. If a name had to be changed for that, it ends with `~` and
eight characters of the SHA-256 of the original. A secret in it is redacted.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from groqtape.pytest_plugin.node_ids import own_node_id
from groqtape.redaction.shown import gate

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["file_name", "fixture_file_name", "folder_name", "pytest_recording_name", "shared_name"]

# Refused by Windows (`/` by every system); what is not text, by most; `~`, which marks a changed name.
_REFUSED = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f~\ud800-\udfff]')
_DROPPED_AT_THE_END = ". "
"""Windows drops these at the end of a name."""
# Device names on Windows, with or without an extension.
_DEVICES = re.compile(r"(?i)(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(?:\.|$)")
_LONGEST = 120
# The characters that pytest-recording replaces.
_REPLACED = re.compile(r"""[<>?%*:|"'/\\]""")

# The classes and modules of the last tests, with the number of names in each, and the names: see `_names_in`.
_KNOWN: dict[int, tuple[Any, int, dict[str, set[str]]]] = {}
_MOST_KNOWN = 32


def folder_name(test_file: str) -> PurePosixPath:
    """The path below the cassette folder of the folder for the cassettes of a file's tests.

    Args:
        test_file: The file, relative to the root folder, with `/`.
    """
    return PurePosixPath(*(_part(part) for part in _inside(PurePosixPath(test_file.removesuffix(".py")))))


def file_name(item: Any) -> str:
    """The name of a test's cassette in that folder.

    Args:
        item: The pytest item.
    """
    whole = own_node_id(item).partition("::")[2] or item.name
    names, bracket, params = whole.partition("[")
    ambiguous = "." in names or _folded(params) != params or _has_twin(item)
    name = f"{names.replace('::', '.')}{bracket}{params}"
    return f"{_part(name, whole, ambiguous=ambiguous)}.yaml"


def pytest_recording_name(item: Any) -> str:
    """The name that pytest-recording gives a test's cassette; pytest-vcr gives the same.

    Two tests can get the same name.

    Args:
        item: The pytest item.
    """
    test = own_node_id(item).removeprefix(f"{item.parent.nodeid}::")
    owner = getattr(item, "cls", None)
    name = f"{owner.__name__}.{test}" if owner else test
    return f"{_REPLACED.sub('-', name)}.yaml"


def fixture_file_name(node: Any, name: str) -> str:
    """The name of a fixture's cassette in the folder of its scope's file.

    Args:
        node: The pytest node of its scope.
        name: The fixture's name, as `CassettePaths.of_fixture` takes it.
    """
    classes = node.nodeid.partition("::")[2]
    ambiguous = _folded(name) != name or (classes != "" and _has_twin(node))
    full_name = f"{classes.replace('::', '.')}.{name}" if classes else name
    return f"{_part(full_name, f'{classes}::{name}', ambiguous=ambiguous)}.yaml"


def shared_name(name: str) -> PurePosixPath:
    """The path below the cassette folder of a cassette that a marker names; `/` makes folders."""
    path = PurePosixPath(name.removesuffix(".yaml"))
    parts = [_part(part) for part in _inside(path)] or [_part(name)]
    return PurePosixPath(*parts[:-1], f"{parts[-1]}.yaml")


def _inside(path: PurePosixPath) -> Iterator[str]:
    """The parts of a path below the folder it is put in (`_part` renames `..`)."""
    return (part for part in path.parts if part.strip("/"))


def _part(name: str, whole: str | None = None, *, ambiguous: bool = False) -> str:
    """One name in a folder.

    Args:
        name: The name as it should be.
        whole: The text that no other test has, where the name alone is not unique.
        ambiguous: Whether another test may have the same name, or one that is the same to a file system.
    """
    redacted = gate.redacted(name)
    kept = redacted.rstrip(_DROPPED_AT_THE_END)
    safe = _REFUSED.sub("_", kept) + "_" * (len(redacted) - len(kept))
    if _DEVICES.match(safe) or safe.startswith(("-", " ")):
        safe = f"_{safe}"
    if len(safe.encode()) > _LONGEST:
        safe = safe.encode()[:_LONGEST].decode(errors="ignore")
    if safe == name and name and not ambiguous:
        return name
    digest = hashlib.sha256((whole or name).encode("utf-8", "surrogatepass")).hexdigest()
    return f"{safe}~{digest[:8]}"


def _has_twin(item: Any) -> bool:
    """Whether a class or function beside this one has the same name to some file systems."""
    if getattr(item.parent, "obj", None) is None:  # not from a Python file: its neighbours are unknown
        return bool(_folded(item.name) != item.name)
    for node in item.listchain():
        name = getattr(node, "originalname", None) or node.name
        folded = _folded(name)
        outer = getattr(node.parent, "obj", None)
        for scope in getattr(outer, "__mro__", (outer,)):
            if _names_in(scope).get(folded, set()) - {name}:
                return True
    return False


def _names_in(scope: Any) -> dict[str, set[str]]:
    """The names in a class or module, by their folded form; cached, since each of its tests needs them."""
    names = getattr(scope, "__dict__", {})
    known = _KNOWN.get(id(scope))
    if known is None or known[0] is not scope or known[1] != len(names):
        by_folded: dict[str, set[str]] = {}
        for name in names:
            by_folded.setdefault(_folded(name), set()).add(name)
        if len(_KNOWN) == _MOST_KNOWN:
            _KNOWN.clear()
        _KNOWN[id(scope)] = known = (scope, len(names), by_folded)
    return known[2]


def _folded(name: str) -> str:
    """A name as a file system compares it that ignores case and how accents are encoded."""
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
