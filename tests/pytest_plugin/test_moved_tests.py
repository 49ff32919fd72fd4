"""Where a cassette is missing, the report names the one that a moved or renamed test left, and a command."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from groqtape.pytest_plugin.missing_cassettes import _defines

if TYPE_CHECKING:
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
            'ask("one")\n',
            'ask("one")\n\nclass TestNew:\n',
            [f"mv {OLD}/TestOld.test_two.yaml {OLD}/TestNew.test_two.yaml"],
        ),
        (
            "class TestOld",
            "class TestOther:\n    pass\n\nclass TestOld",
            [],
        ),
    ],
    ids=["test", "fixture", "class", "parameter", "method", "nothing"],
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


def test_only_what_answers_the_call(recorded: Project) -> None:
    file = recorded.path / "tests/test_old.py"
    file.write_text(file.read_text().replace("test_alone", "test_other").replace('"alone 1"', '"alone 12"'))
    (recorded.path / OLD / "test_gone.yaml").write_text("no cassette")
    (recorded.path / "tests/test_broken.py").write_text("def test_x(:")
    folder = recorded.path / "cassettes/tests/test_broken"
    folder.mkdir()
    (recorded.path / OLD / "test_each[a].yaml").rename(folder / "test_gone.yaml")
    assert moves(recorded.replay("tests/test_old.py", "-k", "not each")) == []
    recorded.ini(pythonpath=".", groq_volatile=r"\d+")
    assert len(moves(recorded.replay("tests/test_old.py", "-k", "not each"))) == 1


def test_not_one_that_tests_may_share(recorded: Project) -> None:
    file = recorded.path / "tests/test_old.py"
    file.write_text(file.read_text().replace("test_alone", "test_other"))
    (recorded.path / OLD / "test_alone.yaml").rename(recorded.path / "cassettes/shared.yaml")
    assert moves(recorded.replay()) == []


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


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("test_a", True),
        ("test_gone", False),
        ("TestA.test_method", True),
        ("TestA.test_a", False),
        ("TestOther.test_method", False),
        ("TestHeir.test_inherited", True),
        ("@given_name", True),
        ("@fixture", True),
        ("TestA.@setup_class", True),
        ("@fixture.teardown", True),
        ("@gone", False),
        ("test_lo~12345678", True),
        ("test_x~12345678", False),
    ],
)
def test_whether_a_test_is_there(name: str, there: bool) -> None:
    source = ast.parse(
        "def test_a(): pass\n"
        "def test_long(): pass\n"
        "class TestA:\n    def setup_class(cls): 'gone'\n    async def test_method(self): pass\n"
        "class TestHeir(Base): pass\n"
        "@pytest.fixture(name='given_name')\ndef _f(): pass\n"
        "@pytest.fixture\ndef fixture(): pass\n"
    )
    assert _defines(source, Path(f"cassettes/test_file/{name}.yaml")) is there
