"""docs/assertions.md with the snapshot libraries that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loopback_groq import stream
from pages import DOCS

if TYPE_CHECKING:
    from pathlib import Path

    from clients.conftest import Suite

FILES = DOCS["assertions.md"].files
ANSWER = stream("Try A Wizard of Earthsea.", reasoning="One book.", usage={"prompt_tokens": 36})
REWORDED = stream("Try The Tombs of Atuan.", reasoning="One book.", usage={"prompt_tokens": 36})


def shown(suite: Suite, name: str, *packages: str) -> Path:
    suite.beside(*packages)
    suite.ini()
    path = suite.path / "test_app.py"
    path.write_text(FILES[f"tests/test_with_{name}.py"], encoding="utf-8")
    return path


def test_inline_snapshot_as_shown(suite: Suite) -> None:
    path = shown(suite, "inline_snapshot", "inline-snapshot")

    suite.record(ANSWER, fresh=True).assert_outcomes(passed=1)
    # A test whose snapshot is created has an error at its end; from then on it passes.
    suite.replay("--inline-snapshot=create", fresh=True).assert_outcomes(passed=1, errors=1)

    assert "Try A Wizard of Earthsea." in path.read_text(encoding="utf-8")
    suite.replay(fresh=True).assert_outcomes(passed=1)
    suite.record(REWORDED, args=("--groq-record=all",), fresh=True).assert_outcomes(passed=1)
    suite.replay("--inline-snapshot=disable", fresh=True).assert_outcomes(failed=1)
    suite.replay("--inline-snapshot=fix", fresh=True)
    assert "Try The Tombs of Atuan." in path.read_text(encoding="utf-8")
    suite.replay(fresh=True).assert_outcomes(passed=1)


def test_pytest_regressions_as_shown(suite: Suite) -> None:
    shown(suite, "regressions", "pytest-regressions", "pytest-datadir")

    suite.record(ANSWER, fresh=True).assert_outcomes(passed=1)
    suite.replay("--force-regen", fresh=True).assert_outcomes(failed=1)

    written = (suite.path / "test_app/test_recommends_a_book.yml").read_text(encoding="utf-8")
    assert "content: Try A Wizard of Earthsea." in written
    suite.replay(fresh=True).assert_outcomes(passed=1)
    suite.record(REWORDED, args=("--groq-record=all",), fresh=True).assert_outcomes(passed=1)
    suite.replay(fresh=True).assert_outcomes(failed=1)


def test_dirty_equals_as_shown(suite: Suite) -> None:
    shown(suite, "dirty_equals", "dirty-equals")

    suite.record(ANSWER, fresh=True).assert_outcomes(passed=1)
    suite.replay(fresh=True).assert_outcomes(passed=1)
    suite.record(REWORDED, args=("--groq-record=all",), fresh=True).assert_outcomes(failed=1)
