"""Broken cassettes, by the hundred thousand: what comes of reading each, and of replaying what can be read.

The suite tries some. For a big round, in the folder `tests`::

    python -m trust.fuzz 100000       # files; a second number is the seed

It prints how many files were tried, how many of them were refused (by `CassetteError`) and how many could be
read and were replayed, and each other outcome with the shortest file that led to it; then it exits with 1.
"""

from __future__ import annotations

import collections
import json
import os
import random
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import groq
import httpx
import yaml
from groq.types.chat import ChatCompletionChunk
from trust.clients import client

import groqtape
from groqtape import serializer
from groqtape.recorder.cassette import Cassette
from groqtape.recorder.clock import clock
from groqtape.recorder.settings import CassetteSettings
from groqtape.redaction.request_body import request_body

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

SOURCES = str(Path(groqtape.__file__).parent)
URL = "https://api.groq.com/openai/v1/chat/completions"
EVENT = (
    'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1793000000,"model":"m",'
    '"system_fingerprint":"fp_1","choices":[{"index":0,"delta":%s,"logprobs":null,"finish_reason":null}]}\n\n'
)
DELTAS = [
    '{"role":"assistant","content":""}',
    '{"reasoning":"Hm"}',
    '{"content":"Hello – 漢字"}',
    '{"content":" there \\u003c\\"x\\"\\u003e"}',
    '{"tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"},"index":0}]}',
]
LAST = (
    'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1793000000,"model":"m",'
    '"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x_groq":{"id":"req_1","usage":'
    '{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7,"total_time":0.01}}}\n\n'
    "data: [DONE]\n\n"
)
ERROR_EVENT = 'event: error\ndata: {"error":{"message":"Oops","type":"t","code":"c","status_code":400}}\n\n'


def request(prompt: str, **more: Any) -> dict[str, Any]:
    body = {"messages": [{"role": "user", "content": prompt}], "model": "m", **more}
    headers = {"content-type": ["application/json"]}
    return {"method": "POST", "uri": URL, "headers": headers, "body": json.dumps(body)}


def response(
    body: str | bytes, content_type: str = "text/event-stream", code: int = 200, **stream: Any
) -> dict[str, Any]:
    return {
        "status": {"code": code, "message": "OK"},
        "headers": {"content-type": [content_type]},
        "body": {"string": body},
        **({"stream": stream} if stream else {}),
    }


def streamed(events: list[str], **stream: Any) -> dict[str, Any]:
    encoded = [event.encode("utf-8", "surrogateescape") for event in events]
    sizes = tuple(map(len, encoded))
    times = tuple(round(10 + 7.3 * number, 1) for number in range(len(events)))
    return response(b"".join(encoded), **{"end": "complete", **stream, "sizes": sizes, "times": times})


def good_cassettes() -> dict[str, bytes]:
    """Cassettes of every kind, as groqtape and others write them."""
    events = [*(EVENT % delta for delta in DELTAS), LAST]
    whole = streamed(events)
    plain = response('{"id":"1","choices":[{"message":{"content":"Hi\\nthere"}}]}\n', "application/json")
    kinds: dict[str, list[tuple[dict[str, Any], dict[str, Any]]]] = {
        "a stream": [(request("One", stream=True), whole)],
        "several": [
            (request("One", stream=True), whole),
            (request("Two"), plain),
            (request("Three"), response("Just text\nin lines", "text/plain")),
            (request("Four"), response('{"error":{"message":"Slower"}}', "application/json", 429)),
        ],
        "ends": [
            (request("Left"), streamed(events[:2], end="closed", left_at=123.4)),
            (request("Cut"), streamed([*events[:2], events[2][:30]], end="ReadError", message="gone: 1")),
            (request("Error"), streamed([events[0], ERROR_EVENT], end="closed")),
            (
                request("Half"),
                response('{"id":', "application/json", end="RemoteProtocolError", message="closed", tries=3),
            ),
            (
                request("Nobody"),
                {**response(""), "stream": {"end": "ConnectError", "tries": 3, "unanswered": True}},
            ),
        ],
        "odd bodies": [
            (
                request("Ü\u2028\x07"),
                streamed(["data: a\r\n\r\n", ": note\n\n", "data: \udcff\udcfe\n\n", "data: §⏎\n\n", ""]),
            ),
        ],
    }
    cassettes = {
        name: serializer.serialize(
            {"interactions": [{"request": sent, "response": answer} for sent, answer in pairs]}
        )
        for name, pairs in kinds.items()
    }
    vcrpy = []
    for sent, answer in kinds["several"]:
        string = answer["body"]["string"]
        body = {"string": string.decode() if isinstance(string, bytes) else string}
        vcrpy.append({"request": sent, "response": {**answer, "stream": None, "body": body}})
        del vcrpy[-1]["response"]["stream"]
    document = {"interactions": vcrpy, "version": 1, "metadata": {"a": [1, "x"]}}
    cassettes["vcrpy's"] = yaml.safe_dump(document)
    cassettes["vcrpy's JSON"] = json.dumps(document)
    cassettes["Ruby's"] = RUBY
    cassettes["cassetter's"] = CASSETTER
    cassettes["cassetter's TOML"] = CASSETTER_TOML
    return {name: text.encode("utf-8", "surrogateescape") for name, text in cassettes.items()}


RUBY = """\
---
http_interactions:
- request:
    method: post
    uri: https://api.groq.com/openai/v1/chat/completions
    body:
      encoding: UTF-8
      string: '{"model":"m"}'
    headers:
      Content-Type:
      - application/json
  response:
    status:
      code: 200
      message: OK
    headers:
      Content-Type:
      - application/json
    body:
      encoding: ASCII-8BIT
      base64_string: |
        eyJpZCI6IjEifQ==
  recorded_at: Mon, 23 Nov 2026 04:00:00 GMT
recorded_with: VCR 6.2.0
"""
CASSETTER = """\
version: 1
interactions:
- request:
    method: POST
    uri: https://api.groq.com/openai/v1/chat/completions
    headers: {content-type: [application/json]}
    body: {type: json, content: {model: m, messages: [{role: user, content: Hi}]}}
  response:
    status: 200
    headers: {content-type: [application/json]}
    body: {type: text, content: '{"id":"1"}'}
"""
CASSETTER_TOML = """\
version = 1

[[interactions]]
[interactions.request]
method = "POST"
uri = "https://api.groq.com/openai/v1/chat/completions"
body_type = "json"
body_content = '{"model":"m"}'
[interactions.request.headers]
content-type = ["application/json"]
[interactions.response]
status = 200
body_type = "binary"
body_content = "7b7d"
[interactions.response.headers]
content-type = ["application/json"]
"""

# Text in files that were edited by hand, or that are made to do harm.
TOKENS = [
    *(
        b"null",
        b"~",
        b"true",
        b"no",
        b"0",
        b"-1",
        b"1.5",
        b".inf",
        b".nan",
        b"1e999",
        b"0x10",
        b"0o7",
        b"12:30",
    ),
    *(
        b"2026-01-01",
        b"''",
        b'""',
        b"[]",
        b"{}",
        b"[",
        b"]",
        b"{",
        b"}",
        b"- ",
        b"? ",
        b": ",
        b", ",
        b"|",
        b">",
    ),
    *(
        b"|2",
        b"|-",
        b"&a ",
        b"*a",
        b"<<: ",
        b"<<",
        b"=",
        b"!!binary ",
        b"!!set ",
        b"!!omap ",
        b"!!int ",
        b"!!float ",
    ),
    *(
        b"!!null ",
        b"!!timestamp ",
        b"!!python/tuple ",
        b"!!python/object/apply:os.getcwd ",
        b"!!python/name:os.system ",
    ),
    *(b"!!python/object/new:_io.BytesIO ", b"!!python/object/apply:builtins.iter ", b"!x ", b"%YAML 1.1\n"),
    *(
        b"---\n",
        b"...\n",
        b"\t",
        b"\r\n",
        b"\r",
        b"\n",
        b"\n\n",
        b"  ",
        b"#",
        b'"\\ud800"',
        b'"\\x00"',
        b"\x00",
    ),
    *(
        b"\xff",
        b"\xc3",
        b"\xef\xbb\xbf",
        b"\xe2\x80\xa8",
        b"\xc2\x85",
        b"<<<<<<< ours\n",
        b"=======\n",
        b">>>>>>> x\n",
    ),
    *(
        "§".encode(),
        "⏎".encode(),
        b"@ ",
        b"data: ",
        b'"delta":',
        b"9" * 400,
        b"1" * 5000,
        b"[" * 200,
        b"{a: " * 100,
    ),
    *(
        b"complete",
        b"closed",
        b"ReadError",
        b"happily",
        b"gzip",
        b"br",
        b"content-encoding: [gzip]",
        b"interactions:",
    ),
    *(
        b"version: 2",
        b"stream:",
        b"body:",
        b"string:",
        b"parsed_body:",
        b"base64_string:",
        b"encoding: UTF-16",
        b"interactions: []\n",
        b"[[interactions]]\n",
        b"&a [*a]",
        b"0x" + b"f" * 5000,
        b"[" * 2000,
        b'{"a":' * 2000,
        b'"_fields_set":1,',
        b'"\\ud800":1,',
    ),
]


def broken(chance: random.Random, corpus: list[bytes]) -> bytes:
    """A good cassette after one accident, or a few."""
    data = chance.choice(corpus)
    for _ in range(chance.choice([1, 1, 1, 2, 3, 6])):
        data = chance.choice(ACCIDENTS)(data, chance, corpus)
    return data


def _flipped(data: bytes, chance: random.Random, _: list[bytes]) -> bytes:
    changed = bytearray(data)
    for _bit in range(chance.choice([1, 1, 2, 8])):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _lines(data: bytes, chance: random.Random, _: list[bytes]) -> bytes:
    lines = data.splitlines(keepends=True) or [b""]
    first, second = chance.randrange(len(lines)), chance.randrange(len(lines))
    what = chance.randrange(5)
    if what == 0:
        del lines[first]
    elif what == 1:
        lines.insert(second, lines[first])
    elif what == 2:
        lines[first], lines[second] = lines[second], lines[first]
    elif what == 3:
        lines[first] = chance.choice([b" ", b"  ", b"\t", b"    "]) + lines[first]
    else:
        lines[first] = lines[first].lstrip(b" ")
    return b"".join(lines)


def _spliced(data: bytes, chance: random.Random, corpus: list[bytes]) -> bytes:
    other = chance.choice(corpus)
    start, end = sorted(chance.randrange(len(other) + 1) for _ in range(2))
    at, upto = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    return data[:at] + other[start:end] + data[chance.choice([at, upto]) :]


def _cut(data: bytes, chance: random.Random, _: list[bytes]) -> bytes:
    start, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    return chance.choice([data[:start], data[:start] + data[end:], data[start:end]])


def _token(data: bytes, chance: random.Random, _: list[bytes]) -> bytes:
    token = chance.choice(TOKENS)
    at = chance.randrange(len(data) + 1)
    line_ends = data.find(b"\n", at)
    return data[:at] + token + data[chance.choice([at, at + len(token), max(line_ends, at)]) :]


def _value(data: bytes, chance: random.Random, _: list[bytes]) -> bytes:
    """A value is another one: what stands after a colon, to the end of its line or to a comma."""
    colons = [at for at, byte in enumerate(data) if byte == ord(":")]
    if not colons:
        return data
    at = chance.choice(colons) + 1
    ends = [found for found in (data.find(end, at) for end in (b"\n", b",", b"}")) if found >= 0]
    return data[:at] + b" " + chance.choice(TOKENS) + data[chance.choice(ends or [len(data)]) :]


ACCIDENTS = [_flipped, _lines, _lines, _spliced, _cut, _token, _token, _value, _value]


class Unexpected(Exception):  # noqa: N818
    """Something came out that should not have."""


def outcome(path: Path) -> str:
    """What comes of a file: `refused` or `replayed`.

    Raises:
        Unexpected: It is read without an error by one way and not by another, is changed by reading, or
            another error than groqtape's own came out of groqtape.
    """
    data = path.read_bytes()
    try:
        result = _read(path)
    finally:
        if path.read_bytes() != data:
            raise Unexpected("the file was changed")
    if result == "replayed":
        _rewrite(data)
    return result


def _read(path: Path) -> str:
    try:
        groqtape.load(path)
    except groqtape.CassetteError as error:
        _check_text(error, path)
        loaded = False
    else:
        loaded = True
    try:
        cassette = Cassette(path, CassetteSettings(allow_repeats=True))
    except groqtape.CassetteError as error:
        _check_text(error, path)
        if loaded:
            raise Unexpected("it can be loaded, and not be opened") from error
        return "refused"
    if not loaded:
        raise Unexpected("it can be opened, and not be loaded")
    _replay(cassette)
    return "replayed"


def _check_text(error: groqtape.CassetteError, path: Path) -> None:
    text = str(error)
    if error.path != path or not text.startswith(str(path)) or "record it anew: " not in text:
        raise Unexpected(f"an error without its file or its remedy: {text}")


def _replay(cassette: Cassette) -> None:
    """Ask for each interaction, and read the answer as the SDK does."""
    for recorded in list(cassette._answers.vcr_cassette.requests):
        try:
            sent = httpx.Request(
                recorded.method,
                recorded.uri,
                headers={"content-type": recorded.headers.get("content-type", "")},
                content=request_body(recorded) or b"",
            )
        except (httpx.InvalidURL, ValueError, TypeError, UnicodeError):
            continue  # which no client can ask for
        try:
            _answered(cassette, sent)
        except groqtape.RefusedError:
            pass
        except Exception as error:
            _see_whose(error)


def _answered(cassette: Cassette, sent: httpx.Request) -> None:
    answer = cassette.handler_for(sent).handle(sent, _not_to_be_sent)
    answer.request = sent
    with client(api_key="k", max_retries=0) as sdk:
        for _ in groq.Stream(cast_to=ChatCompletionChunk, response=answer, client=sdk):
            pass


def _not_to_be_sent(_: httpx.Request) -> httpx.Response:
    raise Unexpected("a call would have been sent")


def _see_whose(error: Exception) -> None:
    """Let errors of httpx and the SDK be, and what these raise where an answer is nonsense."""
    if isinstance(error, httpx.HTTPError | groq.GroqError):
        return
    frames = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, Unexpected) or any(frame.startswith(SOURCES) for frame in frames[2:]):
        raise Unexpected(f"{type(error).__name__} from within a request: {error}") from error


def _rewrite(data: bytes) -> None:
    """Write what was read, and see that the same is read again."""
    cassette = serializer.deserialize(data.decode("utf-8-sig"))
    again = serializer.deserialize(serializer.serialize(cassette).encode().decode())
    if len(again["interactions"]) != len(cassette["interactions"]):
        raise Unexpected("what was read and written again has lost something")


class Fuzz:
    """A seeded round.

    Attributes:
        figures: How often what came out.
        unexpected: What should not have: the error, and the file.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        self._path = folder / "book.yaml"
        self._chance = random.Random(seed)
        self._corpus = list(good_cassettes().values())
        self.figures: collections.Counter[str] = collections.Counter()
        self.unexpected: list[tuple[str, bytes]] = []

    def run(self, times: int) -> None:
        """Try so many files."""
        for _ in range(times):
            self.try_one(broken(self._chance, self._corpus))

    def try_one(self, data: bytes) -> None:
        """Try this one."""
        self._path.write_bytes(data)
        try:
            with _time_limit(20), mock.patch.object(clock, "sleep"):
                self.figures[outcome(self._path)] += 1
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            where = traceback.extract_tb(error.__traceback__)[-1]
            result = (
                f"{type(error).__name__}: {str(error)[:300]} ({Path(where.filename).name}:{where.lineno})"
            )
            self.figures["unexpected"] += 1
            self.unexpected.append((result, data))


class _time_limit:  # noqa: N801
    """Interrupts what takes longer."""

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        def interrupt(_: int, __: FrameType | None) -> None:
            raise Unexpected("it took too long")

        self._before = signal.signal(signal.SIGALRM, interrupt)
        signal.alarm(self._seconds)

    def __exit__(self, *_: object) -> None:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, self._before)


def each_node_of_another_type(document: Any, others: list[Any]) -> Iterator[Any]:
    """The document once more for each of its nodes and each other value in its place, and without it."""
    yield from others
    if isinstance(document, dict):
        for key in document:
            rest = {name: value for name, value in document.items() if name != key}
            yield rest
            for changed in each_node_of_another_type(document[key], others):
                yield {**document, key: changed}
    elif isinstance(document, list):
        for index, item in enumerate(document):
            yield document[:index] + document[index + 1 :]
            for changed in each_node_of_another_type(item, others):
                yield [*document[:index], changed, *document[index + 1 :]]


def main(times: int, seed: int = 1) -> None:
    """Try many files, and print the figures."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (4 * 2**30, 4 * 2**30))
    os.environ.pop("GROQ_BASE_URL", None)
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        fuzz = Fuzz(Path(folder), seed)
        fuzz.run(times)
    print(json.dumps({"tried": times, **fuzz.figures}))
    kinds = collections.Counter(result for result, _ in fuzz.unexpected)
    for result, number in kinds.most_common(20):
        print(f"{number} x {result}")
        print(f"    {min((data for other, data in fuzz.unexpected if other == result), key=len)!r}"[:1500])
    sys.exit(1 if kinds else 0)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:] or ["10000"]))
