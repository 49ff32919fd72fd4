"""What never reaches the file: keys, cookies, organisation ids, and headers that nobody needs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import groq
import pytest
from loopback_groq import completion, rate_limited, raw, stream, stream_body
from recorder.integration.calling import question, settled, untouched

import groqtape

if TYPE_CHECKING:
    from pathlib import Path

    from loopback_groq import AnyReply, LoopbackGroq
    from recorder.integration.calling import Sdk

WAYS = ("sync", "asyncio")
ANOTHER_KEY = "gsk_" + "aB3" * 17 + "Z"
ORGANIZATION = "org_01k" + "7q" * 11 + "x"


def header_names(text: str) -> set[str]:
    """The names of all headers in a cassette."""
    names: set[str] = set()
    for indent, block in re.findall(r"(?m)^( +)headers:\n((?:\1 +.*\n)+)", text):
        names.update(re.findall(rf"(?m)^{indent}  ([\w-]+):", block))
    return names


@pytest.mark.parametrize(
    "reply",
    [stream("Hello"), completion("Hello"), rate_limited(60, org=ORGANIZATION)],
    ids=["stream", "completion", "rate limit"],
)
def test_what_identifies_the_account_stays_out(
    sdk: Sdk, server: LoopbackGroq, cassette_path: Path, reply: AnyReply
) -> None:
    server.default = reply
    cookies: list[str] = []
    errors: list[str] = []

    async def scenario(client: Any) -> None:
        # The second call brings the cookie that the first was given.
        for prompt in ("One", "Two"):
            try:
                await settled(client.chat.completions.create(**question(prompt)))
            except groq.RateLimitError as error:
                errors.append(str(error))
            cookies.extend(cookie.value or "" for cookie in client._client.cookies.jar)

    with groqtape.use_cassette(cassette_path, "once"):
        sdk.run(scenario, max_retries=0)
    assert "__cf_bm" in server.requests[1].headers["cookie"]
    assert all(len(cookie) > 40 for cookie in cookies)
    assert all(ORGANIZATION in error for error in errors)
    text = cassette_path.read_text()
    for secret in (str(server.api_key), ORGANIZATION, *cookies):
        assert secret not in text
    assert "gsk_" not in text
    assert "cookie" not in text.lower()
    assert "authorization" not in text.lower()
    assert header_names(text) <= {"content-type", "content-encoding", "retry-after", "x-should-retry"}


def test_the_headers_that_are_kept(sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
    """`header_names` finds them, so that the tests beside this one can fail."""
    server.default = rate_limited(60)
    with groqtape.use_cassette(cassette_path, "once"):
        sdk.stream(options={"max_retries": 0})
    assert header_names(cassette_path.read_text().lower()) == {"content-type", "retry-after"}


class TestInTheText:
    PROMPT = f"My key is {ANOTHER_KEY}, my organization {ORGANIZATION}; what now?"

    def test_a_prompts_secrets_stay_out_and_still_match(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        server.default = stream("Hello")
        with groqtape.use_cassette(cassette_path, "once"):
            recorded = sdk.stream(self.PROMPT)
        # Groq got what the application sent.
        assert server.requests[0].prompt == self.PROMPT
        text = cassette_path.read_text()
        assert ANOTHER_KEY not in text
        assert ORGANIZATION not in text
        assert "My key is REDACTED, my organization REDACTED; what now?" in text
        with untouched(server), groqtape.use_cassette(cassette_path):
            assert sdk.stream(self.PROMPT) == recorded

    def test_another_secret_in_its_place_matches_too(
        self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        """What is compared is scrubbed on both sides."""
        server.default = stream("Hello")
        with groqtape.use_cassette(cassette_path, "once"):
            blocking.stream(self.PROMPT)
        with groqtape.use_cassette(cassette_path):
            assert blocking.stream(self.PROMPT.replace("aB3", "Qx7")).text == "Hello"

    def test_an_answers_secrets_stay_out(self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
        pieces = ["Your key is ", ANOTHER_KEY, " of ", ORGANIZATION, "."]
        server.default = stream(pieces, fixed=7)
        with groqtape.use_cassette(cassette_path, "once"):
            recorded = sdk.stream()
        # The application received all of it.
        assert recorded.text == "".join(pieces)
        text = cassette_path.read_text()
        assert ANOTHER_KEY not in text
        assert ORGANIZATION not in text
        with groqtape.use_cassette(cassette_path):
            assert sdk.stream().text == "Your key is REDACTED of REDACTED."

    @pytest.mark.parametrize("tear", [1, 7, 50])
    def test_a_secret_that_the_network_tore(
        self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path, tear: int
    ) -> None:
        server.default = stream(["Your key is ", ANOTHER_KEY, "."], tear=tear)
        with groqtape.use_cassette(cassette_path, "once"):
            blocking.stream()
        assert ANOTHER_KEY not in cassette_path.read_text()
        with groqtape.use_cassette(cassette_path):
            assert blocking.stream().text == "Your key is REDACTED."

    def test_a_secret_that_two_reads_of_a_plain_answer_share(
        self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        body = f'{{"id":"1","key":"{ANOTHER_KEY}"}}'.encode()
        server.default = raw(body[:30], body[30:], content_type="application/json")
        with groqtape.use_cassette(cassette_path, "once"):
            blocking.create()
        assert ANOTHER_KEY[:20] not in cassette_path.read_text()
        assert "REDACTED" in cassette_path.read_text()

    def test_the_events_around_it_are_as_they_were(
        self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        events = stream_body(["Before", ANOTHER_KEY, "After"], fixed=7)
        server.default = raw(*events)

        async def reads(client: Any) -> list[bytes]:
            create = client.chat.completions.with_streaming_response.create
            with create(**question(stream=True)) as response:
                return list(response.http_response.iter_raw())

        with groqtape.use_cassette(cassette_path, "once"):
            blocking.run(reads)
        with groqtape.use_cassette(cassette_path):
            replayed = blocking.run(reads)
        assert replayed == [event.replace(ANOTHER_KEY.encode(), b"REDACTED") for event in events]

    def test_a_bearer_token_and_a_key_in_a_url(
        self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        server.default = completion("Hello")
        prompt = "curl -H 'Authorization: Bearer 0123456789abcdef0123456789abcdef'"
        options = {"default_query": {"key": ANOTHER_KEY}}
        with groqtape.use_cassette(cassette_path, "once"):
            blocking.create(prompt, options=options)
        assert ANOTHER_KEY in server.requests[0].path
        text = cassette_path.read_text()
        assert "0123456789abcdef0123456789abcdef" not in text
        assert ANOTHER_KEY not in text
        with untouched(server), groqtape.use_cassette(cassette_path):
            blocking.create(prompt, options=options)

    def test_what_only_looks_a_little_like_one_is_left_alone(
        self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        prompt = "A key begins with gsk_ and an organization with org_; a bearer of news. gsk_short org_chart"
        server.default = stream(prompt)
        with groqtape.use_cassette(cassette_path, "once"):
            blocking.stream(prompt)
        assert prompt in cassette_path.read_text()
        with groqtape.use_cassette(cassette_path):
            assert blocking.stream(prompt).text == prompt

    def test_refusals_do_not_show_them_either(
        self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        server.default = stream("Hello")
        with groqtape.use_cassette(cassette_path, "once"):
            blocking.stream("Something else")
        with pytest.raises(groqtape.RefusedError) as caught, groqtape.use_cassette(cassette_path):
            blocking.stream(self.PROMPT)
        assert ANOTHER_KEY not in str(caught.value)
        assert "REDACTED" in str(caught.value)


def test_what_an_older_file_held_is_scrubbed_when_it_is_rewritten(
    blocking: Sdk, server: LoopbackGroq, cassette_path: Path
) -> None:
    server.default = stream("Hello")
    with groqtape.use_cassette(cassette_path, "once"):
        blocking.stream("Something")
    text = cassette_path.read_text()
    marked = text.replace('{"content":"Hello"}', f'{{"content":"Hello {ANOTHER_KEY}"}}').replace(
        "      content-type: [text/event-stream]",
        f"      content-type: [text/event-stream]\n      set-cookie: [__cf_bm=abc; {ANOTHER_KEY}]",
    )
    assert marked.count(ANOTHER_KEY) == 2
    cassette_path.write_text(marked)
    with groqtape.use_cassette(cassette_path, "new_episodes"):
        blocking.stream("Something")
        blocking.stream("Something new")
    assert ANOTHER_KEY not in cassette_path.read_text()
    assert "cookie" not in cassette_path.read_text()
    with groqtape.use_cassette(cassette_path, allow_unplayed=True):
        assert blocking.stream("Something").text == "Hello REDACTED"


def test_headers_and_secrets_of_ones_own(sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
    server.default = stream("Case 4711 is Mr. Brown's")

    def call() -> str:
        return sdk.stream("What of case 4711?", options={"default_headers": {"x-team": "case 4711"}}).text

    options: dict[str, Any] = {"keep_headers": ["X-Team", "x-groq-region"], "secrets": [r"case \d+", "Brown"]}
    with groqtape.use_cassette(cassette_path, "once", **options):
        assert call() == "Case 4711 is Mr. Brown's"
    text = cassette_path.read_text()
    assert header_names(text) == {"content-type", "x-team", "x-groq-region"}
    assert "case 4711" not in text
    assert "Brown" not in text
    with untouched(server), groqtape.use_cassette(cassette_path, **options):
        assert call() == "Case 4711 is Mr. REDACTED's"
