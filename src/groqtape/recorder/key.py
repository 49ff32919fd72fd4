"""The placeholder for `GROQ_API_KEY` where it is not set."""

from __future__ import annotations

import os

from groqtape.redaction.placeholder import PLACEHOLDER_KEY

__all__ = ["PlaceholderKey"]

_VARIABLE = "GROQ_API_KEY"


class PlaceholderKey:
    """Sets `GROQ_API_KEY` to the placeholder, if it is not set, until it is removed."""

    def __init__(self) -> None:
        self._before = os.environ.get(_VARIABLE)
        if not self._before:
            os.environ[_VARIABLE] = PLACEHOLDER_KEY

    def remove(self) -> None:
        """Restore the environment."""
        if os.environ.get(_VARIABLE) != PLACEHOLDER_KEY:
            return
        if self._before is None:
            del os.environ[_VARIABLE]
        else:
            os.environ[_VARIABLE] = self._before
