"""`--groq-unused`: it deletes the cassettes of no test, and nothing that anybody could miss."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pytest_plugin.conftest import Project

TESTS = """
    import groqtape, sys

    @pytest.fixture(scope="module")
    def greeting():
        yield ask("setting up")
        ask("tearing down")

    @pytest.mark.groq_cassette
    def test_it(greeting):
        ask()

    @pytest.mark.groq_cassette
    @pytest.mark.parametrize("name", ["a", "b/c"])
    def test_each(name):
        ask(name)

    class TestIt:
        @pytest.mark.groq_cassette
        def test_it(self):
            ask()

    @pytest.mark.groq_cassette("some/shared")
    def test_shared():
        ask()

    def test_by_itself():
        with groqtape.use_cassette("cassettes/by itself.yaml", "once"):
            ask()

    if SKIPS is None:
        @pytest.mark.groq_cassette
        def test_elsewhere():
            ask()

    @pytest.mark.skipif(bool(SKIPS), reason="today")
    @pytest.mark.groq_cassette
    def test_skipped():
        ask()
        with groqtape.use_cassette("cassettes/of_skipped.yaml", "once"):
            ask()
"""
OF_NO_TEST = ["gone/test_it", "no_longer_shared", "test_app/TestIt.test_gone", "test_app/test_each[c]"]


def write(project: Project, skips: str = "None") -> None:
    project.write("app_skips.py", f"SKIPS = {skips}\n")
    project.tests(f"from app_skips import SKIPS\n{TESTS}".replace("\n    ", "\n"))


def lines(result: pytest.RunResult) -> list[str]:
    """What the session wrote on unused cassettes."""
    text = "\n".join(result.outlines)
    found = re.search(r"-+ groqtape: unused cassettes -+\n((?:.+\n)*?)(?:=|-+ )", text)
    return found[1].splitlines() if found else []


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The suite's cassettes, once they are recorded."""
    return tmp_path_factory.mktemp("recorded") / "cassettes"


@pytest.fixture
def suite(project: Project, recorded: Path) -> Project:
    """A suite with a cassette of each kind, and some of no test."""
    folder = project.path / "cassettes"
    if not recorded.exists():
        write(project)
        project.record().assert_outcomes(passed=8)
        folder.rename(recorded)
    shutil.copytree(recorded, folder)
    good = project.cassette()
    for name in OF_NO_TEST:
        project.cassette(name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(good, project.cassette(name))
    write(project, "1")  # now one test is skipped, and another is not even defined
    return project


def test_reports_then_deletes_what_is_of_no_test_and_spares_all_else(suite: Project) -> None:
    cassettes = suite.cassettes
    folder = suite.path / "cassettes"
    text = suite.cassette().read_text(encoding="utf-8")
    spared = {
        "gone/notes.txt": "mine",
        "gone/.hidden.yaml": text,
        "gone/data.yaml": "a: 1\n",
        "gone/of vcrpy.yaml": "interactions: []\nversion: 1\n",
        "gone/cut.yaml": text[: len(text) // 2],
        "tests_elsewhere/test_other/test_it.yaml": text,
        "named elsewhere.yaml": text,
    }
    for name, content in spared.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    (folder / "gone/link.yaml").symlink_to(suite.cassette())
    suite.write("tests_elsewhere/test_other.py", "def test_it(): 'not collected'\n")
    suite.write("tests_elsewhere/helpers.py", "NAMES = ['named elsewhere']\n")
    suite.ini(testpaths="test_app.py")

    result = suite.replay("--groq-unused=report")
    result.assert_outcomes(passed=6, skipped=1)
    shown = [f"cassettes/{name}.yaml" for name in OF_NO_TEST]
    assert lines(result) == [*shown, "Delete them: pytest --groq-unused=delete"]
    assert set(OF_NO_TEST) <= set(suite.cassettes)

    genuine = Path.unlink

    def unlink(path: Path, *args: Any, **kwargs: Any) -> None:
        if path.name == "no_longer_shared.yaml":
            raise PermissionError(13, "Permission denied")
        genuine(path, *args, **kwargs)

    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(Path, "unlink", unlink)
        # All of testpaths is the whole suite, too.
        result = suite.replay("--groq-unused=delete", "test_app.py")
    expected = [f"{name}: deleted" for name in shown]
    expected[1] = f"{shown[1]} could not be deleted: Permission denied"
    assert lines(result) == expected
    suite.replay("--groq-unused=delete")
    assert not set(OF_NO_TEST) & set(suite.cassettes)
    assert {*cassettes} - set(suite.cassettes) == set(OF_NO_TEST)
    assert all((folder / name).exists() for name in (*spared, "gone/link.yaml"))

    result = suite.replay("--groq-unused=delete")
    assert lines(result) == ["none: every cassette belongs to a test."]


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (["-k", "it"], "-k narrows it"),
        (["-m", "groq_cassette"], "-m narrows it"),
        (["--deselect=test_app.py::test_it"], "--deselect narrows it"),
        (["--ignore=other"], "--ignore narrows it"),
        (["--collect-only"], "--collect-only narrows it"),
        (["test_app.py::test_it"], "it was of test_app.py::test_it alone"),
        (["nothing"], "it had no tests"),
        (["below"], "it began in below rootdir"),
    ],
)
def test_a_narrowed_run_deletes_nothing_and_says_why(
    suite: Project, monkeypatch: pytest.MonkeyPatch, args: list[str], reason: str
) -> None:
    (suite.path / "nothing").mkdir()
    if args == ["nothing"]:
        suite.ini(testpaths="nothing")
        args = []
    elif args == ["below"]:
        monkeypatch.chdir(suite.path / "nothing")
        reason = f"it began in {suite.path / 'nothing'}, below rootdir {suite.path}"
        args = []
    before = suite.cassettes
    result = suite.replay("--groq-unused=delete", *args)
    assert lines(result) == [
        f"not looked for, because this run was not of the whole suite: {reason}.",
        "Run all tests to find them: pytest --groq-unused=delete",
    ]
    assert suite.cassettes == before


@pytest.mark.parametrize(
    ("more", "args", "expected"),
    [
        ("def test_fails(): assert 0", (), "Tests failed. Mend them first: "),
        ("def test_fails(): assert 0", ("-x",), "not looked for, *: -x or --maxfail ended it."),
        ("def test_ends(): raise KeyboardInterrupt", (), "not looked for, *: it broke off."),
        ("import nowhere", ("--continue-on-collection-errors",), "not looked for, *: test_*.py could not be"),
    ],
)
def test_a_run_that_failed_or_broke_off_deletes_nothing(
    suite: Project, more: str, args: tuple[str, ...], expected: str
) -> None:
    suite.write("test_more.py", more)
    before = suite.cassettes
    result = suite.replay("--groq-unused=delete", *args)
    pattern = re.escape(expected).replace(r"\*", ".*")
    assert any(re.match(pattern, line) for line in lines(result)), lines(result)
    assert suite.cassettes == before


def test_workers_agree(suite: Project) -> None:
    suite.replay("-n2", "--groq-unused=delete", beside=("xdist",)).assert_outcomes(passed=6, skipped=1)
    assert not set(OF_NO_TEST) & set(suite.cassettes)
    assert len(suite.cassettes) == 11

    suite.write_cassette(name="gone/again")
    suite.write("test_more.py", "import os\n\ndef test_it(): os._exit(1)\n")
    result = suite.replay("-n1", "--groq-unused=delete", beside=("xdist",))
    assert "a worker broke off" in lines(result)[0]
    assert "gone/again" in suite.cassettes


def test_folders_of_each_test_file(project: Project) -> None:
    """Folders that belong to no test file, and what else lies below rootdir, are not groqtape's."""
    project.ini(groq_cassette_dir="{test_dir}/recorded/{module}", groq_auto="true")
    project.write(
        "unit/test_app.py",
        """
        import pytest

        @pytest.mark.groq_cassette(1)
        def test_wrong(): pass

        @pytest.fixture(scope="module")
        def wide(): pass

        @pytest.mark.xfail(run=False)
        def test_it(wide): pass
        """,
    )
    good = project.write_cassette(name="good").read_text(encoding="utf-8")
    kept = [
        "unit/recorded/test_app/test_it.yaml",
        "unit/recorded/test_app/@wid~12345678.yaml",
        "unit/other.yaml",
    ]
    unused = ["unit/recorded/test_app/@narrow.yaml", "unit/recorded/test_app/test_old[1].yaml"]
    for name in (*kept, *unused):
        project.write(name, good)
    result = project.replay("--groq-unused=report")
    assert lines(result)[:-1] == sorted(unused)


@pytest.mark.parametrize("is_link", [False, True])
def test_a_folder_outside_of_the_project_may_be_of_others_too(
    project: Project, tmp_path: Path, *, is_link: bool
) -> None:
    shared = tmp_path / "shared"
    others = shared / "test_other/test_it.yaml"
    others.parent.mkdir(parents=True)
    shutil.copy(project.write_cassette(name="unused"), others)
    if is_link:
        shutil.rmtree(project.path / "cassettes")
        (project.path / "cassettes").symlink_to(shared)
    else:
        project.ini(groq_cassette_dir=str(shared))
    project.write("test_app.py", "def test_it(): pass\n")
    first, second = lines(project.replay("--groq-unused=delete"))
    assert first.endswith(" is not looked at: it is outside of the project, and others may use it.")
    assert second == "none: every cassette belongs to a test."
    assert others.exists()
