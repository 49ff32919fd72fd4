"""What the terminal says of cassettes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest

__all__ = ["CassetteUse", "write_summary"]


class CassetteUse(NamedTuple):
    """How one test used its cassette; plain values, so that it travels between pytest-xdist's processes.

    Attributes:
        test: The test's node id.
        path: The cassette, as the terminal shows it.
        record_mode: The record mode.
        played: Calls answered from the file.
        recorded: Calls recorded.
        chunks: Chunks in the streams recorded.
        interactions: Interactions in the cassette.
        written: Whether the file was written.
        hint: What else the command lacked, where the recording was dropped.
    """

    test: str
    path: str
    record_mode: str
    played: int
    recorded: int
    chunks: int
    interactions: int
    written: bool
    hint: str

    def __str__(self) -> str:
        said = [f"{self.path} (record mode {self.record_mode}): {self.played} played"]
        if self.recorded:
            said.append(f"{_count(self.recorded, 'interaction')} recorded, {_count(self.chunks, 'chunk')}")
            if not self.written:
                said.append(f"dropped, because the test failed{self.hint}")
        return ", ".join(said)


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def write_summary(terminal: pytest.TerminalReporter, usages: Iterable[CassetteUse]) -> None:
    """Write which cassettes were written; with `-v`, also which test used which."""
    usages = list(usages)
    if terminal.config.get_verbosity() > 0 and usages:
        terminal.write_sep("-", "groqtape: cassettes used")
        for usage in usages:
            terminal.write_line(f"{usage.test}")
            terminal.write_line(f"  {usage}")
    written: dict[str, list[CassetteUse]] = {}
    for usage in usages:
        if usage.written:
            written.setdefault(usage.path, []).append(usage)
    if written:
        terminal.write_sep("-", "groqtape: cassettes written")
        for path, of_path in written.items():
            interactions = _count(of_path[-1].interactions, "interaction")
            chunks = _count(sum(usage.chunks for usage in of_path), "chunk")
            terminal.write_line(f"{path}: {interactions}, {chunks} recorded")
    dropped = [usage for usage in usages if usage.recorded and not usage.written]
    if dropped:
        terminal.write_sep("-", "groqtape: recordings dropped")
        for usage in dropped:
            terminal.write_line(f"{usage.path}: {usage.test} failed, so nothing was written{usage.hint}")
