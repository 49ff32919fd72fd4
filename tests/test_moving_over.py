"""docs/moving-over.md, carried out on small suites."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from loopback_groq import LoopbackGroq
from pages import DOCS, README
from reader import REPLAY, script

if TYPE_CHECKING:
    from pathlib import Path

    from reader import Reader

# Tests as pytest-recording has them, and how it names their cassettes.
RECORDED_BY_VCRPY = """
import pytest

import my_app


@pytest.mark.vcr
def test_plain():
    assert "Earthsea" in my_app.answer("One")


class TestClass:
    @pytest.mark.vcr
    @pytest.mark.parametrize("prompt", ["two", "Three"])
    def test_each(self, prompt):
        assert "Earthsea" in my_app.answer(prompt)


@pytest.mark.vcr
def test_stale():
    assert "Earthsea" in my_app.answer("Four, in other words")
"""
PROMPTS = {
    "test_plain": "One",
    "TestClass.test_each[two]": "two",
    "TestClass.test_each[Three]": "Three",
    "test_stale": "Four",
}
RECORD_WITH_VCRPY = """
import json, sys, vcr, my_app
for path, prompt in json.loads(sys.argv[1]).items():
    with vcr.use_cassette(path, record_mode="once", filter_headers=["authorization"]):
        my_app.answer(prompt)
"""
PAGE = DOCS["moving-over.md"]


@pytest.fixture(scope="module")
def recorded_by_vcrpy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cassettes that vcrpy wrote."""
    folder = tmp_path_factory.mktemp("vcrpy")
    (folder / "my_app.py").write_text(README.files["my_app.py"], encoding="utf-8")
    prompts = {f"cassettes/test_books/{name}.yaml": prompt for name, prompt in PROMPTS.items()}
    with LoopbackGroq() as server:
        script(server)
        subprocess.run(
            [sys.executable, "-c", RECORD_WITH_VCRPY, json.dumps(prompts)],
            cwd=folder,
            env={**os.environ, "GROQ_BASE_URL": server.base_url, "GROQ_API_KEY": str(server.api_key)},
            check=True,
            timeout=60,
        )
        assert len(server.requests) == len(PROMPTS)
    return folder / "cassettes"


@pytest.fixture
def suite(reader: Reader, recorded_by_vcrpy: Path) -> Path:
    """A suite of pytest-recording's, with its cassettes."""
    reader.write("tests/test_books.py", RECORDED_BY_VCRPY)
    shutil.copytree(recorded_by_vcrpy, reader.folder / "tests/cassettes")
    reader.offline()
    return reader.folder


def move(folder: Path) -> None:
    """What the page says, step by step."""
    assert "`git mv tests/cassettes cassettes/tests`" in PAGE.text
    (folder / "cassettes").mkdir()
    shutil.move(folder / "tests/cassettes", folder / "cassettes/tests")
    mark(folder, "pytest.mark.vcr", "pytest.mark.groq_cassette")
    assert "Replace `pytest.mark.vcr` with `pytest.mark.groq_cassette`." in PAGE.text


def mark(folder: Path, old: str, new: str) -> None:
    """Replace something in the tests."""
    test = folder / "tests/test_books.py"
    assert old in test.read_text()
    test.write_text(test.read_text().replace(old, new))


def rename(reader: Reader) -> None:
    """Move the cassette of the test that has another name under groqtape to where the failure says."""
    shown = reader.run(REPLAY).stdout.str()
    [wanted] = re.findall(r"^There is no cassette (\S+\.yaml),$", shown, re.MULTILINE)
    old = wanted.partition("~")[0] + ".yaml"
    (reader.folder / old).rename(reader.folder / wanted)


def test_a_suite_of_pytest_recording(reader: Reader, suite: Path) -> None:
    move(suite)
    before = reader.files("*.yaml")

    result = reader.run(REPLAY)

    result.assert_outcomes(passed=2, failed=2)
    shown = result.stdout.str()
    # Each failure that the page explains.
    assert re.search(r"^There is no cassette .*test_each\[Three\]~\w{8}\.yaml,$", shown, re.MULTILINE)
    assert re.search(r"^messages\[0\]\.content differs from", shown, re.MULTILINE)
    assert '/ now "Four, in other words"' in shown
    assert reader.files("*.yaml") == before


def test_as_matched_before(reader: Reader, suite: Path) -> None:
    move(suite)
    rename(reader)
    assert '`match_on=["method", "path", "query"]` in the marker' in PAGE.text
    mark(suite, "groq_cassette\ndef test_stale", f"groq_cassette({AS_VCRPY})\ndef test_stale")

    reader.run(REPLAY).assert_outcomes(passed=4)


AS_VCRPY = 'match_on=["method", "path", "query"]'


def test_with_one_line_the_suite_keeps_its_marks(reader: Reader, suite: Path) -> None:
    before = reader.files("*.yaml")
    reader.configure(PAGE.ini[0])

    result = reader.run(REPLAY)

    result.assert_outcomes(passed=3, failed=1)
    assert "test_stale" in result.stdout.str()
    assert reader.files("*.yaml") == before
    as_matched = PAGE.ini[0] + "groq_match_on = ['method', 'path', 'query']\n"
    (reader.folder / "tox.ini").touch()
    reader.configure(as_matched)
    reader.run(REPLAY).assert_outcomes(passed=4)


def test_with_the_cassettes_where_they_are(reader: Reader, suite: Path) -> None:
    mark(suite, "pytest.mark.vcr", "pytest.mark.groq_cassette")
    reader.configure(PAGE.ini[1])

    reader.run(REPLAY).assert_outcomes(passed=3, failed=1)


def test_all_tests_as_matched_before(reader: Reader, suite: Path) -> None:
    move(suite)
    rename(reader)
    assert "`groq_match_on = method path query` in the ini file" in PAGE.text
    reader.configure('[tool.pytest.ini_options]\ngroq_match_on = "method path query"\n')

    reader.run(REPLAY).assert_outcomes(passed=4)


def test_a_stale_request_is_recorded_again(reader: Reader, suite: Path) -> None:
    move(suite)
    rename(reader)
    reader.run(REPLAY).assert_outcomes(passed=3, failed=1)
    reader.online()

    reader.run(["pytest", "--lf", "--lfnf=none", "--groq-record=all"]).assert_outcomes(passed=1)
    reader.offline()

    reader.run(REPLAY).assert_outcomes(passed=4)


def test_what_is_left_unplayed_fails_until_it_is_allowed(reader: Reader, suite: Path) -> None:
    move(suite)
    mark(suite, 'assert "Earthsea" in my_app.answer("One")', "pass")
    only = ["pytest", "tests/test_books.py::test_plain"]

    shown = reader.run(only)
    reader.configure("[tool.pytest.ini_options]\ngroq_unplayed = 'ignore'\n")

    shown.assert_outcomes(failed=1)
    assert "1 of 1 recorded interactions never" in shown.stdout.str()
    reader.run(only).assert_outcomes(passed=1)


def test_without_markers(reader: Reader, suite: Path) -> None:
    move(suite)
    rename(reader)
    mark(suite, "    @pytest.mark.groq_cassette\n", "")
    mark(suite, "@pytest.mark.groq_cassette\n", "")
    reader.configure("[tool.pytest.ini_options]\ngroq_auto = true\n")

    reader.run(REPLAY).assert_outcomes(passed=3, failed=1)


# What vcr_langchain is: vcrpy with settings of its own.
VCR_LANGCHAIN = """
from vcr import VCR

use_cassette = VCR(
    path_transformer=VCR.ensure_suffix(".yaml"),
    filter_headers=["authorization"],
    filter_query_parameters=["api_key"],
    match_on=("method", "scheme", "host", "port", "path", "query", "body"),
).use_cassette
"""
DECORATED = """
import vcr_langchain as vcr

import my_app


@vcr.use_cassette()
def test_joke():
    assert "Earthsea" in my_app.answer("One")


@vcr.use_cassette("custom.yaml")
def test_custom():
    assert "Earthsea" in my_app.answer("Two")
"""


def test_a_suite_of_vcr_langchain(reader: Reader) -> None:
    reader.write("vcr_langchain.py", VCR_LANGCHAIN)
    reader.write("tests/test_jokes.py", DECORATED)
    before = [sys.executable, "-m", "pytest", "-q", "-p", "no:groqtape"]
    paths = {**os.environ, "PYTHONPATH": str(reader.folder)}
    subprocess.run(before, cwd=reader.folder, env=paths, check=True, timeout=60)
    assert len(reader.server.requests) == 2
    reader.offline()
    moved = {
        "tests/test_joke.yaml": "cassettes/tests/test_jokes/test_joke.yaml",
        "custom.yaml": "cassettes/custom.yaml",
    }

    for old, new in moved.items():
        assert f"`{new}`" in PAGE.text
        (reader.folder / new).parent.mkdir(parents=True, exist_ok=True)
        (reader.folder / old).rename(reader.folder / new)
    text = DECORATED.replace("import vcr_langchain as vcr", "import pytest")
    text = text.replace("@vcr.use_cassette()", "@pytest.mark.groq_cassette")
    text = text.replace('@vcr.use_cassette("custom.yaml")', '@pytest.mark.groq_cassette("custom")')
    reader.write("tests/test_jokes.py", text)

    reader.run(REPLAY).assert_outcomes(passed=2)


def test_mocks_made_by_hand_still_work_and_so_does_what_replaces_them(reader: Reader) -> None:
    # That the second records and replays: test_docs.py.
    reader.write("tests/test_mocked.py", PAGE.files["tests/test_mocked.py"])
    reader.offline()

    reader.run(REPLAY).assert_outcomes(passed=1)

    assert not reader.server.requests
