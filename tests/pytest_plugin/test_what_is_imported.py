"""What the plugin imports, and when: nothing heavy in a suite that does not use it.

In fresh processes, since this one has imported everything.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_plugin.conftest import Project

# Of groqtape's own modules, each of these brings others with it.
HEAVY = {
    *("groq", "vcr", "httpx", "pydantic", "yaml"),
    *(
        "groqtape.pytest_plugin.opening",
        "groqtape.pytest_plugin.fixture_cassettes",
        "groqtape.pytest_plugin.marker",
    ),
    *("groqtape.recorder.hosts", "groqtape.recorder.settings", "groqtape.recorder.sending"),
    "groqtape.redaction.rules",
}

# Says what a session has imported, when it is over.
SAYS_WHAT_IS_IMPORTED = f"""
    import sys

    def pytest_unconfigure():
        print("imported:", *sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)
"""


def imported(result: pytest.RunResult) -> set[str]:
    (line,) = (line for line in result.errlines if line.startswith("imported:"))
    return set(line.split()[1:])


def test_the_plugin_s_module() -> None:
    code = f"import sys, groqtape.pytest_plugin.plugin; print(*({HEAVY!r} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert shown.stdout.split() == []


@pytest.mark.parametrize("args", [("--collect-only",), ("--groq-record=all", "-v")])
def test_an_empty_suite(project: Project, args: tuple[str, ...]) -> None:
    project.write("conftest.py", SAYS_WHAT_IS_IMPORTED)
    project.ini(groq_hosts=" ")
    result = project.run_in_its_own_process(*args)
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert imported(result) == set()


def test_a_suite_that_does_not_use_it(project: Project) -> None:
    project.write("conftest.py", SAYS_WHAT_IS_IMPORTED)
    project.write("test_other.py", "def test_it(tmp_path): pass\n")
    project.ini(groq_hosts=" ")
    result = project.run_in_its_own_process("-v")
    result.assert_outcomes(passed=1)
    assert imported(result) == set()


@pytest.mark.parametrize("mode", ["none", "once"])
def test_a_suite_that_uses_httpx_but_not_groq(project: Project, mode: str) -> None:
    project.write("conftest.py", SAYS_WHAT_IS_IMPORTED)
    project.write(
        "test_other.py",
        f"""
        import httpx

        def test_it():
            assert httpx.get("http://localhost:{project.server.port}").status_code == 401
        """,
    )
    result = project.run_in_its_own_process(f"--groq-record={mode}")
    result.assert_outcomes(passed=1)
    assert imported(result) == {"httpx", "groqtape.recorder.hosts", "groqtape.recorder.sending"}


def test_a_suite_that_only_replays(project: Project) -> None:
    """It imports nothing that only recording, a miss, or reading `streams` needs."""
    project.tests("""
        @pytest.mark.groq_cassette
        def test_it():
            ask("Hi")
    """)
    project.record().assert_outcomes(passed=1)
    project.write(
        "conftest.py",
        """
        import sys

        def pytest_unconfigure():
            ours = (name for name in sys.modules if name.startswith("groqtape."))
            print("imported:", *ours, file=sys.stderr)
        """,
    )
    result = project.run_in_its_own_process()
    result.assert_outcomes(passed=1)
    parts = {
        "cassettes.locking",
        "cassettes.transcript_writer",
        "cassettes.writer",
        "recorder.messages",
        "recorder.recording",
        "redaction.deltas",
        "streams.chunk",
        "streams.stream",
    }
    assert imported(result).isdisjoint(f"groqtape.{part}" for part in parts)
    assert "groqtape.recorder.playback" in imported(result)
