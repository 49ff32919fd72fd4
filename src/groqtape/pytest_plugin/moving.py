"""The command that gives a cassette its new name, as you type it where the session was started."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from groqtape.pytest_plugin.commands import relative_path

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

__all__ = ["move_command"]


def move_command(old: Path, new: Path, here: Path, of_no_test: Collection[Path]) -> str:
    """The command that moves a cassette, and those that were moved or renamed with it.

    Args:
        old: Where it is.
        new: Where it belongs.
        here: The folder where the command is typed.
        of_no_test: The cassettes that may be moved.
    """

    def typed(path: Path) -> str:
        return shlex.quote(relative_path(path, here))

    move = "git mv" if _is_tracked(old) else "mv"
    old_class, _, old_rest = old.name.partition(".")
    new_class, _, new_rest = new.name.partition(".")
    if old.parent == new.parent and old_rest == new_rest and old_rest.count(".") and "[" not in old_class:
        of_class = [path for path in old.parent.iterdir() if path.name.startswith(f"{old_class}.")]
        if len(of_class) > 1 and set(of_class) <= set(of_no_test):
            files, renamed = typed(old.with_name(f"{old_class}.")), typed(old.with_name(f"{new_class}."))
            return f'for file in {files}*; do {move} "$file" {renamed}"${{file##*/{old_class}.}}"; done'
    if old.name == new.name and not new.parent.exists() and set(old.parent.iterdir()) <= set(of_no_test):
        old, new = old.parent, new.parent
    make_folder = "" if new.parent.exists() else f"mkdir -p {typed(new.parent)} && "
    return f"{make_folder}{move} {typed(old)} {typed(new)}"


def _is_tracked(path: Path) -> bool:
    """Whether git has a file, or files in a folder. Its index has their names; git itself is not started."""
    for folder in path.parents:
        git = folder / ".git"
        if git.exists():
            if git.is_file():  # a worktree's
                git = folder / git.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
            name = path.relative_to(folder).as_posix() + ("/" if path.is_dir() else "\0")
            index = git / "index"
            return index.exists() and name.encode() in index.read_bytes()
    return False
