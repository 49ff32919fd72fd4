"""Cassettes of other recorders, as vcrpy's dict: plain data in, plain data out.

What each recorder does otherwise than vcrpy stands in a function of its own. An interaction is told by
its own looks, not by its file's, so that a file may mix them. Compressed bodies become text here: what
stays compressed can't be reviewed, redacted or cut into events.
"""

from __future__ import annotations

import base64
import codecs
import json
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

from groqtape.cassettes.documents import SURROGATE

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Translation", "UnreadableError", "translate"]

Place = tuple[str | int, ...]

# How much one body may hold once it is text: a few hundred bytes of gzip, or of YAML's aliases, can stand
# for more than a machine has.
LARGEST_BODY = 64 * 2**20
# And all that were compressed together.
LARGEST_FILE = 256 * 2**20

_OTHER_PROTOCOLS = ("grpc_interactions", "ws_interactions")
_CASSETTER_TYPES = ("json", "text", "binary", "none")


class UnreadableError(ValueError):
    """The documents are no cassette, or hold something that can't be read as one.

    Attributes:
        expected: What was expected.
        came: What stands there.
        at: Where: the number of the document (the first is 0), and the keys and indices that lead there.
    """

    def __init__(self, expected: str, came: Any, at: Place) -> None:
        super().__init__(f"expected {expected}")
        self.expected = expected
        self.came = came
        self.at = at


class Translation(NamedTuple):
    """The interactions of a file.

    Attributes:
        cassette: vcrpy's dict.
        places: Where each of its interactions stands in the documents, as in `UnreadableError.at`.
    """

    cassette: dict[str, Any]
    places: list[Place]


def translate(documents: Sequence[Any]) -> Translation:
    """Read the documents of a file as one cassette: their interactions in the order of the file.

    What stands in an interaction's place and is none is given back as it is.

    Raises:
        UnreadableError: They are no cassette.
    """
    cassette: dict[str, Any] = {}
    interactions: list[Any] = []
    places: list[Place] = []
    room = _Room()
    for number, document in enumerate(documents):
        if document is None and number > 0:
            continue  # what follows a closing `---`
        listed = _listed(document, number)
        for index, item in enumerate(document[listed]):
            at = (number, listed, index)
            interactions.append(_interaction(item, at, room))
            places.append(at)
        cassette |= {key: value for key, value in document.items() if key != listed}
    return Translation({**cassette, "version": 1, "interactions": interactions}, places)


def _listed(document: Any, number: int) -> str:
    """The key under which a document lists its interactions."""
    if not isinstance(document, dict):
        raise UnreadableError("a mapping with `version` and `interactions`", document, (number,))
    if document.get("version", 1) != 1:
        raise UnreadableError("version 1", document["version"], (number, "version"))
    for key in _OTHER_PROTOCOLS:
        if document.get(key):
            raise UnreadableError(
                f"HTTP calls alone (what stands under `{key}` needs a file of its own)",
                document[key],
                (number, key),
            )
    key = "http_interactions" if "http_interactions" in document else "interactions"
    if not isinstance(document.get(key), list):
        raise UnreadableError(f"a list of `{key}`", document.get(key), (number, key))
    return key


class _Room:
    """How much what was compressed may still hold."""

    def __init__(self) -> None:
        self.left = LARGEST_FILE


def _interaction(item: Any, at: Place, room: _Room) -> Any:
    if not isinstance(item, dict):
        return item
    item = dict(item)
    if isinstance(item.get("request"), dict):
        item["request"] = _request(item["request"], (*at, "request"))
    if isinstance(item.get("response"), dict):
        item["response"] = _response(item["response"], (*at, "response"), room)
    return item


def _request(request: dict[str, Any], at: Place) -> dict[str, Any]:
    request = _with_text_headers(request)
    if isinstance(request.get("method"), str):
        request["method"] = request["method"].upper()  # Ruby VCR writes `post`
    for read in (_pydantic_ai, _cassetter, _cassetter_toml, _ruby_vcr, _vcrpy_request):
        written = read(request, at)
        if written is not None:
            request["body"] = written.body
            break
    _check_text(request.get("body"), (*at, "body"))
    return request


def _response(response: dict[str, Any], at: Place, room: _Room) -> dict[str, Any]:
    response = _with_text_headers(response)
    for read in (_pydantic_ai, _cassetter, _cassetter_toml, _ruby_vcr, _older_vcrpy):
        written = read(response, at)
        if written is not None:
            told: dict[str, Any] = {key: response[key] for key in ("status", "headers") if key in response}
            response = {**told, "body": {"string": written.body or ""}, **written.more}
            break
    if isinstance(response.get("status"), int):  # cassetter's has no reason phrase
        response["status"] = {"code": response["status"], "message": None}
    if isinstance(response.get("body"), dict):
        _check_text(response["body"].get("string"), (*at, "body", "string"))
    return _decompressed(response, at, room)


# What a recorder wrote as the body of a request or a response; None where it is another's


class _Written(NamedTuple):
    body: str | bytes | None
    # What its way to write it says of the rest of a response.
    more: dict[str, Any] = {}  # noqa: RUF012  # nobody adds to it


def _pydantic_ai(message: dict[str, Any], at: Place) -> _Written | None:
    """The serializer of pydantic-ai: JSON as YAML, in place of `body`."""
    if "parsed_body" not in message:
        return None
    return _Written(_json(message["parsed_body"], (*at, "parsed_body")))


def _cassetter(message: dict[str, Any], at: Place) -> _Written | None:
    """YAML of cassetter: `type` and `content`."""
    body = message.get("body")
    if not isinstance(body, dict) or not body.keys() <= {"type", "content"}:
        return None
    kind, at = body.get("type"), (*at, "body", "content")
    if kind == "json" and "content" in body:
        return _Written(_json(body["content"], at))
    return _Written(_content(kind, body.get("content"), at)) if kind in _CASSETTER_TYPES else None


def _cassetter_toml(message: dict[str, Any], at: Place) -> _Written | None:
    """TOML of cassetter: `body_type` and `body_content`, in which JSON is text."""
    if "body_type" not in message:
        return None
    kind = message["body_type"]
    if kind not in ("", *_CASSETTER_TYPES):
        raise UnreadableError(f"a `body_type` ({', '.join(_CASSETTER_TYPES)})", kind, (*at, "body_type"))
    return _Written(_content(kind, message.get("body_content"), (*at, "body_content")))


def _content(kind: str, content: Any, at: Place) -> str | bytes | None:
    if content is None:
        return None
    if not isinstance(content, str):
        raise UnreadableError("the content of a body as text", content, at)
    if kind != "binary":
        return content
    try:
        return bytes.fromhex(content)
    except ValueError as error:
        raise UnreadableError("the content of a binary body as hexadecimal digits", content, at) from error


def _ruby_vcr(message: dict[str, Any], at: Place) -> _Written | None:
    """Ruby VCR: `encoding`, and `string` or `base64_string`."""
    body = message.get("body")
    if (
        not isinstance(body, dict)
        or not body.keys() & {"encoding", "base64_string"}
        or not body.keys() <= {"encoding", "string", "base64_string"}
    ):
        return None
    at = (*at, "body")
    if "base64_string" in body:
        try:
            return _Written(base64.b64decode(body["base64_string"]))
        except (ValueError, TypeError) as error:
            raise UnreadableError(
                "a `base64_string` in Base64", body["base64_string"], (*at, "base64_string")
            ) from error
    string = body.get("string")
    if not isinstance(string, str | bytes | None):
        raise UnreadableError("a body's `string` as text", string, (*at, "string"))
    return _Written(_encoded(string, body.get("encoding")) if isinstance(string, str) else string)


def _encoded(text: str, encoding: Any) -> str | bytes:
    """A text as it was sent; as it is where that is UTF-8, or no encoding of text (ASCII-8BIT)."""
    try:
        name = codecs.lookup(encoding).name
        return text if name == "utf-8" else text.encode(name)
    except (LookupError, TypeError, ValueError):
        return text


def _older_vcrpy(response: dict[str, Any], at: Place) -> _Written | None:
    """What vcrpy once wrote for httpx: `status_code`, and as `content` text that it had decompressed."""
    if "status_code" not in response or "content" not in response:
        return None
    content = response["content"]
    if not isinstance(content, str | bytes | None):
        raise UnreadableError("a response's `content` as text", content, (*at, "content"))
    return _Written(content, {"status": {"code": response["status_code"], "message": None}})


def _vcrpy_request(request: dict[str, Any], at: Place) -> _Written | None:
    """Bodies of vcrpy's that are no text: JSON that aiohttp was given as a mapping, files and iterators."""
    body = request.get("body")
    if isinstance(body, dict | list):
        return _Written(_json(body, (*at, "body")))
    if isinstance(body, BytesIO):
        return _Written(body.getvalue())
    if isinstance(body, Iterator):
        pieces = [piece.encode() if isinstance(piece, str) else piece for piece in body]
        if not all(isinstance(piece, bytes) for piece in pieces):
            raise UnreadableError("a request's `body` in pieces of text", pieces, (*at, "body"))
        return _Written(b"".join(pieces))
    return None


# What they have in common


def _json(value: Any, at: Place) -> str:
    """The text of plain data as JSON."""
    pieces, room = [], LARGEST_BODY
    try:
        for piece in json.JSONEncoder(ensure_ascii=False).iterencode(value):
            room -= len(piece)
            if room < 0:
                break
            pieces.append(piece)
    except (TypeError, ValueError, RecursionError) as error:
        raise UnreadableError(f"a body that JSON can hold ({error})", value, at) from error
    if room < 0:
        raise UnreadableError(f"a body of at most {LARGEST_BODY} characters", "more", at)
    return SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", "".join(pieces))


def _check_text(text: Any, at: Place) -> None:
    if isinstance(text, str) and SURROGATE.search(text):
        raise UnreadableError("text that UTF-8 can hold", text, at)


def _with_text_headers(message: dict[str, Any]) -> dict[str, Any]:
    """A message of its own, whose header names and values are text where a recorder wrote bytes."""
    headers = message.get("headers")
    if not isinstance(headers, dict):
        return dict(message)
    texts = {}
    for name, values in headers.items():
        listed = values if isinstance(values, list | tuple) else [values]
        texts[_latin(name)] = [_latin(value) for value in listed if value is not None]
    return {**message, "headers": {name: values for name, values in texts.items() if values}}


def _latin(value: Any) -> Any:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _decompressed(response: dict[str, Any], at: Place, room: _Room) -> dict[str, Any]:
    """A response whose body is text, and which no longer says that it is compressed.

    What else than gzip and deflate stands there stays as it is: httpx decodes it where it can.
    """
    headers, body = response.get("headers"), response.get("body")
    if not isinstance(headers, dict) or not isinstance(body, dict):
        return response
    names = [name for name in headers if str(name).lower() == "content-encoding"]
    string = body.get("string")
    if not names or not isinstance(string, str | bytes):
        return response
    if isinstance(string, bytes) and not _is_text(string):
        coding = ", ".join(str(value) for value in headers[names[0]]).strip().lower()
        if coding not in _WINDOWS:
            return response
        string = _inflated(string, coding, (*at, "body", "string"), room)
    kept = {name: values for name, values in headers.items() if name not in names}
    return {**response, "headers": kept, "body": {**body, "string": string}}


def _is_text(data: bytes) -> bool:
    """Whether bytes are UTF-8: nothing compressed is."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


# What zlib calls the wrappings of compressed data: gzip's; zlib's or none.
_WINDOWS = {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15)}
_GZIP = b"\x1f\x8b"


def _inflated(data: bytes, coding: str, at: Place, room: _Room) -> bytes:
    """What compressed bytes stand for; the bytes themselves where the recorder decompressed them."""
    for window in _WINDOWS[coding]:
        inflate = zlib.decompressobj(window)
        try:
            text = inflate.decompress(data, min(LARGEST_BODY, room.left) + 1)
        except zlib.error:
            continue
        if len(text) > LARGEST_BODY:
            raise UnreadableError(f"a body of at most {LARGEST_BODY} bytes", "more", at)
        if len(text) > room.left:
            raise UnreadableError(f"compressed bodies of at most {LARGEST_FILE} bytes in all", "more", at)
        room.left -= len(text)
        return text
    if data.startswith(_GZIP):
        raise UnreadableError(f"a body compressed with {coding}, as its headers say", data, at)
    return data
