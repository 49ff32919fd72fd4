"""A project's own fixtures, markers and ini options that happen to have our names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_plugin.conftest import Project

FIXTURES = [
    "groq_cassette",
    "groq_client",
    "async_groq_client",
    "groq_stream",
    "async_groq_stream",
    "groq_snapshot",
]


@pytest.mark.parametrize("scope", ["function", "module", "session"])
@pytest.mark.parametrize("name", FIXTURES)
def test_a_fixture_of_its_own_opens_no_cassette(project: Project, name: str, scope: str) -> None:
    project.write(
        "conftest.py",
        f"""
        import pytest

        @pytest.fixture(scope="{scope}")
        def {name}():
            return "the project's"
        """,
    )
    project.tests(f"""
        def test_it({name}):
            assert {name} == "the project's"
    """)
    result = project.replay("-v")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*groqtape*cassettes used*")


def test_one_that_extends_ours_opens_one(project: Project) -> None:
    project.tests("""
        @pytest.fixture
        def groq_client(groq_client):
            return groq_client.with_options(timeout=7)

        def test_it(groq_client):
            assert groq_client.timeout == 7
            ask("Hi", groq_client)
    """)
    project.write_cassette("Hi")
    project.replay().assert_outcomes(passed=1)


def test_one_that_uses_another_of_ours_opens_one(project: Project) -> None:
    project.tests("""
        @pytest.fixture
        def groq_client(groq_cassette):
            return groq.Groq(timeout=7)

        def test_it(groq_client):
            ask("Hi", groq_client)
    """)
    project.write_cassette("Hi")
    project.replay().assert_outcomes(passed=1)


def test_a_snapshot_of_another_plugin_needs_no_update_of_syrupy(project: Project) -> None:
    project.tests("""
        @pytest.fixture
        def snapshot():
            return {}

        @pytest.mark.groq_cassette
        def test_it(snapshot):
            ask("Hi")
    """)
    assert project.commands(project.replay()) == ["pytest test_app.py::test_it --groq-record=once"]


def test_a_marker_groq_means_nothing(project: Project) -> None:
    project.ini(markers="groq: calls Groq")
    project.tests("""
        @pytest.mark.groq
        def test_it():
            pass
    """)
    result = project.replay("-m", "groq", "-v")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*groqtape*cassettes used*")


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        ('"groq_hosts", "ours", type="string", default="x"', "groq_hosts = one:two:three"),
        ('"groq_record_mode", "ours", default="live"', ""),
        ('"groq_auto", "ours", type="args", default=[]', "groq_auto = yes no"),
        ('"groq_api_key", "ours"', "groq_api_key = gsk_1"),
    ],
)
def test_an_ini_option_of_its_own_is_the_project_s(project: Project, declared: str, value: str) -> None:
    """groqtape then takes its default."""
    project.write("conftest.py", f"def pytest_addoption(parser):\n    parser.addini({declared})\n")
    project.write("pytest.ini", f"[pytest]\n{value}\n")
    project.tests("""
        @pytest.mark.groq_cassette
        def test_it():
            ask("Hi")
    """)
    project.write_cassette("Hi")
    project.replay().assert_outcomes(passed=1)
