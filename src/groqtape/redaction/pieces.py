"""Redacts texts that come in pieces, such as what each chunk of a stream added."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groqtape.redaction.redactor import Redactor

__all__ = ["redacted_pieces"]


def redacted_pieces(redactor: Redactor, values: Sequence[Any]) -> list[Any]:
    """Redact values that have pieces of the same texts, as events of a stream are redacted in a cassette.

    Args:
        redactor: Redacts.
        values: Values of JSON. What the first has at a place, the next one continues.

    Returns:
        The values. A secret that is in several of them is replaced in the first, and taken out of the others.
    """
    events = [f"data: {json.dumps(value)}\n\n".encode() for value in values]
    response = {
        "status": {"code": 200, "message": None},
        "headers": {},
        "body": {"string": b"".join(events)},
        "stream": {"sizes": tuple(map(len, events))},
    }
    redacted = redactor.response(response)
    body, sizes = redacted["body"]["string"], redacted["stream"]["sizes"]
    ends = [sum(sizes[: number + 1]) for number in range(len(sizes))]
    starts = [0, *ends]
    return [
        json.loads(body[start:end].removeprefix(b"data: ")) for start, end in zip(starts, ends, strict=False)
    ]
