"""JSON that is laid out on lines in a cassette: how a reader knows it, and the JSON that it stands for.

json_layout.py lays it out.
"""

from __future__ import annotations

import re

__all__ = ["LAID_OUT", "STRING", "compacted", "looks_laid_out"]

LAID_OUT = "formatted"
"""The key beside `string` in a response's body that says that its white space is groqtape's."""

STRING = r'"(?:[^"\\]|\\.)*+"'
"""The regular expression of a string."""

# Compiled when it is first used: replaying a stream does not need it.
_SPACE = rf"({STRING})|\s++"


def compacted(text: str) -> str:
    """JSON without white space between its tokens, but with the line break that ends it, if one does."""
    return re.sub(_SPACE, r"\1", text) + ("\n" if text.endswith("\n") else "")


def looks_laid_out(body: str) -> bool:
    """Whether a text begins or ends as JSON that `laid_out_request` wrote."""
    return body.startswith(("{\n", "[\n")) or body.endswith(("\n}\n", "\n]\n"))
