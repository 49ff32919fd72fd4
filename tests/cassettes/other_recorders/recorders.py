"""The same interactions as each recorder writes them in a file.

vcrpy's own files are vcrpy's work; the other recorders' are built here, after files that they wrote.
"""

from __future__ import annotations

import base64
import copy
import gzip
import json
from typing import TYPE_CHECKING, Any

import yaml
from vcr.serializers import yamlserializer

if TYPE_CHECKING:
    from collections.abc import Callable

Interactions = list[dict[str, Any]]


def raw(response: dict[str, Any]) -> bytes:
    """The body of a response as it went over the wire."""
    string = response["body"]["string"]
    return string.encode() if isinstance(string, str) else bytes(string)


def body(response: dict[str, Any]) -> bytes:
    """The body of a response as an application reads it."""
    compressed = response["headers"].get("content-encoding") == ["gzip"]
    return gzip.decompress(raw(response)) if compressed else raw(response)


def text_headers(response: dict[str, Any]) -> dict[str, list[str]]:
    """Headers that no longer say that the body is compressed."""
    return {name: values for name, values in response["headers"].items() if name != "content-encoding"}


def is_json(message: dict[str, Any]) -> bool:
    """Whether a request or a response says that it is JSON."""
    return bool(message["headers"]["content-type"] == ["application/json"])


class Ruby(yaml.SafeDumper):
    """Ruby's tag for bytes is a private one."""


Ruby.add_representer(
    bytes,
    lambda dumper, data: dumper.represent_scalar("!binary", base64.encodebytes(data).decode(), style="|"),
)


class Literal(yaml.Dumper):
    """Every text that has line breaks stands as a block."""


Literal.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style="|" if "\n" in text else None
    ),
)


def vcrpy(interactions: Interactions) -> str:
    """Folded strings, and what is no UTF-8 as `!!binary`."""
    return str(yamlserializer.serialize({"version": 1, "interactions": interactions}))


def vcrpy_in_several_documents(interactions: Interactions) -> str:
    """Files of vcrpy's, one after the other."""
    return "---\n".join(vcrpy([interaction]) for interaction in interactions)


def vcrpy_compressed(interactions: Interactions) -> str:
    """All responses compressed, the stream too."""
    for interaction in interactions:
        response = interaction["response"]
        response["body"] = {"string": gzip.compress(body(response))}
        response["headers"]["content-encoding"] = ["gzip"]
    return vcrpy(interactions)


def older_vcrpy(interactions: Interactions) -> str:
    """What vcrpy 4 and 5 wrote for httpx."""
    for interaction in interactions:
        response = interaction["response"]
        interaction["response"] = {
            "content": body(response).decode(),
            "headers": response["headers"],
            "http_version": "HTTP/1.1",
            "status_code": response["status"]["code"],
        }
    return vcrpy(interactions)


def pydantic_ai(interactions: Interactions) -> str:
    """JSON as YAML, in place of the body; no credentials."""
    for interaction in interactions:
        for message in interaction.values():
            message["headers"].pop("authorization", None)
            if is_json(message):
                written = message.pop("body")
                parsed = json.loads(
                    body(message | {"body": written}) if isinstance(written, dict) else written
                )
                message["headers"].pop("content-encoding", None)
                message["parsed_body"] = parsed
    cassette = {"version": 1, "interactions": interactions}
    return str(yaml.dump(cassette, Dumper=Literal, allow_unicode=True, width=120))


def ruby(interactions: Interactions, write: Callable[[bytes], dict[str, Any]], dumper: Any = Ruby) -> str:
    """What Ruby's VCR writes around bodies."""
    written = []
    for interaction in interactions:
        request, response = interaction["request"], interaction["response"]
        headers = {name.title(): values for name, values in response["headers"].items()}
        written.append(
            {
                "request": {
                    "method": "post",
                    "uri": request["uri"],
                    "body": {"encoding": "UTF-8", "string": request["body"]},
                    "headers": {"Content-Type": ["application/json"], "User-Agent": ["Ruby"]},
                },
                "response": {
                    "status": response["status"],
                    "headers": headers,
                    "body": write(raw(response)),
                    "http_version": None,
                },
                "recorded_at": "Sun, 28 Apr 2024 14:14:21 GMT",
            }
        )
    cassette = {"http_interactions": written, "recorded_with": "VCR 6.2.0"}
    return str(yaml.dump(cassette, Dumper=dumper, allow_unicode=True, explicit_start=True, sort_keys=False))


def ruby_vcr(interactions: Interactions) -> str:
    """Text where it is text, and bytes as `!binary`."""

    def write(data: bytes) -> dict[str, Any]:
        try:
            return {"encoding": "UTF-8", "string": data.decode()}
        except UnicodeDecodeError:
            return {"encoding": "ASCII-8BIT", "string": data}

    return ruby(interactions, write)


def ruby_vcr_exactly(interactions: Interactions) -> str:
    """With its option `preserve_exact_body_bytes`."""
    return ruby(
        interactions,
        lambda data: {"encoding": "ASCII-8BIT", "base64_string": base64.encodebytes(data).decode()},
    )


def ruby_vcr_json(interactions: Interactions) -> str:
    """With its serializer for JSON."""
    written = ruby(
        interactions, lambda data: {"encoding": "UTF-8", "base64_string": base64.b64encode(data).decode()}
    )
    return json.dumps(yaml.safe_load(written))


def cassetter(interactions: Interactions) -> str:
    """JSON as YAML under `content`; the status is a number."""
    written = []
    for interaction in interactions:
        request, response = interaction["request"], interaction["response"]
        text = body(response).decode()
        written.append(
            {
                "request": {
                    "method": request["method"],
                    "uri": request["uri"],
                    "headers": request["headers"],
                    "body": {"type": "json", "content": json.loads(request["body"])},
                },
                "response": {
                    "status": response["status"]["code"],
                    "headers": text_headers(response),
                    "body": {"type": "json", "content": json.loads(text)}
                    if is_json(response)
                    else {"type": "text", "content": text},
                },
                "recorded_at": "2026-03-06T19:45:39.079824+00:00",
            }
        )
    cassette = {"version": 1, "interactions": written}
    return str(yaml.dump(cassette, Dumper=Literal, allow_unicode=True, sort_keys=False, width=2**20))


def cassetter_toml(interactions: Interactions) -> str:
    """JSON as text, and tables for all else."""
    lines = ["version = 1"]
    for interaction in interactions:
        request, response = interaction["request"], interaction["response"]
        lines += ["", "[[interactions]]", 'recorded_at = "2026-03-06T19:45:39.079824+00:00"']
        lines += ["", "[interactions.request]", f"method = {_toml(request['method'])}"]
        lines += [f"uri = {_toml(request['uri'])}", 'body_type = "json"']
        lines += [f"body_content = {_toml(request['body'])}", "", "[interactions.request.headers]"]
        lines += [f"{name} = {_toml(values)}" for name, values in request["headers"].items()]
        lines += ["", "[interactions.response]", f"status = {response['status']['code']}"]
        lines += [f'body_type = "{"json" if is_json(response) else "text"}"']
        lines += [f"body_content = {_toml(body(response).decode())}", "", "[interactions.response.headers]"]
        lines += [f"{name} = {_toml(values)}" for name, values in text_headers(response).items()]
    return "\n".join([*lines, ""])


def _toml(value: str | list[str]) -> str:
    """Texts and lists of them look as in JSON."""
    return json.dumps(value, ensure_ascii=False)


FILES: dict[str, Callable[[Interactions], str]] = {
    "vcrpy": vcrpy,
    "vcrpy, several documents": vcrpy_in_several_documents,
    "vcrpy, all compressed": vcrpy_compressed,
    "older vcrpy": older_vcrpy,
    "pydantic-ai": pydantic_ai,
    "Ruby VCR": ruby_vcr,
    "Ruby VCR, exact bytes": ruby_vcr_exactly,
    "Ruby VCR, JSON": ruby_vcr_json,
    "cassetter, YAML": cassetter,
    "cassetter, TOML": cassetter_toml,
}


def written(recorder: str, interactions: Interactions) -> str:
    """The text of a file in which a recorder wrote these interactions."""
    return FILES[recorder](copy.deepcopy(interactions))
