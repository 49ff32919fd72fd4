"""The pytest plugin: options, marker, fixtures and the session. It imports nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import groqtape.recorder.clock  # noqa: F401  # keeps the genuine clock, before a test may freeze it
from groqtape.pytest_plugin.fixtures import (
    async_groq_client,
    async_groq_stream,
    groq_cassette,
    groq_client,
    groq_snapshot,
    groq_stream,
)
from groqtape.pytest_plugin.session import SESSION, Session
from groqtape.pytest_plugin.settings import SessionSettings, add_options

if TYPE_CHECKING:
    import argparse
    from collections.abc import Generator

__all__ = [
    "MARKER",
    "async_groq_client",
    "async_groq_stream",
    "groq_cassette",
    "groq_client",
    "groq_snapshot",
    "groq_stream",
]

MARKER = (
    "groq_cassette(name=None, *, record_mode=None, pace=None, match_on=None, allow_unplayed=False, "
    "allow_repeats=False, volatile=(), ignore=()): answer this test's calls to Groq from a cassette "
    "(see --groq-record)"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare options and ini options."""
    add_options(parser)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Begin the session before a conftest.py can make a client, or a call (which is an error there)."""
    session = _begin(early_config, early_config.known_args_namespace)
    try:
        yield
    except pytest.fail.Exception:
        if not session.outside_calls.texts:
            raise
    for text in session.outside_calls.texts:
        raise pytest.UsageError(text)


def pytest_configure(config: pytest.Config) -> None:
    """Let the session take part; begin it if a conftest.py named this plugin."""
    config.addinivalue_line("markers", MARKER)
    session = config.stash.get(SESSION, None) or _begin(config, config.option)
    session.settings.ini.check(config)
    session.register(config.pluginmanager)
    if session.settings.serves_vcr:
        from groqtape.pytest_plugin import vcr_suites

        config.pluginmanager.register(vcr_suites, "groqtape-vcr-suites")
    options = config.option
    if options.groq_unused or options.groq_report or options.groq_summary:
        from groqtape.pytest_plugin.after_the_run import register

        register(config, session)


def _begin(config: pytest.Config, options: argparse.Namespace) -> Session:
    # Cleanups run however the session ends, also before it was configured.
    session = config.stash[SESSION] = Session(config, SessionSettings(config, options))
    config.add_cleanup(session.end)
    return session
