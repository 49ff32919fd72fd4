"""The tests of the format run with each half of PyYAML: the format may not depend on which one is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cassettes.yaml_halves import HALVES, reading_with

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module", params=HALVES, autouse=True)
def yaml_half(request: pytest.FixtureRequest) -> Iterator[str]:
    """Read cassettes with one half of PyYAML; its name."""
    half: str = request.param
    with reading_with(half):
        yield half
