"""Cassettes lie in the project of the test file, however pytest is started."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_plugin.conftest import Project

TESTS = """
    import pathlib
    HERE = pathlib.Path(__file__).parent.name

    @pytest.mark.groq_cassette
    def test_it(module):
        ask(f"in {HERE}")

    @pytest.mark.groq_cassette("shared")
    def test_shared(session_NAME):
        ask("shared")
"""
CONFTEST = """
    import pytest
    from app import ask

    @pytest.fixture(scope="session")
    def session_NAME():
        ask("session")

    @pytest.fixture(scope="module")
    def module():
        ask("module")
"""
FILES = ("@session_NAME", "shared", "tests/test_NAME/@module", "tests/test_NAME/test_it")


@pytest.fixture
def cd(project: Project, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Go to a folder of the project; `app.py` is found from all of them."""
    monkeypatch.setenv("PYTHONPATH", str(project.path))
    monkeypatch.syspath_prepend(project.path)
    return lambda folder: monkeypatch.chdir(project.path / folder)


def files(project: Project) -> set[str]:
    """All cassettes, wherever they are."""
    return {path.relative_to(project.path).as_posix() for path in project.path.rglob("*.yaml")}


class TestTwoPackagesWithIniFiles:
    @pytest.fixture(autouse=True)
    def packages(self, project: Project, cd: Callable[[str], None]) -> None:
        cd(".")
        hosts = project.server.host
        project.write("packages/a/pytest.ini", f"[pytest]\ngroq_hosts = {hosts}\n")
        project.write(
            "packages/b/pyproject.toml",
            f'[tool.pytest.ini_options]\ngroq_hosts = ["{hosts}"]\ngroq_cassette_dir = "tapes"\n',
        )
        project.write("packages/b/tests/tox.ini", "[tox]\n")  # it says nothing of pytest
        for name in "ab":
            project.tests(TESTS.replace("NAME", name), f"packages/{name}/tests/test_{name}.py")
            project.write(f"packages/{name}/conftest.py", CONFTEST.replace("NAME", name))

    @pytest.fixture
    def recorded(self) -> set[str]:
        """Where the cassettes are."""
        folders = {"a": "packages/a/cassettes", "b": "packages/b/tapes"}
        names = [(name, folders[name], file.replace("NAME", name)) for name in "ab" for file in FILES]
        return {f"{folder}/{file}.yaml" for _, folder, file in names}

    @pytest.mark.parametrize("top", ["[pytest]\ngroq_hosts = {}\n", ""])
    def test_together_and_alone(
        self, project: Project, cd: Callable[[str], None], recorded: set[str], top: str
    ) -> None:
        (project.path / "pytest.ini").unlink()
        if top:
            project.write("pytest.ini", top.format(project.server.host))
        hosts = "-o", f"groq_hosts={project.server.host}"

        project.record("packages/a", "packages/b", *hosts).assert_outcomes(passed=4)

        assert files(project) == recorded
        project.replay("packages/a", "packages/b", *hosts).assert_outcomes(passed=4)
        project.replay("packages/b").assert_outcomes(passed=2)
        cd("packages/a")
        project.replay().assert_outcomes(passed=2)
        project.replay("tests", "../b/tests/test_b.py", *hosts).assert_outcomes(passed=4)

    def test_a_command_that_is_suggested_mends_it(self, project: Project) -> None:
        missed = project.replay("packages/a", "packages/b", "-k", "test_it and test_b")

        missed.stdout.fnmatch_lines(["There is no cassette packages/b/tapes/tests/test_b/@module.yaml,"])
        (command, *_) = project.commands(missed)
        project.run_command(command).assert_outcomes(passed=1)
        project.replay("packages/a", "packages/b", "-k", "test_it and test_b").assert_outcomes(
            passed=1, deselected=3
        )

    def test_the_command_line_goes_first(self, project: Project) -> None:
        only = "-k", "test_it and test_a"
        project.record("packages", "-o", "groq_cassette_dir=here", *only)
        assert files(project) == {
            f"packages/a/here/{name}.yaml" for name in ("tests/test_a/@module", "tests/test_a/test_it")
        }
        project.record("packages", "--rootdir=.", *only)
        names = "packages/a/tests/test_a/@module", "packages/a/tests/test_a/test_it"
        assert {f"cassettes/{name}.yaml" for name in names} <= files(project)

    def test_those_recorded_under_the_root_above_are_found_there(
        self, project: Project, cd: Callable[[str], None]
    ) -> None:
        project.record("packages/a", "--rootdir=.", "-k", "test_it").assert_outcomes(passed=1, deselected=1)
        before = files(project)
        cd("packages/a")
        project.replay("-k", "test_it").assert_outcomes(passed=1, deselected=1)
        project.record("-k", "test_it", mode="all").assert_outcomes(passed=1, deselected=1)
        assert files(project) == before

    @pytest.mark.parametrize(
        ("text", "error"),
        [
            ("[pytest]\ngroq_cassette_names = x\n", "expected one of groqtape, pytest-recording, got 'x'"),
            ("[pytest", "expected pytest's options, but it can't be read: *"),
        ],
    )
    def test_a_wrong_ini_file_is_named(self, project: Project, text: str, error: str) -> None:
        project.write("packages/a/pytest.ini", text)
        result = project.replay("packages/a", "packages/b", "-k", "test_shared and test_a")
        result.assert_outcomes(errors=1, deselected=3)
        result.stdout.fnmatch_lines([f"*packages/a/pytest.ini: *{error}".replace("[", "[[]")])


class TestWithoutIniFile:
    @pytest.fixture(autouse=True)
    def suite(self, project: Project, cd: Callable[[str], None]) -> None:
        (project.path / "pytest.ini").unlink()
        project.tests(CONFTEST + TESTS, "tests/unit/test_unit.py")
        cd(".")

    @pytest.mark.parametrize(("first", "second"), [(".", "tests/unit"), ("tests/unit", ".")])
    def test_from_another_folder(
        self, project: Project, cd: Callable[[str], None], first: str, second: str
    ) -> None:
        args = {".": "tests/unit/test_unit.py", "tests/unit": "test_unit.py"}
        hosts = "-o", f"groq_hosts={project.server.host}"
        cd(first)
        project.record(args[first], *hosts).assert_outcomes(passed=2)
        before = files(project)
        cd(second)
        project.replay(args[second], *hosts).assert_outcomes(passed=2)
        project.record(args[second], *hosts, mode="all").assert_outcomes(passed=2)
        assert files(project) == before

    def test_not_above_the_repository(self, project: Project, cd: Callable[[str], None]) -> None:
        project.record("tests/unit/test_unit.py").assert_outcomes(passed=2)
        (project.path / "tests/.git").mkdir()
        cd("tests/unit")
        result = project.replay("test_unit.py", "-o", f"groq_hosts={project.server.host}", "-k", "test_it")
        result.stdout.fnmatch_lines(["There is no cassette cassettes/*,"])


def test_an_absolute_folder(project: Project, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("tapes")
    project.tests("@pytest.mark.groq_cassette\ndef test_it(): ask()")
    project.ini(groq_cassette_dir=str(folder))
    project.record().assert_outcomes(passed=1)
    assert (folder / "test_app/test_it.yaml").exists()
    project.replay().assert_outcomes(passed=1)


def test_a_fixture_of_another_project(
    project: Project, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "pytest.ini").touch()
    (elsewhere / "shared_fixtures.py").write_text(
        "import pytest\n@pytest.fixture(scope='session')\ndef greeting():\n    import app\n    app.ask()\n"
    )
    monkeypatch.syspath_prepend(elsewhere)
    project.tests("def test_it(greeting): pass")
    project.record("-p", "shared_fixtures").assert_outcomes(passed=1)
    assert project.cassettes == ["@greeting"]
