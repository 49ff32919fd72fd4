"""`--groq-report` and `--groq-summary`: what a run recorded and replayed, on a page and in a table."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest
from loopback_groq import stream

from groqtape.pytest_plugin.cassette_use import packed
from groqtape.pytest_plugin.run_cassettes import RunCassette
from groqtape.pytest_plugin.step_summary import table
from groqtape.reports.page import Entry

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_plugin.conftest import Project

TESTS = """
    @pytest.fixture(scope="module")
    def greeting():
        ask("wide")

    @pytest.mark.groq_cassette
    @pytest.mark.parametrize("markup", ["<b>|`@me`|", "plain"])
    def test_each(markup, greeting):
        ask(markup)

    @pytest.mark.groq_cassette("shared")
    def test_one():
        ask("one")

    @pytest.mark.groq_cassette("shared")
    def test_two():
        assert ask("two") == "Hello there"

    def test_without():
        pass
"""
SECRET = "gsk_" + "x7Kd92LmQp4Rt8Vw1Yz3" * 2


def titles(page: Path) -> list[str]:
    """The headings of a page's cassettes."""
    return [unescape(each) for each in re.findall(r'<h2 id="c\d+">(.*?)</h2>', page.read_text("utf-8"))]


def notes(page: Path) -> list[str]:
    """What stands under them."""
    return [
        unescape(each) for each in re.findall(r'</h2>\n<p class="soft">(.*?)</p>', page.read_text("utf-8"))
    ]


def rows(text: str) -> list[list[str]]:
    """The cells of a table's rows, as a browser shows them."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[unescape(cell.strip()) for cell in line.strip("|").split(" | ")] for line in lines]


EACH = [f"test_app.py::test_each[{markup}]" for markup in ("<b>|`@me`|", "plain")]
GREETING = f"{EACH[0]}, fixture greeting (module scope)"


def test_a_page_and_a_table_of_a_run(project: Project) -> None:
    """Recorded, replayed by workers, and recorded anew, with a failure."""
    project.tests(TESTS)
    page, step = project.path / "out/new/page.html", project.path / "step.md"
    project.setenv("GITHUB_STEP_SUMMARY", str(step))
    project.setenv("OUT", "out")
    step.write_text("# Mine\n", encoding="utf-8")
    result = project.record("--groq-report=$OUT/new/page.html", "--groq-summary")
    shown = [f"{page}: 4 cassettes, *kB", "*- groqtape: step summary -*", f"4 cassettes, added to {step}"]
    result.stdout.fnmatch_lines(["*- groqtape: report -*", *shown])
    assert titles(page) == ["cassettes/shared.yaml", EACH[0], GREETING, EACH[1]]
    assert notes(page)[0] == "new: of test_app.py::test_one, test_app.py::test_two"
    assert notes(page)[3] == "new: cassettes/test_app/test_each[plain].yaml"
    text = step.read_text(encoding="utf-8")
    assert text.startswith("# Mine\n\n### groqtape: 4 cassettes\n\n| test | streams |")
    assert [[*row[:5], row[6]] for row in rows(text)[1:3]] == [
        ["cassettes/shared.yaml", "2", "8", "stop ×2", "72 + 4", "new"],
        [EACH[0], "1", "4", "stop", "36 + 2", "new"],
    ]
    assert "<b>" not in text
    assert "@me" not in text

    recorded = page.read_text("utf-8")
    result = project.replay("-n2", "--groq-report=replayed.html", beside=("xdist",))
    result.assert_outcomes(passed=5)
    replayed = project.path / "replayed.html"
    assert {*EACH, "cassettes/shared.yaml"} < set(titles(replayed))
    assert replayed.read_text("utf-8").count("<svg") == recorded.count("<svg") == 10

    project.server.default = stream(f"Hello {SECRET}")
    step.unlink()
    result = project.record("--groq-report=page.html", "--groq-summary", mode="all")
    result.assert_outcomes(passed=4, failed=1)
    page = project.path / "page.html"
    assert titles(page)[0] == "✗ cassettes/shared.yaml"
    assert notes(page)[0].startswith("1 of 2 tests failed, recorded anew: of ")
    assert notes(page)[1].startswith("recorded anew: cassettes/test_app/")
    both = page.read_text("utf-8") + step.read_text("utf-8")
    assert SECRET not in both
    assert "<ins>REDACTED</ins>" in both
    assert rows(step.read_text("utf-8"))[1][-1] == "❌ 1 of 2 tests failed, recorded anew: words"


def test_what_cannot_be_read_or_was_not_written_is_named(project: Project) -> None:
    project.tests("""
        @pytest.mark.groq_cassette
        def test_fails():
            ask()
            raise AssertionError

        @pytest.mark.groq_cassette
        def test_again():
            ask()
    """)
    project.write(
        "conftest.py",
        """
        import pytest

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_logreport(report):
            if report.when == "teardown" and "again" in report.nodeid:
                report.groqtape = [[*use[:9], [1, REPLACED], *use[10:]] for use in report.groqtape]
        """.replace("REPLACED", repr(packed(b"no cassette"))),
    )
    project.record("--groq-report=page.html", "-p", "no:terminal")
    assert notes(project.path / "page.html") == [
        "failed, there is no such file, recording dropped: cassettes/test_app/test_fails.yaml",
        "replaces a file that was no good cassette: cassettes/test_app/test_again.yaml",
    ]


@pytest.mark.parametrize(
    ("file", "problem"),
    [
        (".", "it is a folder"),
        ("app.py/page.html", "its folder can't be made: (Not a directory|File exists)"),
    ],
)
def test_a_file_that_cannot_be_written_is_an_error_at_the_start(
    project: Project, file: str, problem: str
) -> None:
    result = project.replay(f"--groq-report={file}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    expected = rf"ERROR: --groq-report: expected a file that can be written, got {file}: ({problem})"
    assert re.search(expected, result.stderr.str())
    assert result.errlines[1] == "Name another file: --groq-report=FILE.html"


def test_what_cannot_be_written_at_the_end_is_named_there(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("conftest.py", "import os\n\ndef pytest_sessionfinish():\n    os.mkdir('page.html')\n")
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    result = project.replay("--groq-report=page.html", "--groq-summary")
    result.stdout.fnmatch_lines(["*page.html can't be written: Is a directory"])
    unset = "not written, because GITHUB_STEP_SUMMARY is not set. GitHub Actions sets it in each step."
    result.stdout.fnmatch_lines([unset])

    project.write("conftest.py", "")
    full, problem = (
        project.path / "full.md",
        "not written: {}, which GITHUB_STEP_SUMMARY names: Is a directory",
    )
    full.write_bytes(b"x" * 2**20)
    for path, expected in {
        full: f"not written: {full} has the 1 MiB that GitHub shows of a step",
        project.path: problem.format(project.path),
    }.items():
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(path))
        project.replay("--groq-summary").stdout.fnmatch_lines([expected])
    assert full.stat().st_size == 2**20


def test_a_table_is_kept_under_what_github_shows() -> None:
    titles = [f"test_{number}[{'*' * (number % 50)}]" for number in range(20_000)]
    cassettes = [RunCassette(title, "", is_failed=False, entry=Entry(title)) for title in titles]
    whole = table(cassettes[:3]).decode()
    assert "left out" not in whole
    assert [row[0] for row in rows(whole)[1:]] == titles[:3]

    data = table(cassettes)
    assert 2**20 - 1000 < len(data) <= 2**20
    shown = rows(data.decode())[1:]
    assert data.decode().endswith(f"\n{20_000 - len(shown):d} rows left out: GitHub shows 1 MiB.\n\n")
    assert table(cassettes, 20) == b""
    assert table([]).decode() == "\n### groqtape: 0 cassettes\n\n"


@pytest.mark.parametrize(
    "text",
    [
        *("a|b", "<script>", "[x](http://y)", "`c`", "*b* _i_ ~~s~~", "@me #1", "www.x.org", "$x$", "&lt;"),
        "a\nb\x1b[0m",
    ],
)
def test_no_text_is_markup_in_the_table(text: str) -> None:
    written = table([RunCassette(text, "", is_failed=False, entry=Entry(text))]).decode()
    assert rows(written)[1][0] == text.encode("unicode_escape").decode()
    cell = written.splitlines()[-1].removeprefix("| ").partition(" | ")[0]
    assert not re.search(r"[<>`*_~@$\[\]|]|&(?!#\d+;)|(?<!&)#|://|www\.", cell)
