"""The marker `groq_cassette`: its arguments, and their checks."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, NamedTuple

from groqtape.errors import GroqtapeError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest

__all__ = ["MarkerSettings"]


class MarkerSettings(NamedTuple):
    """The arguments of `@pytest.mark.groq_cassette`; the first may be positional."""

    name: str | None = None
    record_mode: str | None = None
    pace: str | float | None = None
    match_on: Iterable[Any] | None = None
    allow_unplayed: bool = False
    allow_repeats: bool = False
    volatile: Iterable[str] | str = ()
    ignore: Iterable[str] | str = ()

    @classmethod
    def of(cls, item: pytest.Item) -> MarkerSettings:
        """The settings of a test: its closest marker's, or the defaults without one.

        Raises:
            GroqtapeError: An argument of the marker is wrong.
        """
        marker = item.get_closest_marker("groq_cassette")
        if marker is None or not (marker.args or marker.kwargs):
            return cls()
        try:
            arguments = _SIGNATURE.bind(*marker.args, **marker.kwargs).arguments
            for name, value in arguments.items():
                _check(name, value)
        except TypeError as error:
            raise GroqtapeError(
                f"expected @pytest.mark.groq_cassette{_SIGNATURE}\ngot arguments that don't fit: {error}"
            ) from None
        return cls(**arguments)


_SIGNATURE = inspect.Signature(
    [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY if number else inspect.Parameter.POSITIONAL_OR_KEYWORD,
            default=default,
        )
        for number, (name, default) in enumerate(MarkerSettings._field_defaults.items())
    ]
)


def _check(name: str, value: object) -> None:
    """Check an argument that is checked nowhere else.

    Raises:
        TypeError: It is of the wrong type.
    """
    if name == "name" and (not isinstance(value, str | None) or value == ""):
        raise TypeError(f"name is a text, not {value!r}")
    if name == "match_on" and not (value is None or hasattr(value, "__iter__")):
        raise TypeError(f"match_on is a list of names or functions, not {value!r}")
    if name in ("volatile", "ignore") and not hasattr(value, "__iter__"):
        raise TypeError(f"{name} is a list of texts, not {value!r}")
    if name.startswith("allow_") and not isinstance(value, bool):
        raise TypeError(f"{name} is True or False, not {value!r}")
