"""`--groq-pace`, the ini option `groq_pace` and the marker's `pace`: how fast a cassette is replayed.

No test here measures time: the plugin passes a pace on to the cassette, which shows
how long it would wait.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_plugin.conftest import Project


@pytest.fixture
def slow(project: Project) -> Project:
    """A project with a cassette whose events came seconds apart."""
    path = project.write_cassette("Hi")
    text, edited = re.subn(
        r"gaps: \|\n.*", f"gaps: {' '.join(['10000'] * 5)}", path.read_text(encoding="utf-8")
    )
    assert edited == 1
    path.write_text(text, encoding="utf-8")
    return project


def expect(project: Project, *args: str, waits: list[int], marker: str = "") -> None:
    """See how long a replay would sleep, without sleeping."""
    project.tests(f"""
        from groqtape.recorder.clock import clock

        @pytest.mark.groq_cassette({marker})
        def test_it(monkeypatch):
            slept = []
            monkeypatch.setattr(clock, "sleep", slept.append)
            assert ask() == "Hello there"
            assert [round(seconds) for seconds in slept] == {waits}
    """)
    project.replay(*args).assert_outcomes(passed=1)


AS_RECORDED = [10, 20, 30, 40, 50]  # nothing slept, so that each is counted from the beginning
TWICE_AS_FAST = [5, 10, 15, 20, 25]


class TestWhichOneCounts:
    def test_instant_is_the_default(self, slow: Project) -> None:
        expect(slow, waits=[])

    def test_the_option(self, slow: Project) -> None:
        expect(slow, "--groq-pace=recorded", waits=AS_RECORDED)
        expect(slow, "--groq-pace=0.5", waits=TWICE_AS_FAST)
        expect(slow, "--groq-pace=0", waits=[])

    def test_the_ini_option(self, slow: Project) -> None:
        slow.ini(groq_pace="recorded")
        expect(slow, waits=AS_RECORDED)
        expect(slow, "--groq-pace=instant", waits=[])

    def test_the_marker_over_the_rest(self, slow: Project) -> None:
        slow.ini(groq_pace="recorded")
        expect(slow, "--groq-pace=2", marker="pace=0.5", waits=TWICE_AS_FAST)
        expect(slow, marker='pace="instant"', waits=[])
        expect(slow, marker="pace=0", waits=[])


class TestWrongValues:
    @pytest.mark.parametrize("pace", ["slow", "-1", "inf", "nan", ""])
    def test_of_the_option_are_a_usage_error(self, project: Project, pace: str) -> None:
        result = project.replay(f"--groq-pace={pace}")
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines(
            [f"*expected a pace (instant, recorded, or a factor such as 0.5), got {pace!r}"]
        )

    def test_of_the_ini_option_are_a_usage_error(self, project: Project) -> None:
        project.ini(groq_pace="slow")
        result = project.replay()
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines(["*expected a pace (*got 'slow'", "*ini option groq_pace*"])
