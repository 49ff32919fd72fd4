"""A request that is not recorded is refused at once, and nothing can swallow that."""

from __future__ import annotations

import concurrent.futures
import contextlib
from typing import TYPE_CHECKING, Any

import anyio
import groq
import pytest
from loopback_groq import ToolCall, models, stream
from recorder.integration.calling import question, settled, untouched

import groqtape
from groqtape.redaction.placeholder import PLACEHOLDER_KEY

if TYPE_CHECKING:
    from pathlib import Path

    import httpx
    from loopback_groq import LoopbackGroq
    from recorder.integration.calling import Sdk

    from groqtape.recorder.record_modes import RecordMode

WAYS = ("sync", "asyncio")


@pytest.fixture(autouse=True)
def recorded(blocking: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
    """A cassette with "Recommend a fantasy book"."""
    server.default = stream("Mistborn")
    with groqtape.use_cassette(cassette_path, "once"):
        blocking.stream("Recommend a fantasy book", temperature=0.5)
    server.clear()


def refusal(path: Path, sdk: Sdk, **arguments: Any) -> str:
    """The text in which a stream is refused."""

    async def scenario(client: Any) -> None:
        await settled(client.chat.completions.create(**{**question(stream=True), **arguments}))

    with (
        pytest.raises(groqtape.RefusedError) as caught,
        groqtape.use_cassette(path, allow_unplayed=True),
    ):
        sdk.run(scenario)
    return str(caught.value)


def asking(prompt: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": prompt}], "temperature": 0.5}


class TestTheText:
    def test_names_the_field_that_differs_with_both_texts(self, sdk: Sdk, cassette_path: Path) -> None:
        text = refusal(cassette_path, sdk, **asking("Recommend a crime novel"))
        field = 'messages[0].content: recorded "Recommend a fantasy book" / now "Recommend a crime novel"'
        assert field in text
        assert text.startswith("messages[0].content differs from what is recorded\n")
        assert "temperature" not in text

    def test_names_the_cassette_the_request_and_the_way_out(self, blocking: Sdk, cassette_path: Path) -> None:
        text = refusal(cassette_path, blocking, **asking("Recommend a crime novel"))
        assert str(cassette_path) in text
        assert 'POST /openai/v1/chat/completions  openai/gpt-oss-20b  "Recommend a crime novel"' in text
        assert 'record_mode="new_episodes"' in text
        assert 'record_mode="all"' in text

    def test_names_every_field_that_differs(self, blocking: Sdk, cassette_path: Path) -> None:
        messages = [{"role": "user", "content": "Recommend a fantasy book"}, {"role": "user", "content": "!"}]
        text = refusal(cassette_path, blocking, messages=messages, temperature=0.75, model="m", seed=1)
        assert '  model: recorded "openai/gpt-oss-20b" / now "m"' in text
        assert "  temperature: recorded 0.5 / now 0.75" in text
        assert "  seed: recorded nothing / now 1" in text
        assert '  messages[1]: recorded nothing / now {"role": "user", "content": "!"}' in text
        assert "and 3 fields more differ from" in text

    def test_shows_long_texts_where_they_begin_to_differ(
        self, blocking: Sdk, server: LoopbackGroq, tmp_path: Path
    ) -> None:
        server.default = stream("So long")
        story = "Once upon a time. " * 200
        with groqtape.use_cassette(tmp_path / "story.yaml", "once"):
            blocking.stream(f"{story}The princess lived. {story}", temperature=0.5)
        text = refusal(tmp_path / "story.yaml", blocking, **asking(f"{story}The princess died. {story}"))
        (line,) = [line for line in text.splitlines() if "messages[0].content: recorded" in line]
        assert "The princess lived." in line
        assert "The princess died." in line
        assert len(line) < 600

    def test_compares_with_the_closest_of_many(
        self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        server.default = stream("So long")
        with groqtape.use_cassette(cassette_path, "new_episodes"):
            blocking.stream("Something else", seed=1, top_p=0.5)
            blocking.stream("Something else altogether", temperature=0.25, tools=[], stop="x")
        text = refusal(cassette_path, blocking, **asking("Recommend a crime novel"))
        assert "The closest recorded request is interaction 1;" in text
        assert "Something else" not in text

    def test_says_when_another_endpoint_was_called(self, sdk: Sdk, cassette_path: Path) -> None:
        async def scenario(client: Any) -> None:
            await settled(client.models.list())

        with (
            pytest.raises(groqtape.RefusedError, match="GET /openai/v1/models"),
            groqtape.use_cassette(cassette_path, allow_unplayed=True),
        ):
            sdk.run(scenario)

    def test_says_how_to_record_where_there_is_no_cassette(self, sdk: Sdk, tmp_path: Path) -> None:
        missing = tmp_path / "missing.yaml"
        text = refusal(missing, sdk, **asking("Recommend a crime novel"))
        assert str(missing) in text
        assert '"Recommend a crime novel"' in text
        assert f'groqtape.use_cassette({str(missing)!r}, record_mode="once")' in text

    def test_shows_a_path_below_the_current_folder_without_it(
        self, blocking: Sdk, cassette_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(cassette_path.parent.parent)
        text = refusal(cassette_path, blocking, **asking("Recommend a crime novel"))
        assert "cassettes/book.yaml" in text.replace("\\", "/")
        assert str(cassette_path) not in text.replace(f"use_cassette({str(cassette_path)!r}", "")

    def test_names_no_more_fields_than_one_can_read(
        self, blocking: Sdk, server: LoopbackGroq, tmp_path: Path
    ) -> None:
        server.default = stream("One")
        with groqtape.use_cassette(tmp_path / "many.yaml", "once"):
            blocking.stream("Hi", metadata={f"key{number}": "a" for number in range(11)})
        metadata = {f"key{number}": "b" for number in range(11)}
        text = refusal(tmp_path / "many.yaml", blocking, metadata=metadata)
        assert '  metadata.key7: recorded "a" / now "b"' in text
        assert "metadata.key8" not in text
        assert "and 3 fields more" in text
        assert "metadata.key0 and 10 fields more differ from" in text


class TestAtOnce:
    """The SDK, which tries twice more where an exception is raised, gets no chance to."""

    def test_is_one_try(self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
        with (
            untouched(server),
            contextlib.suppress(groqtape.RefusedError),
            groqtape.use_cassette(cassette_path) as cassette,
        ):
            sdk.stream("Recommend a crime novel", options={"max_retries": 2})
        assert len(cassette.requests) == 1

    def test_counts_as_one_try(self, server: LoopbackGroq, cassette_path: Path) -> None:
        """Counted by httpx's own hook, which sees each try."""
        tries: list[httpx.Request] = []
        http_client = groq.DefaultHttpxClient(event_hooks={"request": [tries.append]})
        with (
            pytest.raises(groqtape.RefusedError),
            groqtape.use_cassette(cassette_path),
            groq.Groq(http_client=http_client, max_retries=2) as client,
        ):
            client.chat.completions.create(**question("Recommend a crime novel", stream=True))
        assert len(tries) == 1
        assert server.requests == []

    def test_the_exception_is_not_the_sdks(self, sdk: Sdk, cassette_path: Path) -> None:
        with contextlib.suppress(groqtape.RefusedError), groqtape.use_cassette(cassette_path):
            error = sdk.stream("Recommend a crime novel").error
            assert type(error) is groqtape.RefusedError
            assert not isinstance(error, Exception)


class TestWithoutAKey:
    @pytest.mark.parametrize("mode", ["once", "new_episodes", "all"])
    def test_the_placeholder_is_never_sent(
        self, sdk: Sdk, server: LoopbackGroq, tmp_path: Path, mode: RecordMode
    ) -> None:
        """The key that stands in for one lets a client be made, and no more."""
        sdk.options["api_key"] = PLACEHOLDER_KEY
        path = tmp_path / "new.yaml"
        with (
            untouched(server),
            pytest.raises(groqtape.RefusedError, match="needs GROQ_API_KEY, and it is not set") as caught,
            groqtape.use_cassette(path, mode),
        ):
            sdk.stream("Recommend a crime novel")
        assert str(path) in str(caught.value)
        assert '"Recommend a crime novel"' in str(caught.value)
        assert not path.exists()

    def test_and_replays(self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
        sdk.options["api_key"] = PLACEHOLDER_KEY
        with untouched(server), groqtape.use_cassette(cassette_path):
            assert sdk.stream("Recommend a fantasy book", temperature=0.5).text == "Mistborn"


class TestSwallowed:
    @pytest.mark.parametrize("kind", [Exception, BaseException])
    def test_still_surfaces(self, sdk: Sdk, cassette_path: Path, kind: type[BaseException]) -> None:
        """An application that falls back on something else whatever happens."""

        def answer(prompt: str) -> str:
            async def scenario(client: Any) -> str:
                try:
                    await settled(client.chat.completions.create(**question(prompt, stream=True)))
                except kind:
                    return "Sorry, I have no idea"
                raise AssertionError("not reached")

            return sdk.run(scenario)

        reached = []
        with (
            pytest.raises(groqtape.RefusedError, match=r"messages\[0\]\.content: recorded"),
            groqtape.use_cassette(cassette_path, allow_unplayed=True),
        ):
            reached.append(answer("Recommend a crime novel"))
        assert reached == ([] if kind is Exception else ["Sorry, I have no idea"])

    def test_in_a_thread_whose_result_nobody_asks_for(self, blocking: Sdk, cassette_path: Path) -> None:
        with (
            pytest.raises(groqtape.RefusedError, match=r"messages\[0\]\.content: recorded"),
            groqtape.use_cassette(cassette_path, allow_unplayed=True),
            concurrent.futures.ThreadPoolExecutor() as pool,
        ):
            pool.submit(blocking.stream, "Recommend a crime novel")

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_in_a_task_group(self, cassette_path: Path, backend: str) -> None:
        """Two refusals in two tasks: the first stands for both."""

        async def whole() -> None:
            async def call(prompt: str) -> None:
                with contextlib.suppress(BaseException):
                    async with groq.AsyncGroq() as client:
                        await client.chat.completions.create(**question(prompt))

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(call, "Recommend a crime novel")
                tasks.start_soon(call, "Recommend a cook book")

        with (
            pytest.raises(groqtape.RefusedError, match="Recommend a"),
            groqtape.use_cassette(cassette_path, allow_unplayed=True) as cassette,
        ):
            anyio.run(whole, backend=backend)
        assert len(cassette.requests) == 2

    def test_an_error_of_the_blocks_own_is_not_hidden(self, blocking: Sdk, cassette_path: Path) -> None:
        def block() -> None:
            with groqtape.use_cassette(cassette_path):
                assert blocking.stream("Recommend a crime novel").text == "Maigret"

        with pytest.raises(AssertionError, match="Maigret"):
            block()

    def test_what_was_recorded_beside_it_is_dropped(
        self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        """In mode `once` with a file that lacks a request, the file stays as it was."""
        before = cassette_path.read_bytes()
        with (
            pytest.raises(groqtape.RefusedError),
            groqtape.use_cassette(cassette_path, "once", allow_unplayed=True),
        ):
            blocking.stream("Recommend a crime novel")
        assert cassette_path.read_bytes() == before


class TestUnplayed:
    def test_an_interaction_left_unplayed_is_an_error(self, cassette_path: Path) -> None:
        with pytest.raises(groqtape.UnplayedError) as caught, groqtape.use_cassette(cassette_path):
            pass
        text = str(caught.value)
        assert "1 of 1 recorded interactions never asked for" in text
        assert 'interaction 1: POST /openai/v1/chat/completions  openai/gpt-oss-20b  "Recommend' in text
        assert str(cassette_path) in text
        assert "allow_unplayed=True" in text
        assert 'record_mode="all"' in text

    @pytest.mark.parametrize("mode", ["once", "new_episodes"])
    def test_in_the_modes_that_replay_too(self, cassette_path: Path, mode: RecordMode) -> None:
        before = cassette_path.read_bytes()
        with pytest.raises(groqtape.UnplayedError), groqtape.use_cassette(cassette_path, mode):
            pass
        assert cassette_path.read_bytes() == before

    def test_may_be_allowed(self, cassette_path: Path) -> None:
        before = cassette_path.read_bytes()
        with groqtape.use_cassette(cassette_path, allow_unplayed=True) as cassette:
            pass
        assert cassette.streams == []
        assert cassette_path.read_bytes() == before

    def test_the_blocks_own_error_goes_first(self, cassette_path: Path) -> None:
        def block() -> None:
            with groqtape.use_cassette(cassette_path):
                raise ValueError("in the middle")

        with pytest.raises(ValueError, match="in the middle"):
            block()

    def test_names_just_those_left(self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
        server.reply(stream(tool_calls=[ToolCall("a")]), models("m"))

        async def list_models(client: Any) -> None:
            await settled(client.models.list())

        with groqtape.use_cassette(cassette_path, "new_episodes"):
            sdk.stream("Another")
            sdk.run(list_models)
        with pytest.raises(groqtape.UnplayedError) as caught, groqtape.use_cassette(cassette_path):
            sdk.stream("Another")
        text = str(caught.value)
        assert "2 of 3 recorded interactions" in text
        assert "interaction 1: POST" in text
        assert "interaction 2" not in text
        assert "interaction 3: GET /openai/v1/models" in text

    def test_names_no_more_than_one_can_read(
        self, blocking: Sdk, server: LoopbackGroq, tmp_path: Path
    ) -> None:
        server.default = stream("One")
        path = tmp_path / "many.yaml"
        with groqtape.use_cassette(path, "once"):
            for number in range(10):
                blocking.stream(f"Number {number}")
        with pytest.raises(groqtape.UnplayedError) as caught, groqtape.use_cassette(path):
            pass
        text = str(caught.value)
        assert "10 of 10 recorded interactions" in text
        assert '"Number 7"' in text
        assert '"Number 8"' not in text
        assert "and 2 more" in text


class TestTheClosestRequest:
    RECORDED = ("Translate to French: hello", "Summarise: the quick brown fox")

    @pytest.fixture
    def recorded(self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
        server.default = stream("Hello")
        with groqtape.use_cassette(cassette_path, "once"):
            for prompt in self.RECORDED:
                blocking.stream(prompt)

    @pytest.mark.usefixtures("recorded")
    @pytest.mark.parametrize(
        ("played", "now", "number"),
        [
            ((), "Summarise: the quick brown fox jumps", 2),
            ((), "Translate to German: hello", 1),
            ((), "Summarise: a quick brown fox", 2),
            (RECORDED[:1], "Summarise: the quick brown fox jumps", 2),
            (RECORDED[:1], "Translate to French: hello you", 2),
            (RECORDED[1:], "Summarise: the quick brown fox jumps", 1),
            (RECORDED, "Summarise: the quick brown fox jumps", 2),
            (RECORDED, "Translate to French: hello you", 1),
        ],
    )
    def test_is_unplayed_or_else_nearest(
        self, blocking: Sdk, cassette_path: Path, played: tuple[str, ...], now: str, number: int
    ) -> None:
        with pytest.raises(groqtape.RefusedError) as refused, groqtape.use_cassette(cassette_path):
            _ = [blocking.stream(prompt) for prompt in (*played, now)]
        assert f"The closest recorded request is interaction {number};" in str(refused.value)
