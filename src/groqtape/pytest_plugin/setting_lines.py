"""The lines of a project's configuration that make text or fields not count when requests are compared."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

__all__ = ["setting_lines"]


def setting_lines(
    config: pytest.Config, item: pytest.Item | None, volatile: Sequence[str], ignore: Sequence[str]
) -> list[str]:
    """The lines to write into the ini file, with what is set there already, and into a marker.

    Args:
        config: The session's configuration.
        item: The test, with the marker that it has; None where a marker would have no effect.
        volatile: Further expressions for `groq_volatile`.
        ignore: Further fields for `groq_ignore`.
    """
    is_toml = config.inipath is not None and config.inipath.suffix == ".toml"
    lines: list[str] = []
    for option, more, joint in (("groq_volatile", volatile, "|"), ("groq_ignore", ignore, " ")):
        if more:
            present: list[str] = config.getini(option)
            values = [*present, *more]
            lines += [_toml(option, values)] if is_toml else _ini(option, values, "\n" if present else joint)
    file = config.inipath.name if config.inipath else "pytest.ini"
    shown = [f"  {line}" for line in lines]
    if item is None:
        return [*shown, f"in {file}."]
    return [*shown, f"in {file}, or for this test, in its marker:", f"  {_marker(item, volatile, ignore)}"]


def _marker(item: pytest.Item, volatile: Sequence[str], ignore: Sequence[str]) -> str:
    """The marker of a test with more expressions and fields."""
    from groqtape.recorder.settings import as_list

    marker = item.get_closest_marker("groq_cassette")
    args, given = (marker.args, dict(marker.kwargs)) if marker else ((), {})
    for name, more in (("volatile", volatile), ("ignore", ignore)):
        if more:
            given[name] = [*as_list(given.get(name, ())), *more]
    shown = [*(repr(value) for value in args), *(f"{name}={_name(value)}" for name, value in given.items())]
    return f"@pytest.mark.groq_cassette({', '.join(shown)})"


def _name(value: Any) -> str:
    """A value as one writes it: functions by their names."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_name, value))}]"
    return str(getattr(value, "__name__", repr(value)))


def _toml(option: str, values: Sequence[str]) -> str:
    return f"{option} = [{', '.join(map(_toml_text, values))}]"


def _toml_text(value: str) -> str:
    return f"'{value}'" if "\\" in value and "'" not in value else json.dumps(value, ensure_ascii=False)


def _ini(option: str, values: Sequence[str], joint: str) -> list[str]:
    if joint == "\n":
        return [f"{option} =", *(f"    {value}" for value in values)]
    return [f"{option} = {joint.join(values)}"]
