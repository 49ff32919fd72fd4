"""Reads a cassette file, of groqtape or of another recorder, and names what is wrong with a bad one."""

from __future__ import annotations

import contextlib
import functools
import json
from typing import TYPE_CHECKING, Any

from groqtape.cassettes import canonical
from groqtape.cassettes.gaps import check_gaps
from groqtape.cassettes.interaction_checker import InteractionChecker
from groqtape.cassettes.laid_out_json import looks_laid_out
from groqtape.cassettes.responses import GAPS, TRANSCRIPT
from groqtape.cassettes.transcript import check
from groqtape.cassettes.yaml_documents import parse_yaml
from groqtape.errors import CassetteError

if TYPE_CHECKING:
    from collections.abc import Mapping


__all__ = ["read"]


def read(text: str) -> dict[str, Any]:
    """Read the text of a cassette as vcrpy's dict, with streams as transcripts (see responses.py).

    Raises:
        CassetteError: The text is no good cassette; the error says what was expected, and in which line.
    """
    parts = canonical.parts(text)
    if parts is not None:
        # Where something is wrong with the file, the ordinary reader finds the place.
        with contextlib.suppress(ValueError):  # CassetteError, TranscriptError and JSONDecodeError are such
            return {"version": 1, "interactions": [_from_part(part) for part in parts]}
    return _read_any(text)


def _from_part(part: canonical.Part) -> dict[str, Any]:
    if part.body is None or part.events is None:
        return _interaction_of(part.frame)
    check(part.events)
    if looks_laid_out(part.body):
        with contextlib.suppress(RecursionError):
            json.loads(part.body)
    if part.gaps is not None and check_gaps(part.gaps):
        raise CassetteError("expected gaps")
    gaps = {} if part.gaps is None else {GAPS: part.gaps}
    shared = _frame(part.frame)
    request, response = shared["request"], shared["response"]
    return {
        "request": {**request, "headers": _copied(request["headers"]), "body": part.body},
        "response": {
            **response,
            "headers": _copied(response["headers"]),
            "status": dict(response["status"]),
            "body": dict(response["body"]),
            "stream": {**response["stream"], TRANSCRIPT: part.events, **gaps},
        },
    }


def _copied(headers: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {name: list(values) for name, values in headers.items()}


def _interaction_of(text: str) -> dict[str, Any]:
    """The interaction of a file that has one."""
    interaction: dict[str, Any] = _read_any(text)["interactions"][0]
    return interaction


@functools.lru_cache(maxsize=128)
def _frame(text: str) -> dict[str, Any]:
    """The interaction of a frame, which holds nothing that only another recorder writes."""
    interaction = parse_yaml(text)[0]["interactions"][0]
    request, headers = interaction["request"], interaction["response"]["headers"]
    if request["method"] != "POST" or not all(
        map(_is_plain, (*request["headers"].values(), *headers.values()))
    ):
        return _interaction_of(text)  # a person may have edited them
    at = 0, "interactions", 0
    return InteractionChecker(text).interaction(interaction, (*at, "request"), (*at, "response"))


def _is_plain(values: Any) -> bool:
    """Whether the values of a header are texts."""
    return isinstance(values, str) or (isinstance(values, list) and bool(values) and None not in values)


def _read_any(text: str) -> dict[str, Any]:
    # Imported here: the files that groqtape writes need no other recorder's formats.
    from groqtape.cassettes import documents
    from groqtape.cassettes.other_recorders.bodies import UnreadableError
    from groqtape.cassettes.other_recorders.translation import translate

    checker = InteractionChecker(text)
    try:
        cassette, places = translate(documents.parse(text))
    except UnreadableError as error:
        checker.fail(error.expected, error.came, *error.at)
    found = zip(cassette["interactions"], places, strict=True)
    return {**cassette, "interactions": [checker.interaction(item, *place) for item, place in found]}
