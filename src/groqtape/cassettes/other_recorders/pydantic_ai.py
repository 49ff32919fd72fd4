"""pydantic-ai's serializer for vcrpy: a JSON body stands as YAML under `parsed_body`, in place of `body`."""

from __future__ import annotations

from typing import Any

from groqtape.cassettes.other_recorders.bodies import Place, Written, json_text

__all__ = ["parsed_body"]


def parsed_body(message: dict[str, Any], at: Place) -> Written | None:
    """The body of a request or a response that has a `parsed_body`; None for any other."""
    if "parsed_body" not in message:
        return None
    return Written(json_text(message["parsed_body"], (*at, "parsed_body")))
