"""What the terminal shows of cassettes."""

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
        hint: What to add to the command, if the recording was dropped.
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
        parts = [f"{self.path} (record mode {self.record_mode}): {self.played} played"]
        if self.recorded:
            parts.append(f"{_count(self.recorded, 'interaction')} recorded, {_count(self.chunks, 'chunk')}")
            if not self.written:
                parts.append(f"dropped, because the test failed{self.hint}")
        return ", ".join(parts)


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def write_summary(terminal: pytest.TerminalReporter, uses: Iterable[CassetteUse]) -> None:
    """Write which cassettes were written; with `-v`, also which test used which."""
    uses = list(uses)
    if terminal.config.get_verbosity() > 0 and uses:
        terminal.write_sep("-", "groqtape: cassettes used")
        for use in uses:
            terminal.write_line(f"{use.test}")
            terminal.write_line(f"  {use}")
    written: dict[str, list[CassetteUse]] = {}
    for use in uses:
        if use.written:
            written.setdefault(use.path, []).append(use)
    if written:
        terminal.write_sep("-", "groqtape: cassettes written")
        for path, of_path in written.items():
            if not of_path[-1].interactions:
                terminal.write_line(f"{path}: deleted, because no call to Groq was made")
                continue
            interactions = _count(of_path[-1].interactions, "interaction")
            chunks = _count(sum(use.chunks for use in of_path), "chunk")
            terminal.write_line(f"{path}: {interactions}, {chunks} recorded")
    dropped = [use for use in uses if use.recorded and not use.written]
    if dropped:
        terminal.write_sep("-", "groqtape: recordings dropped")
        for use in dropped:
            terminal.write_line(f"{use.path}: {use.test} failed, so nothing was written{use.hint}")
