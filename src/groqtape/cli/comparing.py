"""Pairs of cassettes that are compared: two files, two folders, or git's version and the one there now."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from groqtape.cassettes.gc_pause import gc_paused
from groqtape.cli.git import Repository
from groqtape.cli.many import with_progress
from groqtape.cli.paths import cassettes_in, shown_path
from groqtape.cli.project_tree import ProjectTree
from groqtape.errors import CassetteError
from groqtape.reports.cassette_files import CassetteFile, read_bytes, read_file
from groqtape.reports.changes import InteractionChange, changes_between

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groqtape.cli.git import Changed
    from groqtape.cli.secrets import Secrets

__all__ = ["Comparison", "between_paths", "since_revision"]

_SUFFIXES = (".yaml", ".yml")


class Comparison(NamedTuple):
    """A cassette that changed.

    Attributes:
        before: The name it had; None for a new one.
        after: The name it has; None for one that is gone.
        interactions: How many interactions it has (or had).
        changes: What changed in it.
    """

    before: str | None
    after: str | None
    interactions: int
    changes: list[InteractionChange]


def between_paths(
    before: Path, after: Path, secrets: Secrets, *, timing: bool
) -> Iterator[Comparison | CassetteError]:
    """Compare two files, or the files of two folders that have the same names there."""
    if not before.is_dir() and not after.is_dir():
        pairs: list[tuple[Path | None, Path | None]] = [(before, after)]
    else:
        old, new = (
            {path.relative_to(root): path for path in cassettes_in([str(root)])} for root in (before, after)
        )
        pairs = [(old.get(name), new.get(name)) for name in sorted({*old, *new})]
    for was, now in with_progress(pairs, "Comparing cassettes"):
        if was and now and _is_same(was, now):
            continue
        try:
            yield from _compared(was and read_file(was), now and read_file(now), secrets, timing=timing)
        except CassetteError as error:
            yield error


def since_revision(
    revision: str, paths: Sequence[str], secrets: Secrets, *, timing: bool
) -> Iterator[Comparison | CassetteError]:
    """Compare what git has in a revision with what is there now.

    Raises:
        UsageError: There is no git repository, or no such revision.
    """
    repository = Repository()
    commit = repository.commit_of(revision)
    tree = None if paths else ProjectTree()
    given = tree.git_paths() if tree else list(paths)
    named = {(Path.cwd() / path).resolve() for path in given}
    changed = [
        each
        for each in repository.changed_since(commit, given)
        if (each.after or each.before or "").endswith(_SUFFIXES)
        or (repository.root / (each.after or each.before or "")).resolve() in named
    ]
    if tree:
        changed = [each for each in changed if tree.has(repository.root / (each.after or each.before or ""))]
        if not changed:
            tree.paths()  # the error, if there is no folder of cassettes
    contents = iter(repository.contents(commit, [each.before for each in changed if each.before is not None]))
    for each in with_progress(changed, "Comparing cassettes"):
        data = next(contents) if each.before is not None else None
        try:
            yield from _since(repository.root, revision, each, data, secrets, timing=timing)
        except CassetteError as error:
            yield error


def _since(
    root: Path, revision: str, changed: Changed, data: bytes | None, secrets: Secrets, *, timing: bool
) -> Iterator[Comparison]:
    was = now = None
    if data is not None and changed.before is not None:
        path = shown_path(root / changed.before)
        was = read_bytes(data, f"{revision}:{path}")._replace(name=path)
    if changed.after is not None:
        path = shown_path(root / changed.after)
        now = read_file(Path(path))
    yield from _compared(was, now, secrets, timing=timing)


def _is_same(one: Path, other: Path) -> bool:
    try:
        # What is no file may never end.
        return one.is_file() and other.is_file() and one.read_bytes() == other.read_bytes()
    except OSError:
        return False  # reading it as a cassette says what is wrong


def _compared(
    was: CassetteFile | None, now: CassetteFile | None, secrets: Secrets, *, timing: bool
) -> Iterator[Comparison]:
    if was is None or now is None:
        there = now or was
        count = len(there.interactions) if there else 0
        yield Comparison(was and was.name, now and now.name, count, [])
        return
    with gc_paused():
        before, after = (secrets.cassette(each).interactions for each in (was, now))
        changes = changes_between(before, after, timing=timing)
    if changes:
        yield Comparison(was.name, now.name, len(now.interactions), changes)
