"""The calls that a cassette refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Refusals"]


class Refusals:
    """Notes each refusal, so that the test fails also where the application catches the exception.

    Args:
        make: Makes the exception, from its text.
    """

    def __init__(self, make: Callable[[str], BaseException]) -> None:
        self._make = make
        self.texts: list[str] = []

    def refuse(self, text: str) -> NoReturn:
        """Note the text, and raise it."""
        self.texts.append(text)
        raise self._make(text)

    def check(self) -> None:
        """Raise the first refusal once more, if there was any."""
        if self.texts:
            raise self._make(self.texts[0])
