"""What the command line, the ini file and a marker say, checked as soon as they can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from groqtape.errors import GroqtapeError
from groqtape.pace import parse_pace
from groqtape.record_modes import RECORD_MODES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["MARKER", "MarkerSettings", "SessionSettings", "add_options"]

UNPLAYED = ("error", "warn", "ignore")
MARKER = (
    "groq_cassette(name=None, *, record_mode=None, pace=None, match_on=None, "
    "allow_unplayed=False, allow_repeats=False): "
    "answer this test's calls to Groq from a cassette (see --groq-record)"
)


def add_options(parser: pytest.Parser) -> None:
    """Declare the options and the ini options."""
    group = parser.getgroup("groqtape", "recorded Groq streams")
    group.addoption(
        "--groq-record",
        choices=RECORD_MODES,
        default=None,
        help="none: replay alone (the default); once: record cassettes that do not exist; "
        "new_episodes: record what cassettes lack; all: record everything, from scratch. "
        "Recording needs GROQ_API_KEY.",
    )
    group.addoption(
        "--groq-pace",
        metavar="{instant,recorded,<factor>}",
        default=None,
        help="How fast to replay: instant (the default), recorded, or a factor on the recorded waiting times.",
    )
    parser.addini("groq_record_mode", "The record mode without --groq-record.", default="none")
    parser.addini("groq_pace", "The pace without --groq-pace.", default="instant")
    parser.addini("groq_cassette_dir", "The folder of the cassettes, from rootdir.", default="cassettes")
    parser.addini(
        "groq_hosts", "Hosts that are Groq's, beside its own and GROQ_BASE_URL's.", type="args", default=[]
    )
    parser.addini(
        "groq_unplayed", "What interactions left unplayed do: error, warn or ignore.", default="error"
    )
    parser.addini("groq_auto", "Give every test that calls Groq a cassette.", type="bool", default=False)


@dataclass(frozen=True)
class MarkerSettings:
    """What `@pytest.mark.groq_cassette` says of one test."""

    name: str | None = None
    record_mode: str | None = None
    pace: str | float | None = None
    match_on: Iterable[Any] | None = None
    allow_unplayed: bool = False
    allow_repeats: bool = False

    @classmethod
    def of(cls, item: pytest.Item) -> MarkerSettings:
        """The settings of a test: its closest marker's, or the defaults without one."""
        marker = item.get_closest_marker("groq_cassette")
        if marker is None:
            return cls()
        try:
            return cls._from_call(*marker.args, **marker.kwargs)
        except TypeError as error:
            pytest.fail(
                f"{item.nodeid}: expected @pytest.mark.{MARKER.partition(': ')[0]}\n"
                f"got arguments that don't fit: {str(error).partition(') ')[2] or error}",
                pytrace=False,
            )

    @classmethod
    def _from_call(
        cls,
        name: str | None = None,
        *,
        record_mode: str | None = None,
        pace: str | float | None = None,
        match_on: Iterable[Any] | None = None,
        allow_unplayed: bool = False,
        allow_repeats: bool = False,
    ) -> MarkerSettings:
        if not isinstance(name, str | None) or name == "":
            raise TypeError(f"(name) expected a name as text, got {name!r}")
        return cls(name, record_mode, pace, match_on, allow_unplayed, allow_repeats)


class SessionSettings:
    """What the command line and the ini file say.

    Raises:
        pytest.UsageError: An option is not as it should be.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._command_line: str | None = config.getoption("groq_record")
        self._ini = _choice(config, "groq_record_mode", RECORD_MODES)
        self.unplayed = _choice(config, "groq_unplayed", UNPLAYED)
        self.auto: bool = config.getini("groq_auto")
        self.hosts: list[str] = config.getini("groq_hosts")
        self.folder: Path = config.rootpath / config.getini("groq_cassette_dir")
        self.pace: str = config.getoption("groq_pace") or config.getini("groq_pace")
        try:
            parse_pace(self.pace)
        except GroqtapeError as error:
            raise pytest.UsageError(str(error)) from None

    @property
    def record_mode(self) -> str:
        """The mode of tests whose marker says nothing."""
        return self._command_line or self._ini

    def record_mode_of(self, marker: MarkerSettings) -> str:
        """The mode of a test: its marker's, unless the command line says none; no marker records then."""
        if self._command_line == "none":
            return "none"
        return marker.record_mode or self.record_mode


def _choice(config: pytest.Config, name: str, choices: tuple[str, ...]) -> str:
    value: str = config.getini(name)
    if value not in choices:
        raise pytest.UsageError(f"ini option {name}: expected one of {', '.join(choices)}, got {value!r}")
    return value
