"""The groq SDK itself, in each of the ways in which it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx_aiohttp  # noqa: F401
from loopback_groq import ToolCall, completion, error, models, stream, transcription

if TYPE_CHECKING:
    from clients.conftest import Suite

BOOK = "The Name of the Wind by Patrick Rothfuss"
CALL = ToolCall("weather", {"city": "Oslo"}, call_id="fc_1")


class TestSync:
    def test_stream(self, suite: Suite) -> None:
        suite.tests(
            """
            import groq

            def test_it(groq_cassette):
                with groq.Groq() as client:
                    stream = client.chat.completions.create(model=MODEL, messages=HI, stream=True)
                    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == BOOK
                assert groq_cassette.streams[0].content == BOOK
            """
        )
        suite.record_and_replay(stream(BOOK))

    def test_plain_call(self, suite: Suite) -> None:
        suite.tests(
            """
            import groq

            def test_it(groq_cassette):
                with groq.Groq() as client:
                    answer = client.chat.completions.create(model=MODEL, messages=HI)
                assert answer.choices[0].message.content == BOOK
                assert answer.usage.prompt_tokens == 36
            """
        )
        suite.record_and_replay(completion(BOOK))

    def test_tools(self, suite: Suite) -> None:
        suite.tests(
            """
            import groq

            def test_it(groq_cassette):
                with groq.Groq() as client:
                    stream = client.chat.completions.create(
                        model=MODEL, messages=HI, tools=[WEATHER], stream=True
                    )
                    calls = [call for _, call in groqtape.GroqStream(stream) if call]
                assert [json.loads(call.function.arguments) for call in calls] == [{"city": "Oslo"}]
            """
        )
        suite.record_and_replay(stream(tool_calls=[CALL]))

    def test_list_of_models(self, suite: Suite) -> None:
        suite.tests(
            """
            import groq

            def test_it(groq_cassette):
                with groq.Groq() as client:
                    assert [model.id for model in client.models.list().data] == [MODEL]
            """
        )
        suite.record_and_replay(models("openai/gpt-oss-20b"))

    def test_error(self, suite: Suite) -> None:
        suite.tests(
            """
            import groq

            def test_it(groq_cassette):
                with groq.Groq() as client, pytest.raises(groq.NotFoundError) as raised:
                    client.chat.completions.create(model="none", messages=HI, stream=True)
                assert raised.value.body["error"]["code"] == "model_not_found"
            """
        )
        suite.record_and_replay(error(404, "The model `none` does not exist", code="model_not_found"))

    def test_with_raw_response(self, suite: Suite) -> None:
        suite.tests(
            """
            import groq

            def test_it(groq_cassette):
                with groq.Groq() as client:
                    completions = client.chat.completions.with_raw_response
                    raw = completions.create(model=MODEL, messages=HI, stream=True)
                    assert raw.headers["content-type"] == "text/event-stream"
                    assert "".join(chunk.choices[0].delta.content or "" for chunk in raw.parse()) == BOOK
            """
        )
        suite.record_and_replay(stream(BOOK))

    def test_with_streaming_response(self, suite: Suite) -> None:
        suite.tests(
            """
            import groq

            def test_it(groq_cassette):
                with groq.Groq() as client:
                    completions = client.chat.completions.with_streaming_response
                    with completions.create(model=MODEL, messages=HI, stream=True) as response:
                        lines = [line for line in response.iter_lines() if line]
                assert response.status_code == 200
                assert lines[-1] == "data: [DONE]"
                contents = [
                    json.loads(line[6:])["choices"][0]["delta"].get("content", "") for line in lines[:-1]
                ]
                assert "".join(contents) == BOOK
            """
        )
        suite.record_and_replay(stream(BOOK))

    def test_own_http_client(self, suite: Suite) -> None:
        suite.tests(
            """
            import groq, httpx

            def test_it(groq_cassette):
                seen = []
                http = httpx.Client(
                    transport=httpx.HTTPTransport(retries=2), event_hooks={"response": [seen.append]}
                )
                with groq.Groq(http_client=http) as client:
                    stream = client.chat.completions.create(model=MODEL, messages=HI, stream=True)
                    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == BOOK
                assert [response.status_code for response in seen] == [200]
            """
        )
        suite.record_and_replay(stream(BOOK))

    def test_transcription(self, suite: Suite) -> None:
        suite.tests(
            """
            import groq

            def test_it(groq_cassette):
                with groq.Groq() as client:
                    text = client.audio.transcriptions.create(
                        model="whisper-large-v3-turbo", file=("book.wav", b"RIFF" + bytes(range(256)) * 40)
                    )
                assert text.text == BOOK
            """
        )
        suite.record_and_replay(transcription(BOOK))
        assert suite.requests[0].headers["content-type"].startswith("multipart/form-data")


class TestAsync:
    def test_stream(self, suite: Suite) -> None:
        suite.tests(
            """
            import groq

            async def test_it(groq_cassette):
                async with groq.AsyncGroq() as client:
                    stream = await client.chat.completions.create(model=MODEL, messages=HI, stream=True)
                    assert "".join([chunk.choices[0].delta.content or "" async for chunk in stream]) == BOOK
                assert groq_cassette.streams[0].content == BOOK
            """
        )
        suite.record_and_replay(stream(BOOK))

    def test_plain_call(self, suite: Suite) -> None:
        suite.tests(
            """
            import groq

            async def test_it(groq_cassette):
                async with groq.AsyncGroq() as client:
                    answer = await client.chat.completions.create(model=MODEL, messages=HI)
                assert answer.choices[0].message.content == BOOK
            """
        )
        suite.record_and_replay(completion(BOOK))

    def test_with_raw_response(self, suite: Suite) -> None:
        suite.tests(
            """
            import groq

            async def test_it(groq_cassette):
                async with groq.AsyncGroq() as client:
                    completions = client.chat.completions.with_raw_response
                    raw = await completions.create(model=MODEL, messages=HI, stream=True)
                    stream = await raw.parse()
                    assert "".join([chunk.choices[0].delta.content or "" async for chunk in stream]) == BOOK
            """
        )
        suite.record_and_replay(stream(BOOK))

    def test_with_streaming_response(self, suite: Suite) -> None:
        suite.tests(
            """
            import groq

            async def test_it(groq_cassette):
                async with groq.AsyncGroq() as client:
                    completions = client.chat.completions.with_streaming_response
                    async with completions.create(model=MODEL, messages=HI, stream=True) as response:
                        lines = [line async for line in response.iter_lines() if line]
                assert lines[-1] == "data: [DONE]"
            """
        )
        suite.record_and_replay(stream(BOOK))

    def test_own_http_client(self, suite: Suite) -> None:
        suite.tests(
            """
            import groq, httpx

            async def test_it(groq_cassette):
                seen = []

                async def see(response):
                    seen.append(response.status_code)

                http = httpx.AsyncClient(
                    transport=httpx.AsyncHTTPTransport(retries=2), event_hooks={"response": [see]}
                )
                async with groq.AsyncGroq(http_client=http) as client:
                    stream = await client.chat.completions.create(model=MODEL, messages=HI, stream=True)
                    assert "".join([chunk.choices[0].delta.content or "" async for chunk in stream]) == BOOK
                assert seen == [200]
            """
        )
        suite.record_and_replay(stream(BOOK))

    def test_transcription(self, suite: Suite) -> None:
        suite.tests(
            """
            import groq

            async def test_it(groq_cassette):
                async with groq.AsyncGroq() as client:
                    text = await client.audio.transcriptions.create(
                        model="whisper-large-v3-turbo", file=("book.wav", b"RIFF" + bytes(range(256)) * 40)
                    )
                assert text.text == BOOK
            """
        )
        suite.record_and_replay(transcription(BOOK))


class TestAiohttp:
    """groq.DefaultAioHttpClient sends through aiohttp: its transport is httpx-aiohttp's."""

    def test_stream(self, suite: Suite) -> None:
        suite.tests(
            """
            import groq

            async def test_it(groq_cassette):
                async with groq.AsyncGroq(http_client=groq.DefaultAioHttpClient()) as client:
                    stream = await client.chat.completions.create(model=MODEL, messages=HI, stream=True)
                    assert "".join([chunk.choices[0].delta.content or "" async for chunk in stream]) == BOOK
                assert groq_cassette.streams[0].content == BOOK
            """
        )
        suite.record_and_replay(stream(BOOK))

    def test_plain_call(self, suite: Suite) -> None:
        suite.tests(
            """
            import groq

            async def test_it(groq_cassette):
                async with groq.AsyncGroq(http_client=groq.DefaultAioHttpClient()) as client:
                    answer = await client.chat.completions.create(model=MODEL, messages=HI)
                assert answer.choices[0].message.content == BOOK
            """
        )
        suite.record_and_replay(completion(BOOK))

    def test_transcription(self, suite: Suite) -> None:
        suite.tests(
            """
            import groq

            async def test_it(groq_cassette):
                async with groq.AsyncGroq(http_client=groq.DefaultAioHttpClient()) as client:
                    text = await client.audio.transcriptions.create(
                        model="whisper-large-v3-turbo", file=("book.wav", b"RIFF" + bytes(range(256)) * 40)
                    )
                assert text.text == BOOK
            """
        )
        suite.record_and_replay(transcription(BOOK))

    def test_is_patched_when_it_is_imported(self, suite: Suite) -> None:
        suite.tests(
            """
            async def test_it(groq_cassette):
                import groq  # which imports httpx-aiohttp

                async with groq.AsyncGroq(http_client=groq.DefaultAioHttpClient()) as client:
                    stream = await client.chat.completions.create(model=MODEL, messages=HI, stream=True)
                    assert "".join([chunk.choices[0].delta.content or "" async for chunk in stream]) == BOOK
            """
        )
        suite.record_and_replay(stream(BOOK), fresh=True)

    def test_no_call_leaves_by_itself(self, suite: Suite) -> None:
        suite.tests(
            """
            import groq

            async def test_it():
                async with groq.AsyncGroq(http_client=groq.DefaultAioHttpClient()) as client:
                    await client.chat.completions.create(model=MODEL, messages=HI, stream=True)
            """
        )
        result = suite.replay()
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["*--groq-record=once*"])
