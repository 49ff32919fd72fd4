"""What a test's cassette file is called.

The name says which test it belongs to, every file system takes it, and no two tests share it, also
where `A` and `a` are the same file. A name that had to be changed for that ends with `~` and eight
characters of the SHA-256 of what it was.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["cassette_name", "shared_name"]

# Refused by Windows, and `/` by everybody; `~` is the mark of a name that was changed.
_REFUSED = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f~]')
# Names of devices on Windows, whatever follows their first dot.
_DEVICES = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)")
_LONGEST = 120


def cassette_name(item: Any, test_file: str) -> PurePosixPath:
    """The path of a test's cassette below the cassette folder.

    Args:
        item: The pytest item.
        test_file: Its file, relative to the root folder, with `/`.
    """
    folder = PurePosixPath(*(_part(part) for part in _inside(PurePosixPath(test_file).with_suffix(""))))
    names, bracket, params = (item.nodeid.partition("::")[2] or item.name).partition("[")
    name = f"{names.replace('::', '.')}{bracket}{params}"
    return folder / f"{_part(name, ambiguous=params != params.lower() or _has_twin(item))}.yaml"


def shared_name(name: str) -> PurePosixPath:
    """The path below the cassette folder of a cassette that a marker names; `/` makes folders."""
    path = PurePosixPath(name.removesuffix(".yaml"))
    parts = [_part(part) for part in _inside(path)] or [_part(name)]
    return PurePosixPath(*parts[:-1], f"{parts[-1]}.yaml")


def _inside(path: PurePosixPath) -> Iterator[str]:
    """The parts of a path, none of which leads out of the folder it is put in."""
    for part in path.parts:
        if part not in ("/", "."):
            yield "__" if part == ".." else part


def _part(name: str, *, ambiguous: bool = False) -> str:
    """One name in a folder."""
    safe = _REFUSED.sub("_", name).rstrip(". ")
    if _DEVICES.match(safe) or safe.startswith(("-", " ")):
        safe = f"_{safe}"
    if len(safe.encode()) > _LONGEST:
        safe = safe.encode()[:_LONGEST].decode(errors="ignore")
    if safe == name and name and not ambiguous:
        return name
    return f"{safe}~{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def _has_twin(item: Any) -> bool:
    """Whether a class or function beside this one has the same name but for its case."""
    for node in item.listchain():
        name = getattr(node, "originalname", None) or node.name
        beside = getattr(getattr(node.parent, "obj", None), "__dict__", {})
        if any(other != name and other.casefold() == name.casefold() for other in beside):
            return True
    return False
