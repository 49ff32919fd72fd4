"""The arguments of a tool call, which come as a text that should be a JSON object."""

import json
import math
from typing import Any

__all__ = ["json_object"]


def json_object(text: str) -> dict[str, Any] | None:
    """The JSON object in a text; `None` if the text is anything else.

    `NaN`, infinite numbers and numbers too long for Python are not JSON here, so that `repr` of the object
    is always a Python literal.
    """
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is too large")
    return number
