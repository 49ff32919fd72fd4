"""Which tests have to do with groqtape: by their marker, or by what their fixtures really are.

A project may have fixtures of its own that have our names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

__all__ = ["asks_for_cassette", "has_snapshot", "is_for_vcr", "own_arguments"]

_OURS = "groqtape.pytest_plugin.fixtures"


def asks_for_cassette(item: pytest.Item) -> bool:
    """Whether a test has the marker, or any of our fixtures."""
    return item.get_closest_marker("groq_cassette") is not None or _has_fixture(item, _OURS)


def is_for_vcr(item: pytest.Item) -> bool:
    """Whether a test is marked `vcr`, and not `groq_cassette`: its cassette is that of its fixture `vcr`."""
    markers = [item.get_closest_marker(name) for name in ("vcr", "groq_cassette")]
    return markers[0] is not None and markers[1] is None


def has_snapshot(item: pytest.Item) -> bool:
    """Whether a test has syrupy's `snapshot`, or ours: its recording needs `--snapshot-update` too."""
    return _has_fixture(item, "syrupy", named="snapshot")


def own_arguments(item: pytest.Item) -> tuple[str, ...]:
    """The fixtures that a test function has as arguments; a doctest has none."""
    arguments: tuple[str, ...] = getattr(getattr(item, "_fixtureinfo", None), "argnames", ())
    return arguments


def _has_fixture(item: pytest.Item, package: str, named: str | None = None) -> bool:
    """Whether a test has a fixture whose function is defined in a package.

    Args:
        item: The test.
        package: The package, or module.
        named: The fixture's name; None for any.
    """
    # Items that are not pytest's own may have no fixtures.
    definitions: dict[str, Any] = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    names = definitions if named is None else [named]
    return any(
        _is_in(package, definition.func.__module__)
        for name in names
        for definition in _used(name, definitions.get(name, ()))
    )


def _used(name: str, definitions: Any) -> Any:
    """The definitions of one name that run: the last, and each that the one after it requests."""
    for definition in reversed(definitions):
        yield definition
        if name not in definition.argnames:
            return


def _is_in(package: str, module: Any) -> bool:
    return module == package or str(module).startswith(f"{package}.")
