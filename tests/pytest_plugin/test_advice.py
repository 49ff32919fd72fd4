"""What messages advise leads to a passing test: lines of an ini file, commands."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

import groqtape

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_plugin.conftest import Project

SUITE = """
    import os

    @pytest.mark.groq_cassette
    def test_it():
        ask(f"Request {os.environ['RUN']} of 2026-11-2{os.environ['RUN']}", seed=int(os.environ["RUN"]))
"""
VOLATILE, IGNORE = r"@date|Request \d+", "seed"
MARKER = r"@pytest.mark.groq_cassette(volatile=['@date', 'Request \\d+'], ignore=['seed'])"


@pytest.fixture
def recorded(project: Project) -> Project:
    """A suite that was recorded by another run."""
    project.tests(SUITE)
    project.setenv("RUN", "6")
    project.record().assert_outcomes(passed=1)
    project.setenv("RUN", "7")
    return project


def advice(result: pytest.RunResult) -> list[str]:
    """The lines from the advice on, up to the commands."""
    result.assert_outcomes(failed=1)
    start = result.outlines.index("If this changes in each run, have it not count:")
    return result.outlines[start + 1 : result.outlines.index("", start)]


def test_in_an_ini_file(recorded: Project) -> None:
    lines = advice(recorded.replay())

    assert lines == [
        f"  groq_volatile = {VOLATILE}",
        f"  groq_ignore = {IGNORE}",
        "in pytest.ini, or for this test, in its marker:",
        f"  {MARKER}",
    ]
    ini = recorded.path / "pytest.ini"
    ini.write_text(ini.read_text(encoding="utf-8") + "\n".join(line.strip() for line in lines[:2]))
    recorded.replay().assert_outcomes(passed=1)


def test_in_an_ini_file_that_has_some(recorded: Project) -> None:
    recorded.ini(groq_volatile="@uuid", groq_ignore="user")

    lines = advice(recorded.replay())

    head = "[pytest]\naddopts = --strict-markers\n"
    recorded.write("pytest.ini", head + "\n".join(line[2:] for line in lines[:7]))
    assert lines[:7] == [
        "  groq_volatile =",
        "      @uuid",
        "      @date",
        "      Request \\d+",
        "  groq_ignore =",
        "      user",
        "      seed",
    ]
    recorded.replay().assert_outcomes(passed=1)


@pytest.mark.parametrize("present", ["", 'groq_volatile = ["@uuid"]\n'])
def test_in_pyproject(recorded: Project, present: str) -> None:
    (recorded.path / "pytest.ini").unlink()
    recorded.write("pyproject.toml", f"[tool.pytest.ini_options]\n{present}")

    lines = advice(recorded.replay())

    before = '"@uuid", ' if present else ""
    assert lines[:3] == [
        f"  groq_volatile = [{before}\"@date\", 'Request \\d+']",
        '  groq_ignore = ["seed"]',
        "in pyproject.toml, or for this test, in its marker:",
    ]
    recorded.write("pyproject.toml", "\n".join(["[tool.pytest.ini_options]", *lines[:2]]))
    recorded.replay().assert_outcomes(passed=1)


def test_without_any_file(recorded: Project) -> None:
    (recorded.path / "pytest.ini").unlink()

    assert advice(recorded.replay())[2] == "in pytest.ini, or for this test, in its marker:"


def test_in_a_marker(recorded: Project) -> None:
    marker = advice(recorded.replay())[-1].strip()

    recorded.tests(SUITE.replace("@pytest.mark.groq_cassette", marker))

    recorded.replay().assert_outcomes(passed=1)


def test_in_a_marker_that_has_arguments(recorded: Project) -> None:
    has = """def by_method(now, recorded):
        return now.method == recorded.method

    @pytest.mark.groq_cassette(None, match_on=["body", by_method], volatile="@uuid", allow_repeats=True)"""
    recorded.tests(SUITE.replace("@pytest.mark.groq_cassette", has))

    marker = advice(recorded.replay())[-1].strip()

    assert marker == (
        "@pytest.mark.groq_cassette(None, match_on=['body', by_method], "
        r"volatile=['@uuid', '@date', 'Request \\d+'], allow_repeats=True, ignore=['seed'])"
    )
    recorded.tests(SUITE.replace("@pytest.mark.groq_cassette", f"{has.partition('@')[0]}{marker}"))
    recorded.replay().assert_outcomes(passed=1)


def test_a_test_marked_vcr_has_no_marker_of_ours(recorded: Project) -> None:
    recorded.ini(groq_serve_vcr="true")
    recorded.tests(SUITE.replace("@pytest.mark.groq_cassette", "@pytest.mark.vcr"))

    assert advice(recorded.replay())[-1] == "in pytest.ini."


def test_nothing_where_the_prompt_differs(project: Project) -> None:
    project.tests("@pytest.mark.groq_cassette\ndef test_it(): ask('now')")
    project.write_cassette("then")

    missed = project.replay()

    missed.assert_outcomes(failed=1)
    missed.stdout.no_fnmatch_line("*not count*")


# Whatever a message suggests is followed to a passing run.

OWN = """
    @pytest.mark.groq_cassette
    def test_it():
        ask()

    @pytest.mark.groq_cassette
    def test_other():
        ask("other")
"""
SHARED = """
    @pytest.mark.groq_cassette("shared")
    @pytest.mark.parametrize("prompt", ["a", "b"])
    def test_it(prompt):
        ask(prompt)
"""
OF_A_FIXTURE = """
    @pytest.fixture(scope="module")
    def greeting():
        ask()

    def test_it(greeting):
        pass
"""
LOADED = """
    import groqtape

    @pytest.mark.groq_cassette
    def test_it(groq_cassette):
        ask()

    def test_loaded():
        groqtape.load("cassettes/test_app/test_it.yaml")
"""


@pytest.mark.parametrize(
    ("tests", "name", "args", "suggested"),
    [
        (OWN, "test_app/test_it", (), "pytest test_app.py::test_it --groq-record=all"),
        (SHARED, "shared", (), "rm cassettes/shared.yaml && pytest --groq-record=once"),
        (OF_A_FIXTURE, "test_app/@greeting", (), "pytest test_app.py::test_it --groq-record=all"),
        (
            LOADED,
            "test_app/test_it",
            ("-k", "loaded"),
            "rm cassettes/test_app/test_it.yaml && pytest --groq-record=once",
        ),
    ],
)
def test_a_broken_cassette(
    project: Project, tests: str, name: str, args: tuple[str, ...], suggested: str
) -> None:
    project.tests(tests)
    project.record("-k", "not loaded")
    before = project.cassettes
    others = {each: project.cassette(each).stat().st_mtime_ns for each in before if each != name}
    project.cassette(name).write_text("interactions: {")

    broken = project.replay(*args)

    found = (re.search(r"record it anew: (.+?)(?:  #.*)?$", line) for line in broken.outlines)
    command = next(match[1] for match in found if match)
    assert command == suggested
    if command.startswith("rm "):
        remove, _, command = command.partition(" && ")
        subprocess.run(remove, shell=True, check=True, cwd=project.path)
    project.run_command(command)
    broken = project.replay()
    assert broken.ret == 0
    # It records nothing but what it has to.
    assert {each: project.cassette(each).stat().st_mtime_ns for each in others} == others


def test_a_broken_cassette_without_pytest(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("interactions: {")
    with pytest.raises(groqtape.CassetteError) as caught, groqtape.use_cassette(path):
        pass
    code = str(caught.value).partition("record it anew: ")[2]
    assert code == f'groqtape.use_cassette({str(path)!r}, record_mode="all")'
    with eval(code):
        pass
    assert not path.exists()  # nothing was recorded


def test_a_stream_that_is_not_good(project: Project) -> None:
    project.tests("""
        def test_it(groq_cassette):
            ask()
            groq_cassette.streams[0].check()

        @pytest.mark.groq_cassette
        def test_other():
            ask("other")
    """)
    project.record(beside=("cacheprovider",)).assert_outcomes(passed=2)
    other = project.cassette("test_app/test_other").stat().st_mtime_ns
    cassette_path = project.cassette()
    cassette_path.write_text(
        cassette_path.read_text(encoding="utf-8").replace('"finish_reason":"stop"', '"finish_reason":null')
    )

    bad = project.replay(beside=("cacheprovider",))

    bad.assert_outcomes(passed=1, failed=1)
    (command,) = {
        match[1] for line in bad.outlines if (match := re.search(r"failed anew: pytest (.+)", line))
    }
    project.with_key()
    project.run(*command.split(), beside=("cacheprovider",)).assert_outcomes(passed=1)
    project.replay().assert_outcomes(passed=2)
    assert project.cassette("test_app/test_other").stat().st_mtime_ns == other
