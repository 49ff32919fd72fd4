"""The record modes: vcrpy's, without its `any`."""

from __future__ import annotations

from typing import Literal, get_args

__all__ = ["RECORD_MODES", "RecordMode"]

RecordMode = Literal["none", "once", "new_episodes", "all"]
RECORD_MODES: tuple[RecordMode, ...] = get_args(RecordMode)
