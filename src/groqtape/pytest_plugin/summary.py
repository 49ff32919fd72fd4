"""What the terminal shows of cassettes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from groqtape.pytest_plugin.cassette_use import file_before
from groqtape.redaction.shown import gate
from groqtape.reports.figures import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pytest

    from groqtape.pytest_plugin.cassette_use import CassetteUse

__all__ = ["write_summary"]

_MOST_REDACTED = 5
"""Lines on one cassette, without `-v`."""


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
            interactions = plural(last.interactions, "interaction")
            chunks = sum(use.chunks for use in of_path)
            recorded = f"{plural(chunks, 'chunk')} recorded"
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
