"""When a request is a recorded one: by default method, path below the API's root, query and body as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from loopback_groq import completion, stream
from recorder.integration.calling import question, untouched

import groqtape

if TYPE_CHECKING:
    from pathlib import Path

    from loopback_groq import LoopbackGroq
    from recorder.integration.calling import Sdk

WAYS = ("sync", "asyncio")
CHAT = "/openai/v1/chat/completions"


@pytest.fixture(autouse=True)
def scripted(server: LoopbackGroq) -> None:
    server.default = completion("Answer")


def post(server: LoopbackGroq, body: bytes | str, path: str = CHAT, **headers: str) -> str:
    """Send a body as it is, without the SDK; the content of the answer."""
    headers = {"authorization": f"Bearer {server.api_key}", "content-type": "application/json", **headers}
    with httpx.Client(base_url=server.base_url, headers=headers) as client:
        answer = client.post(path, content=body).raise_for_status().json()
    content: str = answer["choices"][0]["message"]["content"]
    return content


class TestByDefault:
    @pytest.mark.parametrize(
        "again",
        [
            '{"temperature":0,"model":"m","messages":[{"role":"user","content":"Grüße"}]}',
            '{"model": "m",\n"messages": [{"content": "Gr\\u00fc\\u00dfe", "role": "user"}],"temperature":0}',
            '{"model":"m","temperature":0.0,"messages":[{"role":"user","content":"Grüße"}]}',
        ],
        ids=["other order", "other writing", "other zero"],
    )
    def test_json_is_compared_as_json(self, server: LoopbackGroq, cassette_path: Path, again: str) -> None:
        with groqtape.use_cassette(cassette_path, "once"):
            post(server, '{"messages":[{"role":"user","content":"Grüße"}],"model":"m","temperature":0}')
        with untouched(server), groqtape.use_cassette(cassette_path):
            assert post(server, again) == "Answer"

    @pytest.mark.parametrize(
        "other",
        [
            {"temperature": 1},
            {"stream": False},
            {"seed": None},
            {"messages": [{"role": "user", "content": "Hi"}, {"role": "user", "content": "Hi"}]},
            {"messages": [{"role": "system", "content": "Hi"}]},
            {"temperature": True},
        ],
        ids=str,
    )
    def test_each_field_counts(
        self, server: LoopbackGroq, cassette_path: Path, other: dict[str, Any]
    ) -> None:
        body = question(temperature=0)
        with groqtape.use_cassette(cassette_path, "once"):
            post(server, json.dumps(body))
        with (
            untouched(server),
            pytest.raises(groqtape.RefusedError, match=next(iter(other))),
            groqtape.use_cassette(cassette_path),
        ):
            post(server, json.dumps({**body, **other}))

    def test_the_order_of_messages_counts(self, server: LoopbackGroq, cassette_path: Path) -> None:
        messages = [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}]
        with groqtape.use_cassette(cassette_path, "once"):
            post(server, json.dumps({"messages": messages}))
        with pytest.raises(groqtape.RefusedError), groqtape.use_cassette(cassette_path):
            post(server, json.dumps({"messages": messages[::-1]}))

    def test_headers_do_not_count(self, server: LoopbackGroq, cassette_path: Path) -> None:
        with groqtape.use_cassette(cassette_path, "once"):
            post(server, "{}", **{"x-trace": "1"})
        with groqtape.use_cassette(cassette_path):
            assert post(server, "{}", authorization="Bearer other", **{"x-trace": "2"}) == "Answer"

    def test_the_query_counts(self, server: LoopbackGroq, cassette_path: Path) -> None:
        with groqtape.use_cassette(cassette_path, "once"):
            post(server, "{}", f"{CHAT}?a=1&b=2")
        with groqtape.use_cassette(cassette_path):
            assert post(server, "{}", f"{CHAT}?b=2&a=1") == "Answer"
        with pytest.raises(groqtape.RefusedError, match="query"), groqtape.use_cassette(cassette_path):
            post(server, "{}", f"{CHAT}?a=1&b=3")

    def test_the_path_counts(self, server: LoopbackGroq, cassette_path: Path) -> None:
        with groqtape.use_cassette(cassette_path, "once"):
            post(server, "{}")
        with pytest.raises(groqtape.RefusedError, match="path"), groqtape.use_cassette(cassette_path):
            post(server, "{}", "/openai/v1/responses")

    def test_a_body_that_is_no_json_counts_byte_for_byte(
        self, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        body = b"no JSON \xff\x00"
        with groqtape.use_cassette(cassette_path, "once"):
            post(server, body)
        with untouched(server), groqtape.use_cassette(cassette_path) as cassette:
            assert post(server, body) == "Answer"
        assert cassette.requests == [body]
        with pytest.raises(groqtape.RefusedError), groqtape.use_cassette(cassette_path, allow_unplayed=True):
            post(server, body + b" ")


class TestUnderWhateverUrl:
    """A cassette recorded through a gateway replays anywhere."""

    @pytest.mark.parametrize(
        ("recorded", "replayed"),
        [("/gw", ""), ("", "/gw"), ("/gw", "/other/gw"), ("/v1/groq", "")],
    )
    def test_a_gateways_prefix_does_not_count(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path, recorded: str, replayed: str
    ) -> None:
        server.default = stream("Answer")
        with groqtape.use_cassette(cassette_path, "once"):
            received = sdk.stream(options={"base_url": server.base_url + recorded})
        assert server.requests[-1].path == f"{recorded}{CHAT}"
        with untouched(server), groqtape.use_cassette(cassette_path):
            assert sdk.stream(options={"base_url": server.base_url + replayed}) == received

    def test_nor_does_the_host(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server.default = stream("Answer")
        with groqtape.use_cassette(cassette_path, "once"):
            received = sdk.stream()
        monkeypatch.setenv("GROQ_BASE_URL", "https://gateway.invalid:8443/groq")
        for url in ("https://gateway.invalid:8443/groq", "https://api.groq.com"):
            with groqtape.use_cassette(cassette_path):
                assert sdk.stream(options={"base_url": url}) == received


class TestMatchOn:
    def test_names_alone(self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
        server.reply(stream("One"), stream("Two"))
        with groqtape.use_cassette(cassette_path, "once"):
            assert [sdk.stream(prompt).text for prompt in ("a", "b")] == ["One", "Two"]
        with untouched(server), groqtape.use_cassette(cassette_path, match_on=["method", "path"]):
            assert [sdk.stream(prompt).text for prompt in ("c", "d")] == ["One", "Two"]

    def test_one_name(self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
        server.default = stream("One")
        with groqtape.use_cassette(cassette_path, "once"):
            sdk.stream()
        with untouched(server), groqtape.use_cassette(cassette_path, match_on="method"):
            assert sdk.stream("Other").text == "One"

    def test_the_host_if_it_is_named(self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
        with groqtape.use_cassette(cassette_path, "once"):
            blocking.create()
        with (
            pytest.raises(groqtape.RefusedError, match="host"),
            groqtape.use_cassette(cassette_path, match_on=["host"]),
        ):
            blocking.create(options={"base_url": "https://api.groq.com"})

    def test_a_matcher_of_ones_own(self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
        def same_model(now: Any, recorded: Any) -> bool:
            return bool(json.loads(now.body)["model"] == json.loads(recorded.body)["model"])

        server.default = stream("One")
        with groqtape.use_cassette(cassette_path, "once"):
            sdk.stream()
        with untouched(server), groqtape.use_cassette(cassette_path, match_on=["path", same_model]):
            assert sdk.stream("Other").text == "One"
        with (
            pytest.raises(groqtape.RefusedError, match="same_model"),
            groqtape.use_cassette(cassette_path, match_on=["path", same_model], allow_unplayed=True),
        ):
            sdk.stream("Hi", extra_body={"model": "m"})

    def test_a_matcher_that_asserts(self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
        """As vcrpy's own may: its text is for the one who reads the refusal."""

        def same_prompt(now: Any, recorded: Any) -> None:
            assert json.loads(now.body)["messages"] == json.loads(recorded.body)["messages"], "other words"

        server.default = stream("One")
        with groqtape.use_cassette(cassette_path, "once"):
            sdk.stream()
        with untouched(server), groqtape.use_cassette(cassette_path, match_on=[same_prompt]):
            assert sdk.stream("Hi", temperature=1).text == "One"
        with (
            pytest.raises(groqtape.RefusedError),
            groqtape.use_cassette(cassette_path, match_on=[same_prompt]),
        ):
            sdk.stream("Other")

    @pytest.mark.parametrize("names", [["method", "bodyy"], "bodyy", [None]])
    def test_an_unknown_name(self, cassette_path: Path, names: Any) -> None:
        with (
            pytest.raises(groqtape.GroqtapeError, match=r"match_on \(body, .*, path, .*got") as caught,
            groqtape.use_cassette(cassette_path, match_on=names),
        ):
            raise AssertionError("not reached")
        assert not isinstance(caught.value, groqtape.CassetteError)

    def test_a_miss_names_the_field_under_them_too(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        server.default = stream("One")
        with groqtape.use_cassette(cassette_path, "once"):
            sdk.stream("This")
        with (
            pytest.raises(
                groqtape.RefusedError, match=r'messages\[0\]\.content: recorded "This" / now "That"'
            ),
            groqtape.use_cassette(cassette_path, match_on=["method", "body"]),
        ):
            sdk.stream("That")
