"""The same files through vcrpy itself, and vcrpy's own files through groqtape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import groq
import pytest
import vcr
import yaml
from loopback_groq import ToolCall, completion, error, inside, models, stream
from recorder.integration.calling import Received, question, settled, untouched
from vcr.errors import CannotOverwriteExistingCassetteException

import groqtape

if TYPE_CHECKING:
    from pathlib import Path

    from loopback_groq import LoopbackGroq
    from recorder.integration.calling import Sdk

    from groqtape.recorder.record_modes import RecordMode

WAYS = ("sync", "asyncio")
PIECES = ["Grü", "ße ", "§ ", "👋"]


def vcrpy(**options: Any) -> Any:
    """A `vcr.VCR` that knows our serializer."""
    my_vcr = vcr.VCR(serializer="groqtape", match_on=["method", "path", "body"], **options)
    my_vcr.register_serializer("groqtape", groqtape.serializer)
    return my_vcr


def calls(sdk: Sdk) -> tuple[Any, ...]:
    """A stream, a stream that calls a tool, a plain answer, a call without a body and an error."""

    async def list_models(client: Any) -> Any:
        return (await settled(client.models.list())).model_dump()

    with_tool = sdk.stream("With a tool")
    refused = sdk.stream("Too much", options={"max_retries": 0})
    return sdk.stream("Hi"), with_tool, sdk.create("Plainly"), sdk.run(list_models), refused.raised


@pytest.fixture(autouse=True)
def scripted(server: LoopbackGroq) -> None:
    server.on("Hi", stream(PIECES, tear=inside("👋")))
    server.on("With a tool", stream(tool_calls=[ToolCall("get_weather", {"city": "Oslo é"})]))
    server.on("Plainly", completion("Grüße"))
    server.on("Too much", error(413, "Too large", code="rate_limit_exceeded"))
    server.default = models("m")


class TestOurFilesUnderVcrpy:
    def test_it_plays_them(self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
        with groqtape.use_cassette(cassette_path, "once"):
            recorded = calls(sdk)
        before = cassette_path.read_bytes()
        with untouched(server), vcrpy(record_mode="none").use_cassette(str(cassette_path)) as cassette:
            assert calls(sdk) == recorded
        assert cassette.all_played
        assert cassette_path.read_bytes() == before

    def test_it_refuses_what_they_lack(self, blocking: Sdk, cassette_path: Path) -> None:
        with groqtape.use_cassette(cassette_path, "once"):
            blocking.stream("Hi")
        with vcrpy(record_mode="none").use_cassette(str(cassette_path)):
            received = blocking.stream("Other", options={"max_retries": 0})
        assert isinstance(received.error, groq.APIConnectionError)
        assert isinstance(received.error.__cause__, CannotOverwriteExistingCassetteException)

    def test_it_writes_them(self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
        with vcrpy(record_mode="once").use_cassette(str(cassette_path)):
            recorded = calls(sdk)
        assert '{"content":"§ "}' in cassette_path.read_text()
        with untouched(server), groqtape.use_cassette(cassette_path) as cassette:
            assert calls(sdk) == recorded
        assert [held.content for held in cassette.streams] == ["", "Grüße § 👋"]
        assert [held.content for held in groqtape.load(cassette_path)] == ["", "Grüße § 👋"]

    def test_it_adds_to_them(self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
        with groqtape.use_cassette(cassette_path, "once"):
            old = sdk.stream("Hi")
        with vcrpy(record_mode="new_episodes").use_cassette(str(cassette_path)):
            assert sdk.stream("Hi") == old
            new = sdk.stream("With a tool")
        with untouched(server), groqtape.use_cassette(cassette_path):
            assert [sdk.stream("Hi"), sdk.stream("With a tool")] == [old, new]
        assert old != new != Received()

    def test_what_it_reads_it_writes_the_same(
        self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        with groqtape.use_cassette(cassette_path, "once"):
            calls(blocking)
        text = cassette_path.read_text()
        assert groqtape.serializer.serialize(groqtape.serializer.deserialize(text)) == text

    def test_a_stream_without_its_end_too(
        self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        """vcrpy knows nothing of ends: it plays what there is."""
        server.clear()
        server.default = stream("One two three", cut_after=3, fixed=7)
        with groqtape.use_cassette(cassette_path, "once"):
            recorded = blocking.stream()
        with vcrpy(record_mode="none").use_cassette(str(cassette_path)):
            played = blocking.stream()
        assert played == Received(recorded.chunks)
        text = cassette_path.read_text()
        assert groqtape.serializer.serialize(groqtape.serializer.deserialize(text)) == text


class TestItsFilesUnderOurs:
    @pytest.fixture
    def its_own(self, blocking: Sdk, cassette_path: Path) -> tuple[Any, ...]:
        """What was received while vcrpy recorded a cassette in its own YAML."""
        with vcr.VCR(record_mode="once").use_cassette(str(cassette_path)):
            return calls(blocking)

    def test_they_are_its_own(self, its_own: tuple[Any, ...], cassette_path: Path) -> None:
        """Plain answers are compressed in them, as Groq sent them; so this is a test of that too."""
        cassette = yaml.safe_load(cassette_path.read_text())
        assert all("string" in each["response"]["body"] for each in cassette["interactions"])
        encodings = [each["response"]["headers"].get("content-encoding") for each in cassette["interactions"]]
        assert ["gzip"] in encodings

    @pytest.mark.parametrize("mode", ["none", "once", "new_episodes"])
    def test_they_replay_as_they_are(
        self, sdk: Sdk, server: LoopbackGroq, its_own: tuple[Any, ...], cassette_path: Path, mode: RecordMode
    ) -> None:
        before = cassette_path.read_bytes()
        with untouched(server), groqtape.use_cassette(cassette_path, mode) as cassette:
            assert calls(sdk) == its_own
        assert [held.content for held in cassette.streams] == ["", "Grüße § 👋"]
        assert cassette_path.read_bytes() == before

    def test_they_hand_over_one_event_a_read_too(
        self, blocking: Sdk, its_own: tuple[Any, ...], cassette_path: Path
    ) -> None:
        async def reads(client: Any) -> list[bytes]:
            create = client.chat.completions.with_streaming_response.create
            with create(**question("Hi", stream=True)) as response:
                return list(response.http_response.iter_raw())

        with groqtape.use_cassette(cassette_path, allow_unplayed=True):
            replayed = blocking.run(reads)
        assert len(replayed) == len(PIECES) + 3
        assert all(read.endswith(b"\n\n") for read in replayed)

    def test_they_load(self, its_own: tuple[Any, ...], cassette_path: Path) -> None:
        with_tool, plain = groqtape.load(cassette_path)
        assert plain.content == "Grüße § 👋"
        assert [chunk.chunk.model_dump() for chunk in plain.chunks] == its_own[0].chunks
        assert [call.function.name for call in with_tool.tool_calls] == ["get_weather"]

    def test_they_refuse_what_they_lack(
        self, sdk: Sdk, its_own: tuple[Any, ...], cassette_path: Path
    ) -> None:
        before = cassette_path.read_bytes()
        with (
            pytest.raises(groqtape.RefusedError, match=r'messages\[0\]\.content: recorded .* / now "Hello"'),
            groqtape.use_cassette(cassette_path, "once", allow_unplayed=True),
        ):
            sdk.stream("Hello")
        assert cassette_path.read_bytes() == before

    def test_what_is_added_turns_them_into_ours(
        self, sdk: Sdk, server: LoopbackGroq, its_own: tuple[Any, ...], cassette_path: Path
    ) -> None:
        server.clear()
        server.default = stream("New")
        with groqtape.use_cassette(cassette_path, "new_episodes"):
            assert calls(sdk) == its_own
            assert sdk.stream("What is new?").text == "New"
        assert '{"content":"§ "}' in cassette_path.read_text()
        assert str(server.api_key) not in cassette_path.read_text()
        assert "__cf_bm" not in cassette_path.read_text()
        with untouched(server), groqtape.use_cassette(cassette_path):
            assert calls(sdk) == its_own
            assert sdk.stream("What is new?").text == "New"

    def test_in_json_they_are_no_cassette_of_ours_but_yaml_reads_them(
        self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        """vcrpy's JSON serializer: JSON is YAML."""
        server.clear()
        server.default = stream("One", fixed=7)
        with vcr.VCR(record_mode="once", serializer="json").use_cassette(str(cassette_path)):
            recorded = blocking.stream()
        with untouched(server), groqtape.use_cassette(cassette_path):
            assert blocking.stream() == recorded


class TestTogether:
    def test_vcrpy_outside_and_a_cassette_within(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path, tmp_path: Path
    ) -> None:
        """The inner one answers, and vcrpy sees nothing."""
        with groqtape.use_cassette(cassette_path, "once"):
            recorded = sdk.stream("Hi")
        outer = vcr.VCR(record_mode="none").use_cassette(str(tmp_path / "outer.yaml"))
        with untouched(server), outer, groqtape.use_cassette(cassette_path):
            assert sdk.stream("Hi") == recorded
        assert not (tmp_path / "outer.yaml").exists()

    def test_a_cassette_outside_and_vcrpy_within(
        self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path, tmp_path: Path
    ) -> None:
        """The one that patched last answers first: vcrpy records what the cassette plays."""
        inner = tmp_path / "inner.yaml"
        with groqtape.use_cassette(cassette_path, "once"):
            recorded = blocking.stream("Hi")
        within = vcr.VCR(record_mode="once").use_cassette(str(inner))
        with untouched(server), groqtape.use_cassette(cassette_path), within:
            assert blocking.stream("Hi") == recorded
        assert inner.exists()
