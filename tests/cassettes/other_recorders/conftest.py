"""Live calls, recorded by vcrpy, for the files of all recorders to be made of."""

from __future__ import annotations

import pytest
from cassettes.other_recorders.answers import Recording, record
from recorder.integration.conftest import (
    blocking,
    cassette_path,
    genuine,
    groq_is_the_server,
    pytest_generate_tests,
    running_server,
    sdk,
    server,
)
from vcr.serializers import yamlserializer

from groqtape.recorder.interceptors import interceptors

__all__ = [
    "blocking",
    "cassette_path",
    "genuine",
    "groq_is_the_server",
    "pytest_generate_tests",
    "running_server",
    "sdk",
    "server",
]


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """What vcrpy recorded, while the plugin's guard stepped aside."""
    guards = list(interceptors._stack)
    for guard in guards:
        interceptors.remove(guard)
    path = tmp_path_factory.mktemp("vcrpy") / "book.yaml"
    answers = record(path)
    interactions = yamlserializer.deserialize(path.read_text("utf-8"))["interactions"]
    for guard in guards:
        interceptors.push(guard)
    return Recording(answers, interactions)
