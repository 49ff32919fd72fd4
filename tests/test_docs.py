"""The README and docs/, run: their tests record and replay, their scripts and settings run."""

from __future__ import annotations

import contextlib
import io
import json
import pkgutil
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from loopback_groq import stream
from names_of_tests import names_in
from pages import DOCS, PAGES, README, ROOT, Page
from reader import ANSWER, PLAIN_TEST, REASONING, RECORD, REPLAY
from streams.kinds import kind

import groqtape
from groqtape.cli import app
from groqtape.errors import StreamCheckError
from groqtape.streams.stream import GroqStream

if TYPE_CHECKING:
    from collections.abc import Callable

    from reader import Reader

TESTS = Path(__file__).parent
SOURCES = ROOT / "src/groqtape"
MARKED = "@pytest.mark.groq_cassette\ndef "
# Pages whose code needs packages that only the environments of `make test-clients` have, and the tests there.
ELSEWHERE = {
    "mirascope.md": "clients/test_mirascope.py::TestTheExampleOfItsPage::test_as_the_docs_show_it",
}
# Single files that do, on pages whose other code runs here.
FILES_ELSEWHERE = {
    "tests/test_with_inline_snapshot.py": "clients/test_assertions.py::test_inline_snapshot_as_shown",
    "tests/test_with_regressions.py": "clients/test_assertions.py::test_pytest_regressions_as_shown",
    "tests/test_with_dirty_equals.py": "clients/test_assertions.py::test_dirty_equals_as_shown",
}
HERE = [page for page in PAGES if page.path.name not in ELSEWHERE]
# Files that a page names as an example, and does not show.
EXAMPLES = {"tests/test_jokes.py"}
MAKEFILES = "".join(path.read_text(encoding="utf-8") for path in [ROOT / "Makefile", *ROOT.glob("*.mk")])


def of_each(pick: Callable[[Page], list[str]]) -> pytest.MarkDecorator:
    """Run a test with each page and each of its parts."""
    found = [(page, part) for page in HERE for part in pick(page)]
    assert found
    ids = [f"{page.path.stem}-{Path(part.splitlines()[0]).name}" for page, part in found]
    return pytest.mark.parametrize(("page", "part"), found, ids=ids)


@of_each(lambda page: [file for file in page.tests if file not in FILES_ELSEWHERE])
def test_tests_record_and_then_replay_with_no_key_and_no_server(
    reader: Reader, page: Page, part: str
) -> None:
    for file, text in page.files.items():
        if file == part or file not in page.tests:
            reader.write(file, text)
    tests = page.files[part].count("def test_")

    reader.run(RECORD).assert_outcomes(passed=tests)
    recorded = reader.files("*.yaml")
    requests = len(reader.server.requests)
    reader.offline()
    reader.run(REPLAY).assert_outcomes(passed=tests)

    assert recorded or "groq" not in page.files[part]
    assert reader.files("*.yaml") == recorded
    assert len(reader.server.requests) == requests


@pytest.mark.parametrize("page", [page for page in HERE if page.scripts], ids=lambda page: page.path.stem)
def test_scripts_run_in_their_order_and_again_with_no_key_and_no_server(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, page: Page
) -> None:
    shown = [_output(script) for script in page.scripts]
    requests = len(reader.server.requests)
    reader.offline()
    # A program that does not run under pytest has no placeholder either.
    monkeypatch.delenv("GROQ_API_KEY", raising=False)

    assert [_output(script) for script in page.scripts] == shown

    assert len(reader.server.requests) == requests == 1
    assert any(ANSWER in text for text in shown)


def _output(script: str) -> str:
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(script, "a page", "exec"), {"__name__": "__main__"})
    return output.getvalue()


@of_each(lambda page: page.ini)
def test_settings_are_taken(reader: Reader, page: Page, part: str) -> None:
    reader.configure(part)
    reader.write("tests/test_plain.py", f"import pytest\n{PLAIN_TEST.replace('def ', MARKED)}")

    reader.run([*RECORD, "--strict-config"]).assert_outcomes(passed=1)
    reader.offline()
    reader.run([*REPLAY, "--strict-config"]).assert_outcomes(passed=1)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path.stem)
def test_commands_are_ones_that_work(reader: Reader, page: Page) -> None:
    reader.write("tests/test_plain.py", f"import pytest\n{PLAIN_TEST.replace('def ', MARKED)}")
    reader.run(RECORD).assert_outcomes(passed=1)
    assert all(f"\n{target}:" in MAKEFILES for target in re.findall(r"`make ([\w-]+)", page.text))
    for command in page.commands:
        match command:
            case ["pytest", *_]:
                assert reader.run(command).ret in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
            case [".venv/bin/python", "-m", "pytest", "-q", folder]:
                assert (ROOT / folder).is_dir()
            case ["groqtape", *_]:
                assert page is DOCS["command-line.md"]  # they run in test_the_command_line_is_as_shown
            case ["make", *targets]:
                assert all(f"\n{target}:" in MAKEFILES for target in targets)
            case _:
                assert command == ["pip", "install", "groqtape"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path.stem)
def test_every_block_is_of_a_kind_that_is_looked_at(page: Page) -> None:
    for block in page.blocks:
        assert block.language in {"python", "toml", "console", "text", "yaml"}
        if block.language in {"text", "yaml"}:
            assert any(
                block.text.lstrip().startswith(beginning) for beginning in LOOKED_AT.get(page.path.name, ())
            ), f"no test looks at this block of {page.name}:\n{block.text}"


# The blocks of output, and of cassettes, that a test compares with the real thing.
LOOKED_AT = {
    "README.md": ("version: 1", "messages[0].content differs", "1  POST"),
    "recording.md": ("---", "words: 9 removed", "cassettes/tests/test_books/test_old"),
    "matching.md": ("messages[0].content differs",),
    "snapshots.md": ("GroqStream(",),
    "assertions.md": ("this is not a good stream:",),
    "format.md": ("stream:", "body:"),
    "architecture.md": ("your code\n",),  # the names in it: test_files_and_names_are_there
    "command-line.md": ("1  POST", "groqtape git-config --enable"),
    "other-recorders.md": ("cassettes/old.yaml, line 8",),
}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path.stem)
def test_links_lead_somewhere(page: Page) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", page.text):
        if target.startswith("https://"):
            continue
        file, _, anchor = target.partition("#")
        path = (page.path.parent / file).resolve() if file else page.path
        assert path.is_file(), target
        if anchor:
            assert anchor in Page(path).anchors, target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path.stem)
def test_files_and_names_are_there(page: Page) -> None:
    roots = (ROOT, SOURCES, TESTS, TESTS / "clients", ROOT / "src/groqtape/cassettes/other_recorders")
    shown = {block.file for each in PAGES for block in each.blocks} | EXAMPLES
    for file in re.findall(r"(?<![\w/.<>])[\w/]+\.(?:py|mk|toml)\b", page.text):
        assert file in shown or any((root / file).is_file() for root in roots), file
    for folder in re.findall(r"`((?:\w+/)*\w+)/?`", page.text):
        if "/" in folder and folder.partition("/")[0] in {"src", "tests", "docs", "benchmarks"}:
            assert (ROOT / folder).exists(), folder
    for name in re.findall(r"`(groqtape(?:\.\w+)+)", page.text):
        assert pkgutil.resolve_name(name) is not None


@pytest.mark.parametrize(("page", "test"), ELSEWHERE.items())
def test_what_runs_elsewhere_has_a_test_there(page: str, test: str) -> None:
    assert test in names_in(TESTS, test.partition("::")[0])
    assert f"docs/{page}" in (TESTS / test.partition("::")[0]).read_text(encoding="utf-8")


@pytest.mark.parametrize(("file", "test"), FILES_ELSEWHERE.items())
def test_a_file_that_runs_elsewhere_has_a_test_there(file: str, test: str) -> None:
    assert any(file in page.tests for page in PAGES)
    assert test in names_in(TESTS, test.partition("::")[0])
    assert Path(file).stem.removeprefix("test_with_") in (TESTS / test.partition("::")[0]).read_text()


# assertions.md


def test_the_error_of_check_is_the_one_that_is_raised() -> None:
    chunks = [chunk.chunk for chunk in kind("content").chunks[1:-1]]
    with pytest.raises(StreamCheckError) as caught:
        GroqStream.finished(chunks).check()

    assert str(caught.value).startswith(DOCS["assertions.md"].block("text", "this is not a good stream:"))


# recording.md


def test_the_summary_it_shows_is_the_one_in_the_terminal(reader: Reader) -> None:
    reader.write("tests/test_books.py", README.files["tests/test_books.py"])

    shown = reader.run(RECORD)

    title = "------------------------- groqtape: cassettes written --------------------------"
    line = DOCS["recording.md"].block("text", title).splitlines()[1]
    shown.stdout.fnmatch_lines(["*- groqtape: cassettes written -*", line])


def test_what_changed_is_what_the_terminal_says(reader: Reader) -> None:
    reader.write("tests/test_books.py", README.files["tests/test_books.py"])
    reader.run(RECORD)
    other = (
        "Try A Wizard of Oz by L. Frank Baum: a girl, her dog, a storm, and the true home of all the things."
    )
    reader.server.default = stream(other, reasoning=REASONING, finish_reason="length")

    shown = reader.run([*RECORD, "--groq-record=all"])

    lines = DOCS["recording.md"].block("text", "words: 9 removed").splitlines()
    shown.stdout.fnmatch_lines(lines)


def test_what_a_renamed_test_left_is_found(reader: Reader) -> None:
    test = README.files["tests/test_books.py"].replace("recommends_a_book", "old_name")
    reader.write("tests/test_books.py", test)
    reader.run(RECORD).assert_outcomes(passed=1)
    subprocess.run(["sh", "-c", "git init -q; git add cassettes"], cwd=reader.folder, check=True)
    reader.write("tests/test_books.py", test.replace("old_name", "new_name"))

    missed = reader.run(REPLAY).stdout.str()

    assert DOCS["recording.md"].block("text", "cassettes/tests/test_books/test_old") in missed


# matching.md


def test_the_miss_is_the_readmes() -> None:
    assert README.block("text", "messages[0].content differs").startswith(
        DOCS["matching.md"].block("text", "messages[0].content differs")
    )


def test_its_hosts_are_groqs(reader: Reader) -> None:
    reader.configure(
        DOCS["matching.md"].block("toml", "# pyproject.toml\n[tool.pytest.ini_options]\ngroq_hosts")
    )
    reader.write(
        "tests/test_hosts.py",
        "import httpx, pytest\n\n"
        "@pytest.mark.parametrize('host', ['gateway.example', 'gateway.example:8443', 'localhost:8080'])\n"
        "def test_it(host):\n"
        "    httpx.get(f'http://{host}/v1/models')\n",
    )

    result = reader.run(REPLAY)

    result.assert_outcomes(failed=3)
    assert "httpx.ConnectError" not in result.stdout.str()
    assert result.stdout.str().count("called Groq without a cassette") == 3


# secrets.md


def test_what_it_calls_secret_is_not_written_and_what_it_keeps_is(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader.configure(DOCS["secrets.md"].block("toml", "# pyproject.toml"))
    monkeypatch.setenv("BOOKSHOP_TOKEN", "a word of no pattern")
    for number, secret in enumerate(
        ("gsk_" + "a1" * 26, "org_" + "b2" * 13, "customer-12", "a word of no pattern")
    ):
        text = PLAIN_TEST.replace("'Hi'", f"'Hi {secret}!'").replace("def ", MARKED)
        reader.write(f"tests/test_{number}.py", f"import pytest\n{text}")

    reader.run(["pytest", "--groq-record=once"]).assert_outcomes(passed=4)
    reader.offline()
    reader.run(REPLAY).assert_outcomes(passed=4)

    cassettes = reader.files("*.yaml").values()
    assert len(cassettes) == 4
    for cassette in cassettes:
        assert '"content": "Hi REDACTED!"' in cassette
        assert "x-request-id: [req_" in cassette
        assert str(reader.server.api_key) not in cassette
        assert "set-cookie" not in cassette


# snapshots.md


def test_the_snapshot_is_the_committed_one() -> None:
    kept = (ROOT / "demo/__snapshots__/test_books.ambr").read_text(encoding="utf-8")
    assert DOCS["snapshots.md"].block("text", "GroqStream(") in kept


def test_a_miss_with_snapshot_update_keeps_the_snapshot(reader: Reader) -> None:
    # syrupy alone deletes the snapshots of tests that ran and did not compare with them.
    books = README.files["tests/test_books.py"]
    reader.write("tests/test_books.py", books)
    reader.run(RECORD).assert_outcomes(passed=1)
    reader.write("tests/test_books.py", books.replace("fantasy", "cookery"))
    before = reader.files("*.ambr")

    reader.run(["pytest", "--snapshot-update"]).assert_outcomes(failed=1)

    assert reader.files("*.ambr") == before


# streams.md


def test_reasoning_is_apart_from_the_content(reader: Reader) -> None:
    [script] = DOCS["streams.md"].scripts

    lines = _output(script).splitlines()

    assert lines[:2] == [ANSWER + ANSWER, REASONING]
    assert '{"reasoning":" a","channel":"analysis"}' in DOCS["streams.md"].text
    assert '{"reasoning":" a","channel":"analysis"}' in reader.files("*.yaml")["cassettes/story.yaml"]


# format.md


def test_the_stream_is_the_readmes() -> None:
    page, readme = DOCS["format.md"], README.block("yaml", "version: 1")

    lines = [line for line in page.block("yaml", "stream:").splitlines() if line != "…"]

    assert set(lines) <= set(readme.splitlines())
    events = re.findall(r"^\| `((?:\{|data: \[)[^`…§]+)` \|", page.text, re.MULTILINE)
    assert events
    assert set(events) <= {line.strip() for line in readme.splitlines()}


def test_a_plain_answer_is_laid_out_as_shown() -> None:
    body = json.dumps(
        {"id": "chatcmpl-1", "choices": [{"index": 0, "message": {"content": "x" * 99}}]},
        separators=(",", ":"),
    )
    response = {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": body}}
    request = {"method": "POST", "uri": "https://api.groq.com/", "headers": {}, "body": ""}
    interaction: dict[str, object] = {"request": request, "response": response}
    written = groqtape.serializer.serialize({"interactions": [interaction]})
    *shown, _ = DOCS["format.md"].block("yaml", "body:").splitlines()
    pattern = "\n".join(map(re.escape, shown)).replace("…", ".*")
    assert re.search(pattern, written)


# command-line.md


def test_the_command_line_is_as_shown(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    page = DOCS["command-line.md"]
    monkeypatch.chdir(reader.folder)
    reader.write("tests/test_books.py", README.files["tests/test_books.py"])
    reader.run(RECORD).assert_outcomes(passed=1)
    for command in ("init -q", "add -A", "-c user.name=a -c user.email=a@b.example commit -q -m recorded"):
        subprocess.run(["git", *command.split()], check=True, timeout=60)
    commands = [command for command in page.commands if command[0] == "groqtape"]

    shown = {tuple(command[1:]): _groqtape(command[1:]) for command in commands}

    assert len({verb for verb, *_ in shown}) == 8
    assert shown["diff",] == (0, "")
    [text] = [output for (verb, *_), (_, output) in shown.items() if verb == "show"]
    assert page.block("text", REQUEST + "  stream") in text
    kept = ROOT / "cassettes/demo/test_books/test_recommends_a_book.yaml"
    _, text = _groqtape(["timeline", str(kept)])
    for shown_on in (page, README):
        assert _labels(shown_on.block("text", REQUEST + "  29 chunks")) == _labels(text)
    assert all(status == 0 for status, _ in shown.values())
    for row in re.findall(r"^\| \[`([\w-]+)`\]", page.text, re.MULTILINE):
        assert _groqtape([row, "--help"])[0] == 0
    assert _groqtape(["git-config", "--enable"])[0] == 0


REQUEST = "1  POST /openai/v1/chat/completions  openai/gpt-oss-20b"


def _labels(timeline: str) -> list[str]:
    """A timeline without times and columns, which differ from recording to recording."""
    lines = [line for line in timeline.splitlines() if "│" not in line]
    return [re.sub(r"[▁▂▃▄▅▆▇█ ]+$|[\d.]+( m?s)?", "", line) for line in lines]


def _groqtape(arguments: list[str]) -> tuple[int, str]:
    output = io.TextIOWrapper(io.BytesIO(), "utf-8", newline="")
    with contextlib.redirect_stdout(output):
        status = app.run(arguments)
    output.flush()
    return status, output.buffer.getvalue().decode()


# reference.md


def test_the_reference_is_complete(reader: Reader) -> None:
    page = DOCS["reference.md"]
    shown = reader.run(["pytest", "--help"]).stdout.str()
    options = set(re.findall(r"--groq-[a-z-]+", shown))
    ini = set(re.findall(r"^  (groq_\w+) \(", shown, re.MULTILINE))
    fixtures = set(
        re.findall(
            r"^(\w*groq_\w+)(?: \[\w+ scope\])? --",
            reader.run(["pytest", "--fixtures"]).stdout.str(),
            re.MULTILINE,
        )
    )
    marker = re.search(r"groq_cassette\(.*?\)", reader.run(["pytest", "--markers"]).stdout.str())

    assert options
    assert ini
    assert fixtures
    assert marker
    rows = set(re.findall(r"^\| `([\w-]+)", page.text, re.MULTILINE))
    assert options | ini | fixtures <= rows
    assert f"@pytest.mark.{marker[0]}" in page.text
    assert set(re.findall(r"(\w+)=", marker[0])) <= rows


# other-recorders.md


def test_the_error_is_the_one_that_is_raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import groqtape

    monkeypatch.chdir(tmp_path)
    (tmp_path / "cassettes").mkdir()
    (tmp_path / "cassettes/old.yaml").write_text(
        "http_interactions:\n- request:\n    method: post\n    uri: https://api.groq.com/openai/v1/x\n"
        "    headers: {}\n    body:\n      encoding: UTF-8\n      base64_string: abc\n"
        "  response:\n    status: {code: 200, message: OK}\n    headers: {}\n    body: {string: ''}\n"
    )

    with pytest.raises(groqtape.CassetteError) as raised:
        groqtape.load("cassettes/old.yaml")

    assert f"{raised.value}\n" == DOCS["other-recorders.md"].block("text", "cassettes/old.yaml")


# trust.md

LINES = DOCS["trust.md"].text.splitlines()
ROWS = [line for line in LINES if line.startswith("| ") and not line.endswith("| test |")]


def test_each_row_names_its_tests() -> None:
    named = {row: re.findall(r"`([^`]+)`", row.rstrip("|").rpartition("|")[2]) for row in ROWS}

    assert [row for row, names in named.items() if not names] == []
    files = {name.partition("::")[0] for names in named.values() for name in names}
    known = {name for file in files for name in names_in(TESTS, file)}
    assert {row: missing for row, names in named.items() if (missing := {*names} - known)} == {}


def test_there_are_rows_of_every_kind() -> None:
    assert sum(line.endswith("| test |") for line in LINES) == sum(line.startswith("|---") for line in LINES)
    assert len(ROWS) > 40
