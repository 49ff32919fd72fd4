"""Every way in which a stream can end is recorded as it was and replays as it was."""

from __future__ import annotations

import gc
import json
import re
import threading
from typing import TYPE_CHECKING, Any

import anyio
import groq
import httpx
import pytest
from loopback_groq import Cut, Note, Reset, Stall, Wait, error_event, raw, stream, stream_body
from recorder.integration.calling import Received, each, entered, question, settled, untouched

import groqtape

if TYPE_CHECKING:
    from pathlib import Path

    from loopback_groq import AnyReply, LoopbackGroq
    from recorder.integration.calling import Sdk

TEXT = "One two three four"
EVENTS = stream_body(TEXT, request=question(), fixed=7)
CHUNKS = len(EVENTS) - 1


def end_in(path: Path) -> str:
    """How the one stream in a cassette ended, as the file has it."""
    (end,) = re.findall(r"(?m)^ +end: (\w+)$", path.read_text())
    return str(end)


def test_complete(sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
    server.reply(stream(TEXT))
    with groqtape.use_cassette(cassette_path, "once"):
        sdk.stream()
    assert end_in(cassette_path) == "complete"


class TestGroqsOwnError:
    """`event: error` after HTTP has already sent 200: the SDK raises a bare APIError with its body."""

    @pytest.mark.parametrize("after", [0, 1, 4])
    def test_is_the_same(self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path, after: int) -> None:
        failure = {
            "message": "Failed to call a function — é",
            "type": "invalid_request_error",
            "code": "tool_use_failed",
            "failed_generation": "<function=get_weather>{",
            "status_code": 400,
        }
        server.default = stream(TEXT, error_after=after, error=failure, fixed=7)
        without = sdk.stream()
        assert without.raised == (groq.APIError, "Failed to call a function — é", failure)
        assert len(without.chunks) == after
        for mode in ("once", "none"):
            with groqtape.use_cassette(cassette_path, mode) as cassette:
                received = sdk.stream()
            assert (received.chunks, received.raised) == (without.chunks, without.raised)
            (held,) = cassette.streams
            assert [chunk.chunk.model_dump() for chunk in held.chunks] == without.chunks
            assert isinstance(held.error, groq.APIError)
            assert held.error.body == failure
        (loaded,) = groqtape.load(cassette_path)
        assert isinstance(loaded.error, groq.APIError)
        assert loaded.error.body == failure

    @pytest.mark.parametrize(
        "failure", [{"code": 1}, "just a text", {"message": ""}, {"message": 1}], ids=str
    )
    def test_whatever_it_says(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path, failure: Any
    ) -> None:
        event = b'event: error\ndata: {"error":%b}\n\n'
        server.default = raw(EVENTS[0], event % json.dumps(failure).encode())
        without = sdk.stream()
        assert isinstance(without.error, groq.APIError)
        for mode in ("once", "none"):
            with groqtape.use_cassette(cassette_path, mode):
                assert sdk.stream().raised == without.raised
        (loaded,) = groqtape.load(cassette_path)
        assert without.raised == (type(loaded.error), str(loaded.error), getattr(loaded.error, "body", None))


CUTS: dict[str, tuple[AnyReply, type[httpx.TransportError]]] = {
    "the connection ends": (stream(TEXT, cut_after=3, fixed=7), httpx.RemoteProtocolError),
    "before the first event": (stream(TEXT, cut_after=0, fixed=7), httpx.RemoteProtocolError),
    "in the middle of an event": (raw(*EVENTS[:3], EVENTS[3][:40], Cut()), httpx.RemoteProtocolError),
    "in the middle of a character": (raw(*EVENTS[:3], b'data: "\xc3', Cut()), httpx.RemoteProtocolError),
    "after the last event": (stream(TEXT, cut_after=len(EVENTS), fixed=7), httpx.RemoteProtocolError),
    "nothing more comes": (stream(TEXT, cut_after=3, cut=Stall(), fixed=7), httpx.ReadTimeout),
}
# Long enough for a busy machine to send three events in.
IMPATIENT = {"timeout": httpx.Timeout(10, read=0.3)}


@pytest.mark.parametrize(("reply", "kind"), CUTS.values(), ids=CUTS.keys())
def test_a_cut(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path, reply: AnyReply, kind: type[httpx.TransportError]
) -> None:
    server.default = reply
    options = IMPATIENT if kind is httpx.ReadTimeout else {}
    without = sdk.stream(options=options)
    assert type(without.error) is kind
    with groqtape.use_cassette(cassette_path, "once") as cassette:
        recorded = sdk.stream(options=options)
    assert (recorded.chunks, recorded.raised) == (without.chunks, without.raised)
    assert len(server.requests) == 2  # nobody tried again
    assert end_in(cassette_path) == kind.__name__
    with untouched(server), groqtape.use_cassette(cassette_path) as replay:
        replayed = sdk.stream()
    assert (replayed.chunks, replayed.raised) == (without.chunks, without.raised)
    assert isinstance(replayed.error, kind)
    assert replayed.error.request.url == server.base_url + "/openai/v1/chat/completions"
    # Where there was a stream to speak of, the cassettes and the file know what broke it.
    for (held,) in (cassette.streams, replay.streams, groqtape.load(cassette_path)):
        assert type(held.error) is kind
        assert str(held.error) == str(without.error)
        assert len(held.chunks) == len(without.chunks)


def test_a_reset(sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
    """Once the consumer has read all there is; the system may drop what it has not."""
    read = threading.Event()

    def reply() -> AnyReply:
        read.clear()
        return stream(TEXT, cut_after=3, cut=Reset(), gates={3: Wait(read)}, fixed=7)

    async def scenario(client: Any) -> Received:
        received = Received()
        try:
            async for chunk in each(await settled(client.chat.completions.create(**question(stream=True)))):
                received.chunks.append(chunk.model_dump())
                if len(received.chunks) == 3:
                    read.set()
        except httpx.ReadError as error:
            received.error = error
        return received

    server.reply(reply())
    without = sdk.run(scenario)
    server.reply(reply())
    with groqtape.use_cassette(cassette_path, "once"):
        recorded = sdk.run(scenario)
    assert end_in(cassette_path) == "ReadError"
    with groqtape.use_cassette(cassette_path):
        replayed = sdk.run(scenario)
    assert len(without.chunks) == 3
    assert (recorded.chunks, recorded.raised) == (without.chunks, without.raised)
    assert (replayed.chunks, replayed.raised) == (without.chunks, without.raised)


def test_a_cut_plain_answer_that_is_read_as_a_stream(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path
) -> None:
    server.default = raw(b'{"id":', Cut(), b"1}", content_type="application/json", framing="length")

    async def scenario(client: Any) -> tuple[bytes, str]:
        read = b""
        create = client.chat.completions.with_streaming_response.create
        async with entered(create(**question())) as response:
            try:
                async for piece in each(response.iter_bytes()):
                    read += piece
            except httpx.RemoteProtocolError as error:
                return read, str(error)
        raise AssertionError("not reached")

    without = sdk.run(scenario)
    assert without[0] == b'{"id":'
    for mode in ("once", "none"):
        with groqtape.use_cassette(cassette_path, mode):
            assert sdk.run(scenario) == without


class TestTheConsumerLeaves:
    """The server sends no more than the consumer asked for: it waits until the consumer has gone."""

    @pytest.fixture(autouse=True)
    def gone(self, server: LoopbackGroq) -> threading.Event:
        gone = threading.Event()
        server.default = stream(TEXT, gates={2: Wait(gone, timeout=5)}, fixed=7)
        return gone

    @staticmethod
    async def by_breaking_off(client: Any) -> list[Any]:
        received = []
        chunks = await settled(client.chat.completions.create(**question(stream=True)))
        async for chunk in each(chunks):
            received.append(chunk.model_dump())
            if len(received) == 2:
                break
        return received

    @staticmethod
    async def by_closing(client: Any) -> list[Any]:
        chunks = await settled(client.chat.completions.create(**question(stream=True)))
        received = []
        async for chunk in each(chunks):
            received.append(chunk.model_dump())
            if len(received) == 2:
                await settled(chunks.close())
                return received
        raise AssertionError("not reached")

    @staticmethod
    async def by_leaving_its_block(client: Any) -> list[Any]:
        received = []
        async with entered(await settled(client.chat.completions.create(**question(stream=True)))) as chunks:
            async for chunk in each(chunks):
                received.append(chunk.model_dump())
                if len(received) == 2:
                    return received
        raise AssertionError("not reached")

    @staticmethod
    async def by_an_exception(client: Any) -> list[Any]:
        received = []
        try:
            async with entered(
                await settled(client.chat.completions.create(**question(stream=True)))
            ) as chunks:
                async for chunk in each(chunks):
                    received.append(chunk.model_dump())
                    if len(received) == 2:
                        raise LookupError
        except LookupError:
            return received
        raise AssertionError("not reached")

    HOW = ("by_breaking_off", "by_closing", "by_leaving_its_block", "by_an_exception")

    @pytest.mark.parametrize("how", HOW)
    def test_is_closed(self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path, how: str) -> None:
        scenario = getattr(self, how)
        with groqtape.use_cassette(cassette_path, "once") as cassette:
            recorded = sdk.run(scenario)
        assert len(recorded) == 2
        assert end_in(cassette_path) == "closed"
        assert server.requests[0].finished() == "gone"
        # A consumer that leaves there again gets what it got, and no complaint.
        with untouched(server), groqtape.use_cassette(cassette_path) as replay:
            assert sdk.run(scenario) == recorded
        for (held,) in (cassette.streams, replay.streams, groqtape.load(cassette_path)):
            assert [chunk.chunk.model_dump() for chunk in held.chunks] == recorded
            assert held.error is None

    def test_reading_past_it_is_refused(self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
        with groqtape.use_cassette(cassette_path, "once"):
            recorded = sdk.run(self.by_closing)
        received = Received()
        with (
            untouched(server),
            pytest.raises(groqtape.RefusedError, match="read past the end") as caught,
            groqtape.use_cassette(cassette_path),
        ):
            received = sdk.stream()
        assert received.chunks == recorded
        assert type(received.error) is groqtape.RefusedError
        text = str(caught.value)
        assert "whose consumer stopped reading early" in text
        assert str(cassette_path) in text
        assert '"Hi"' in text
        assert "Record the whole stream" in text
        assert 'record_mode="all"' in text

    def test_leaving_even_earlier_in_replay_is_fine(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        with groqtape.use_cassette(cassette_path, "once"):
            recorded = sdk.run(self.by_closing)
        with groqtape.use_cassette(cassette_path):
            assert sdk.stream(leave_after=1).chunks == recorded[:1]

    def test_a_stream_nobody_read(self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
        async def scenario(client: Any) -> None:
            chunks = await settled(client.chat.completions.create(**question(stream=True)))
            await settled(chunks.close())

        with groqtape.use_cassette(cassette_path, "once"):
            sdk.run(scenario)
        assert end_in(cassette_path) == "closed"
        with untouched(server), groqtape.use_cassette(cassette_path):
            sdk.run(scenario)
        with pytest.raises(groqtape.RefusedError, match="past the end"), groqtape.use_cassette(cassette_path):
            sdk.stream()

    def test_a_stream_nobody_closed(self, server: LoopbackGroq, cassette_path: Path) -> None:
        """The cassette's own end closes it; what is read of it afterwards is in no file."""
        client = groq.Groq()
        with groqtape.use_cassette(cassette_path, "once"):
            chunks = client.chat.completions.create(**question(stream=True))
            next(chunks)
        assert end_in(cassette_path) == "closed"
        before = cassette_path.read_bytes()
        next(chunks)
        chunks.close()
        client.close()
        assert cassette_path.read_bytes() == before

    def test_a_stream_that_was_garbage_collected(self, server: LoopbackGroq, cassette_path: Path) -> None:
        with groq.Groq() as client, groqtape.use_cassette(cassette_path, "once"):
            chunks = client.chat.completions.create(**question(stream=True))
            next(chunks)
            del chunks
            gc.collect()
        assert end_in(cassette_path) == "closed"

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_cancellation(self, server: LoopbackGroq, cassette_path: Path, backend: str) -> None:
        async def whole() -> list[Any]:
            received: list[Any] = []
            async with groq.AsyncGroq() as client, anyio.create_task_group() as tasks:

                async def read() -> None:
                    async with await client.chat.completions.create(**question(stream=True)) as chunks:
                        async for chunk in each(chunks):
                            received.append(chunk.model_dump())
                            if len(received) == 2:
                                has_two.set()

                has_two = anyio.Event()
                tasks.start_soon(read)
                await has_two.wait()
                tasks.cancel_scope.cancel()
            return received

        with groqtape.use_cassette(cassette_path, "once"):
            recorded = anyio.run(whole, backend=backend)
        assert len(recorded) == 2
        assert end_in(cassette_path) == "closed"
        (loaded,) = groqtape.load(cassette_path)
        assert [chunk.chunk.model_dump() for chunk in loaded.chunks] == recorded
        # In replay the reader waits for its cancellation there too.
        with untouched(server), groqtape.use_cassette(cassette_path):
            assert anyio.run(whole, backend=backend) == recorded


class TestLeavingAfterTheLastWord:
    """A consumer that leaves once `[DONE]` has come has left nothing out."""

    def test_is_complete(self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
        gone = threading.Event()
        server.reply(stream(TEXT, gates={len(EVENTS): Wait(gone, timeout=5)}, fixed=7))

        async def scenario(client: Any) -> bytes:
            create = client.chat.completions.with_streaming_response.create
            read = b""
            with create(**question(stream=True)) as response:
                for piece in response.iter_bytes():
                    read += piece
                    if read.endswith(b"[DONE]\n\n"):
                        break
            return read

        with groqtape.use_cassette(cassette_path, "once"):
            recorded = blocking.run(scenario)
        gone.set()
        assert end_in(cassette_path) == "complete"
        with groqtape.use_cassette(cassette_path):
            assert len(blocking.stream().chunks) == CHUNKS
        assert recorded == b"".join(EVENTS)


def test_after_an_error_event_nothing_more_is_read(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path
) -> None:
    """The SDK leaves as soon as it has seen the error; in replay no error says that it left early."""
    sent = threading.Event()
    server.reply(raw(*EVENTS[:2], error_event({"message": "Oops"}), Note(sent)))
    with groqtape.use_cassette(cassette_path, "once"):
        recorded = sdk.stream()
    assert sent.wait(5)
    with groqtape.use_cassette(cassette_path):
        replayed = sdk.stream()
    assert (replayed.chunks, replayed.raised) == (recorded.chunks, recorded.raised)
    assert recorded.raised == (groq.APIError, "Oops", {"message": "Oops"})
