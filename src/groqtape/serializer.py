"""The cassette file: vcrpy's serializer interface (`serialize` and `deserialize`), written for reviewers.

It is a vcrpy cassette (YAML, version 1) in which two things stand otherwise: a request's JSON
body is formatted, and an event stream stands as a transcript under `stream`, in place of `body`.
Cassettes in vcrpy's own YAML are read too. Register it with `vcr.VCR` to use the same files::

    my_vcr.register_serializer("groqtape", groqtape.serializer)

In memory a response is vcrpy's dict, with one key more where it was a stream or did not end well
(vcrpy carries it along, and its own serializers ignore it)::

    "stream": {"end": "complete", "message": "", "sizes": (n, …), "times": (milliseconds, …)}
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NoReturn

import yaml
from vcr.serializers import yamlserializer

from groqtape.ends import is_end
from groqtape.errors import CassetteError
from groqtape.sse import is_event_stream, split_events
from groqtape.transcript import Event, TranscriptError, expand, transcribe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["deserialize", "events_of", "serialize"]

_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
# What a literal block can't carry: see transcript.py.
_UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_PLAIN_KEY = re.compile(r"(?!(?:y|n|yes|no|on|off|true|false|null)$)[a-z][a-z_-]*")
_INDENT = "  "
_LINE = 88
_ON_ONE_LINE = ("status",)


def events_of(body: bytes, stream: Mapping[str, Any]) -> list[Event]:
    """The events of a stream in memory: a body, and how many bytes came when.

    A body that somebody changed since (its sizes don't add up) is cut anew, and has no times.
    """
    sizes: Sequence[int] = stream.get("sizes", ())
    times: Sequence[float | None] = stream.get("times", ())
    if sum(sizes) != len(body) or len(sizes) != len(times):
        return [Event(event) for event in split_events(body)]
    events, start = [], 0
    for size, at in zip(sizes, times, strict=True):
        events.append(Event(body[start : start + size], at))
        start += size
    return events


# Writing


def serialize(cassette_dict: Mapping[str, Any]) -> str:
    """Write vcrpy's dict of a cassette as the text of a file."""
    rest = {key: value for key, value in cassette_dict.items() if key not in ("version", "interactions")}
    lines = ["version: 1", "interactions:" if cassette_dict["interactions"] else "interactions: []"]
    for interaction in cassette_dict["interactions"]:
        shown = {
            "request": _shown_request(interaction["request"]),
            "response": _shown_response(interaction["response"]),
        }
        first, *others = _mapping(shown, _INDENT)
        lines += [f"- {first.removeprefix(_INDENT)}", *others]
    return "\n".join([*lines, *_mapping(rest, ""), ""])


def _shown_request(request: Mapping[str, Any]) -> dict[str, Any]:
    body = request.get("body")
    return {
        "method": request["method"],
        "uri": request["uri"],
        "headers": {name: list(values) for name, values in request.get("headers", {}).items()},
        "body": _formatted(body) if isinstance(body, str) else body,
    }


def _formatted(body: str) -> str:
    """JSON as people review it; any other text, and JSON that would lose something, as it is."""
    try:
        parsed = json.loads(body, object_pairs_hook=_unique)
        if not isinstance(parsed, dict | list):
            return body
        text = _pretty(parsed, "")
    except (ValueError, RecursionError):
        return body
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def _pretty(value: Any, pad: str) -> str:
    """JSON with a line for each field of a body, and for each part of it that is too long for one line."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or not value or (pad and len(pad) + len(line) <= _LINE):
        return line
    inner = pad + _INDENT
    if isinstance(value, dict):
        parts = [
            f"{json.dumps(key, ensure_ascii=False)}: {_pretty(child, inner)}" for key, child in value.items()
        ]
    else:
        parts = [_pretty(child, inner) for child in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}\n{inner}" + f",\n{inner}".join(parts) + f"\n{pad}{closing}"


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(pairs)
    if len(unique) != len(pairs):
        raise ValueError("a key stands twice")
    return unique


def _shown_response(response: Mapping[str, Any]) -> dict[str, Any]:
    shown = dict(response)
    stream = shown.pop("stream", None) or {}
    string = (shown.get("body") or {}).get("string", "")
    body = string.encode() if isinstance(string, str) else bytes(string or b"")
    content_type = _header(response.get("headers", {}), "content-type")
    ending = {"end": stream.get("end", "complete")}
    if stream.get("message"):
        ending["message"] = stream["message"]
    if is_event_stream(content_type, body) and not _header(response.get("headers", {}), "content-encoding"):
        shown.pop("body", None)
        shown["stream"] = {**ending, "events": transcribe(events_of(body, stream))}
    elif ending["end"] != "complete":
        shown["stream"] = ending
    return shown


def _header(headers: Mapping[str, Any], name: str) -> str:
    for key, values in headers.items():
        if key.lower() == name:
            return values if isinstance(values, str) else ", ".join(str(value) for value in values)
    return ""


def _mapping(mapping: Mapping[str, Any], pad: str) -> Iterator[str]:
    """A mapping's lines: literal blocks and nested mappings by hand, all else as YAML's library writes it."""
    for key, value in mapping.items():
        if not _PLAIN_KEY.fullmatch(key):
            yield from _yaml({key: value}, pad)
        elif isinstance(value, str) and _stands_as_block(value):
            yield from _block(key, value, pad)
        elif isinstance(value, dict) and value and key not in _ON_ONE_LINE:
            yield f"{pad}{key}:"
            yield from _mapping(value, pad + _INDENT)
        elif isinstance(value, dict | list) and not any(isinstance(child, dict | list) for child in value):
            text, *more = _yaml(value, pad, flow=True)
            yield from (f"{pad}{key}: {text.removeprefix(pad)}", *more)
        else:
            yield from _yaml({key: value}, pad)


def _yaml(value: Any, pad: str, *, flow: bool = False) -> list[str]:
    text = yaml.dump(
        value, Dumper=_Dumper, allow_unicode=True, default_flow_style=flow, sort_keys=False, width=2**30
    )
    return [pad + line if line else line for line in text.removesuffix("\n").split("\n")]


def _stands_as_block(text: str) -> bool:
    return "\n" in text and not text.startswith("\n") and not _UNSAFE.search(text) and bool(text.strip())


def _block(key: str, text: str, pad: str) -> Iterator[str]:
    """A literal block: its chomping says how many line breaks end it, its indicator where it begins."""
    body = text.removesuffix("\n")
    chomping = "-" if body is text else "+" if body.endswith("\n") else ""
    indicator = str(len(_INDENT)) if text.startswith(" ") else ""
    yield f"{pad}{key}: |{indicator}{chomping}"
    for line in body.split("\n"):
        yield f"{pad}{_INDENT}{line}" if line else ""


# Reading


def deserialize(cassette_string: str) -> dict[str, Any]:
    """Read the text of a cassette as vcrpy's dict.

    Raises:
        CassetteError: The text is no good cassette; the error says what was expected, and in which line.
    """
    try:
        data = yamlserializer.deserialize(cassette_string)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
        raise CassetteError(
            f"expected a cassette in YAML, but it can't be read: {problem}",
            line=mark.line + 1 if mark else None,
        ) from error
    except (ValueError, RecursionError, TypeError, AttributeError) as error:
        raise CassetteError(f"expected a cassette in YAML, but it can't be read: {error}") from error
    checked = _Checked(cassette_string)
    interactions = checked.interactions(data)
    return {**data, "interactions": interactions}


class _Checked:
    """Reads interactions, and knows where each stands when one is not as it should be."""

    def __init__(self, text: str) -> None:
        self._text = text

    def interactions(self, data: Any) -> list[dict[str, Any]]:
        if not isinstance(data, dict):
            self._fail("a mapping with `version` and `interactions`", data)
        if data.get("version", 1) != 1:
            self._fail("version 1", data["version"], "version")
        if not isinstance(data.get("interactions"), list):
            self._fail("a list of `interactions`", data.get("interactions"), "interactions")
        return [self._interaction(index, item) for index, item in enumerate(data["interactions"])]

    def _interaction(self, index: int, item: Any) -> dict[str, Any]:
        at = ("interactions", index)
        if not isinstance(item, dict):
            self._fail("an interaction (a mapping of `request` and `response`)", item, *at)
        return {
            **item,
            "request": self._request(item.get("request"), *at, "request"),
            "response": self._response(item.get("response"), *at, "response"),
        }

    def _request(self, request: Any, *at: str | int) -> dict[str, Any]:
        if not isinstance(request, dict):
            self._fail("a `request` (a mapping of `method`, `uri`, `headers` and `body`)", request, *at)
        for name in ("method", "uri"):
            if not isinstance(request.get(name), str):
                self._fail(f"a request's `{name}` as text", request.get(name), *at, name)
        headers = self._headers(request.get("headers"), *at, "headers")
        return {
            "method": request["method"],
            "uri": request["uri"],
            "body": request.get("body"),
            "headers": headers,
        }

    def _headers(self, headers: Any, *at: str | int) -> dict[str, list[str]]:
        if not isinstance(headers or {}, dict):
            self._fail("`headers` (a mapping of names to lists of values)", headers, *at)
        return {
            str(name): [str(value) for value in (values if isinstance(values, list | tuple) else [values])]
            for name, values in (headers or {}).items()
        }

    def _response(self, response: Any, *at: str | int) -> dict[str, Any]:
        if not isinstance(response, dict):
            self._fail(
                "a `response` (a mapping of `status`, `headers` and `body` or `stream`)", response, *at
            )
        status = response.get("status")
        if not isinstance(status, dict) or not isinstance(status.get("code"), int):
            self._fail("a response's `status` (a mapping of `code` and `message`)", status, *at, "status")
        read = {
            **response,
            "status": {"code": status["code"], "message": status.get("message")},
            "headers": self._headers(response.get("headers"), *at, "headers"),
        }
        if "stream" in response:
            read |= self._stream(response["stream"], response.get("body"), *at, "stream")
        elif not isinstance(response.get("body"), dict) or not isinstance(
            response["body"].get("string", ""), str | bytes | None
        ):
            self._fail(
                "a response's `body` (a mapping of `string`) or `stream`", response.get("body"), *at, "body"
            )
        return read

    def _stream(self, stream: Any, body: Any, *at: str | int) -> dict[str, Any]:
        if not isinstance(stream, dict) or not is_end(stream.get("end")):
            self._fail(
                "a `stream` with an `end` (complete, closed or the name of an httpx error)", stream, *at
            )
        ending = {"end": stream["end"], "message": str(stream.get("message") or "")}
        if body is not None and "events" not in stream:
            return {"body": body, "stream": ending}
        events = stream.get("events") or ""
        if not isinstance(events, str):
            self._fail("a stream's `events` as a block of text", events, *at, "events")
        try:
            expanded = expand(events)
        except TranscriptError as error:
            line = self._line(*at, "events")
            raise CassetteError(str(error), line=None if line is None else line + error.line) from error
        return {
            "body": {"string": b"".join(event.data for event in expanded)},
            "stream": {
                **ending,
                "sizes": tuple(len(event.data) for event in expanded),
                "times": tuple(event.at for event in expanded),
            },
        }

    def _line(self, *at: str | int) -> int | None:
        """The line in which a value stands (the first is 1); found by reading the text once more."""
        node: Any = yaml.compose(self._text, Loader=yaml.SafeLoader)
        for step in at:
            if isinstance(step, int):
                node = node.value[step]
            else:
                found = [value for key, value in node.value if key.value == step]
                if not found:
                    break
                node = found[0]
        return int(node.start_mark.line) + 1 if node is not None else None

    def _fail(self, expected: str, came: Any, *at: str | int) -> NoReturn:
        shown = "nothing" if came is None else repr(came)
        shown = shown if len(shown) <= 80 else f"{shown[:79]}…"
        raise CassetteError(f"expected {expected}, got {shown}", line=self._line(*at))
