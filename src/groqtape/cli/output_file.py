"""`--output`: the file that a command writes."""

from __future__ import annotations

from pathlib import Path

from groqtape.cli.usage_errors import UsageError

__all__ = ["write_output"]


def write_output(file: str, data: bytes) -> None:
    """Write a file.

    Raises:
        UsageError: It can't be written.
    """
    try:
        Path(file).write_bytes(data)
    except OSError as error:
        raise UsageError(f"{file} can't be written: {error.strerror}\nName another file: -o FILE") from error
