"""Where a cassette is missing, the report names the one that a moved or renamed test left, and a command."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_plugin.conftest import Project

TESTS = """
    @pytest.fixture(scope="module")
    def greeting():
        ask("greeting")

    class TestOld:
        @pytest.mark.groq_cassette
        def test_one(self):
            ask("one")

        @pytest.mark.groq_cassette
        def test_two(self):
            ask("two")

    @pytest.mark.groq_cassette
    @pytest.mark.parametrize("word", ["a", "b"])
    def test_each(word):
        ask(word)

    @pytest.mark.groq_cassette
    def test_alone(greeting):
        ask("alone 1")
"""
OLD = "cassettes/tests/test_old"


def shell(command: str, folder: Path) -> None:
    subprocess.run(["sh", "-ec", command], cwd=folder, check=True, capture_output=True)


def moves(result: pytest.RunResult) -> list[str]:
    """The commands that move cassettes."""
    found = (re.search(r"If the test was moved or renamed:  (.+)", line) for line in result.outlines)
    return [match[1] for match in found if match]


@pytest.fixture
def recorded(project: Project) -> Project:
    """A suite with a cassette for each test."""
    project.ini(pythonpath=".")
    project.tests(TESTS, "tests/test_old.py")
    project.record().assert_outcomes(passed=5)
    return project


@pytest.mark.parametrize(
    ("before", "after", "commands"),
    [
        ("test_alone", "test_other", [f"mv {OLD}/test_alone.yaml {OLD}/test_other.yaml"]),
        ("greeting", "hello", [f"mv {OLD}/@greeting.yaml {OLD}/@hello.yaml"]),
        (
            "TestOld",
            "TestNew",
            [f'for file in {OLD}/TestOld.*; do mv "$file" {OLD}/TestNew."${{file##*/TestOld.}}"; done'] * 2,
        ),
        (
            '["a", "b"]',
            '["a", pytest.param("b", id="$")]',
            [f"mv '{OLD}/test_each[b].yaml' '{OLD}/test_each[$].yaml'"],
        ),
        (
            "class TestOld",
            "class TestOther:\n    pass\n\nclass TestOld",
            [],
        ),
    ],
    ids=["test", "fixture", "class", "parameter", "nothing"],
)
def test_renamed(recorded: Project, before: str, after: str, commands: list[str]) -> None:
    file = recorded.path / "tests/test_old.py"
    file.write_text(file.read_text().replace(before, after).replace('ask("hello")', 'ask("greeting")'))

    missed = recorded.replay()

    assert moves(missed) == commands
    for command in dict.fromkeys(commands):
        shell(command, recorded.path)
    recorded.replay().assert_outcomes(passed=5)


def test_in_a_file_that_moved(recorded: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    new = recorded.path / "tests/new folder/test_old.py"
    new.parent.mkdir()
    (recorded.path / "tests/test_old.py").rename(new)
    monkeypatch.chdir(new.parent)

    missed = recorded.replay()

    folder = "../../cassettes/tests/new folder"
    command = f"mkdir -p '{folder}' && mv ../../{OLD} '{folder}/test_old'"
    assert set(moves(missed)) == {command}
    missed.stdout.fnmatch_lines(
        [f"../../{OLD}/test_each[[]a].yaml answers this call, and its own test was not found."]
    )
    shell(command, new.parent)
    recorded.replay().assert_outcomes(passed=5)


def test_under_git(recorded: Project) -> None:
    shell("git init -q; git add cassettes/tests/test_old/test_alone.yaml", recorded.path)
    file = recorded.path / "tests/test_old.py"
    file.write_text(file.read_text().replace("test_alone", "test_other"))

    (command,) = moves(recorded.replay())

    assert command.startswith("git mv ")
    shell(command, recorded.path)
    recorded.replay().assert_outcomes(passed=5)


def test_in_a_worktree_of_git(recorded: Project) -> None:
    shell(
        "git init -q; git -c user.name=x -c user.email=x commit -q --allow-empty -m x;"
        "git worktree add -q tree; mv tests app.py pytest.ini cassettes tree; cd tree; git add cassettes",
        recorded.path,
    )
    file = recorded.path / "tree/tests/test_old.py"
    file.rename(file.with_name("test_new.py"))

    assert (
        moves(recorded.replay("tree"))[0]
        == "git mv tree/cassettes/tests/test_old tree/cassettes/tests/test_new"
    )


def test_what_differs_only_in_what_does_not_count(recorded: Project) -> None:
    file = recorded.path / "tests/test_old.py"
    file.write_text(file.read_text().replace("test_alone", "test_other").replace('"alone 1"', '"alone 12"'))
    (recorded.path / OLD / "test_gone.yaml").write_text("no cassette")
    assert moves(recorded.replay()) == []
    recorded.ini(pythonpath=".", groq_volatile=r"\d+")
    assert len(moves(recorded.replay())) == 1


@pytest.mark.parametrize("template", ["{test_dir}/tapes", "{test_dir}/tapes/{module}", "tapes"])
def test_in_other_folders(project: Project, template: str) -> None:
    project.ini(pythonpath=".", groq_cassette_dir=template)
    project.tests(TESTS, "tests/test_old.py")
    project.record().assert_outcomes(passed=5)
    file = project.path / "tests/test_old.py"
    file.write_text(file.read_text().replace("test_alone", "test_other"))
    (command,) = moves(project.replay())
    shell(command, project.path)
    project.replay().assert_outcomes(passed=5)


def test_without_an_ini_file_the_rootdir_is_named(project: Project) -> None:
    (project.path / "pytest.ini").unlink()
    project.tests("@pytest.mark.groq_cassette\ndef test_it(): ask()")
    hosts = "-o", f"groq_hosts={project.server.host}"
    line = f"There is no ini file, so that pytest's rootdir is {project.path}."
    project.replay(*hosts).stdout.fnmatch_lines([line])
    project.replay(*hosts, "--rootdir=.").stdout.no_fnmatch_line(line)
