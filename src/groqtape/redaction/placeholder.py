"""The text that stands in for `GROQ_API_KEY` where no key is set."""

from __future__ import annotations

__all__ = ["PLACEHOLDER_KEY"]

PLACEHOLDER_KEY = "gsk_placeholder_of_groqtape_set_GROQ_API_KEY_to_record"
"""A client can be made with it; a call that carries it is never sent."""
