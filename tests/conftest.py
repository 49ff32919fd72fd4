"""What is not part of the ordinary suite, and what all of it runs without."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

# They need other packages, and run in environments of their own: make test-clients.
collect_ignore = ["clients"]


@pytest.fixture(autouse=True)
def wherever_it_runs() -> Iterator[None]:
    """Pytest shows more in its summary where these say that a CI runs it, in sessions within a test too."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CI", "BUILD_NUMBER", "PYTEST_ADDOPTS", "FORCE_COLOR", "PY_COLORS"):
            patch.delenv(name, raising=False)
        yield
