"""The openai SDK at Groq's URL. Version 2 sends over httpx, version 3 over httpx2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openai
import pytest
from loopback_groq import LoopbackGroq, ToolCall, completion, stream, transcription

if TYPE_CHECKING:
    from clients.conftest import Suite, Write

BOOK = "The Name of the Wind by Patrick Rothfuss"
CALL = ToolCall("weather", {"city": "Oslo"}, call_id="fc_1")

OPENAI = """
import importlib
import openai

VERSION_2 = openai.VERSION.startswith("2.")
http = importlib.import_module("httpx" if VERSION_2 else "httpx2")
AT_GROQ = {"base_url": f"{GROQ}/openai/v1", "api_key": os.environ["GROQ_API_KEY"]}
"""


@pytest.fixture(scope="module", autouse=True)
def _imported() -> None:
    """Make the SDK import what it imports when it is first used."""
    messages: Any = [{"role": "user", "content": "Hi"}]
    with LoopbackGroq() as server:
        server.default = stream(BOOK)
        with openai.OpenAI(base_url=server.base_url, api_key=server.api_key) as client:
            list(client.chat.completions.create(model="openai/gpt-oss-20b", messages=messages, stream=True))
            client.audio.transcriptions.with_raw_response.create(
                model="whisper-large-v3", file=("a", b"RIFF")
            )


@pytest.fixture
def tests(suite: Suite) -> Write:
    """Write a test file that has `openai` and what a client of it needs at hand."""
    return lambda source: suite.tests(OPENAI + source)


def test_sends_over_the_client_that_is_expected() -> None:
    client = next(
        kind for kind in type(openai.OpenAI(api_key="none")._client).__mro__ if kind.__name__ == "Client"
    )
    assert client.__module__ == ("httpx" if openai.VERSION.startswith("2.") else "httpx2")


def test_stream(suite: Suite, tests: Write) -> None:
    tests(
        """
def test_it(groq_cassette):
    with openai.OpenAI(**AT_GROQ) as client:
        stream = client.chat.completions.create(model=MODEL, messages=HI, stream=True)
        assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == BOOK
    assert groq_cassette.streams[0].content == BOOK
"""
    )
    suite.record_and_replay(stream(BOOK))


def test_stream_async(suite: Suite, tests: Write) -> None:
    tests(
        """
async def test_it(groq_cassette):
    async with openai.AsyncOpenAI(**AT_GROQ) as client:
        stream = await client.chat.completions.create(model=MODEL, messages=HI, stream=True)
        assert "".join([chunk.choices[0].delta.content or "" async for chunk in stream]) == BOOK
    assert groq_cassette.streams[0].content == BOOK
"""
    )
    suite.record_and_replay(stream(BOOK))


def test_plain_call(suite: Suite, tests: Write) -> None:
    tests(
        """
def test_it(groq_cassette):
    with openai.OpenAI(**AT_GROQ) as client:
        answer = client.chat.completions.create(model=MODEL, messages=HI)
    assert answer.choices[0].message.content == BOOK
"""
    )
    suite.record_and_replay(completion(BOOK))


def test_tools(suite: Suite, tests: Write) -> None:
    tests(
        """
def test_it(groq_cassette):
    with openai.OpenAI(**AT_GROQ) as client:
        stream = client.chat.completions.create(model=MODEL, messages=HI, tools=[WEATHER], stream=True)
        calls = [call for chunk in stream for call in chunk.choices[0].delta.tool_calls or ()]
    assert [json.loads(call.function.arguments) for call in calls] == [{"city": "Oslo"}]
"""
    )
    suite.record_and_replay(stream(tool_calls=[CALL]))


def test_with_raw_and_streaming_response(suite: Suite, tests: Write) -> None:
    tests(
        """
def test_it(groq_cassette):
    with openai.OpenAI(**AT_GROQ) as client:
        raw = client.chat.completions.with_raw_response.create(model=MODEL, messages=HI, stream=True)
        assert raw.headers["content-type"] == "text/event-stream"
        assert "".join(chunk.choices[0].delta.content or "" for chunk in raw.parse()) == BOOK
        completions = client.chat.completions.with_streaming_response
        with completions.create(model=MODEL, messages=HI, stream=True) as response:
            assert [line for line in response.iter_lines() if line][-1] == "data: [DONE]"
"""
    )
    suite.record_and_replay(stream(BOOK), stream(BOOK))


def test_transcription(suite: Suite, tests: Write) -> None:
    tests(
        """
def test_it(groq_cassette):
    sound = ("book.wav", b"RIFF" + bytes(range(256)) * 40)
    with openai.OpenAI(**AT_GROQ) as client:
        text = client.audio.transcriptions.create(model="whisper-large-v3-turbo", file=sound)
    assert text.text == BOOK
"""
    )
    suite.record_and_replay(transcription(BOOK))


def test_aiohttp(suite: Suite, tests: Write) -> None:
    tests(
        """
async def test_it(groq_cassette):
    async with openai.AsyncOpenAI(**AT_GROQ, http_client=openai.DefaultAioHttpClient()) as client:
        stream = await client.chat.completions.create(model=MODEL, messages=HI, stream=True)
        assert "".join([chunk.choices[0].delta.content or "" async for chunk in stream]) == BOOK
    assert groq_cassette.streams[0].content == BOOK
"""
    )
    suite.record_and_replay(stream(BOOK))


def test_own_http_client(suite: Suite, tests: Write) -> None:
    tests(
        """
def test_it(groq_cassette):
    with openai.OpenAI(**AT_GROQ, http_client=http.Client(transport=http.HTTPTransport(retries=2))) as client:
        stream = client.chat.completions.create(model=MODEL, messages=HI, stream=True)
        assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == BOOK

async def test_aiohttp(groq_cassette):
    # Not the one that the SDK comes with, but that of httpx-aiohttp.
    aiohttp = importlib.import_module("httpx_aiohttp" if VERSION_2 else "httpx_aiohttp.httpx2")
    transport = aiohttp.AiohttpTransport()
    async with openai.AsyncOpenAI(**AT_GROQ, http_client=http.AsyncClient(transport=transport)) as client:
        stream = await client.chat.completions.create(model=MODEL, messages=HI, stream=True)
        assert "".join([chunk.choices[0].delta.content or "" async for chunk in stream]) == BOOK
"""
    )
    suite.record_and_replay(stream(BOOK), stream(BOOK), passed=2)


def test_stream_that_is_left(suite: Suite, tests: Write) -> None:
    tests(
        """
def test_it(groq_cassette):
    with openai.OpenAI(**AT_GROQ) as client:
        with client.chat.completions.create(model=MODEL, messages=HI, stream=True) as stream:
            first, second = next(stream), next(stream)
    assert second.choices[0].delta.content == "The"

async def test_it_async(groq_cassette):
    async with openai.AsyncOpenAI(**AT_GROQ) as client:
        async with await client.chat.completions.create(model=MODEL, messages=HI, stream=True) as stream:
            first, second = await anext(stream), await anext(stream)
    assert second.choices[0].delta.content == "The"
"""
    )
    suite.record_and_replay(stream(BOOK, delay=0.01), stream(BOOK, delay=0.01), passed=2)
    assert "end: closed" in (suite.path / "cassettes/test_app/test_it.yaml").read_text()
    assert "end: closed" in (suite.path / "cassettes/test_app/test_it_async.yaml").read_text()


def test_stream_that_is_cut(suite: Suite, tests: Write) -> None:
    tests(
        """
CUT = http.RemoteProtocolError
# Version 2 lets the error through, version 3 raises one of its own from it.
RAISED = CUT if VERSION_2 else openai.APIConnectionError

def test_it(groq_cassette):
    with openai.OpenAI(**AT_GROQ) as client, pytest.raises(RAISED) as raised:
        for chunk in client.chat.completions.create(model=MODEL, messages=HI, stream=True):
            pass
    assert isinstance(raised.value if VERSION_2 else raised.value.__cause__, CUT)
    assert groq_cassette.streams[0].content == "The Name"

async def test_it_async(groq_cassette):
    async with openai.AsyncOpenAI(**AT_GROQ) as client:
        with pytest.raises(RAISED) as raised:
            async for chunk in await client.chat.completions.create(model=MODEL, messages=HI, stream=True):
                pass
    assert isinstance(raised.value if VERSION_2 else raised.value.__cause__, CUT)
    assert groq_cassette.streams[0].content == "The Name"
"""
    )
    suite.record_and_replay(stream(BOOK, cut_after=3), stream(BOOK, cut_after=3), passed=2)


def test_no_call_leaves_by_itself(suite: Suite, tests: Write) -> None:
    tests(
        """
def test_it():
    with openai.OpenAI(**AT_GROQ) as client:
        client.chat.completions.create(model=MODEL, messages=HI, stream=True)

async def test_it_async():
    async with openai.AsyncOpenAI(**AT_GROQ) as client:
        await client.chat.completions.create(model=MODEL, messages=HI, stream=True)
"""
    )
    result = suite.replay()
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*test_it --groq-record=once*", "*test_it_async --groq-record=once*"])


def test_no_call_leaves_where_httpx_is_not_imported(suite: Suite) -> None:
    # Version 3 knows nothing of httpx; what guards a session does not wait for it.
    suite.tests(
        """
        import openai

        def test_it():
            with openai.OpenAI(base_url=f"{GROQ}/openai/v1", api_key="none", max_retries=0) as client:
                client.chat.completions.create(model=MODEL, messages=HI, stream=True)
        """
    ).write_text((suite.path / "test_app.py").read_text().replace("import groqtape\n", ""), encoding="utf-8")
    result = suite.replay(fresh=True)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*test_it --groq-record=once*"])


def test_refusal_is_not_caught(suite: Suite, tests: Write) -> None:
    tests(
        """
def test_it(groq_cassette):
    try:
        with openai.OpenAI(**AT_GROQ) as client:
            client.chat.completions.create(model=MODEL, messages=HI, stream=True)
    except Exception:
        pass
"""
    )
    suite.replay().assert_outcomes(failed=1)
