"""The cassette file through vcrpy's serializer interface: `serialize` and `deserialize`.

The format is a vcrpy cassette (YAML, version 1) with two differences: a request's JSON body is formatted, and
an event stream stands as a transcript under `stream`, in place of `body`. Cassettes of other recorders are
read too (see the folder `other_recorders`). To use the same files with `vcr.VCR`, register the serializer::

    my_vcr.register_serializer("groqtape", groqtape.serializer)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vcr.request import Request

from groqtape.cassettes.reader import read
from groqtape.cassettes.responses import as_text, with_body
from groqtape.cassettes.writer import write
from groqtape.redaction.redactor import Redactor
from groqtape.redaction.request_body import request_body

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["deserialize", "serialize"]


def serialize(cassette_dict: Mapping[str, Any]) -> str:
    """Write vcrpy's dict of a cassette as the text of a file, without credentials (see `redaction/`)."""
    redactor = Redactor()
    interactions = []
    for interaction in cassette_dict["interactions"]:
        given = interaction["request"]
        request = redactor.request(
            Request(given["method"], given["uri"], given.get("body"), given["headers"])
        )
        plain = {
            "method": request.method,
            "uri": request.uri,
            "headers": {name: [value] for name, value in request.headers.items()},
            "body": as_text(request_body(request)),
        }
        interactions.append(
            {"request": plain, "response": redactor.response(with_body(interaction["response"]))}
        )
    return write({**redactor.notes({**cassette_dict, "interactions": []}), "interactions": interactions})


def deserialize(cassette_string: str) -> dict[str, Any]:
    """Read the text of a cassette as vcrpy's dict.

    Raises:
        CassetteError: The text is no good cassette; the error says what was expected, and in which line.
    """
    cassette = read(cassette_string)
    for interaction in cassette["interactions"]:
        interaction["response"] = with_body(interaction["response"])
    return cassette
