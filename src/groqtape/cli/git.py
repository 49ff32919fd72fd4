"""What git has of the cassettes: which changed since a revision, under which names, and what was in them."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from groqtape.cli.usage_errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["Changed", "Repository"]

_IS_THERE_GIT = "Run it in a git repository, or compare two files: groqtape diff A B"


class Changed(NamedTuple):
    """A file that changed since a revision.

    Attributes:
        before: Its path from the root of the repository, as it was; None for a new file.
        after: Its path as it is now; None for one that is gone.
    """

    before: str | None
    after: str | None


class Repository:
    """The git repository of the current folder.

    Raises:
        UsageError: There is none, or no git.
    """

    def __init__(self) -> None:
        self.root = Path(self._git("rev-parse", "--show-toplevel").decode().rstrip("\n"))

    def commit_of(self, revision: str) -> str:
        """The name of a revision's commit.

        Raises:
            UsageError: It is no revision.
        """
        try:
            found = self._git(
                "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
            )
        except UsageError:
            raise UsageError(
                f"expected a revision of git, a file or a folder, got {revision}\n"
                "See what there is: git log --oneline, groqtape list"
            ) from None
        return found.decode().strip()

    def changed_since(self, commit: str, paths: Iterable[str]) -> Iterator[Changed]:
        """What changed since a commit, and what is new and not ignored; renames as git detects them."""
        given = [f":(literal){path}" if Path(path).exists() else path for path in paths]
        fields = iter(
            self._git("diff", "--name-status", "-z", "-M", "--no-ext-diff", commit, "--", *given).split(b"\0")
        )
        for status in fields:
            if not status:
                continue
            path = next(fields).decode("utf-8", "surrogateescape")
            if status[:1] in (b"R", b"C"):
                yield Changed(path, next(fields).decode("utf-8", "surrogateescape"))
            else:
                yield Changed(None if status == b"A" else path, None if status == b"D" else path)
        others = self._git("ls-files", "--others", "--exclude-standard", "--full-name", "-z", "--", *given)
        for name in filter(None, others.split(b"\0")):
            yield Changed(None, name.decode("utf-8", "surrogateescape"))

    def contents(self, commit: str, paths: Sequence[str]) -> list[bytes]:
        """What is in files of a commit, in the order of their paths: as `git show` has them, in one go."""
        # Older versions of git do not know the option, which hardly any path needs.
        ends, options = ("\0", ["-z"]) if any("\n" in path for path in paths) else ("\n", [])
        names = "".join(f"{commit}:{path}{ends}" for path in paths).encode("utf-8", "surrogateescape")
        answer = self._git("cat-file", "--batch", *options, stdin=names)
        found = []
        at = 0
        for path in paths:
            head, _, _ = answer[at : at + len(path.encode("utf-8", "surrogateescape")) + 128].partition(b"\n")
            # A submodule is no file, and its commit is not in this repository: "… missing".
            _, _, size = head.rpartition(b" ")
            start = at + len(head) + 1
            end = start + int(size) if size.isdigit() else start
            found.append(answer[start:end])
            at = end + 1 if size.isdigit() else start
        return found

    def configure(self, name: str, value: str) -> None:
        """Set a value in the repository's configuration."""
        self._git("config", "--local", name, value)

    def forget(self, section: str) -> None:
        """Take a section out of the repository's configuration, if it is there."""
        if self._git("config", "--local", "--default", "", "--get", f"{section}.textconv").strip():
            self._git("config", "--local", "--remove-section", section)

    def _git(self, *args: str, stdin: bytes | None = None) -> bytes:
        try:
            ran = subprocess.run(["git", *args], input=stdin, capture_output=True, check=False)  # noqa: S603, S607
        except OSError as error:
            raise UsageError(
                f"expected git, but it can't be run: {error.strerror}\n{_IS_THERE_GIT}"
            ) from error
        if ran.returncode:
            message = ran.stderr.decode("utf-8", "replace").strip() or f"git {args[0]} failed"
            raise UsageError(f"{message}\n{_IS_THERE_GIT}")
        return ran.stdout
