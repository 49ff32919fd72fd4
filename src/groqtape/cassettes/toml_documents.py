"""The text of a cassette in TOML, as cassetter writes it, as plain data."""

from __future__ import annotations

import re
from typing import Any

from groqtape.cassettes.limits import DEEPEST, clipped, too_deep
from groqtape.errors import CassetteError

__all__ = ["line_in_toml", "looks_like_toml", "parse_toml"]

# How cassetter's files begin: no YAML does.
_BEGINNING = re.compile(r"\s*+(?:#.*\n\s*+)*+(?:version\s*+=|\[\[interactions\]\])")
_INTERACTION = re.compile(r"^[ \t]*+\[\[interactions\]\]", re.MULTILINE)
# tomllib walks all of a dotted key once for each of its parts.
_LONG_KEY = re.compile(rf"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){{{DEEPEST}}}""")
_LINE = re.compile(r"\(at line (\d+), ")


def looks_like_toml(text: str) -> bool:
    """Whether the text of a cassette begins as TOML."""
    return _BEGINNING.match(text) is not None


def parse_toml(text: str) -> Any:
    """Read a cassette in TOML.

    Raises:
        CassetteError: It can't be read; the error says in which line.
    """
    long = _LONG_KEY.search(text)
    if long:
        error = too_deep()
        error.line = text.count("\n", 0, long.start()) + 1
        raise error
    import tomllib  # seldom needed

    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise too_deep() from error
    except ValueError as error:
        found = _LINE.search(str(error))
        problem = clipped(str(error).partition(" (at ")[0])
        raise CassetteError(
            f"expected a cassette in TOML, but it can't be read: {problem}",
            line=int(found[1]) if found else None,
        ) from error


def line_in_toml(text: str, index: object) -> int | None:
    """The line (the first is 1) in which an interaction begins.

    Returns:
        The line; None where the file writes its interactions in another form than `[[interactions]]`.
    """
    starts = [found.start() for found in _INTERACTION.finditer(text)]
    if not isinstance(index, int) or index >= len(starts):
        return None
    return text.count("\n", 0, starts[index]) + 1
