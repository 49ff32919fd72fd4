"""The hook that pytest-recording declares, for suites from which it was removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest


def pytest_recording_configure(config: pytest.Config, vcr: Any) -> None:
    """Register matchers (and serializers, which groqtape does not use) with a `vcr.VCR`."""
