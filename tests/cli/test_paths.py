"""PATHS: which cassettes they name, and the project's without any."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from cli.cassettes import events, stream, text, write
from installed_versions import older_than

from groqtape.cli.paths import cassettes_in, shown_path
from groqtape.cli.project import project_around
from groqtape.cli.usage_errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Ran


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a/b.yaml", "a/c/d.yml", "a/.hidden.yaml", "a/.git/e.yaml", "a/f.json", "a/notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


@pytest.mark.parametrize(
    ("paths", "found"),
    [
        (["a"], ["a/b.yaml", "a/c/d.yml"]),
        (["a/f.json"], ["a/f.json"]),
        (["a/*.json", "a/*.yaml"], ["a/f.json", "a/b.yaml"]),
        (["a/**/*.yml"], ["a/c/d.yml"]),
        (["*"], ["a/b.yaml", "a/c/d.yml"]),
        (["a/b.yaml", "a"], ["a/b.yaml", "a/c/d.yml"]),
    ],
)
def test_name_cassettes(paths: list[str], found: list[str]) -> None:
    assert [path.as_posix() for path in cassettes_in(paths)] == found


@pytest.mark.parametrize("path", ["nope.yaml", "nope/*.yaml"])
def test_that_name_nothing_are_wrong(path: str) -> None:
    with pytest.raises(UsageError, match="a glob that matches some, got nope"):
        cassettes_in([path])


BESIDE_TESTS = (
    "test_root.py",
    "cassettes/test_root/root.yaml",
    "tests/test_a.py",
    "tests/cassettes/test_a/one.yaml",
    "tests/cassettes/test_gone/two.yaml",
    "tests/deep/test_b.py",
    "tests/deep/cassettes/test_b/three.yml",
    "tests/test_a/four.yaml",
    "tests/five.yaml",
    "tests/other/six.yaml",
    "node_modules/x/cassettes/test_x/seven.yaml",
    ".venv/cassettes/test_x/eight.yaml",
    "docker-compose.yaml",
)


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("{test_dir}/cassettes/{module}", "root one two three"),
        ("{test_dir}/cassettes", "root one two three"),
        ("tapes/../{test_dir}/cassettes", "root one two three"),
        ("cassettes/{module}", "root"),
        ("cassettes/{test_dir}", "root"),
        ("{test_dir}/{module}", "four"),
        ("{test_dir}", "docker-compose five"),
        ("cassettes\ngroq_serve_vcr = true", "root"),
        (None, "root one two three"),
    ],
)
def test_without_any_are_those_beside_the_test_files(
    run: Callable[..., Ran], tmp_path: Path, template: str | None, found: str
) -> None:
    option = f"groq_cassette_dir = {template}" if template else "groq_serve_vcr = true"
    (tmp_path / "pytest.ini").write_text(f"[pytest]\n{option}\n")
    for name in BESIDE_TESTS:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text(stream()) if "yaml" in name or "yml" in name else "")
    assert sorted(path.stem for path in cassettes_in([])) == sorted(found.split())
    assert len(json.loads(run("list", "--json").out)["cassettes"]) == len(found.split())


def test_beside_the_test_files_there_may_be_none(run: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\ngroq_cassette_dir = {test_dir}/tapes\n")
    ran = run("list")
    assert ran.code == 2
    assert "expected cassettes in {test_dir}/tapes (groq_cassette_dir), but there is no folder" in ran.err


@pytest.mark.parametrize("template", ["{test_dir}/cassettes/{module}", "{test_dir}"])
def test_beside_the_test_files_are_compared_with_git(
    run: Callable[..., Ran], tmp_path: Path, git: Callable[..., str], template: str
) -> None:
    (tmp_path / "pytest.ini").write_text(f"[pytest]\ngroq_cassette_dir = {template}\n")
    folder = template.replace("{test_dir}", "tests").replace("{module}", "test_a")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_a.py").touch()
    for name in ("one", "two", "three"):
        write(tmp_path / folder / f"{name}.yaml", stream())
    (tmp_path / "other.yaml").write_text("a: 1")
    git("add", "-A")
    git("commit", "-qm", "1")
    write(tmp_path / folder / "one.yaml", stream(events("Another.")))
    write(tmp_path / folder / "four.yaml", stream())
    (tmp_path / "other.yaml").write_text("a: 2")
    if "{module}" in template:
        (tmp_path / folder / "three.yaml").unlink()
    cassettes = json.loads(run("diff", "--json").out)["cassettes"]
    gone = {f"{folder}/three.yaml"} if "{module}" in template else set()
    assert {each["before"] for each in cassettes} == {f"{folder}/one.yaml", None, *gone}
    assert {each["after"] for each in cassettes} - {None} == {f"{folder}/one.yaml", f"{folder}/four.yaml"}
    assert run("git-config", "--enable").code == 0
    assert "diff: groqtape" in git("check-attr", "diff", f"{folder}/one.yaml")


def test_without_any_are_the_projects(tmp_path: Path, run: Callable[..., Ran]) -> None:
    ran = run("list")
    assert ran.code == 2
    assert ran.err == (
        "groqtape: expected cassettes in cassettes (groq_cassette_dir), but there is no folder\n"
        "Record some with: pytest --groq-record=once\n"
        "Or name files or folders: groqtape VERB PATHS…\n"
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\ngroq_cassette_dir = a/c\n")
    assert [path.name for path in cassettes_in([])] == ["d.yml"]


def test_are_shown_from_the_current_folder(tmp_path: Path) -> None:
    assert shown_path(tmp_path / "a/b.yaml").replace("\\", "/") == "a/b.yaml"
    assert shown_path(tmp_path.parent) == str(tmp_path.parent)


FILES = {
    "pytest.ini": "[pytest]\n{}\n",
    ".pytest.ini": "[pytest]\n{}\n",
    "tox.ini": "[tox]\n[pytest]\n{}\n",
    "setup.cfg": "[tool:pytest]\n{}\n",
    "pyproject.toml": "[tool.pytest.ini_options]\n{}\n",
    "pytest.toml": "[pytest]\n{}\n",
    ".pytest.toml": "[pytest]\n{}\n",
}


class TestTheProject:
    @pytest.mark.parametrize("file", FILES)
    def test_is_found_from_a_folder_in_it(self, tmp_path: Path, file: str) -> None:
        value = '"tapes"' if file.endswith(".toml") else "tapes"
        (tmp_path / file).write_text(FILES[file].format(f"groq_cassette_dir = {value}"))
        project = project_around(tmp_path / "a/c")
        assert (project.root, project.cassette_folder) == (tmp_path, tmp_path / "tapes")

    def test_has_the_native_table_of_pytest_9(self, tmp_path: Path) -> None:
        (tmp_path / "pyproject.toml").write_text('[tool.pytest]\ngroq_secrets = ["a+", "b"]\n')
        assert project_around(tmp_path).secrets == ["a+", "b"]

    @pytest.mark.parametrize("file", ["pytest.ini", "pytest.toml"])
    def test_is_where_an_empty_file_of_pytest_is(self, tmp_path: Path, file: str) -> None:
        (tmp_path / file).touch()
        assert project_around(tmp_path / "a") == (tmp_path, {}, tmp_path / file)

    @pytest.mark.parametrize("file", ["tox.ini", "setup.cfg", "pyproject.toml"])
    def test_is_not_where_a_file_says_nothing_of_pytest(self, tmp_path: Path, file: str) -> None:
        (tmp_path / "a" / file).write_text("[tool.other]\n" if file.endswith("toml") else "[other]\n")
        (tmp_path / "pytest.ini").touch()
        assert project_around(tmp_path / "a/c").root == tmp_path

    @pytest.mark.parametrize("file", ["pyproject.toml", "setup.py"])
    def test_is_where_its_build_is_described_where_nothing_else_tells(
        self, tmp_path: Path, file: str
    ) -> None:
        (tmp_path / "a" / file).touch()
        assert project_around(tmp_path / "a/c").root == tmp_path / "a"

    def test_is_the_folder_itself_where_nothing_tells(self, tmp_path: Path) -> None:
        assert project_around(tmp_path / "a").root == tmp_path / "a"

    @pytest.mark.parametrize(("name", "text"), [("pytest.ini", "groq"), ("pyproject.toml", "[")])
    def test_whose_options_cannot_be_read_is_a_problem(self, tmp_path: Path, name: str, text: str) -> None:
        (tmp_path / name).write_text(text)
        with pytest.raises(UsageError, match="expected pytest's options, but it can't be read"):
            project_around(tmp_path)

    def test_has_secrets_and_headers(self, tmp_path: Path) -> None:
        (tmp_path / "tox.ini").write_text(
            "[pytest]\ngroq_secrets =\n  cust_[0-9]+\n\n  x%y\ngroq_keep_headers = x-a 'x b'\n"
            "groq_allow_secrets =\n  sk-test-.*\n"
        )
        project = project_around(tmp_path)
        assert project.secrets == ["cust_[0-9]+", "x%y"]
        assert project.kept_headers == ["x-a", "x b"]
        assert project.allowed_secrets == ["sk-test-.*"]
        (tmp_path / "pytest.toml").write_text('[pytest]\ngroq_keep_headers = ["x-c"]\n')
        assert project_around(tmp_path).kept_headers == ["x-c"]

    @pytest.mark.parametrize("file", FILES)
    def test_is_the_one_that_pytest_finds(self, pytester: pytest.Pytester, file: str) -> None:
        if file.endswith("pytest.toml") and older_than("pytest", 9):
            pytest.skip("before 9, pytest reads no pytest.toml")
        value = '"x"' if file.endswith(".toml") else "x"
        pytester.path.joinpath(file).write_text(FILES[file].format(f"groq_cassette_dir = {value}"))
        inner = pytester.path / "tests/deep"
        inner.mkdir(parents=True)
        config = pytester.parseconfig(str(inner), "--rootdir", str(project_around(inner).root))
        assert config.rootpath == pytester.path
        assert config.getini("groq_cassette_dir") == "x"

    def test_without_an_ini_file_is_where_cassettes_are(self, tmp_path: Path) -> None:
        (tmp_path / "cassettes").mkdir()
        assert project_around(tmp_path / "a/c").root == tmp_path / "a/c"  # `a` is a repository
        (tmp_path / "a/cassettes").mkdir()
        assert project_around(tmp_path / "a/c").root == tmp_path / "a"
