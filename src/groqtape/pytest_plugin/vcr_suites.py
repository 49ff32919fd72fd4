"""Fixtures for suites of pytest-recording and pytest-vcr, which groqtape answers with `groq_serve_vcr`.

The session registers this module as a plugin. Its fixtures take the place of those plugins', if they are
installed, and a project's own take the place of these.
"""

from __future__ import annotations

from typing import Any

import pytest

from groqtape.pytest_plugin.session import SESSION

_MARKERS = (
    "vcr(*cassettes, **config): answer this test's calls from a cassette (groq_serve_vcr)",
    "default_cassette(name): the name of the test's cassette (groq_serve_vcr)",
    "block_network(allowed_hosts=None): pytest-recording's; calls to Groq never leave while replaying",
)


def pytest_configure(config: pytest.Config) -> None:
    """Declare what suites of pytest-recording use, if it is not installed."""
    if not config.pluginmanager.has_plugin("recording"):
        for marker in _MARKERS:
            config.addinivalue_line("markers", marker)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare the hook that a `conftest.py` of such a suite may have."""
    if not pluginmanager.has_plugin("recording"):
        from groqtape.pytest_plugin import vcr_hooks

        pluginmanager.add_hookspecs(vcr_hooks)


@pytest.fixture(scope="module")
def vcr_config() -> dict[str, Any]:
    """What `vcr.use_cassette` would take, for a project to set."""
    return {}


@pytest.fixture(scope="module")
def vcr_cassette_dir(request: pytest.FixtureRequest) -> str:
    """The folder of a module's cassettes."""
    return str(request.path.parent / "cassettes" / request.path.stem)


@pytest.fixture
def vcr_cassette_name(request: pytest.FixtureRequest) -> str:
    """The name of a test's cassette, as pytest-vcr and pytest-recording give it."""
    from groqtape.pytest_plugin.naming import pytest_recording_name

    return pytest_recording_name(request.node).removesuffix(".yaml")


@pytest.fixture
def default_cassette_name(request: pytest.FixtureRequest, vcr_cassette_name: str) -> str:
    """The name of a test's cassette: its marker's, or its own."""
    marker = request.node.get_closest_marker("default_cassette")
    return str(marker.args[0]) if marker is not None and marker.args else vcr_cassette_name


@pytest.fixture(autouse=True)
def block_network(request: pytest.FixtureRequest) -> None:
    """Have pytest-recording block the network as it would, except for a test that groqtape records."""
    records = request.config.stash[SESSION].settings.record_mode != "none"
    is_recorded = records and request.node.get_closest_marker("vcr") is not None
    if request.config.pluginmanager.has_plugin("recording") and not is_recorded:
        request.getfixturevalue("block_network")  # the fixture that this one takes the place of


@pytest.fixture(autouse=True)
def vcr(request: pytest.FixtureRequest) -> Any:
    """The cassette of a test that is marked `vcr`; None for others, and with `--disable-recording`.

    It is a `groqtape.recorder.vcr_view.VcrView`, or vcrpy's own where pytest-recording answers the test.
    """
    markers = list(request.node.iter_markers("vcr"))
    if not markers or request.config.getoption("--disable-recording", default=False):
        return None
    from groqtape.errors import GroqtapeError
    from groqtape.pytest_plugin.running_test import fail
    from groqtape.pytest_plugin.vcr_config import VcrConfig

    session = request.config.stash[SESSION]
    try:
        config = VcrConfig(request, markers)
        if config.is_for_pytest_recording():
            return request.getfixturevalue("vcr")  # the fixture that this one takes the place of
        cassette = session.open_with(request.node, config.marker(), config.path, **config.settings())
    except GroqtapeError as error:
        fail(f"{request.node.nodeid}: {error}")
    return cassette.as_vcr


@pytest.fixture
def vcr_cassette(vcr: Any) -> Any:
    """The same, as pytest-vcr names it."""
    return vcr
