"""Which versions of packages the tests run with: they also run with the oldest that groqtape supports."""

from __future__ import annotations

from importlib.metadata import version


def older_than(package: str, *bound: int) -> bool:
    """Whether the installed version of a package is below this one."""
    installed = tuple(int(part) for part in version(package).split(".")[: len(bound)])
    return installed < bound
