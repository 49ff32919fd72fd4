"""LangChain's tests (`langchain-tests`): `requests` and `responses` are two lists of the same length."""

from __future__ import annotations

from typing import Any

from groqtape.cassettes.other_recorders.bodies import Place, UnreadableError

__all__ = ["paired"]


def paired(document: dict[str, Any], at: Place) -> list[tuple[dict[str, Any], Place, Place]] | None:
    """The interactions of a document, with the places of each request and response; None for any other.

    Raises:
        UnreadableError: The lists are of different lengths.
    """
    requests, responses = document.get("requests"), document.get("responses")
    if "interactions" in document or not isinstance(requests, list) or not isinstance(responses, list):
        return None
    if len(requests) != len(responses):
        raise UnreadableError(
            f"as many `responses` as `requests` ({len(requests)})", len(responses), (*at, "responses")
        )
    return [
        ({"request": request, "response": response}, (*at, "requests", index), (*at, "responses", index))
        for index, (request, response) in enumerate(zip(requests, responses, strict=True))
    ]
