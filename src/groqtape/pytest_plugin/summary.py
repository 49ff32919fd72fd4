"""What the terminal shows of cassettes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from groqtape.redaction.shown import gate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pytest

__all__ = ["CassetteUse", "file_before", "packed", "write_summary"]

_MOST_REDACTED = 5
"""Lines on one cassette, without `-v`."""


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
        replaced: When the file that was replaced was written, and what was in it, as `packed` makes it; None
            where there was none.
        redacted: What was redacted from what was written: rule, place, and how often.
        keeps: The command that replays the recording, if it is kept aside because the test failed.
        replays_kept: How many of the recordings that were kept aside it answers with.
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
    replaced: Sequence[Any] | None = None
    redacted: Sequence[tuple[str, str, int]] = ()
    keeps: str = ""
    replays_kept: int = 0

    def __str__(self) -> str:
        parts = [f"{self.path} (record mode {self.record_mode}): {self.played} played"]
        if self.replays_kept:
            parts.append("from a recording that was kept aside")
        if self.recorded:
            parts.append(f"{_count(self.recorded, 'interaction')} recorded, {_count(self.chunks, 'chunk')}")
            if not self.written:
                done, hint = ("kept aside", "") if self.keeps else ("dropped", self.hint)
                parts.append(f"{done}, because the test failed{hint}")
        return ", ".join(parts)


def packed(file: bytes) -> str:
    """A file, redacted, as a text: pytest-xdist sends reports between processes, and plugins write them."""
    import base64
    import zlib

    redacted = gate.redacted(file.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
    return base64.b64encode(zlib.compress(redacted)).decode()


def file_before(uses: Iterable[CassetteUse]) -> bytes | None:
    """A cassette as it was before the run; None where there was none.

    Args:
        uses: Those that wrote it, in one process or several.
    """
    import base64
    import zlib

    replaced = [use.replaced for use in uses]
    if None in replaced:
        return None
    # Several tests may have written it: the oldest file is the one from before the run.
    _, oldest = min(tuple(one) for one in replaced if one)
    return zlib.decompress(base64.b64decode(oldest))


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def write_summary(terminal: pytest.TerminalReporter, uses: Iterable[CassetteUse]) -> None:
    """Write which cassettes were written; with `-v`, also which test used which."""
    uses = list(uses)

    def write(line: str) -> None:
        terminal.write_line(gate.line(line))

    if terminal.config.get_verbosity() > 0 and uses:
        terminal.write_sep("-", "groqtape: cassettes used")
        for use in uses:
            write(use.test)
            write(f"  {use}")
    written: dict[str, list[CassetteUse]] = {}
    for use in uses:
        if use.written:
            written.setdefault(use.path, []).append(use)
    if written:
        terminal.write_sep("-", "groqtape: cassettes written")
        for path, of_path in written.items():
            # Reports of several workers may arrive in another order than their tests wrote the file.
            last = max(reversed(of_path), key=lambda use: use.replaced[0] if use.replaced else 0)
            if not last.interactions:
                write(f"{path}: deleted, because no call to Groq was made")
                continue
            interactions = _count(last.interactions, "interaction")
            chunks = sum(use.chunks for use in of_path)
            recorded = f"{_count(chunks, 'chunk')} recorded"
            if any(use.replays_kept for use in of_path):
                recorded = "from a recording that was kept aside" + (f", {recorded}" if chunks else "")
            changes = _changes(terminal.config, path, of_path)
            unchanged = "" if changes is None or changes else ", unchanged"
            write(f"{path}: {interactions}, {recorded}{unchanged}")
            for line in changes or ():
                write(f"  {line}")
    _write_redacted(write, terminal, uses)
    failed = [use for use in uses if use.recorded and not use.written]
    if any(use.keeps for use in failed):
        terminal.write_sep("-", "groqtape: recordings kept aside")
    for use in failed:
        if use.keeps:
            write(f"{use.path}: {use.test} failed, so nothing was written.")
            write(f"  Replay what it recorded, without calling Groq again:  {use.keeps}")
    dropped = [use for use in failed if not use.keeps]
    if dropped:
        terminal.write_sep("-", "groqtape: recordings dropped")
        for use in dropped:
            write(f"{use.path}: {use.test} failed, so nothing was written{use.hint}")


def _changes(config: pytest.Config, path: str, uses: Iterable[CassetteUse]) -> list[str] | None:
    """What the run changed in a cassette that it wrote; None for a new one."""
    before = file_before(uses)
    if before is None:
        return None
    from groqtape.errors import CassetteError
    from groqtape.reports.recorded_anew import recorded_anew

    file = config.invocation_params.dir / path
    try:
        return recorded_anew(before, file, all_words=config.get_verbosity() > 0)
    except CassetteError as error:  # changed or removed since
        return [str(error)]


def _write_redacted(
    write: Callable[[str], None], terminal: pytest.TerminalReporter, uses: list[CassetteUse]
) -> None:
    """Write what was redacted, where and by which rule; never the secret."""
    by_path: dict[str, Counter[tuple[str, str]]] = {}
    for use in uses:
        for rule, place, times in use.redacted:
            by_path.setdefault(use.path, Counter())[rule, place] += times
    if by_path:
        terminal.write_sep("-", "groqtape: redacted")
    for path, found in by_path.items():
        write(f"{path}: REDACTED in place of")
        most = len(found) if terminal.config.get_verbosity() > 0 else _MOST_REDACTED
        for (rule, place), times in list(found.items())[:most]:
            write(f"  {rule}: {place}{f' ({times} times)' if times > 1 else ''}")
        if len(found) > most:
            write(f"  and {len(found) - most} more (-v lists them)")
