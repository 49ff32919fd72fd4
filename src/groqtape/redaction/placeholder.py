"""The placeholder for `GROQ_API_KEY`, used if no key is set."""

from __future__ import annotations

__all__ = ["PLACEHOLDER_KEY"]

PLACEHOLDER_KEY = "gsk_placeholder_of_groqtape_set_GROQ_API_KEY_to_record"
"""A client can be created with it. A call that has it as its key is never sent."""
