"""No secret reaches the disk, nothing else is touched, and matching is not disturbed."""

from __future__ import annotations

import base64
import json
import random
import re
from typing import TYPE_CHECKING, Any, cast

import anyio
import groq
import httpx
import pytest
from effort import EFFORT
from loopback_groq import LoopbackGroq, completion, error, raw, stream, stream_body, transcription
from recorder.integration.calling import Sdk, question, settled, untouched
from trust.clients import async_client, client
from trust.secret_placements import Round, all_texts

import groqtape
from groqtape.redaction.expressions import Expressions
from groqtape.redaction.finder import Finder
from groqtape.redaction.redactor import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from groqtape.recorder.record_modes import RecordMode

ROUNDS = 8 * EFFORT
PER_TEST = 4
KEY = "gsk_" + "aB3" * 17 + "Z"
ANOTHER_KEY = "gsk_" + "xY8" * 17 + "Q"
WORD = 'Xq7-hunter/2 "é\\'


@pytest.fixture(scope="module")
def anybody() -> Iterator[LoopbackGroq]:
    """A server that lets everybody in."""
    with LoopbackGroq(api_key=None) as server:
        yield server


class TestRandomPlacements:
    """See secret_placements.py: the whole of it is some 60 secrets a round."""

    @pytest.mark.parametrize("first", range(0, ROUNDS, PER_TEST))
    def test_none_is_found(
        self, anybody: LoopbackGroq, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: int
    ) -> None:
        monkeypatch.setenv("GROQ_BASE_URL", anybody.base_url)
        placed = 0
        for seed in range(first, first + PER_TEST):
            one = Round(seed)
            one.run(anybody, tmp_path / f"{seed}.yaml")
            assert one.leaks == []
            placed += one.placed
        assert placed > 50 * PER_TEST
        assert anybody.pending == 0

    def test_what_nobody_takes_out_is_found(
        self, anybody: LoopbackGroq, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """So the tests above can fail."""
        monkeypatch.setenv("GROQ_BASE_URL", anybody.base_url)
        monkeypatch.setattr(Finder, "_plain", lambda *_: iter(()))
        monkeypatch.setattr(Expressions, "found", lambda *_: iter(()))
        one = Round(0)
        with pytest.raises(AssertionError):
            one.run(anybody, tmp_path / "book.yaml")
        found = {leak.partition(" of ")[2] for leak in one.leaks}
        assert len(found) > one.placed / 2


def texts(path: Path) -> str:
    return "\n".join(all_texts(path.read_text()))


class TestTornReads:
    """The network cuts a body wherever it likes."""

    EVENTS = stream_body(["Before ", KEY, " after"], request=question(), fixed=7)
    BODY = b"".join(EVENTS)

    def test_at_every_offset(self, blocking: Sdk, server: LoopbackGroq, tmp_path: Path) -> None:
        cassette_path = tmp_path / "book.yaml"
        start = self.BODY.index(KEY.encode())
        offsets = range(start - 12, start + len(KEY) + 12)
        server.reply(*(raw(self.BODY[:at], self.BODY[at:]) for at in offsets))
        with groqtape.use_cassette(cassette_path, "once"):
            blocking.run(lambda client: self.ask(client, len(offsets)))
        text = texts(cassette_path)
        assert not any(KEY[at : at + 8] in text for at in range(len(KEY) - 7))
        with groqtape.use_cassette(cassette_path):
            bodies = blocking.run(lambda client: self.ask(client, len(offsets)))
        assert set(bodies) == {self.BODY.replace(KEY.encode(), b"REDACTED")}

    @staticmethod
    async def ask(client: Any, times: int) -> list[bytes]:
        create = client.chat.completions.with_raw_response.create
        return [create(**question()).http_response.content for _ in range(times)]

    @staticmethod
    async def ask_once(client: Any, **more: Any) -> bytes:
        create = client.chat.completions.with_raw_response.create
        body: bytes = create(**question(**more)).http_response.content
        return body

    def test_byte_by_byte(self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
        server.default = stream(["Before ", KEY, " after"], tear=1)
        with groqtape.use_cassette(cassette_path, "once"):
            sdk.stream()
        assert KEY[:12] not in texts(cassette_path)
        with groqtape.use_cassette(cassette_path):
            assert sdk.stream().text == "Before REDACTED after"


class TestAcrossEvents:
    """A model says a key in many tokens, which is in no event as a whole."""

    @pytest.mark.parametrize("size", [1, 3, 8, 30, 51])
    def test_a_key(self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path, size: int) -> None:
        text = f"It is {KEY} — keep it."
        server.default = stream([text[at : at + size] for at in range(0, len(text), size)], fixed=7)
        with groqtape.use_cassette(cassette_path, "once") as cassette:
            recorded = sdk.stream()
        assert recorded.text == text
        with untouched(server), groqtape.use_cassette(cassette_path):
            replayed = sdk.stream()
        assert replayed.text == "It is REDACTED — keep it."
        # As many chunks as came, and all else in them as it was.
        assert [chunk["id"] for chunk in replayed.chunks] == [chunk["id"] for chunk in recorded.chunks]
        assert replayed.chunks[-1] == recorded.chunks[-1]
        assert [held.content for held in cassette.streams] == [replayed.text]

    def test_what_stands_beside_it_in_an_event_stays(
        self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        pieces = ["One ", f"two {KEY[:20]}", KEY[20:30], f"{KEY[30:]} three", " four <&>"]
        server.default = stream(pieces, fixed=7)
        with groqtape.use_cassette(cassette_path, "once"):
            recorded = blocking.stream()
        with groqtape.use_cassette(cassette_path):
            replayed = blocking.stream()
        pieces = [chunk["choices"][0]["delta"].get("content") or "" for chunk in replayed.chunks]
        assert pieces == ["", "One ", "two REDACTED", "", " three", " four <&>", ""]
        assert len(recorded.chunks) == len(replayed.chunks)

    def test_a_variables_value(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATABASE_SECRET", WORD)
        server.default = stream([f"<{letter}>"[1:2] for letter in f"({WORD})"], fixed=7)
        with groqtape.use_cassette(cassette_path, "once"):
            assert sdk.stream().text == f"({WORD})"
        with groqtape.use_cassette(cassette_path):
            assert sdk.stream().text == "(REDACTED)"


class TestTheEnvironment:
    def test_odd_characters(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MY_SECRET", WORD)
        server.default = stream(f"You wrote {WORD}.", fixed=7)
        prompt = f"It is {WORD}, and as JSON {json.dumps(WORD)}"
        with groqtape.use_cassette(cassette_path, "once"):
            sdk.stream(prompt)
        assert WORD not in texts(cassette_path)
        with untouched(server), groqtape.use_cassette(cassette_path):
            assert sdk.stream(prompt).text == "You wrote REDACTED."

    def test_a_value_that_is_no_text(
        self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("BINARY_TOKEN", b"\xff\xfe\x80binary".decode("utf-8", "surrogateescape"))
        server.default = raw(b"data: \xff\xfe\x80binary\n\n")
        with groqtape.use_cassette(cassette_path, "once"):
            blocking.run(TestTornReads.ask_once)
        with groqtape.use_cassette(cassette_path):
            assert blocking.run(TestTornReads.ask_once) == b"data: REDACTED\n\n"

    def test_a_value_set_while_the_cassette_is_open(
        self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As by an application that reads its `.env` when it first needs it."""
        server.default = stream("You wrote late-secret-1")
        for mode in ("once", "none"):
            monkeypatch.delenv("LATE_API_KEY", raising=False)
            with groqtape.use_cassette(cassette_path, mode):
                monkeypatch.setenv("LATE_API_KEY", "late-secret-1")
                received = blocking.stream("It is late-secret-1")
        assert received.text == "You wrote REDACTED"
        assert "late-secret" not in texts(cassette_path)

    def test_another_value_in_replay(
        self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MY_TOKEN", "the first value")
        server.default = stream("You wrote the first value")
        with groqtape.use_cassette(cassette_path, "once"):
            blocking.stream("Mine is the first value")
            blocking.stream("I say nothing of it")
        monkeypatch.setenv("MY_TOKEN", "quite another one")
        with groqtape.use_cassette(cassette_path):
            blocking.stream("Mine is quite another one")
            blocking.stream("I say nothing of it")

    def test_a_value_that_the_file_happens_to_say(
        self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is a word that is made a token, after the recording."""
        server.default = stream("Hello")
        with groqtape.use_cassette(cassette_path, "once"):
            blocking.stream("Are there penguins in Norway?")
        monkeypatch.setenv("MY_TOKEN", "penguins")
        with groqtape.use_cassette(cassette_path):
            blocking.stream("Are there penguins in Norway?")

    def test_a_line_break_around_it_is_none_of_it(
        self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MY_TOKEN", "read-from-a-file-1\n")
        server.default = stream("Hello")
        with groqtape.use_cassette(cassette_path, "once"):
            blocking.stream("It is read-from-a-file-1.")
        assert "read-from-a-file" not in texts(cassette_path)

    def test_a_number_is_no_part_of_others(
        self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PIN_SECRET", "171234")
        events = stream_body("Your PIN is 171234.", request=question(seed=171234), fixed=7)
        body = b"".join(events).replace(b'"created":', b'"took":0.171234,"made":171234,"created":17123456')
        server.default = raw(body)
        with groqtape.use_cassette(cassette_path, "once"):
            blocking.run(lambda client: TestTornReads.ask_once(client, seed=171234))
        with groqtape.use_cassette(cassette_path):
            replayed = blocking.run(lambda client: TestTornReads.ask_once(client, seed=171234))
        assert replayed == body.replace(b" 171234.", b" REDACTED.")

    @pytest.mark.parametrize("value", ["", "short", "assistant", "content"])
    def test_what_is_none(
        self,
        blocking: Sdk,
        server: LoopbackGroq,
        cassette_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        value: str,
    ) -> None:
        monkeypatch.setenv("MY_TOKEN", value)
        server.default = stream("An assistant's content is short")
        with groqtape.use_cassette(cassette_path, "once"):
            recorded = blocking.stream()
        assert "REDACTED" not in cassette_path.read_text()
        with groqtape.use_cassette(cassette_path):
            assert blocking.stream() == recorded


class TestTheKeyInUse:
    @pytest.mark.parametrize("key", ["any will do", "anything", "sk-proj-abc123", "placeholder"])
    @pytest.mark.parametrize("replayed_with", ["anything", "penguins", "the API key"])
    def test_replays_with_another(
        self,
        anybody: LoopbackGroq,
        cassette_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        key: str,
        replayed_with: str,
    ) -> None:
        """Also where the one is a word that the recording says."""
        monkeypatch.setenv("GROQ_BASE_URL", anybody.base_url)
        monkeypatch.delenv("GROQ_API_KEY")
        anybody.default = stream("Hello")
        prompt = "Is there anything on penguins? In the API key, any will do."
        for each in (key, replayed_with):
            sdk = Sdk("sync", anybody.base_url, each)
            with groqtape.use_cassette(cassette_path, "once"):
                assert sdk.stream(prompt).text == "Hello"

    def test_stays_out_whatever_it_looks_like(
        self, anybody: LoopbackGroq, cassette_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GROQ_BASE_URL", anybody.base_url)
        key = "Hunter-two/of-all-things"
        anybody.default = error(401, f"Invalid API Key: {key}")
        for each in (key, "another-Key", "gsk_" + "1a" * 26):
            with (
                groqtape.use_cassette(cassette_path, "once"),
                client(api_key=each) as groq_client,
                pytest.raises(groq.AuthenticationError) as caught,
            ):
                groq_client.chat.completions.create(**question(f"I use {each}"))
        assert "hunter" not in texts(cassette_path)
        assert "Invalid API Key: REDACTED" in str(caught.value)

    def test_as_user_and_password_of_a_url(
        self, anybody: LoopbackGroq, cassette_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GROQ_BASE_URL", anybody.base_url)
        anybody.default = completion("You are me:pass-word-1")
        url = anybody.base_url.replace("//", "//me:pass-word-1@")
        for mode, each in (("once", url), ("none", anybody.base_url)):
            with (
                groqtape.use_cassette(cassette_path, cast("RecordMode", mode)),
                client(base_url=each, api_key="k") as groq_client,
            ):
                groq_client.chat.completions.create(**question())
        assert anybody.requests[-1].headers["authorization"].startswith("Basic ")
        text = texts(cassette_path)
        assert "//REDACTED@127.0.0.1" in text
        assert "pass-word" not in text
        assert base64.b64encode(b"me:pass-word-1").decode() not in text


class TestCookies:
    VALUE = "v4lUe-0f.a_session_1"

    @pytest.mark.parametrize("way", ["sync", "async"])
    def test_set_by_the_server_and_sent_back(
        self, server: LoopbackGroq, cassette_path: Path, way: str
    ) -> None:
        cookie = {"set-cookie": f"sid={self.VALUE}; Path=/; HttpOnly"}
        answer = stream_body(f"Your session is {self.VALUE}.", request=question(), fixed=7)
        server.default = raw(*answer, headers=cookie)
        for mode in ("once", "none"):
            with groqtape.use_cassette(cassette_path, mode, keep_headers=["cookie", "set-cookie"]):
                self.ask_twice(way)
        assert server.requests[1].headers["cookie"] == f"sid={self.VALUE}"
        text = texts(cassette_path)
        assert self.VALUE not in text
        assert "sid=REDACTED; Path=/; HttpOnly" in text
        assert "Your session is REDACTED." in text

    @staticmethod
    def ask_twice(way: str) -> None:
        if way == "sync":
            with client() as groq_client:
                for _ in range(2):
                    list(groq_client.chat.completions.create(**question(stream=True)))
            return

        async def ask() -> None:
            async with async_client() as groq_client:
                for _ in range(2):
                    _ = [
                        chunk
                        async for chunk in await groq_client.chat.completions.create(**question(stream=True))
                    ]

        anyio.run(ask)

    def test_one_that_is_a_word_takes_nothing_out(
        self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        """A theme or a language is no secret, and its word may be in any prompt."""
        server.default = raw(
            *stream_body("In dark mode", request=question(), fixed=7),
            headers=[("set-cookie", "theme=penguins"), ("set-cookie", "lang=norwegian-bokmaal")],
        )
        prompt = "Are there penguins who speak norwegian-bokmaal?"
        with groqtape.use_cassette(cassette_path, "once"):
            blocking.stream(prompt)
        with groqtape.use_cassette(cassette_path):
            blocking.stream(prompt)
        assert prompt in cassette_path.read_text()


class TestPatternsOfOnesOwn:
    @pytest.mark.parametrize("pattern", ["x*", "(a|)", "", "^", "(?=a)|b?"])
    def test_one_that_finds_a_secret_in_nothing_is_refused(self, tmp_path: Path, pattern: str) -> None:
        with (
            pytest.raises(groqtape.GroqtapeError, match="in an empty text"),
            groqtape.use_cassette(tmp_path / "book.yaml", secrets=[pattern]),
        ):
            raise AssertionError("not reached")

    def test_that_overlap_each_other_and_what_is_known(
        self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LONG_SECRET", f"a phrase with {KEY} in it, and more")
        monkeypatch.setenv("SHORT_SECRET", "and more besides")
        text = f"<a phrase with {KEY} in it, and more besides>"
        server.default = completion(text)
        options: dict[str, Any] = {"secrets": ["<a phr", "(?i)BESIDES>"]}
        with groqtape.use_cassette(cassette_path, "once", **options):
            blocking.create(text)
        with groqtape.use_cassette(cassette_path, **options):
            assert blocking.create(text)["choices"][0]["message"]["content"] == "REDACTED"
        assert "phrase" not in texts(cassette_path)
        assert "more" not in texts(cassette_path)

    def test_in_urls_headers_and_both_bodies(
        self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        server.default = raw(
            *stream_body("Case 4711", request=question(), fixed=7), headers={"x-case": "Case 4711"}
        )
        options: dict[str, Any] = {"secrets": [r"(?i)case.4711"], "keep_headers": ["x-case"]}
        sent = {"default_headers": {"x-case": "case-4711"}, "default_query": {"about": "case 4711"}}
        for mode in ("once", "none"):
            with groqtape.use_cassette(cassette_path, mode, **options):
                received = blocking.stream("case_4711", options=sent)
        assert received.text == "REDACTED"
        assert "4711" not in texts(cassette_path)
        assert cassette_path.read_text().count("REDACTED") == 5


class TestOtherPlaces:
    def test_a_redirect(self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
        target = f"/gateway/{KEY}/openai/v1/chat/completions?api_key=abc-def"
        server.on(lambda request: "gateway" in request.path, stream("Here"))
        server.default = raw(b"", status=307, headers={"location": target})
        for mode in ("once", "none"):
            with groqtape.use_cassette(cassette_path, mode):
                assert blocking.stream().text == "Here"
        text = texts(cassette_path)
        assert KEY[:12] not in text
        assert "abc-def" not in text

    def test_what_an_error_says(self, sdk: Sdk, cassette_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: Any) -> Any:
            raise httpx.ConnectError(f"no way to {KEY}")

        async def fail_async(*_: Any) -> Any:
            fail()

        monkeypatch.setattr(httpx.HTTPTransport, "handle_request", fail)
        monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", fail_async)
        with groqtape.use_cassette(cassette_path, "once"):
            sdk.stream(options={"max_retries": 0})
        assert "no way to REDACTED" in cassette_path.read_text()

    def test_a_reason_phrase(self) -> None:
        response = {
            "status": {"code": 401, "message": f"No such key {KEY}"},
            "headers": {},
            "body": {"string": b""},
            "url": f"http://me:and-you@localhost/?token={KEY}",
        }
        redacted = Redactor().response(response)
        assert redacted["status"] == {"code": 401, "message": "No such key REDACTED"}
        assert redacted["url"] == "http://REDACTED@localhost/?token=REDACTED"

    def test_a_form(self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
        server.default = transcription(f"It is {KEY}")

        def transcribe(key: str) -> str:
            async def scenario(client: Any) -> str:
                create = client.audio.transcriptions.create
                file = (f"{key}.wav", b"RIFF" + key.encode(), "audio/wav")
                text: str = (await settled(create(model="whisper-1", file=file, prompt=f"Key: {key}"))).text
                return text

            return sdk.run(scenario)

        with groqtape.use_cassette(cassette_path, "once"):
            assert transcribe(KEY) == f"It is {KEY}"
        assert KEY[:12] not in texts(cassette_path)
        assert "Key: REDACTED" in cassette_path.read_text()
        with untouched(server), groqtape.use_cassette(cassette_path):
            assert transcribe(KEY) == "It is REDACTED"

    def test_what_an_older_file_held(
        self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Written by another tool, in whichever place it stands; replayed first, and rewritten then."""
        monkeypatch.setenv("OLD_SECRET", WORD)
        secrets = [KEY, ANOTHER_KEY, WORD, "org_" + "7q" * 13, "Bearer abc123def456"]
        answer = {"id": "1", "choices": [{"index": 0, "message": {"content": " / ".join(secrets)}}]}
        old = [
            {
                "request": {
                    "method": "POST",
                    "uri": f"https://user:pass-word@api.groq.com/openai/v1/chat/completions?api_key={KEY}&n=1",
                    "headers": {"authorization": [f"Bearer {KEY}"], "cookie": [f"__cf_bm={ANOTHER_KEY}"]},
                    "body": json.dumps(question(" / ".join(secrets))),
                },
                "response": {
                    "status": {"code": 200, "message": f"OK {KEY}"},
                    "headers": {
                        "Set-Cookie": [f"__cf_bm={ANOTHER_KEY}; Path=/"],
                        "Content-Type": ["application/json"],
                        "X-Request-Id": [KEY],
                    },
                    "body": {"string": json.dumps(answer)},
                    "note": f"see {KEY}",
                },
            }
        ]
        cassette_path.parent.mkdir()
        cassette_path.write_text(json.dumps({"version": 1, "interactions": old, "recorded_with": KEY}))
        server.default = stream("New")
        options = {"default_query": {"api_key": ANOTHER_KEY, "n": "1"}}
        with groqtape.use_cassette(cassette_path, "new_episodes"):
            received = blocking.create(" / ".join(secrets), options=options)
            blocking.stream("Something new")
        assert received["choices"][0]["message"]["content"] == " / ".join(secrets)
        text = texts(cassette_path)
        for secret in [*secrets, "pass-word", "cookie", "Set-Cookie", "X-Request-Id"]:
            assert secret not in text
        assert KEY[:12] not in text
        with groqtape.use_cassette(cassette_path, allow_unplayed=True):
            received = blocking.create(" / ".join(secrets), options=options)
        assert (
            received["choices"][0]["message"]["content"]
            == "REDACTED / REDACTED / REDACTED / REDACTED / Bearer REDACTED"
        )


def test_sizes_of_events_follow_what_is_taken_out() -> None:
    """However secrets lie across events, the sizes add up to the body."""
    chance = random.Random(7)
    redactor = Redactor(secrets=["<[^>]*>"])
    for _ in range(300):
        body = "".join(chance.choices("<> ab\n", weights=[1, 1, 4, 4, 4, 2], k=60)).encode()
        cuts = sorted(chance.randint(0, 60) for _ in range(5))
        sizes = tuple(end - start for start, end in zip([0, *cuts], [*cuts, 60], strict=True))
        response = {
            "status": {"code": 200, "message": "OK"},
            "headers": {"content-type": ["text/event-stream"]},
            "body": {"string": body},
            "stream": {"end": "complete", "sizes": sizes, "times": (1.0,) * 6},
        }
        redacted = redactor.response(response)
        assert sum(redacted["stream"]["sizes"]) == len(redacted["body"]["string"])
        assert len(redacted["stream"]["sizes"]) == 6
        # What is in no secret is in the same event as before.
        assert redacted["body"]["string"] == re.sub(rb"<[^>]*>", b"REDACTED", body)
