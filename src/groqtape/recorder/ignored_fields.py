"""Fields of a request that do not count when requests are compared: `groq_ignore`.

A field is written as a miss prints it: `seed`, `messages[0].content`, `query.page`. `*` stands for any name
or number: `metadata.*`, `tools[*].function.description`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from groqtape.errors import GroqtapeError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["check_field", "inside"]

_FIELD = re.compile(r"(?:[^\s.\[\]][^.\[\]]*|\[(?:\d+|\*)\])(?:\.[^.\[\]]+|\[(?:\d+|\*)\])*")


def check_field(field: object, option: str = "ignore") -> str:
    """Check that a field is written as it should be.

    Args:
        field: The field.
        option: What set it, for errors; empty where the caller names it.

    Raises:
        GroqtapeError: It is not.
    """
    if not isinstance(field, str) or not _FIELD.fullmatch(field):
        name = f"{option}: " if option else ""
        raise GroqtapeError(
            f"{name}expected a field as a miss prints it, with * for any name or number "
            f"(seed, metadata.*, tools[*].function.description), got {field!r}\n"
            "Separate names by single dots, and write a place in a list as [0] or [*]."
        )
    return field


def inside(fields: Iterable[str], step: str | int) -> tuple[str, ...] | None:
    """The ignored fields inside a member of an object, or an element of an array.

    Args:
        fields: The ignored fields of the object or array, seen from there.
        step: The member's name, or the element's number.

    Returns:
        The fields seen from the member; None if it is ignored itself.
    """
    tokens = (step, "*") if isinstance(step, str) else (f"[{step}]", "[*]", "*")
    within = []
    for field in fields:
        for token in tokens:
            rest = field.removeprefix(token)
            if rest == field or not token:
                continue
            if not rest:
                return None
            if rest[0] in ".[":
                within.append(rest.removeprefix("."))
    return tuple(within)
