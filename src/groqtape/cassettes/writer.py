"""Writes the cassette file, in the form that people review: literal blocks for bodies and streams."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from groqtape.cassettes.ends import COMPLETE
from groqtape.cassettes.gaps import gaps_of
from groqtape.cassettes.json_layout import laid_out_answer, laid_out_request
from groqtape.cassettes.laid_out_json import LAID_OUT, looks_laid_out
from groqtape.cassettes.responses import UNANSWERED, as_text, body_of, events_of
from groqtape.cassettes.sse import is_event_stream
from groqtape.cassettes.transcript_writer import UNSAFE_IN_BLOCK, UNSAFE_ON_LINE, transcribe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["write"]

_PLAIN_KEY = re.compile(r"(?!(?:y|n|yes|no|on|off|true|false|null)$)[a-z][a-z_-]*")
_INDENT = "  "
_ON_ONE_LINE = ("status",)
_OWN_MAPPINGS = ("request", "response", "headers", "body", "stream")
# A file that breaks off anywhere must be no cassette. So what a reader requires is written last: the end of a
# stream, and the status of a response whose body is no stream.
_ENDING = ("message", "tries", "left_at", "end")


class _Dumper(yaml.SafeDumper):
    """PyYAML's dumper in pure Python, even where libyaml's is there: the two write some texts differently."""


def _quoted_where_needed(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    """Text on one line, escaped in double quotes where it holds what readers of YAML treat differently."""
    style = '"' if UNSAFE_ON_LINE.search(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _quoted_where_needed)


def write(cassette_dict: Mapping[str, Any]) -> str:
    """Write vcrpy's dict of a cassette, redacted already, as the text of a file."""
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
    return {
        "method": request["method"],
        "uri": request["uri"],
        "headers": {name: list(values) for name, values in request.get("headers", {}).items()},
        "body": _request_body(request.get("body")),
    }


def _request_body(body: Any) -> Any:
    """A request's body as it stands in the file: JSON on lines, and anything else as it is."""
    if not isinstance(body, str):
        return body
    text = laid_out_request(body)
    # The reader takes it for JSON that an edit broke; bytes it takes as they are.
    return body.encode() if text is body and looks_laid_out(body) else text


def _shown_response(response: Mapping[str, Any]) -> dict[str, Any]:
    shown = dict(response)
    stream = shown.pop("stream", None) or {}
    body = body_of(response)
    ending = {key: stream[key] for key in _ENDING if stream.get(key)}
    ending.setdefault("end", COMPLETE)
    if stream.get(UNANSWERED):
        return {"stream": ending}
    headers = response.get("headers", {})
    if is_event_stream(_header(headers, "content-type"), body) and not _header(headers, "content-encoding"):
        shown.pop("body", None)
        events, times = events_of(response)
        gaps = gaps_of(times)
        shown["stream"] = {"events": transcribe(events), **({"gaps": gaps} if gaps else {}), **ending}
        return shown
    if "string" in (shown.get("body") or {}):
        string = as_text(shown["body"]["string"])
        answer = laid_out_answer(string) if isinstance(string, str) else None
        mark = {} if answer is None else {LAID_OUT: True}
        shown["body"] = {**mark, **shown["body"], "string": string if answer is None else answer}
    if ending["end"] != COMPLETE:
        shown["stream"] = ending
    shown["status"] = shown.pop("status")
    return shown


def _header(headers: Mapping[str, Any], name: str) -> str:
    for key, values in headers.items():
        if key.lower() == name:
            return values if isinstance(values, str) else ", ".join(str(value) for value in values)
    return ""


def _mapping(mapping: Mapping[str, Any], pad: str) -> Iterator[str]:
    """A mapping's lines: literal blocks, nested mappings and JSON are written here, all else by PyYAML."""
    for key, value in mapping.items():
        if not isinstance(key, str) or not _PLAIN_KEY.fullmatch(key):
            yield from _yaml({key: value}, pad)
        elif isinstance(value, str) and _stands_as_block(value):
            yield from _block(key, value, pad)
        elif isinstance(value, str) and value.startswith(("{", "[")) and value.isprintable():
            quoted = value.replace("'", "''")
            yield f"{pad}{key}: '{quoted}'"  # as PyYAML would, which is slow on long text
        elif isinstance(value, dict) and value and key in _OWN_MAPPINGS:
            yield f"{pad}{key}:"
            yield from _mapping(value, pad + _INDENT)
        elif key in _ON_ONE_LINE or (isinstance(value, list) and pad):
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
    return (
        "\n" in text and not text.startswith("\n") and not UNSAFE_IN_BLOCK.search(text) and bool(text.strip())
    )


def _block(key: str, text: str, pad: str) -> Iterator[str]:
    """A literal block. Its chomping says how many line breaks end it, its indicator how it is indented."""
    body = text.removesuffix("\n")
    chomping = "-" if body is text else "+" if body.endswith("\n") else ""
    indicator = str(len(_INDENT)) if text.startswith(" ") else ""
    yield f"{pad}{key}: |{indicator}{chomping}"
    for line in body.split("\n"):
        yield f"{pad}{_INDENT}{line}" if line else ""
