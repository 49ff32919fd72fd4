"""The documents of a file, by whichever recorder, as one cassette in vcrpy's dict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from groqtape.cassettes.other_recorders import cassetter, langchain, pydantic_ai, ruby_vcr, vcrpy
from groqtape.cassettes.other_recorders.bodies import Place, UnreadableError, check_text
from groqtape.cassettes.other_recorders.compression import Room, decompressed

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Translation", "translate"]

_OTHER_PROTOCOLS = ("grpc_interactions", "ws_interactions")
_LISTS = ("interactions", "http_interactions", "requests", "responses")
# The ways to write a body: the first that knows a message reads it.
_BODIES = (
    pydantic_ai.parsed_body,
    cassetter.yaml_body,
    cassetter.toml_body,
    ruby_vcr.encoded_body,
)
_REQUEST_BODIES = (*_BODIES, vcrpy.request_body)
_RESPONSE_BODIES = (*_BODIES, vcrpy.content_of_older_versions)


class Translation(NamedTuple):
    """The interactions of a file.

    Attributes:
        cassette: vcrpy's dict.
        places: Where the request and the response of each of its interactions stand in the documents.
    """

    cassette: dict[str, Any]
    places: list[tuple[Place, Place]]


def translate(documents: Sequence[Any]) -> Translation:
    """Read the documents of a file as one cassette: their interactions in the order of the file.

    An item of the list that is no interaction is returned as it is.

    Raises:
        UnreadableError: They are no cassette.
    """
    cassette: dict[str, Any] = {}
    interactions: list[Any] = []
    places: list[tuple[Place, Place]] = []
    room = Room()
    for number, document in enumerate(documents):
        if document is None and number > 0:
            continue  # what follows a closing `---`
        _check_version(document, number)
        pairs = langchain.paired(document, (number,))
        if pairs is None:
            listed = _listed(document, number)
            pairs = [
                (item, (number, listed, index, "request"), (number, listed, index, "response"))
                for index, item in enumerate(document[listed])
            ]
        for item, request_at, response_at in pairs:
            interactions.append(_interaction(item, request_at, response_at, room))
            places.append((request_at, response_at))
        cassette |= {key: value for key, value in document.items() if key not in _LISTS}
    return Translation({**cassette, "version": 1, "interactions": interactions}, places)


def _check_version(document: Any, number: int) -> None:
    if not isinstance(document, dict):
        raise UnreadableError("a mapping with `version` and `interactions`", document, (number,))
    if document.get("version", 1) != 1:
        raise UnreadableError("version 1", document["version"], (number, "version"))


def _listed(document: dict[str, Any], number: int) -> str:
    """The key under which a document lists its interactions."""
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


def _interaction(item: Any, request_at: Place, response_at: Place, room: Room) -> Any:
    if not isinstance(item, dict):
        return item
    item = dict(item)
    if isinstance(item.get("request"), dict):
        item["request"] = _request(item["request"], request_at)
    if isinstance(item.get("response"), dict):
        item["response"] = _response(item["response"], response_at, room)
    return item


def _request(request: dict[str, Any], at: Place) -> dict[str, Any]:
    request = _with_text_headers(request)
    if isinstance(request.get("method"), str):
        request["method"] = request["method"].upper()  # Ruby VCR writes `post`
    for read in _REQUEST_BODIES:
        written = read(request, at)
        if written is not None:
            request["body"] = written.body
            break
    check_text(request.get("body"), (*at, "body"))
    return request


def _response(response: dict[str, Any], at: Place, room: Room) -> dict[str, Any]:
    response = _with_text_headers(response)
    for read in _RESPONSE_BODIES:
        written = read(response, at)
        if written is not None:
            kept: dict[str, Any] = {key: response[key] for key in ("status", "headers") if key in response}
            response = {**kept, "body": {"string": written.body or ""}, **written.more}
            break
    if isinstance(response.get("status"), int):  # cassetter's has no reason phrase
        response["status"] = {"code": response["status"], "message": None}
    if isinstance(response.get("body"), dict):
        check_text(response["body"].get("string"), (*at, "body", "string"))
    return decompressed(response, at, room)


def _with_text_headers(message: dict[str, Any]) -> dict[str, Any]:
    """A copy of a message, with header names and values as text where a recorder wrote bytes."""
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
