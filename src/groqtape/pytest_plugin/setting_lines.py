"""The lines of a project's configuration that make text or fields not count when requests are compared."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

__all__ = ["setting_lines"]


def setting_lines(config: pytest.Config, volatile: Sequence[str], ignore: Sequence[str]) -> list[str]:
    """The lines to write into the ini file, with what is set there already, and into a marker.

    Args:
        config: The session's configuration.
        volatile: Further expressions for `groq_volatile`.
        ignore: Further fields for `groq_ignore`.
    """
    from groqtape.recorder.settings import arguments

    is_toml = config.inipath is not None and config.inipath.suffix == ".toml"
    lines: list[str] = []
    for option, more, joint in (("groq_volatile", volatile, "|"), ("groq_ignore", ignore, " ")):
        if more:
            present: list[str] = config.getini(option)
            values = [*present, *more]
            lines += [_toml(option, values)] if is_toml else _ini(option, values, "\n" if present else joint)
    file = config.inipath.name if config.inipath else "pytest.ini"
    return [
        *(f"  {line}" for line in lines),
        f"in {file}, or for this test, in its marker:",
        f"  @pytest.mark.groq_cassette({arguments(volatile, ignore)})",
    ]


def _toml(option: str, values: Sequence[str]) -> str:
    return f"{option} = [{', '.join(map(_toml_text, values))}]"


def _toml_text(value: str) -> str:
    return f"'{value}'" if "\\" in value and "'" not in value else json.dumps(value, ensure_ascii=False)


def _ini(option: str, values: Sequence[str], joint: str) -> list[str]:
    if joint == "\n":
        return [f"{option} =", *(f"    {value}" for value in values)]
    return [f"{option} = {joint.join(values)}"]
