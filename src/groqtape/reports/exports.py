"""A cassette in forms that other programs read: vcrpy's YAML, JSON lines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from groqtape.cassettes.responses import with_body

if TYPE_CHECKING:
    from collections.abc import Iterable

    from groqtape.reports.interaction import Interaction

__all__ = ["as_json_lines", "as_vcr"]


def as_vcr(interactions: Iterable[Interaction]) -> bytes:
    """The YAML that vcrpy writes: streams as whole bodies. Calls without an answer are left out."""
    from vcr.serialize import compat
    from vcr.serializers import yamlserializer

    written = []
    for each in interactions:
        if each.status is None:
            continue
        response = {key: value for key, value in with_body(each.response).items() if key != "stream"}
        written.append(
            {
                "request": compat.convert_to_unicode(each.request._to_dict()),  # noqa: SLF001  # as vcrpy's own serialize
                "response": compat.convert_to_unicode(response),
            }
        )
    return str(yamlserializer.serialize({"interactions": written, "version": 1})).encode()


def as_json_lines(interactions: Iterable[Interaction]) -> bytes:
    """The chunks of streams as they came, a line each; error events among them."""
    lines = [
        json.dumps(event.chunk, ensure_ascii=False, separators=(",", ":"))
        for each in interactions
        for event in each.events
        if event.chunk is not None
    ]
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")
