"""A repository of several projects: without PATHS, a verb covers the current project and those below it."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

import pytest
from cli.cassettes import events, request, stream, write

from groqtape.cli.paths import cassettes_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Ran

INI = {
    "pytest.ini": "[pytest]\n{}\n",
    "tox.ini": "[tox]\n[pytest]\n{}\n",
    "setup.cfg": "[metadata]\n[tool:pytest]\n{}\n",
    "pyproject.toml": '[tool.pytest.ini_options]\naddopts = "-q"\n{}\n',
}
TOP = {
    "an ini file": ("pytest.ini", "[pytest]\n"),
    "no ini file": None,
    "an ini file of no tests": ("pyproject.toml", "[tool.other]\n"),
    "a build script": ("setup.py", ""),
}


@pytest.fixture(autouse=True)
def top(tmp_path: Path, run: Callable[..., Ran]) -> Path:
    (tmp_path / "pytest.ini").unlink()
    for each in "a", "b":
        path = tmp_path / f"packages/{each}/pyproject.toml"
        path.parent.mkdir(parents=True)
        path.write_text(INI["pyproject.toml"].format(""))
        write(path.parent / "cassettes/tests/test_it" / f"{each}.yaml", stream())
    return tmp_path


def found() -> str:
    """The names of the cassettes, in their order."""
    return " ".join(path.stem for path in cassettes_in([]))


def ini(folder: Path, *lines: str, file: str = "pyproject.toml") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(INI[file].format("\n".join(lines)))


@pytest.mark.parametrize("kind", TOP)
def test_at_the_top_are_those_of_all(top: Path, run: Callable[..., Ran], kind: str) -> None:
    file = TOP[kind]
    if file:
        (top / file[0]).write_text(file[1])
    assert found() == "a b"
    write(top / "cassettes/tests/test_it/top.yaml", stream())
    assert found() == "top a b"
    assert [each["path"] for each in json.loads(run("list", "--json").out)["cassettes"]] == [
        str(path.relative_to(top)) for path in cassettes_in([])
    ]


@pytest.mark.parametrize("inner", [".", "cassettes", "tests"])
def test_in_a_project_are_its_own(top: Path, monkeypatch: pytest.MonkeyPatch, inner: str) -> None:
    ini(top)
    write(top / "cassettes/top.yaml", stream())
    (top / "packages/a/tests").mkdir()
    monkeypatch.chdir(top / "packages/a" / inner)
    assert found() == "a"


def test_in_a_folder_of_the_outer_project_are_those_of_all(
    top: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ini(top)
    write(top / "cassettes/top.yaml", stream())
    monkeypatch.chdir(top / "packages")
    assert found() == "top a b"


@pytest.mark.parametrize("file", INI)
def test_each_has_its_own_options(top: Path, file: str) -> None:
    quote = '"' if file.endswith("toml") else ""
    (top / "packages/b/pyproject.toml").unlink()
    ini(top / "packages/b", f"groq_cassette_dir = {quote}tapes{quote}", file=file)
    assert found() == "a"
    write(top / "packages/b/tapes/other.yaml", stream())
    assert found() == "a other"


def test_one_may_be_in_another(top: Path) -> None:
    ini(top / "packages/a/plugins/c", 'groq_cassette_dir = "{test_dir}/tapes"')
    write(top / "packages/a/plugins/c/tests/tapes/c.yaml", stream())
    assert found() == "a c b"


def test_a_folder_without_options_of_pytest_belongs_to_the_project_around_it(top: Path) -> None:
    for folder in "docs", "packages/a/docs":
        (top / folder).mkdir()
        (top / folder / "pyproject.toml").write_text("[tool.other]\n")
        write(top / folder / "cassettes/docs.yaml", stream())
    assert found() == "docs a b"  # pytest's rootdir is docs in docs, and packages/a in packages/a/docs
    ini(top)
    assert found() == "a b"


@pytest.mark.parametrize(
    ("option", "seen"),
    [
        ('groq_cassette_dir = "{test_dir}/cassettes/{module}"', "it"),
        ('groq_cassette_dir = "{test_dir}"', "beside"),
        ("groq_serve_vcr = true", "it"),
    ],
)
def test_cassettes_beside_tests_are_those_of_the_project_of_the_tests(
    top: Path, option: str, seen: str
) -> None:
    ini(top, option)
    shutil.rmtree(top / "packages/a/cassettes")
    for folder in "tests", "packages/a/tests":
        write(top / folder / "cassettes/test_it/it.yaml", stream())
        write(top / folder / "beside.yaml", stream())
        (top / folder / "test_it.py").touch()
    assert sorted(found().split()) == sorted(["b", seen])
    ini(top / "packages/a", option)
    assert sorted(found().split()) == sorted(["b", seen, seen])


def test_cassettes_of_one_may_be_in_another(top: Path) -> None:
    ini(top)
    write(top / "cassettes/c/shared.yaml", stream())
    ini(top / "packages/a", 'groq_cassette_dir = "../../cassettes/c"')
    ini(top / "packages/b", 'groq_cassette_dir = "../../cassettes/{test_dir}"')
    assert found() == "shared"
    ini(top, 'groq_cassette_dir = "tapes"')
    assert found() == "shared"


@pytest.mark.skipif(os.name == "nt", reason="needs the right to make links")
def test_a_link_to_cassettes_of_another_lists_none_twice(top: Path) -> None:
    shutil.rmtree(top / "packages/b/cassettes")
    (top / "packages/b/cassettes").symlink_to(top / "packages/a/cassettes")
    assert found() == "a"
    (top / "packages/loop").symlink_to(top)
    assert found() == "a"


@pytest.mark.parametrize(
    ("folder", "file"),
    [
        ("node_modules/x", "package.json"),
        (".venv/x", "x"),
        ("env", "pyvenv.cfg"),
        ("vendored", ".git"),
        ("vendored/.git", "HEAD"),
        ("venv/x", "x"),
        ("build", "x"),
    ],
)
def test_environments_hidden_folders_and_other_repositories_are_not_looked_at(
    top: Path, folder: str, file: str
) -> None:
    (top / folder).mkdir(parents=True)
    (top / folder / file).touch()
    project = top / folder.removesuffix("/.git")
    (project / "pytest.ini").write_text("not an ini file")
    write(project / "cassettes/other.yaml", stream())
    assert found() == "a b"


def test_an_ini_file_that_cannot_be_read_is_one_message(top: Path, run: Callable[..., Ran]) -> None:
    (top / "packages/b/pyproject.toml").write_text("[")
    for verb in (["list"], ["check"], ["report", "-o", "x.html"]):
        ran = run(*verb)
        assert ran.code == 2
        assert ran.err.count("groqtape: ") == 1
        assert f"{top / 'packages/b/pyproject.toml'}: expected pytest's options" in ran.err
    assert run("list", "packages/a").code == 0


def test_where_there_are_none_the_message_names_what_was_looked_for(
    top: Path, run: Callable[..., Ran]
) -> None:
    for each in "a", "b":
        shutil.rmtree(top / f"packages/{each}/cassettes")
    ini(top / "packages/b", 'groq_cassette_dir = "{test_dir}/tapes"')
    places = [os.path.normpath(each) for each in ("cassettes", "packages/a/cassettes")]
    places.append(os.path.normpath("packages/b/{test_dir}/tapes"))
    ran = run("list")
    assert ran.code == 2
    assert ran.err == (
        f"groqtape: expected cassettes in {', '.join(places)} (groq_cassette_dir), but there is no folder\n"
        "Record some with: pytest --groq-record=once\n"
        "Or name files or folders: groqtape VERB PATHS…\n"
    )
    for each in "c", "d":
        ini(top / f"packages/{each}")
    assert "{test_dir}" in run("list").err
    assert "and in 2 more projects (groq_cassette_dir)" in run("list").err


def test_every_verb_covers_them(top: Path, run: Callable[..., Ran]) -> None:
    assert run("check").out == "2 cassettes checked: all good\n"
    assert json.loads(run("report", "-o", "page.html", "--json").out)["cassettes"] == 2


def test_what_is_secret_is_what_either_project_says(top: Path, run: Callable[..., Ran]) -> None:
    sent = request("Customers cust_1, order_2 and other_3")
    headers = "".join(f"{name}: value\n      " for name in ("x-of-top", "x-of-a", "x-of-none"))
    for each in "a", "b":
        path = write(top / f"packages/{each}/cassettes/tests/test_it/{each}.yaml", stream(sent=sent))
        path.write_text(path.read_text().replace("content-type:", f"{headers}content-type:", 1))
    ini(top, 'groq_secrets = ["order_[0-9]"]', 'groq_keep_headers = ["x-of-top"]')
    ini(top / "packages/a", 'groq_secrets = ["cust_[0-9]"]', 'groq_keep_headers = ["x-of-a"]')
    shown = run("show", "packages/a/cassettes/tests/test_it/a.yaml").out
    assert "Customers REDACTED, REDACTED and other_3" in shown
    shown = run("show", "packages/b/cassettes/tests/test_it/b.yaml").out
    assert "Customers cust_1, REDACTED and other_3" in shown
    run("check", "--fix")
    of_a = (top / "packages/a/cassettes/tests/test_it/a.yaml").read_text()
    of_b = (top / "packages/b/cassettes/tests/test_it/b.yaml").read_text()
    assert "Customers REDACTED, REDACTED and other_3" in of_a
    assert "Customers cust_1, REDACTED and other_3" in of_b
    assert [name in of_a for name in ("x-of-top", "x-of-a", "x-of-none")] == [True, True, False]
    assert [name in of_b for name in ("x-of-top", "x-of-a", "x-of-none")] == [True, False, False]


class TestDiff:
    @pytest.mark.parametrize("kind", TOP)
    def test_covers_them_with_those_that_are_gone(
        self, top: Path, run: Callable[..., Ran], git: Callable[..., str], kind: str
    ) -> None:
        file = TOP[kind]
        if file:
            (top / file[0]).write_text(file[1])
        write(top / "data/other.yaml", stream())
        git("add", "-A")
        git("commit", "-qm", "1")
        assert run("diff") == (0, "", "")
        shutil.rmtree(top / "packages/a/cassettes")
        write(top / "packages/b/cassettes/tests/test_it/b.yaml", stream(events("Another.")))
        write(top / "data/other.yaml", stream(events("Another.")))
        for words in (["diff"], ["diff", "HEAD"]):
            changed = json.loads(run(*words, "--json").out)["cassettes"]
            assert [(each["before"], each["after"]) for each in changed] == [
                ("packages/a/cassettes/tests/test_it/a.yaml", None),
                ("packages/b/cassettes/tests/test_it/b.yaml", "packages/b/cassettes/tests/test_it/b.yaml"),
            ]

    @pytest.mark.parametrize(
        ("of_a", "seen"),
        [
            ("cassettes", "top a.yaml"),
            ("{test_dir}/tapes", "top tapes"),
            ("{test_dir}", "top beside.yaml"),
            ("../../elsewhere/{module}", "top elsewhere"),
        ],
    )
    def test_compares_what_list_lists(
        self, top: Path, run: Callable[..., Ran], git: Callable[..., str], of_a: str, seen: str
    ) -> None:
        """What the outer project's `{test_dir}/tapes` names is in the inner project, too."""
        ini(top, 'groq_cassette_dir = "{test_dir}/cassettes"')
        ini(top / "packages/a", f'groq_cassette_dir = "{of_a}"')
        names = {
            "top": "tests/cassettes/top.yaml",
            "a.yaml": "packages/a/cassettes/tests/test_it/a.yaml",
            "inner": "packages/a/tests/cassettes/inner.yaml",
            "tapes": "packages/a/tests/tapes/x.yaml",
            "beside.yaml": "packages/a/tests/beside.yaml",
            "elsewhere": "elsewhere/test_it/x.yaml",
        }
        for name in names.values():
            write(top / name, stream())
        (top / "packages/a/tests/test_it.py").touch()
        git("add", "-A")
        git("commit", "-qm", "1")
        for name in names.values():
            write(top / name, stream(events("Another.")))
        changed = {each["after"] for each in json.loads(run("diff", "--json").out)["cassettes"]}
        assert changed == {names[each] for each in seen.split()}
        listed = {str(path.relative_to(top)).replace("\\", "/") for path in cassettes_in([])}
        assert changed == listed - {"packages/b/cassettes/tests/test_it/b.yaml"}

    def test_covers_them_where_all_are_gone(
        self, top: Path, run: Callable[..., Ran], git: Callable[..., str]
    ) -> None:
        git("add", "-A")
        git("commit", "-qm", "1")
        for each in "a", "b":
            shutil.rmtree(top / f"packages/{each}/cassettes")
        changed = json.loads(run("diff", "--json").out)["cassettes"]
        assert [each["after"] for each in changed] == [None, None]

    @pytest.mark.parametrize("option", ["", 'groq_cassette_dir = "{test_dir}"'])
    def test_says_so_where_there_are_no_cassettes(
        self, top: Path, run: Callable[..., Ran], git: Callable[..., str], option: str
    ) -> None:
        shutil.rmtree(top / "packages")
        ini(top, option)
        write(top / "other.yaml", stream())
        git("commit", "-q", "--allow-empty", "-m", "1")
        ran = run("diff")
        assert (ran.code, ran.out) == (2, "")
        assert "expected cassettes in " in ran.err


def test_git_config_is_for_those_that_have_cassettes(
    top: Path, run: Callable[..., Ran], git: Callable[..., str]
) -> None:
    ini(top / "packages/b", 'groq_cassette_dir = "{test_dir}/tapes"')
    ini(top / "packages/without")
    assert run("git-config", "--enable").out.count("Enabled: packages/") == 2
    assert (top / ".gitattributes").read_text() == (
        "packages/a/cassettes/**/*.yaml diff=groqtape\npackages/b/**/tapes/**/*.yaml diff=groqtape\n"
    )
    shutil.rmtree(top / "packages/a/cassettes")
    assert run("git-config", "--disable").code == 0
    assert not (top / ".gitattributes").exists()
