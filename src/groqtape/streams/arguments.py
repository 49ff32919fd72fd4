"""The arguments of a tool call, which come as a text that should be a JSON object."""

import json
import math
from typing import Any

__all__ = ["as_text", "json_object"]

# How deep Python's parser goes differs between versions; what is read must not.
_DEEPEST = 100


def as_text(arguments: Any) -> str:
    """The arguments of a delta as text. Some gateways send an object, which the SDK lets through."""
    if isinstance(arguments, str | None):
        return arguments or ""
    return json.dumps(arguments, ensure_ascii=False)


def json_object(text: str) -> dict[str, Any] | None:
    """The JSON object in a text; `None` if the text is anything else.

    `NaN`, infinite numbers and numbers too long for Python are not JSON here, so that `repr` of the object
    is always a Python literal. Neither are more than 100 levels.
    """
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and not _is_deeper(value, _DEEPEST) else None


def _is_deeper(value: Any, levels: int) -> bool:
    """Whether objects and arrays are nested in more levels than these."""
    inner = [value]
    for _ in range(levels):
        inner = [
            item
            for one in inner
            for item in (one.values() if isinstance(one, dict) else one)
            if isinstance(item, dict | list)
        ]
    return bool(inner)


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is too large")
    return number
