"""The README, carried out: its tests are recorded and replayed, and what it shows is what there is."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from loopback_groq import LoopbackGroq, ToolCall, stream

# For good: an inner pytest run forgets what it imports, and YAML's C part bears no second import.
import groqtape.recorder.cassette  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ANSWER = "Try A Wizard of Earthsea by Ursula K. Le Guin: a boy, his shadow, and the true names of things."
KEPT_CASSETTE = ROOT / "cassettes/demo/test_books/test_recommends_a_book.yaml"
KEPT_SNAPSHOT = ROOT / "demo/__snapshots__/test_books.ambr"
STORY = "cassettes/story.yaml"
# pytest-asyncio warns where nobody says this.
LOOP_SCOPE = "asyncio_default_fixture_loop_scope"
PLAIN_TEST = "import my_app\n\n\ndef test_it():\n    assert my_app.answer('Hi')\n"


class Block(NamedTuple):
    """A block of code in the README."""

    language: str
    text: str

    @property
    def file(self) -> str | None:
        """The file that the block says it is."""
        found = re.match(r"# (\S+\.(?:py|toml))\n", self.text)
        return found[1] if found else None


def _blocks() -> Iterator[Block]:
    for indent, language, text in re.findall(
        r"^( *)```(\w*)\n(.*?)^\1```$", README, re.DOTALL | re.MULTILINE
    ):
        yield Block(language, re.sub(f"^{indent}", "", text, flags=re.MULTILINE))


BLOCKS = list(_blocks())
FILES = {block.file: block.text for block in BLOCKS if block.language == "python" and block.file}
TESTS = [file for file in FILES if Path(file).name.startswith("test_")]
SCRIPTS = [block.text for block in BLOCKS if block.language == "python" and not block.file]
COMMANDS = [
    shlex.split(line.removeprefix("$ "))
    for block in BLOCKS
    if block.language == "console"
    for line in block.text.splitlines()
]


def block(language: str, beginning: str) -> str:
    [text] = [
        block.text
        for block in BLOCKS
        if block.language == language and block.text.lstrip().startswith(beginning)
    ]
    return text


@pytest.fixture(scope="module")
def running() -> Iterator[LoopbackGroq]:
    with LoopbackGroq() as server:
        yield server


@pytest.fixture
def server(running: LoopbackGroq) -> LoopbackGroq:
    running.clear()
    running.default = stream(ANSWER)
    running.on("weather", stream(tool_calls=[ToolCall("weather", {"city": "Oslo"})]))
    return running


@pytest.fixture
def online(server: LoopbackGroq, monkeypatch: pytest.MonkeyPatch) -> LoopbackGroq:
    assert server.api_key is not None
    monkeypatch.setenv("GROQ_BASE_URL", server.base_url)
    monkeypatch.setenv("GROQ_API_KEY", server.api_key)
    return server


def go_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GROQ_BASE_URL")
    monkeypatch.delenv("GROQ_API_KEY")


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project that holds the application, and no tests."""
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)  # syrupy would take the inner session for ours
    pytester.makeini(f"[pytest]\n{LOOP_SCOPE} = function\n")
    pytester.syspathinsert()
    _write(pytester, "my_app.py")
    return pytester


def _write(project: pytest.Pytester, file: str, text: str | None = None) -> None:
    path = project.path / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(FILES[file] if text is None else text, encoding="utf-8")


def _configure(project: pytest.Pytester, toml: str) -> None:
    (project.path / "tox.ini").unlink()
    _write(project, "pyproject.toml", f'{toml}{LOOP_SCOPE} = "function"\n')


def run(project: pytest.Pytester, command: list[str]) -> pytest.RunResult:
    program, *args = command
    assert program == "pytest"
    # Hypothesis's plugin would import it anew in every run.
    return project.runpytest_inprocess("-p", "no:hypothesispytest", *args)


def _files(folder: Path, pattern: str) -> dict[str, str]:
    """What the folder's files of a pattern hold."""
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in folder.rglob(pattern)}


def test_the_readme_has_what_is_carried_out_here() -> None:
    assert TESTS == [
        "tests/test_books.py",
        "tests/test_async_books.py",
        "tests/test_my_app.py",
        "tests/test_shared.py",
        "tests/test_weather.py",
    ]
    assert set(FILES) - set(TESTS) == {"my_app.py"}
    assert len(SCRIPTS) == 4
    assert COMMANDS == [
        ["pip", "install", "groqtape"],
        ["pytest", "--groq-record=once", "--snapshot-update"],
        ["pytest"],
        ["pytest", "--lf", "--lfnf=none", "--groq-record=all", "--snapshot-update"],
        ["make", "demo"],
        ["make", "test"],
    ]


@pytest.mark.parametrize("file", TESTS)
def test_its_tests_record_and_then_replay_with_no_key_and_no_server(
    project: pytest.Pytester, online: LoopbackGroq, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    _write(project, file)
    tests = FILES[file].count("def test_")
    _, recording, replaying, *_ = COMMANDS

    run(project, recording).assert_outcomes(passed=tests)
    recorded = _files(project.path, "*.yaml")
    asked = len(online.requests)
    go_offline(monkeypatch)
    run(project, replaying).assert_outcomes(passed=tests)

    assert recorded
    assert _files(project.path, "*.yaml") == recorded
    assert len(online.requests) == asked == len(set(recorded)) or "shared" in file


def test_it_writes_the_files_it_names_and_says_so(project: pytest.Pytester, online: LoopbackGroq) -> None:
    _write(project, "tests/test_books.py")

    shown = run(project, COMMANDS[1])

    assert list(_files(project.path, "*.yaml")) == ["cassettes/tests/test_books/test_recommends_a_book.yaml"]
    assert list(_files(project.path, "*.ambr")) == ["tests/__snapshots__/test_books.ambr"]
    for name in (
        "cassettes/tests/test_books/test_recommends_a_book.yaml",
        "tests/__snapshots__/test_books.ambr",
    ):
        assert f"`{name}`" in README
    title, line = block("text", "---").splitlines()
    assert re.search(r" groqtape: cassettes written ", title)
    shown.stdout.fnmatch_lines(["*- groqtape: cassettes written -*", line])


def test_without_snapshot_update_it_leaves_no_cassette_behind(
    project: pytest.Pytester, online: LoopbackGroq
) -> None:
    _write(project, "tests/test_books.py")

    run(project, ["pytest", "--groq-record=once"]).assert_outcomes(failed=1)

    assert not _files(project.path, "*.yaml")


def test_what_has_changed_misses_as_shown_and_is_recorded_again(
    project: pytest.Pytester, online: LoopbackGroq, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(project, "tests/test_books.py")
    _write(project, "tests/test_weather.py")
    run(project, COMMANDS[1]).assert_outcomes(passed=2)
    before = _files(project.path, "*.yaml")
    changed = FILES["tests/test_books.py"].replace("fantasy", "science fiction")
    _write(project, "tests/test_books.py", changed)
    online.default = stream("Try The Dispossessed.")

    missed = run(project, COMMANDS[2])
    recorded = run(project, COMMANDS[3])
    nothing_failed = run(project, COMMANDS[3])

    missed.assert_outcomes(passed=1, failed=1)
    assert block("text", "This request differs") in missed.stdout.str()
    recorded.assert_outcomes(passed=1)
    after = _files(project.path, "*.yaml")
    assert {name for name in after if after[name] != before.get(name)} == {
        "cassettes/tests/test_books/test_recommends_a_book.yaml"
    }
    nothing_failed.assert_outcomes()
    assert _files(project.path, "*.yaml") == after
    [snapshot] = [text for name, text in _files(project.path, "*.ambr").items() if "books" in name]
    assert "The Dispossessed" in snapshot


def test_a_miss_with_snapshot_update_deletes_the_snapshot(
    project: pytest.Pytester, online: LoopbackGroq
) -> None:
    # What syrupy does with the snapshots of tests that ran and did not ask for them; the README warns of it.
    _write(project, "tests/test_books.py")
    run(project, COMMANDS[1]).assert_outcomes(passed=1)
    _write(project, "tests/test_books.py", FILES["tests/test_books.py"].replace("fantasy", "cookery"))

    run(project, ["pytest", "--snapshot-update"]).assert_outcomes(failed=1)

    assert not _files(project.path, "*.ambr")


def test_groq_auto_takes_tests_offline_that_know_nothing_of_it(
    project: pytest.Pytester, online: LoopbackGroq, monkeypatch: pytest.MonkeyPatch
) -> None:
    ini = block("toml", "# pyproject.toml\n[tool.pytest.ini_options]\ngroq_auto")
    _configure(project, ini)
    _write(project, "tests/test_plain.py", PLAIN_TEST)

    run(project, ["pytest", "--groq-record=once"]).assert_outcomes(passed=1)
    go_offline(monkeypatch)

    run(project, ["pytest"]).assert_outcomes(passed=1)


def test_without_a_cassette_no_call_leaves_the_machine(
    project: pytest.Pytester, online: LoopbackGroq
) -> None:
    _write(project, "tests/test_plain.py", PLAIN_TEST)

    run(project, ["pytest"]).assert_outcomes(failed=1)

    assert not online.requests


def test_its_hosts_are_groqs(project: pytest.Pytester) -> None:
    ini = block("toml", "# pyproject.toml\n[tool.pytest.ini_options]\ngroq_hosts")
    _configure(project, ini)
    _write(
        project,
        "tests/test_hosts.py",
        "import httpx, pytest\n\n"
        "@pytest.mark.parametrize('host', ['gateway.example', 'gateway.example:8443', 'localhost:8080'])\n"
        "def test_it(host):\n"
        "    httpx.get(f'http://{host}/v1/models')\n",
    )

    result = run(project, ["pytest"])

    result.assert_outcomes(failed=3)
    assert "httpx.ConnectError" not in result.stdout.str()
    assert result.stdout.str().count("called Groq without a cassette") == 3


def test_what_it_calls_secret_is_not_written_and_what_it_keeps_is(
    project: pytest.Pytester, online: LoopbackGroq, monkeypatch: pytest.MonkeyPatch
) -> None:
    _configure(project, block("toml", "# pyproject.toml\n[tool.pytest.ini_options]\ngroq_secrets"))
    monkeypatch.setenv("BOOKSHOP_TOKEN", "a word of no pattern")
    for number, secret in enumerate(
        ("gsk_" + "a1" * 26, "org_" + "b2" * 13, "customer-12", "a word of no pattern")
    ):
        text = PLAIN_TEST.replace("'Hi'", f"'Hi {secret}!'").replace(
            "def ", "@pytest.mark.groq_cassette\ndef "
        )
        _write(project, f"tests/test_{number}.py", f"import pytest\n{text}")

    run(project, ["pytest", "--groq-record=once"]).assert_outcomes(passed=4)
    go_offline(monkeypatch)
    run(project, ["pytest"]).assert_outcomes(passed=4)

    cassettes = _files(project.path, "*.yaml").values()
    assert len(cassettes) == 4
    for cassette in cassettes:
        assert '"content": "Hi REDACTED!"' in cassette
        assert "x-request-id: [req_" in cassette
        assert str(online.api_key) not in cassette
        assert "set-cookie" not in cassette


def test_its_scripts_run_one_after_the_other(
    project: pytest.Pytester,
    online: LoopbackGroq,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    records, replays, loads, by_vcrpy = SCRIPTS

    _run_script(records)
    go_offline(monkeypatch)
    # What a program has that runs under no pytest.
    monkeypatch.delenv("GROQ_API_KEY", raising=False)
    for script in (replays, loads, by_vcrpy):
        _run_script(script)

    assert len(online.requests) == 1
    shown = capsys.readouterr().out
    assert shown.startswith(ANSWER)
    assert shown.endswith(f"{ANSWER}\n")
    assert f"llama-3.1-8b-instant {ANSWER} CompletionUsage(" in shown


def _run_script(script: str) -> None:
    exec(compile(script, "README.md", "exec"), {"__name__": "__main__"})


def _gist(lines: list[str]) -> list[str]:
    """Lines without what differs between two recordings of the same answer."""
    return [re.sub(r"(?<=\s)\d+\.\d(?= )|(?<=:)\d+", "<number>", line) for line in lines]


def test_the_cassette_it_shows_is_the_one_that_is_kept() -> None:
    shown = _gist(block("yaml", "version: 1").splitlines())
    kept = _gist(KEPT_CASSETTE.read_text(encoding="utf-8").splitlines())

    at = 0
    for line in shown:
        if line == "…":
            continue
        pattern = ".*".join(re.escape(part) for part in line.split("…"))
        at = next((n for n, one in enumerate(kept[at:], at + 1) if re.fullmatch(pattern, one)), 0)
        assert at, f"the kept cassette has no such line here: {line}"
    assert (shown[0], shown[-1]) == (kept[0], kept[-1])
    assert "(cassettes/demo/test_books/test_recommends_a_book.yaml)" in README


def test_the_snapshot_it_shows_is_the_one_that_is_kept() -> None:
    assert block("text", "GroqStream(") in KEPT_SNAPSHOT.read_text(encoding="utf-8")


def test_its_first_test_is_the_one_that_is_demonstrated() -> None:
    _, marker, body = FILES["tests/test_books.py"].partition("@pytest.mark")

    assert (ROOT / "demo/test_books.py").read_text(encoding="utf-8").endswith(f"\n\n\n{marker}{body}")


def test_its_reference_is_complete(project: pytest.Pytester) -> None:
    shown = run(project, ["pytest", "--help"]).stdout.str()
    options = set(re.findall(r"--groq-[a-z-]+", shown))
    ini = set(re.findall(r"^  (groq_\w+) \(", shown, re.MULTILINE))
    fixtures = set(
        re.findall(r"^(\w*groq_\w+) --", run(project, ["pytest", "--fixtures"]).stdout.str(), re.MULTILINE)
    )
    marker = re.search(r"groq_cassette\(.*?\)", run(project, ["pytest", "--markers"]).stdout.str())

    assert options
    assert ini
    assert fixtures
    assert marker
    rows = set(re.findall(r"^\| `([\w-]+)", README, re.MULTILINE))
    assert options | ini | fixtures <= rows
    assert f"@pytest.mark.{marker[0]}" in README
    assert set(re.findall(r"(\w+)=", marker[0])) <= rows


def test_its_links_lead_somewhere() -> None:
    headings = {
        re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-")
        for heading in re.findall(r"^#+ (.*)$", README, re.MULTILINE)
    }

    for target in re.findall(r"\]\(([^)]+)\)", README):
        if target.startswith("#"):
            assert target[1:] in headings
        elif not target.startswith("https://"):
            assert (ROOT / target).is_file()
