"""The record modes: vcrpy's, without its `any`."""

from __future__ import annotations

__all__ = ["RECORD_MODES"]

RECORD_MODES = ("none", "once", "new_episodes", "all")
