"""What the README shows is what there is. (test_docs.py runs its code.)"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from loopback_groq import stream
from pages import README, ROOT
from reader import PLAIN_TEST, RECORD, REPLAY

if TYPE_CHECKING:
    from reader import Reader

KEPT_CASSETTE = ROOT / "cassettes/demo/test_books/test_recommends_a_book.yaml"
MARKED = "@pytest.mark.groq_cassette\ndef "
BOOKS = "tests/test_books.py"
WRITTEN = "cassettes/tests/test_books/test_recommends_a_book.yaml"
SNAPSHOT = "tests/__snapshots__/test_books.ambr"


def test_it_can_be_read_in_five_minutes() -> None:
    assert len(README.text.splitlines()) < 250


def test_its_commands_are_those_that_are_run_here() -> None:
    _, record, replay, record_again, *_ = README.commands
    assert (record, replay) == (RECORD, REPLAY)
    assert README.commands == [
        ["pip", "install", "groqtape"],
        record,
        replay,
        record_again,
        ["make", "demo"],
        ["make", "test"],
    ]


def test_the_first_test_writes_the_files_it_names(reader: Reader) -> None:
    reader.write(BOOKS, README.files[BOOKS])

    reader.run(RECORD).assert_outcomes(passed=1)

    assert list(reader.files("*.yaml")) == [WRITTEN]
    assert list(reader.files("*.ambr")) == [SNAPSHOT]
    for name in (WRITTEN, SNAPSHOT):
        assert f"`{name}`" in README.text


def test_without_snapshot_update_it_leaves_no_cassette_behind(reader: Reader) -> None:
    reader.write(BOOKS, README.files[BOOKS])

    reader.run(["pytest", "--groq-record=once"]).assert_outcomes(failed=1)

    assert not [name for name in reader.files("*.yaml") if name.startswith("cassettes")]


def test_what_has_changed_misses_as_shown_and_is_recorded_again(reader: Reader) -> None:
    record_again = README.commands[3]
    reader.write(BOOKS, README.files[BOOKS])
    reader.write("tests/test_plain.py", f"import pytest\n{PLAIN_TEST}".replace("def ", MARKED))
    reader.run(RECORD).assert_outcomes(passed=2)
    before = reader.files("*.yaml")
    reader.write(BOOKS, README.files[BOOKS].replace("fantasy", "science fiction"))
    reader.server.default = stream("Try The Dispossessed.")

    missed = reader.run(REPLAY)
    recorded = reader.run(record_again)
    nothing_failed = reader.run(record_again)

    missed.assert_outcomes(passed=1, failed=1)
    assert README.block("text", "messages[0].content differs") in missed.stdout.str()
    recorded.assert_outcomes(passed=1)
    after = reader.files("*.yaml")
    assert {name for name in after if after[name] != before.get(name)} == {WRITTEN}
    nothing_failed.assert_outcomes()
    assert reader.files("*.yaml") == after
    assert "The Dispossessed" in reader.files("*.ambr")[SNAPSHOT]


def test_groq_auto_takes_tests_offline_that_know_nothing_of_it(reader: Reader) -> None:
    reader.configure(README.block("toml", "# pyproject.toml\n[tool.pytest.ini_options]\ngroq_auto"))
    reader.write("tests/test_plain.py", PLAIN_TEST)

    reader.run(["pytest", "--groq-record=once"]).assert_outcomes(passed=1)
    reader.offline()

    reader.run(REPLAY).assert_outcomes(passed=1)


def test_without_a_cassette_no_call_leaves_the_machine(reader: Reader) -> None:
    reader.write("tests/test_plain.py", PLAIN_TEST)
    reader.offline()

    result = reader.run(REPLAY)

    result.assert_outcomes(failed=1)
    assert "called Groq without a cassette" in result.stdout.str()


def _gist(lines: list[str]) -> list[str]:
    """Lines without what differs between two recordings of the same answer."""
    return [re.sub(r"(?<=\s)\d+(?:\.\d)?(?=\s|$)|(?<=:)\d+", "<number>", line) for line in lines]


def test_the_cassette_it_shows_is_the_committed_one() -> None:
    shown = _gist(README.block("yaml", "version: 1").splitlines())
    kept = _gist(KEPT_CASSETTE.read_text(encoding="utf-8").splitlines())

    at = 0
    for line in shown:
        if line == "…":
            continue
        pattern = ".*".join(re.escape(part) for part in line.split("…"))
        at = next((n for n, one in enumerate(kept[at:], at + 1) if re.fullmatch(pattern, one)), 0)
        assert at, f"the committed cassette has no such line here: {line}"
    assert (shown[0], shown[-1]) == (kept[0], kept[-1])


def test_its_first_test_is_the_one_that_is_demonstrated() -> None:
    _, marker, body = README.files[BOOKS].partition("@pytest.mark")

    assert (ROOT / "demo/test_books.py").read_text(encoding="utf-8").endswith(f"\n\n\n{marker}{body}")


def test_it_leads_to_every_page() -> None:
    linked = set(re.findall(r"\]\((docs/[\w-]+\.md)\)", README.text))

    assert linked == {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md")}
