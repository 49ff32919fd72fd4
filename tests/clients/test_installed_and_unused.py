"""Suites in the shapes of real ones, with groqtape installed and unused: they run as they do without it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import blockbuster  # noqa: F401
import groq  # noqa: F401
import pytest
import respx  # noqa: F401
from loopback_groq import LoopbackGroq, stream

if TYPE_CHECKING:
    from clients.conftest import Suite

ANSWER = """
import asyncio, httpx, groq

EVENT = 'data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[%s]}\\n\\n'
BODY = EVENT % '{"index":0,"delta":{"content":"Hello"}}' + "data: [DONE]\\n\\n"
URL = "https://api.groq.com/openai/v1/chat/completions"

def answer(request):
    return httpx.Response(200, headers={"content-type": "text/event-stream"}, text=BODY)

def ask(client):
    parts = client.chat.completions.create(model="m", messages=HI, stream=True)
    return "".join(part.choices[0].delta.content or "" for part in parts)
"""

SUITES: dict[str, tuple[tuple[str, ...], str]] = {
    "fixtures, a marker and an option with names like groqtape's": (
        (),
        """
        @pytest.fixture
        def groq_client():
            transport = httpx.MockTransport(answer)
            with groq.Groq(api_key="k", http_client=httpx.Client(transport=transport)) as client:
                yield client

        @pytest.fixture
        def groq_stream(groq_client):
            return ask(groq_client)

        @pytest.fixture
        def groq_cassette(tmp_path):
            return tmp_path / "cassette.yaml"

        @pytest.mark.groq
        def test_client(groq_client):
            assert ask(groq_client) == "Hello"

        @pytest.mark.groq
        def test_stream(groq_stream, groq_cassette, request):
            assert groq_stream == "Hello"
            assert not groq_cassette.exists()
            assert request.config.getini("groq_region") == "eu"
        """,
    ),
    "pytest-recording's hooks": (
        ("pytest-recording",),
        """
        @pytest.fixture(scope="module")
        def vcr_config():
            return {"filter_headers": ["authorization"], "match_on": ["method", "path", "body"]}

        @pytest.fixture(scope="module")
        def vcr_cassette_dir(request):
            return str(request.path.parent / "tapes")

        @pytest.mark.vcr
        @pytest.mark.block_network
        def test_recorded(vcr):
            with groq.Groq(api_key="k", max_retries=0) as client:
                assert ask(client) == "Hello"
            assert vcr.play_count == 1

        @pytest.mark.vcr
        def test_not_recorded():
            with groq.Groq(api_key="k", max_retries=0) as client, pytest.raises(groq.APIConnectionError):
                ask(client)
        """,
    ),
    "blockbuster": (
        (),
        """
        import time
        from blockbuster import BlockingError, blockbuster_ctx

        @pytest.fixture(autouse=True)
        def nothing_blocks():
            with blockbuster_ctx():
                yield

        async def test_async_client():
            transport = httpx.MockTransport(answer)
            http_client = httpx.AsyncClient(transport=transport)
            async with groq.AsyncGroq(api_key="k", http_client=http_client) as client:
                parts = await client.chat.completions.create(model="m", messages=HI, stream=True)
                assert "".join([part.choices[0].delta.content or "" async for part in parts]) == "Hello"

        async def test_it_watches():
            with pytest.raises(BlockingError):
                time.sleep(0.01)
        """,
    ),
    "respx": (
        ("respx",),
        """
        def test_mocked(respx_mock):
            route = respx_mock.post(URL).mock(side_effect=answer)
            with groq.Groq(api_key="k") as client:
                assert ask(client) == "Hello"
            assert route.call_count == 1

        def test_refused(respx_mock):
            respx_mock.post(URL).mock(side_effect=httpx.ConnectError("no"))
            with groq.Groq(api_key="k", max_retries=0) as client, pytest.raises(groq.APIConnectionError):
                ask(client)
        """,
    ),
    "instrumented transports": (
        (),
        """
        import functools

        @pytest.fixture
        def spans(monkeypatch):
            spans = []
            handle = httpx.HTTPTransport.handle_request

            @functools.wraps(handle)
            def traced(self, request):
                spans.append(request.url.host)
                return answer(request)

            monkeypatch.setattr(httpx.HTTPTransport, "handle_request", traced)
            return spans

        def test_traced(spans):
            with groq.Groq(api_key="k") as client:
                assert ask(client) == "Hello"
            assert spans == ["api.groq.com"]
        """,
    ),
    "a mock server on this machine": (
        (),
        """
        @pytest.mark.parametrize("number", range(2))
        def test_over_a_socket(number):
            with groq.Groq() as client:
                assert ask(client) == "Hello"

        def test_key():
            assert os.environ["GROQ_API_KEY"] == groq.Groq().api_key
        """,
    ),
    "no key": (
        (),
        """
        @pytest.mark.skipif(not os.environ.get("GROQ_API_KEY"), reason="needs GROQ_API_KEY")
        def test_live():
            raise AssertionError

        def test_without():
            assert "GROQ_API_KEY" not in os.environ
        """,
    ),
}
CASSETTE = """
interactions:
- request:
    method: POST
    uri: https://api.groq.com/openai/v1/chat/completions
    headers: {{}}
    body: '{body}'
  response:
    status: {{code: 200, message: OK}}
    headers: {{content-type: [text/event-stream]}}
    body: {{string: {text!r}}}
version: 1
"""


def shown(result: pytest.RunResult) -> list[str]:
    """What the terminal shows, without times, folders and the list of plugins."""
    lines = (line for line in result.outlines if not line.startswith(("plugins: ", "rootdir: ")))
    return [re.sub(r"\d+\.\d+s", "", line) for line in lines]


@pytest.mark.parametrize("shape", SUITES)
def test_a_suite_runs_as_without_it(suite: Suite, monkeypatch: pytest.MonkeyPatch, shape: str) -> None:
    packages, source = SUITES[shape]
    suite.ini(
        "asyncio_mode = auto",
        "asyncio_default_fixture_loop_scope = function",
        "addopts = --strict-markers",
        "markers = groq: calls Groq",
    )
    (suite.path / "conftest.py").write_text(
        'def pytest_addoption(parser):\n    parser.addini("groq_region", "", default="eu")\n'
    )
    suite.tests(ANSWER + source.replace("\n        ", "\n"))
    tapes = suite.path / "tapes"
    tapes.mkdir()
    event = 'data: {"id":"1","choices":[{"index":0,"delta":{"content":"Hello"}}]}'
    body = '{"messages":[{"role":"user","content":"Recommend a fantasy book"}],"model":"m","stream":true}'
    text = CASSETTE.format(body=body, text=f"{event}\n\ndata: [DONE]\n\n")
    (tapes / "test_recorded.yaml").write_text(text.replace("\\n", "\n\n        "))
    seen = []
    for groqtape in (False, True):
        suite.beside("pytest-asyncio", *packages)
        if not groqtape:
            suite.plugins.discard("groqtape")
        with LoopbackGroq() as server, monkeypatch.context() as environment:
            server.default = stream("Hello")
            environment.delenv("GROQ_API_KEY", raising=False)
            environment.delenv("GROQ_BASE_URL", raising=False)
            if shape == "a mock server on this machine":
                environment.setenv("GROQ_BASE_URL", server.base_url)
                environment.setenv("GROQ_API_KEY", server.api_key or "")
            result = suite.run("-p", "no:cacheprovider")
            seen.append((result.parseoutcomes(), len(server.requests), shown(result)))
        assert not list(suite.path.glob("cassettes*"))
    assert seen[0] == seen[1]
    assert set(seen[0][0]) <= {"passed", "skipped"}
