"""syrupy with its own options, and inline-snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from loopback_groq import ToolCall, stream

if TYPE_CHECKING:
    from pathlib import Path

    from clients.conftest import Suite

BOOK = "The Name of the Wind by Patrick Rothfuss"
CALL = ToolCall("weather", {"city": "Oslo"}, call_id="fc_1")

TWO = """
def test_one(groq_stream, groq_snapshot):
    stream = groq_stream(model=MODEL, messages=[{"role": "user", "content": "one"}])
    assert list(stream) and stream == groq_snapshot

def test_two(groq_stream, groq_snapshot):
    stream = groq_stream(model=MODEL, messages=[{"role": "user", "content": "two"}])
    assert list(stream) and stream == groq_snapshot
"""


class TestSyrupy:
    @pytest.fixture(autouse=True)
    def alone(self, suite: Suite) -> None:
        suite.beside()
        suite.ini()

    @pytest.fixture
    def recorded(self, suite: Suite) -> Suite:
        """A project with two recorded tests, and the text of their snapshots."""
        suite.tests(TWO)
        suite.record(
            rules={"one": stream("One"), "two": stream("Two")}, args=("--snapshot-update",)
        ).assert_outcomes(passed=2)
        return suite

    @staticmethod
    def snapshots(suite: Suite) -> str:
        return (suite.path / "__snapshots__/test_app.ambr").read_text()

    def test_update_writes_what_then_is_asserted(self, recorded: Suite) -> None:
        assert self.snapshots(recorded).count("# name: ") == 2
        assert "content='One'" in self.snapshots(recorded)
        recorded.replay().assert_outcomes(passed=2)

    def test_missing_snapshot_fails_without_update(self, suite: Suite) -> None:
        suite.tests(TWO)
        suite.record(rules={"one": stream("One"), "two": stream("Two")}).assert_outcomes(failed=2)
        assert not (suite.path / "__snapshots__").exists()

    def test_details(self, recorded: Suite) -> None:
        result = recorded.replay("--snapshot-update", "--snapshot-details")
        result.stdout.fnmatch_lines(["*2 snapshots passed*"])
        path = recorded.path / "test_app.py"
        path.write_text(path.read_text().replace("def test_two", "def test_three"), encoding="utf-8")
        (recorded.path / "cassettes/test_app/test_two.yaml").rename(
            recorded.path / "cassettes/test_app/test_three.yaml"
        )
        result = recorded.replay("--snapshot-update", "--snapshot-details")
        result.assert_outcomes(passed=2)
        result.stdout.fnmatch_lines(["Generated test_three*"])
        result.stdout.fnmatch_lines(["Deleted test_two*"])

    @pytest.mark.parametrize("part", [("test_app.py::test_one",), ("-k", "one")])
    def test_part_of_the_suite_deletes_nothing(self, recorded: Suite, part: tuple[str, ...]) -> None:
        before = self.snapshots(recorded)
        recorded.replay("--snapshot-update", *part).stdout.fnmatch_lines(["*1 snapshot passed*"])
        assert self.snapshots(recorded) == before

    def test_warn_unused(self, recorded: Suite) -> None:
        path = recorded.path / "test_app.py"
        path.write_text(path.read_text().partition("def test_two")[0], encoding="utf-8")
        assert recorded.replay().ret == 1
        assert recorded.replay("--snapshot-warn-unused").ret == 0

    def test_recording_the_same_answer_again_changes_no_snapshot(self, recorded: Suite) -> None:
        before = self.snapshots(recorded)
        ids = (recorded.path / "cassettes/test_app/test_one.yaml").read_text()
        recorded.record(
            rules={"one": stream("One"), "two": stream("Two")},
            args=("--groq-record=all", "--snapshot-update"),
        ).assert_outcomes(passed=2)
        assert (recorded.path / "cassettes/test_app/test_one.yaml").read_text() != ids
        assert self.snapshots(recorded) == before

    def test_beside_its_own_fixture(self, suite: Suite) -> None:
        suite.tests(
            """
            def test_it(groq_stream, groq_snapshot, snapshot):
                stream = groq_stream(model=MODEL, messages=HI)
                assert [chunk.content for chunk, _ in stream] == snapshot
                assert stream == groq_snapshot
                assert stream.content == snapshot
            """
        )
        suite.record(stream(BOOK), args=("--snapshot-update",)).assert_outcomes(passed=1)
        result = suite.replay("--snapshot-details")
        result.assert_outcomes(passed=1)
        result.stdout.fnmatch_lines(["*3 snapshots passed*"])

    def test_its_other_extensions(self, suite: Suite) -> None:
        suite.tests(
            """
            from syrupy.extensions.json import JSONSnapshotExtension

            def test_it(groq_stream, snapshot):
                stream = groq_stream(model=MODEL, messages=HI)
                list(stream)
                assert {"content": stream.content, "tokens": stream.output_tokens} == snapshot(
                    extension_class=JSONSnapshotExtension
                )
            """
        )
        suite.record(stream(BOOK), args=("--snapshot-update",)).assert_outcomes(passed=1)
        suite.replay().assert_outcomes(passed=1)


class TestInlineSnapshot:
    """Through plain values of one's own; docs/assertions.md has `summary()`."""

    STREAM = """
from inline_snapshot import snapshot

def test_it(groq_cassette, groq_stream):
    stream = groq_stream(model=MODEL, messages=HI, tools=[WEATHER])
    for chunk, _ in stream:
        print(chunk.content, end="", flush=True)
    if groq_cassette.record_mode == "none":
        assert {
            "content": stream.content,
            "tool_calls": [(call.function.name, call.function.arguments) for call in stream.tool_calls],
            "finish_reasons": stream.finish_reasons,
            "tokens": (stream.input_tokens, stream.output_tokens),
        } == snapshot()
"""

    @pytest.fixture
    def path(self, suite: Suite) -> Path:
        suite.beside("inline-snapshot")
        suite.ini()
        return suite.tests(self.STREAM)

    def test_stream_stands_in_the_test(self, suite: Suite, path: Path) -> None:
        suite.record(stream("Let me see", tool_calls=[CALL]), fresh=True).assert_outcomes(passed=1)
        # A test whose snapshot is created has an error at its end; from then on it passes.
        suite.replay("--inline-snapshot=create", fresh=True).assert_outcomes(passed=1, errors=1)
        text = path.read_text(encoding="utf-8")
        assert "'content': 'Let me see'" in text
        assert """('weather', '{"city":"Oslo"}')""" in text
        suite.replay(fresh=True).assert_outcomes(passed=1)
        path.write_text(text.replace("Let me see", "Let me look"), encoding="utf-8")
        suite.replay("--inline-snapshot=disable", fresh=True).assert_outcomes(failed=1)

    def test_recorded_again_and_fixed(self, suite: Suite, path: Path) -> None:
        suite.record(stream("Let me see"), fresh=True)
        suite.replay("--inline-snapshot=create", fresh=True)
        again = suite.record(stream("Let me look"), args=("--groq-record=all",), fresh=True)
        again.assert_outcomes(passed=1)
        suite.replay("--inline-snapshot=fix", fresh=True)
        assert "'content': 'Let me look'" in path.read_text(encoding="utf-8")
        suite.replay(fresh=True).assert_outcomes(passed=1)

    def test_recording_while_a_snapshot_is_created_is_dropped(self, suite: Suite, path: Path) -> None:
        path.write_text(path.read_text().replace('groq_cassette.record_mode == "none"', "True"))
        live = suite.record(stream("Let me see"), args=("--inline-snapshot=create",), fresh=True)
        live.assert_outcomes(passed=1, errors=1)
        assert not (suite.path / "cassettes").exists()
