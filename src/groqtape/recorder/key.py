"""The key that stands in for `GROQ_API_KEY` where there is none."""

from __future__ import annotations

import os

from groqtape.redaction.placeholder import PLACEHOLDER_KEY

__all__ = ["PlaceholderKey"]

_VARIABLE = "GROQ_API_KEY"


class PlaceholderKey:
    """Sets `GROQ_API_KEY` while it is in place, if it is not set."""

    def __init__(self) -> None:
        self._before = os.environ.get(_VARIABLE)
        if not self._before:
            os.environ[_VARIABLE] = PLACEHOLDER_KEY

    def remove(self) -> None:
        """Leave the environment as it was."""
        if os.environ.get(_VARIABLE) != PLACEHOLDER_KEY:
            return
        if self._before is None:
            del os.environ[_VARIABLE]
        else:
            os.environ[_VARIABLE] = self._before
