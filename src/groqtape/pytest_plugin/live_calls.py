"""What the terminal shows of calls that a recording run sent without a cassette."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groqtape.redaction.shown import gate

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest

__all__ = ["write_live_calls"]


def write_live_calls(terminal: pytest.TerminalReporter, live_calls: Mapping[str, int]) -> None:
    """Write which tests called Groq without a cassette, in a run that records others.

    Args:
        terminal: pytest's.
        live_calls: How many calls each test sent, by its node id.
    """
    terminal.write_sep("-", "groqtape: live calls without a cassette")
    for test, number in live_calls.items():
        terminal.write_line(
            f"{gate.lines(test)}: {number} call{'' if number == 1 else 's'} sent to Groq, and not recorded"
        )
    terminal.write_line(
        "A replay refuses such calls. Give these tests a cassette, with @pytest.mark.groq_cassette or"
    )
    terminal.write_line(
        "any groq_ fixture (or every test one, with the ini option groq_auto = true), and record again."
    )
