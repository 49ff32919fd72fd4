"""The bytes of tokens in `logprobs`, which repeat what the tokens say."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from groqtape.redaction.edits import REDACTED, Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["edits_of_bytes"]

_TOKEN = re.compile(
    r'"token"\s*:\s*("(?:[^"\\]|\\.)*+")\s*,\s*(?:"logprob"\s*:\s*[-+.0-9a-zA-Z]{1,40}\s*,\s*)?'
    r'"bytes"\s*:\s*\[([0-9,\s]*)\]'
)


def edits_of_bytes(text: str) -> Iterator[Edit]:
    """Make the bytes of redacted tokens those of the tokens as they are now.

    Args:
        text: A body in which secrets have been redacted. A token that was a part of one is empty now.
    """
    for found in _TOKEN.finditer(text):
        token = found[1][1:-1]
        if REDACTED in token or not token:
            numbers = json.loads(found[1], strict=False).encode("utf-8", "surrogatepass")
            yield Edit(*found.span(2), ",".join(map(str, numbers)), "")
