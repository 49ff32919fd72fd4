"""Where a test's cassette lies: a path that shows which test it belongs to, on every file system."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_plugin.conftest import Project

# What Windows refuses in a name; what begins or ends in a way that some system or shell trips over.
REFUSED = re.compile(r'[<>:"|?*\\\x00-\x1f]')


def test_the_file_the_class_the_test_and_its_parameters(project: Project) -> None:
    project.tests(
        """
        @pytest.mark.groq_cassette
        class TestApp:
            @pytest.mark.parametrize("size", [1, 2.5])
            @pytest.mark.parametrize("what", ["tea-with-milk"])
            def test_it(self, what, size):
                ask()
        """,
        "tests/unit/test_app.py",
    )
    project.write("tests/unit/app.py", (project.path / "app.py").read_text())
    project.record().assert_outcomes(passed=2)
    assert project.cassettes == [
        "tests/unit/test_app/TestApp.test_it[tea-with-milk-1]",
        "tests/unit/test_app/TestApp.test_it[tea-with-milk-2.5]",
    ]
    project.replay().assert_outcomes(passed=2)


def test_files_of_one_name_in_several_folders(project: Project) -> None:
    for folder in ("a", "b", "a/b"):
        project.tests(
            f"""
            @pytest.mark.groq_cassette
            def test_it():
                ask({folder!r})
            """,
            f"{folder}/test_app.py",
        )
    project.ini(pythonpath=".")
    project.record("--import-mode=importlib").assert_outcomes(passed=3)
    assert project.cassettes == ["a/b/test_app/test_it", "a/test_app/test_it", "b/test_app/test_it"]
    assert project.prompts("a/b/test_app/test_it") == ["a/b"]
    project.replay("--import-mode=importlib").assert_outcomes(passed=3)


def test_parameters_that_no_file_could_be_called(project: Project) -> None:
    odd = [
        *("a/b", "a\\b", "../up", "..", ".", "", " ", "a b", "a:b", "a*b", "a?b", 'a"b', "a<b", "a>b", "a|b"),
        *(
            "line\nbreak",
            "tab\there",
            "nul\0",
            "größe",
            "日本語",
            "👋🏽",
            "e\u0301",
            "é",
            "~",
            "a~b",
            "[x]",
            "][",
        ),
        *(
            "A",
            "a",
            "Straße",
            "STRASSE",
            "con",
            "-x",
            "a.",
            "a ",
            "x" * 500,
            "x" * 501,
            "é" * 300,
            "a::b",
            "%s",
        ),
        *("$HOME", "`ls`", "'quoted'", "#", "a.yaml"),
    ]
    project.tests(f"""
        @pytest.mark.groq_cassette
        @pytest.mark.parametrize("text", {odd!r})
        def test_it(text):
            ask(text)
    """)
    project.record().assert_outcomes(passed=len(odd))
    names = project.cassettes
    assert len({name.casefold() for name in names}) == len(odd)
    for name in names:
        folder, _, own = name.partition("/")
        assert folder == "test_app"
        assert "/" not in own
        assert not REFUSED.search(own)
        assert len(f"{own}.yaml".encode()) < 160
    project.replay().assert_outcomes(passed=len(odd))


def test_unicode_that_pytest_does_not_escape(project: Project) -> None:
    project.ini(disable_test_id_escaping_and_forfeit_all_rights_to_community_support="true")
    project.tests("""
        @pytest.mark.groq_cassette
        @pytest.mark.parametrize("text", ["grün", "日本語", "e\\u0301", "\\u00e9"])
        def test_it(text):
            ask(text)
    """)
    project.record().assert_outcomes(passed=4)
    assert "test_app/test_it[grün]" in project.cassettes
    assert "test_app/test_it[日本語]" in project.cassettes
    assert len(project.cassettes) == 4  # also where a file system takes the last two for the same
    project.replay().assert_outcomes(passed=4)


def test_names_that_differ_in_case_alone(project: Project) -> None:
    project.tests("""
        pytestmark = pytest.mark.groq_cassette

        def test_it():
            ask("small")

        def test_IT():
            ask("large")

        class TestApp:
            def test_it(self):
                ask("of one class")

        class Testapp:
            def test_it(self):
                ask("of the other")

        @pytest.mark.parametrize("key", ["a", "A"])
        def test_key(key):
            ask(key)
    """)
    project.record().assert_outcomes(passed=6)
    assert len({name.casefold() for name in project.cassettes}) == 6
    project.replay().assert_outcomes(passed=6)


def test_a_test_file_outside_rootdir(project: Project) -> None:
    project.tests(
        """
        @pytest.mark.groq_cassette
        def test_it():
            ask("within")
        """
    )
    outside = project.path.parent / f"{project.path.name}_beside" / "test_app.py"
    outside.parent.mkdir()
    outside.write_text((project.path / "test_app.py").read_text().replace("within", "outside"))
    project.ini(pythonpath=".")
    args = (f"--rootdir={project.path}", "-c", "pytest.ini", "--import-mode=importlib", ".", str(outside))
    project.record(*args).assert_outcomes(passed=2)
    assert len(project.cassettes) == 2
    assert list(outside.parent.rglob("*.yaml")) == []
    assert sorted(project.prompts(name)[0] for name in project.cassettes) == ["outside", "within"]
    project.replay(*args).assert_outcomes(passed=2)


@pytest.mark.parametrize("name", ["test_one.two.py", "test_größe.py", "test_with space.py"])
def test_odd_names_of_test_files(project: Project, name: str) -> None:
    project.tests(
        """
        @pytest.mark.groq_cassette
        def test_it():
            ask()
        """,
        name,
    )
    project.ini(pythonpath=".")
    project.record("--import-mode=importlib").assert_outcomes(passed=1)
    assert project.cassettes == [f"{name.removesuffix('.py')}/test_it"]
    project.replay("--import-mode=importlib").assert_outcomes(passed=1)


def test_an_inherited_test_has_a_cassette_for_each_class(project: Project) -> None:
    project.tests("""
        class Base:
            prompt = "base"

            @pytest.mark.groq_cassette
            def test_it(self):
                ask(self.prompt)

        class TestA(Base):
            prompt = "a"

        class TestB(Base):
            prompt = "b"
    """)
    project.record().assert_outcomes(passed=2)
    assert project.cassettes == ["test_app/TestA.test_it", "test_app/TestB.test_it"]
    assert project.prompts("test_app/TestB.test_it") == ["b"]
