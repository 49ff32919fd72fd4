"""Long binary data in requests stands as its length and SHA-256, which tells it apart from other data."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from loopback_groq import completion, stream, transcription
from recorder.integration.calling import question, settled, untouched

import groqtape

if TYPE_CHECKING:
    from pathlib import Path

    from loopback_groq import LoopbackGroq
    from recorder.integration.calling import Sdk

CHANCE = random.Random(7)
DATA = CHANCE.randbytes(3001)
OTHER = DATA[:-1] + bytes([DATA[-1] ^ 1])


def digest(data: bytes, kind: str = "base64") -> str:
    return f"<{kind}: {len(data)} bytes, SHA-256 {hashlib.sha256(data).hexdigest()}>"


def image(data: bytes) -> dict[str, Any]:
    url = f"data:image/png;base64,{base64.b64encode(data).decode()}"
    return {"type": "image_url", "image_url": {"url": url}}


def audio(data: bytes) -> dict[str, Any]:
    return {"type": "input_audio", "input_audio": {"data": base64.b64encode(data).decode(), "format": "wav"}}


def no_padding(data: bytes) -> dict[str, Any]:
    url = f"data:image/png;base64,{base64.urlsafe_b64encode(data).decode().rstrip('=')}"
    return {"type": "image_url", "image_url": {"url": url}}


def recorded_request(path: Path) -> dict[str, Any]:
    (interaction,) = yaml.safe_load(path.read_text())["interactions"]
    request: dict[str, Any] = interaction["request"]
    return request


def ask(sdk: Sdk, part: dict[str, Any]) -> str:
    async def scenario(client: Any) -> str:
        parameters = {
            **question(),
            "messages": [{"role": "user", "content": [{"type": "text", "text": "What?"}, part]}],
        }
        return (await settled(client.chat.completions.create(**parameters))).choices[0].message.content or ""

    return sdk.run(scenario)


PARTS = {
    "an image": (image, "image_url.url", f"data:image/png;base64,{digest(DATA)}"),
    "a recording": (audio, "input_audio.data", digest(DATA)),
}


class TestInJson:
    @pytest.fixture(autouse=True)
    def answer(self, server: LoopbackGroq) -> None:
        server.default = completion("A cat")

    @pytest.mark.parametrize(("part", "field", "shown"), PARTS.values(), ids=PARTS.keys())
    def test_stands_as_its_digest_and_matches(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path, part: Any, field: str, shown: str
    ) -> None:
        with groqtape.use_cassette(cassette_path, "once"):
            ask(sdk, part(DATA))
        # Groq got all of it.
        assert base64.b64encode(DATA).decode() in server.requests[0].body.decode()
        value = json.loads(recorded_request(cassette_path)["body"])["messages"][0]["content"][1]
        for name in field.split("."):
            value = value[name]
        assert value == shown
        assert not re.search(r"[A-Za-z0-9+/]{200}", cassette_path.read_text())
        with untouched(server), groqtape.use_cassette(cassette_path) as cassette:
            assert ask(sdk, part(DATA)) == "A cat"
        # What the test sees of its own request is what it sent.
        assert base64.b64encode(DATA).decode() in json.dumps(cassette.requests)

    @pytest.mark.parametrize(("part", "field", "shown"), PARTS.values(), ids=PARTS.keys())
    @pytest.mark.parametrize("other", [OTHER, DATA[:-3]], ids=["a bit", "shorter"])
    def test_other_data_does_not_match(
        self, blocking: Sdk, cassette_path: Path, part: Any, field: str, shown: str, other: bytes
    ) -> None:
        with groqtape.use_cassette(cassette_path, "once"):
            ask(blocking, part(DATA))
        with pytest.raises(groqtape.RefusedError) as caught, groqtape.use_cassette(cassette_path):
            ask(blocking, part(other))
        text = str(caught.value)
        assert f"messages[0].content[1].{field}: recorded" in text
        assert digest(DATA) in text
        assert digest(other) in text

    @pytest.mark.parametrize(
        "text",
        [
            "a" * 400,
            "0123456789abcdef" * 30,
            "-" * 400,
            "/".join(["path"] * 90),
            "word " * 100,
            base64.b64encode(DATA[:150]).decode(),
        ],
        ids=["a letter", "hexadecimal", "a line", "a path", "words", "short"],
    )
    def test_what_is_none_stands_as_it_is(
        self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path, text: str
    ) -> None:
        server.default = stream("Hello")
        with groqtape.use_cassette(cassette_path, "once"):
            blocking.stream(text)
        assert json.loads(recorded_request(cassette_path)["body"])["messages"][0]["content"] == text
        with groqtape.use_cassette(cassette_path):
            assert blocking.stream(text).text == "Hello"

    def test_what_can_not_be_decoded_matches_too(self, blocking: Sdk, cassette_path: Path) -> None:
        with groqtape.use_cassette(cassette_path, "once"):
            ask(blocking, no_padding(DATA))
        assert "SHA-256" in cassette_path.read_text()
        with groqtape.use_cassette(cassette_path):
            ask(blocking, no_padding(DATA))
        with pytest.raises(groqtape.RefusedError), groqtape.use_cassette(cassette_path):
            ask(blocking, no_padding(OTHER))

    def test_a_file_that_another_recorder_wrote_whole(
        self, blocking: Sdk, server: LoopbackGroq, cassette_path: Path
    ) -> None:
        """Its data is compared as a digest, and becomes one when the file is rewritten."""
        with groqtape.use_cassette(cassette_path, "once"):
            ask(blocking, image(DATA))
        whole = base64.b64encode(DATA).decode()
        cassette_path.write_text(cassette_path.read_text().replace(digest(DATA), whole))
        before = cassette_path.read_bytes()
        with groqtape.use_cassette(cassette_path):
            ask(blocking, image(DATA))
        assert cassette_path.read_bytes() == before
        with groqtape.use_cassette(cassette_path, "new_episodes"):
            ask(blocking, image(DATA))
            ask(blocking, image(OTHER))
        assert whole not in cassette_path.read_text()
        assert digest(DATA) in cassette_path.read_text()
        assert digest(OTHER) in cassette_path.read_text()


def transcribe(sdk: Sdk, data: bytes, name: str = "speech.wav", **more: Any) -> str:
    async def scenario(client: Any) -> str:
        create = client.audio.transcriptions.create
        text: str = (await settled(create(model="whisper-large-v3", file=(name, data), **more))).text
        return text

    return sdk.run(scenario)


class TestInForms:
    @pytest.fixture(autouse=True)
    def answer(self, server: LoopbackGroq) -> None:
        server.default = transcription("Hello there")

    @pytest.mark.parametrize(
        "data",
        [DATA, b"", b"\r\n--groqtape\r\n\r\n--", b"plain text, as it happens", DATA + b"\r\n"],
        ids=["bytes", "nothing", "a boundary", "text", "a line break at its end"],
    )
    def test_a_file_stands_as_its_digest(
        self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path, data: bytes
    ) -> None:
        with groqtape.use_cassette(cassette_path, "once"):
            assert transcribe(sdk, data, language="en") == "Hello there"
        assert data in server.requests[0].body
        request = recorded_request(cassette_path)
        assert request["headers"]["content-type"] == ['multipart/form-data; boundary="groqtape"']
        assert digest(data, "file") in request["body"]
        assert 'name="language"\r\n\r\nen\r\n' in request["body"]
        with untouched(server), groqtape.use_cassette(cassette_path):
            assert transcribe(sdk, data, language="en") == "Hello there"

    def test_boundaries_do_not_count(self, sdk: Sdk, server: LoopbackGroq, cassette_path: Path) -> None:
        """Each request has its own; a form recorded thrice is three times the same request."""
        with groqtape.use_cassette(cassette_path, "once"):
            for _ in range(3):
                transcribe(sdk, DATA)
        assert len({request.headers["content-type"] for request in server.requests}) == 3
        bodies = {
            each["request"]["body"] for each in yaml.safe_load(cassette_path.read_text())["interactions"]
        }
        assert len(bodies) == 1
        with groqtape.use_cassette(cassette_path):
            for _ in range(3):
                transcribe(sdk, DATA)

    @pytest.mark.parametrize(
        ("changed", "shown"),
        [
            ({"data": OTHER}, digest(OTHER, "file")),
            ({"name": "other.wav"}, "other.wav"),
            ({"language": "fr"}, "fr"),
        ],
        ids=["the file", "its name", "a field"],
    )
    def test_another_form_does_not_match(
        self, blocking: Sdk, cassette_path: Path, changed: dict[str, Any], shown: str
    ) -> None:
        with groqtape.use_cassette(cassette_path, "once"):
            transcribe(blocking, DATA, language="en")
        with pytest.raises(groqtape.RefusedError) as caught, groqtape.use_cassette(cassette_path):
            transcribe(blocking, **{"data": DATA, "language": "en", **changed})
        text = str(caught.value)
        assert "body: recorded" in text
        assert shown in text
