"""Secrets in random places of what goes to Groq and comes back, and what of them a cassette gives away.

The suite tries some thousands. For more::

    python -m trust.secret_placements 1000    # rounds; in the folder `tests`
"""

from __future__ import annotations

import json
import os
import random
import re
import string
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock
from urllib.parse import quote, quote_plus, unquote_plus

import groq
import yaml
from loopback_groq import LoopbackGroq, raw
from trust.clients import client

import groqtape
from groqtape.cassettes.transcript import expand
from groqtape.redaction.placeholder import PLACEHOLDER_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Encode = Callable[[str], str]

LETTERS = string.ascii_letters + string.digits
ODD = "\"'\\/ %&<>?#=+é€ß漢😀\t\n{}[]:,;|$`~^*()!@-_."
OWN_PATTERN = r"case-\d{6}-[a-z]{4}"
CALLS = 4
MARK = re.compile(r"MARK\d{4}KRAM")

# How a text can be encoded where it stands


def as_it_is(text: str) -> str:
    return text


def in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def in_ascii_json(text: str) -> str:
    return json.dumps(text)[1:-1]


def in_json_as_groq_writes_it(text: str) -> str:
    return re.sub("[<>&]", lambda found: f"\\u{ord(found[0]):04x}", in_json(text))


def in_json_with_slashes_escaped(text: str) -> str:
    return in_ascii_json(text).replace("/", "\\/")


def in_json_all_escaped(text: str) -> str:
    units = text.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def in_json_twice(text: str) -> str:
    return in_ascii_json(in_json(text))


def in_json_thrice(text: str) -> str:
    return in_json(in_ascii_json(in_json(text)))


def in_a_url(text: str) -> str:
    return quote(text, safe="")


def in_a_form(text: str) -> str:
    return quote_plus(text)


def in_a_url_in_small_letters(text: str) -> str:
    return re.sub("%..", lambda found: found[0].lower(), quote(text))


def in_a_url_twice(text: str) -> str:
    return quote(quote(text, safe=""), safe="")


IN_JSON: list[Encode] = [
    in_json,
    in_ascii_json,
    in_json_as_groq_writes_it,
    in_json_with_slashes_escaped,
    in_json_all_escaped,
    in_json_twice,
    in_json_thrice,
]
IN_URLS: list[Encode] = [in_a_url, in_a_form, in_a_url_in_small_letters, in_a_url_twice]


class Round:
    """One cassette: calls with secrets in many places, recorded, searched, and replayed.

    What is sent and what comes is first written with marks in it. A mark stands for a secret as it is
    encoded there; in what a cassette may hold, for `REDACTED`.

    Attributes:
        placed: How many secrets were placed.
        leaks: What of them was found in the file, and where.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.placed = 0
        self.leaks: list[str] = []
        self._chance = random.Random(seed)
        self._marks: dict[str, tuple[str, str, Encode]] = {}
        self._keys = [f"gsk_{self._some(52)}", f"sk-{self._some(24)}-7", PLACEHOLDER_KEY]
        self._key = self._keys[seed % 2]
        self._cookie = f"{self._some(20)}7.{self._some(6)}-x"
        endings = ["_API_KEY", "_TOKEN", "_SECRET", "_api_key"]
        self._in_requests = {
            f"SENT_{number}{self._one_of(endings)}": self._odd_value() for number in range(2)
        }
        self._in_answers = {
            f"ANSWERED_{number}{self._one_of(endings)}": self._odd_value() for number in range(2)
        }
        self._options: dict[str, Any] = {"secrets": [OWN_PATTERN], "keep_headers": ["x-kept"]}
        self._calls = [_Call(self) for _ in range(CALLS)]

    # Chance

    def _some(self, length: int, alphabet: str = LETTERS) -> str:
        return "".join(self._chance.choices(alphabet, k=length))

    def _one_of(self, choices: list[Any]) -> Any:
        return self._chance.choice(choices)

    def _odd_value(self) -> str:
        """A value of an environment variable with characters that are rare in one, and a digit."""
        odd = self._some(self._chance.randint(4, 24), ODD + LETTERS)
        # Blanks around a value are none of it.
        around = self._chance.random() < 0.5
        return f"{self._some(3)}{odd}7{self._some(3)}" if around else f"{odd.strip()}é{odd}.é7".strip()

    # Marks

    def secret(self, encodings: list[Encode], *, answer: bool) -> str:
        """A mark for a secret in a text with others around it."""
        kind = self._one_of(["key", "organization", "token", "own", "cookie", "known", "known"])
        before = ""
        if kind == "key":
            # Groq's have 52 characters; in one piece, longer ones are found too.
            secret = f"gsk_{self._some(self._one_of([16, 52, 52, 60 if len(encodings) > 1 else 52]))}"
        elif kind == "organization":
            secret = f"org_{self._some(26, string.ascii_lowercase + string.digits)}"
        elif kind == "token":
            before = self._one_of(["Bearer ", "bearer ", "BEARER  "])
            secret = f"{self._some(self._chance.randint(8, 40), LETTERS + '._~-')}7{self._some(4)}"
        elif kind == "own":
            secret = f"case-{self._some(6, string.digits)}-{self._some(4, string.ascii_lowercase)}"
        elif kind == "cookie" and answer:
            secret = self._cookie
        else:
            known = [*self._in_requests.values(), *(self._in_answers.values() if answer else ()), ""]
            secret = self._one_of(known)
        return self.mark(secret, before, self._one_of(encodings))

    def mark(self, secret: str, before: str = "", encode: Encode = as_it_is) -> str:
        """A mark for a secret (`""` is the key in use), and for what stands before it."""
        self.placed += 1
        mark = f"MARK{len(self._marks):04}KRAM"
        self._marks[mark] = before, secret, encode
        return f"{self._some(4)} {mark}, {self._some(4)} "

    def filled(self, text: str) -> str:
        """A text as it goes over the wire."""

        def fill(mark: re.Match[str]) -> str:
            before, secret, encode = self._marks[mark[0]]
            return encode(before + (secret or self._key))

        return MARK.sub(fill, text)

    def redacted(self, text: str) -> str:
        """A text as a cassette may have it."""

        def redact(mark: re.Match[str]) -> str:
            before, _, encode = self._marks[mark[0]]
            return encode(before) + "REDACTED"

        return MARK.sub(redact, text)

    # The round

    def run(self, server: LoopbackGroq, path: Path) -> None:
        """Record, search the file, and replay it in other circumstances."""
        with mock.patch.dict(os.environ, {**self._in_requests, **self._in_answers}):
            with groqtape.use_cassette(path, "once", **self._options):
                self._ask(server)
            self._search(path.read_text())
            self._compare(path.read_text())
        for key in self._keys:
            self._key = key
            with (
                mock.patch.dict(os.environ, self._in_requests),
                groqtape.use_cassette(path, **self._options),
                client(base_url=server.base_url, api_key=key, max_retries=0) as one_client,
            ):
                for call in self._calls:
                    call.check(call.ask(one_client, key))

    def _ask(self, server: LoopbackGroq) -> None:
        for call in self._calls:
            reply = raw(
                *self._torn(self.filled(call.answer).encode()),
                status=call.status,
                content_type=call.content_type,
                headers=[
                    ("set-cookie", f"session={self._cookie}; Path=/"),
                    ("x-kept", self.filled(call.kept_of_answer)),
                    ("x-not-kept", f"gsk_{self._some(52)}"),
                ],
            )
            server.reply(reply)
        with client(base_url=server.base_url, api_key=self._key, max_retries=0) as one_client:
            for call in self._calls:
                call.ask(one_client, self._key)

    def _torn(self, body: bytes) -> list[bytes]:
        cuts = sorted(self._chance.randint(1, len(body) - 1) for _ in range(self._chance.randint(0, 6)))
        return [
            body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True) if start < end
        ]

    def _search(self, text: str) -> None:
        """Look for each secret, and for each eight characters of it, in all texts of the file."""
        pieces = {piece for place in set(all_texts(text)) for piece in _pieces(place)}
        secrets = {secret or self._key for _, secret, _ in self._marks.values()}
        for secret in {
            *secrets,
            *self._in_requests.values(),
            *self._in_answers.values(),
            self._cookie,
            self._key,
        }:
            self.leaks += [
                f"{piece!r} of {secret!r} (seed {self.seed})" for piece in _pieces(secret) & pieces
            ]

    def _compare(self, text: str) -> None:
        """See that nothing else was touched in the requests."""
        interactions = yaml.safe_load(text)["interactions"]
        assert len(interactions) == CALLS
        for interaction, call in zip(interactions, self._calls, strict=True):
            body = json.loads(interaction["request"]["body"])
            written = [
                {name: self.redacted(text) for name, text in message.items()} for message in call.messages
            ]
            assert body["messages"] == written, f"seed {self.seed}"
            assert interaction["request"]["headers"]["x-kept"] == [self.redacted(call.kept).strip()]


class _Call:
    """One call of a round, with marks in it."""

    def __init__(self, whole: Round) -> None:
        self._round = whole
        one_of = whole._chance.choice
        nested = f'{{"nested": "{whole.secret([in_json, in_ascii_json, in_json_twice], answer=False)}"}}'
        self.messages = [
            {"role": "user", "content": whole.secret([as_it_is, *IN_URLS], answer=False)},
            *(
                {"role": "assistant", "content": whole.secret([encode], answer=False)}
                for encode in (as_it_is, in_json, in_ascii_json, in_json_all_escaped, in_json_twice, *IN_URLS)
            ),
            {"role": "tool", "tool_call_id": "call_1", "content": nested},
        ]
        self.query = whole.secret([as_it_is, in_a_url], answer=False)
        self.kept = whole.mark(f"gsk_{whole._some(52)}")
        self.kept_of_answer = whole.mark(whole._cookie)
        self.status, self.content_type = 200, "text/event-stream"
        self.spread = ""
        self.kind = one_of(["stream", "stream", "spread", "plain", "error", "error event"])
        self.answer = self._answer()

    def _answer(self) -> str:
        identity = f"chatcmpl-{self._round._some(10)}"
        secret = self._round.secret(IN_JSON, answer=True)
        if self.kind in ("plain", "error"):
            self.content_type = "application/json"
        if self.kind == "plain":
            return f'{{"id":"{identity}","choices":[{{"index":0,"message":{{"content":"{secret}"}}}}]}}\n'
        if self.kind == "error":
            self.status = 400
            return f'{{"error":{{"message":"{secret}","code":"{identity}"}}}}'
        delta = self._round._chance.choice(
            ['"content":"%s"', '"reasoning":"%s"', '"tool_calls":[{"index":0,"function":{"arguments":"%s"}}]']
        )
        event = (
            f'data: {{"id":"{identity}","object":"chat.completion.chunk","choices":[{{"index":0,'
            f'"delta":{{{delta}}},"finish_reason":null}}]}}\n\n'
        )
        if self.kind == "spread":
            return self._spread(event)
        if self.kind == "error event":
            return f'{event % "Before "}event: error\ndata: {{"error":{{"message":"{secret}"}}}}\n\n'
        return event % "Before " + event % secret + event % " after" + "data: [DONE]\n\n"

    def _spread(self, event: str) -> str:
        """A secret that comes token by token, over several events."""
        whole = self._round
        chance = whole._chance
        mark = f"It is {whole.secret([as_it_is], answer=True)} and so on."
        text, self.spread = whole.filled(mark), mark
        pieces = []
        while text:
            size = chance.randint(1, 9)
            pieces.append(text[:size])
            text = text[size:]
        return "".join(event % in_json_as_groq_writes_it(piece) for piece in pieces) + "data: [DONE]\n\n"

    def ask(self, one_client: groq.Groq, key: str) -> bytes:
        """Make the call; give the body of the answer."""
        fill = self._round.filled
        messages: Any = [{name: fill(text) for name, text in message.items()} for message in self.messages]
        create = one_client.chat.completions.with_streaming_response.create
        try:
            with create(
                model="m",
                messages=messages,
                extra_query={"q": fill(self.query), "api_key": key},
                extra_headers={"x-kept": fill(self.kept).strip(), "x-not-kept": key},
            ) as response:
                return b"".join(response.http_response.iter_raw())
        except groq.APIStatusError as error:
            return error.response.content

    def check(self, replayed: bytes) -> None:
        """See that what a replay gave is what came, but for the secrets."""
        whole = self._round
        if not self.spread:
            assert replayed.decode() == whole.redacted(self.answer), f"seed {whole.seed}"
            return
        assert replayed.count(b"\n\n") == self.answer.count("\n\n"), f"seed {whole.seed}"
        assert whole_content(replayed.decode()) == whole.redacted(self.spread), f"seed {whole.seed}"


# The texts of a file


def _pieces(text: str) -> set[str]:
    return {text[at : at + 8] for at in range(max(len(text) - 7, 1))}


def all_texts(text: str) -> Iterator[str]:
    """All texts that can be got out of a cassette, in whichever way it spells them."""
    yield from _read(text, 0)
    for item in yaml.safe_load(text)["interactions"]:
        events = item["response"].get("stream", {}).get("events")
        if events is not None:
            body = b"".join(expand(events)[0]).decode("utf-8", "replace")
            yield from _read(body, 0)
            yield whole_content(body)
        yield from (read for value in _strings(item) for read in _read(value, 0))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (text for pair in value.items() for side in pair for text in _strings(side))
    elif isinstance(value, list):
        yield from (text for item in value for text in _strings(item))
    elif isinstance(value, str):
        yield value


def _read(text: str, depth: int) -> Iterator[str]:
    yield text
    once = unquote_plus(text)
    if once != text:
        yield once
        yield unquote_plus(once)
    for literal in re.findall(r'"(?:[^"\\]|\\.)*"', text) if depth < 4 else ():
        try:
            text = json.loads(literal, strict=False)
        except ValueError:
            continue
        if text != literal[1:-1]:
            yield from _read(text, depth + 1)
        elif '"' not in text and "%" in text:
            yield unquote_plus(text)


def whole_content(body: str) -> str:
    """What the deltas of a stream say, joined."""
    texts = []
    for line in body.split("\n"):
        if line.startswith("data: {"):
            texts += [
                text
                for choice in json.loads(line.removeprefix("data: ")).get("choices", ())
                for text in _strings(list(choice["delta"].values()))
                if text not in ("index", "function", "arguments")
            ]
    return "".join(texts)


def main(rounds: int) -> None:
    """Run many rounds, and print the figures."""
    placed = 0
    leaks: list[str] = []
    with LoopbackGroq(api_key=None) as server, tempfile.TemporaryDirectory() as folder:
        os.environ["GROQ_BASE_URL"] = server.base_url
        for seed in range(rounds):
            one = Round(seed)
            one.run(server, Path(folder) / f"{seed}.yaml")
            placed += one.placed
            leaks += one.leaks
    print(f"{rounds} cassettes, {placed} secrets placed, {len(leaks)} found on disk")
    sys.exit("\n".join(leaks[:20]) or None)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
