"""How one test used its cassette, as its report carries it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from groqtape.redaction.shown import gate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["CassetteUse", "file_before", "packed"]


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
            interactions = f"interaction{'' if self.recorded == 1 else 's'}"
            chunks = f"chunk{'' if self.chunks == 1 else 's'}"
            parts.append(f"{self.recorded} {interactions} recorded, {self.chunks} {chunks}")
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
