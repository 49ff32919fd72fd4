"""Suites in the shapes of real ones, recorded by pytest-recording, and moved over with the ini file alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import blockbuster  # noqa: F401
import groq  # noqa: F401
import pytest
from loopback_groq import LoopbackGroq, stream

if TYPE_CHECKING:
    from clients.conftest import Suite

ASK = """
import groq, httpx

def arguments(text="Recommend a fantasy book"):
    return {"model": MODEL, "messages": [{"role": "user", "content": text}], "stream": True}

def ask(client, text="Recommend a fantasy book"):
    parts = client.chat.completions.create(**arguments(text))
    return "".join(part.choices[0].delta.content or "" for part in parts if part.choices)
"""

# Of each suite: its conftest.py, and its tests. All of them pass when recorded, and when replayed by vcrpy.
SUITES: dict[str, tuple[str, str]] = {
    "pydantic-ai: hooks, bodies, another host, asyncio, blockbuster": (
        """
import json, os
import pytest
from blockbuster import blockbuster_ctx

def pytest_recording_configure(config, vcr):
    def same_method(one, other):
        assert one.method == other.method

    vcr.register_matcher("method", same_method)

@pytest.fixture(scope="module")
def vcr_config():
    return {
        "ignore_localhost": False,
        "filter_headers": ["authorization", "x-api-key"],
        "decode_compressed_response": True,
    }

@pytest.fixture(autouse=True)
def nothing_blocks():
    if os.environ.get("WATCHED"):
        with blockbuster_ctx():
            yield
    else:
        yield

@pytest.fixture
def groq_api_key():
    return os.environ.get("GROQ_API_KEY", "mock-api-key")
""",
        """
pytestmark = pytest.mark.vcr

def test_bodies(groq_api_key, vcr):
    with groq.Groq(api_key=groq_api_key) as client:
        assert ask(client) == "Hello there"
        image = client.with_options(timeout=5)._client.get(f"{IMAGES}/openai/v1/cat.png")
    assert image.status_code == 200
    assert json.loads(vcr.requests[0].body)["messages"] == HI
    assert [request.method for request in vcr.requests] == ["POST", "GET"]
    assert [response["status"]["code"] for response in vcr.responses] == [200, 200]

async def test_async(groq_api_key):
    async with groq.AsyncGroq(api_key=groq_api_key) as client:
        parts = await client.chat.completions.create(**arguments())
        assert "".join([part.choices[0].delta.content or "" async for part in parts if part.choices])

@pytest.mark.default_cassette("shared.yaml")
@pytest.mark.parametrize("number", range(2))
def test_shared(groq_api_key, number):
    with groq.Groq(api_key=groq_api_key) as client:
        assert ask(client, "A question") == "Hello there"
""",
    ),
    "openllmetry: fixtures of its own, an instrumented client": (
        """
import os
import groq, pytest

@pytest.fixture(autouse=True)
def environment():
    if not os.environ.get("GROQ_API_KEY"):
        os.environ["GROQ_API_KEY"] = "api-key"

@pytest.fixture
def groq_client():
    return groq.Groq(api_key=os.environ.get("GROQ_API_KEY"))

@pytest.fixture
def spans(monkeypatch):
    spans = []
    create = groq.resources.chat.completions.Completions.create

    def traced(self, **params):
        spans.append(params["model"])
        return create(self, **params)

    monkeypatch.setattr(groq.resources.chat.completions.Completions, "create", traced)
    return spans

@pytest.fixture(scope="module")
def vcr_config():
    return {"filter_headers": ["authorization"], "match_on": ["method", "host", "path"]}
""",
        """
@pytest.mark.vcr
def test_traced(spans, groq_client):
    with groq_client:
        assert ask(groq_client) == "Hello there"
    assert spans == [MODEL]

class TestAll:
    @pytest.mark.vcr
    @pytest.mark.parametrize("text", ["one/two", "Three"])
    def test_each(self, groq_client, text):
        with groq_client:
            assert ask(groq_client, text) == "Hello there"
""",
    ),
    "langchain-tests: its own persister, gzip": (
        """
import gzip, pathlib
import pytest, yaml
from vcr import VCR
from vcr.persisters.filesystem import CassetteNotFoundError
from vcr.request import Request

class Serializer:
    @staticmethod
    def serialize(cassette):
        return gzip.compress(yaml.safe_dump(cassette).encode())

    @staticmethod
    def deserialize(data):
        return yaml.safe_load(gzip.decompress(data))

class Persister:
    @classmethod
    def load_cassette(cls, path, serializer):
        if not pathlib.Path(path).exists():
            raise CassetteNotFoundError(path)
        data = serializer.deserialize(pathlib.Path(path).read_bytes())
        return [Request._from_dict(each) for each in data["requests"]], data["responses"]

    @staticmethod
    def save_cassette(path, cassette, serializer):
        cassette = {"requests": [each._to_dict() for each in cassette["requests"]],
                    "responses": cassette["responses"]}
        pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
        pathlib.Path(path).write_bytes(serializer.serialize(cassette))

def pytest_recording_configure(config, vcr):
    vcr.register_persister(Persister())
    vcr.register_serializer("yaml.gz", Serializer())

@pytest.fixture(scope="session")
def vcr_config():
    return {
        "record_mode": "once",
        "filter_headers": [("authorization", "**REDACTED**")],
        "match_on": ["method", "uri", "body"],
        "allow_playback_repeats": True,
        "serializer": "yaml.gz",
        "path_transformer": VCR.ensure_suffix(".yaml.gz"),
    }
""",
        """
@pytest.mark.vcr
def test_stream_twice():
    with groq.Groq(api_key="fake") as client:
        assert ask(client) == "Hello there"
        if os.environ.get("WATCHED"):
            assert ask(client) == "Hello there"
""",
    ),
}
OPTIONS = "asyncio_mode = auto", "asyncio_default_fixture_loop_scope = function"
MOVED = "groq_serve_vcr = true"


@pytest.mark.parametrize("shape", SUITES)
def test_a_suite_moves_over_with_lines_of_the_ini_file(
    suite: Suite, monkeypatch: pytest.MonkeyPatch, shape: str
) -> None:
    conftest, tests = SUITES[shape]
    (suite.path / "conftest.py").write_text(conftest)
    suite.tests(f"{ASK}\nIMAGES = GROQ.replace('127.0.0.1', 'localhost')\n{tests}")
    suite.ini(*OPTIONS)
    suite.beside("pytest-recording", "pytest-asyncio")
    suite.plugins.discard("groqtape")
    args = "-p", "no:cacheprovider"
    with LoopbackGroq() as server, monkeypatch.context() as environment:
        server.default = stream("Hello there")
        server.api_key = None
        environment.setenv("GROQ_BASE_URL", server.base_url)
        recorded = suite.run(*args, "--record-mode=once").parseoutcomes()
        assert server.requests
    assert set(recorded) == {"passed"}
    cassettes = {path: path.read_bytes() for path in suite.path.rglob("cassettes/**/*") if path.is_file()}
    assert cassettes
    with monkeypatch.context() as environment:
        environment.delenv("GROQ_API_KEY", raising=False)
        environment.setenv("GROQ_BASE_URL", server.base_url)
        environment.setenv("WATCHED", "1")
        assert suite.run(*args).parseoutcomes() == recorded

        suite.plugins.add("groqtape")
        assert suite.run(*args).parseoutcomes() == recorded, "installed and unused"

        suite.ini(*OPTIONS, MOVED)
        assert suite.run(*args).parseoutcomes() == recorded, "served, beside pytest-recording"

        suite.plugins.discard("pytest-recording")
        assert suite.run(*args).parseoutcomes() == recorded, "served, without it"
    assert {path: path.read_bytes() for path in cassettes} == cassettes
