"""The loopback Groq, as the integration tests have it, and the SDK in each way of calling it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from recorder.integration.calling import WAYS, Sdk
from recorder.integration.conftest import (
    blocking,
    cassette_path,
    genuine,
    groq_is_the_server,
    running_server,
    server,
)

if TYPE_CHECKING:
    from loopback_groq import LoopbackGroq

__all__ = ["blocking", "cassette_path", "genuine", "groq_is_the_server", "running_server", "sdk", "server"]


@pytest.fixture(params=WAYS)
def sdk(request: pytest.FixtureRequest, server: LoopbackGroq) -> Sdk:
    """The SDK, called in each way."""
    return Sdk(request.param, server.base_url, str(server.api_key))
