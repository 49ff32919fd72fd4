"""The settings that the command line, the ini file and a marker give, checked as early as possible."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import pytest

from groqtape.errors import GroqtapeError
from groqtape.recorder.hosts import GroqHosts
from groqtape.recorder.pace import parse_pace
from groqtape.recorder.record_modes import RECORD_MODES
from groqtape.recorder.settings import CassetteSettings

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["MARKER", "MarkerSettings", "SessionSettings", "add_options"]

UNPLAYED = ("error", "warn", "ignore")


class _Ini(NamedTuple):
    """An ini option, as `pytest.Parser.addini` takes it."""

    name: str
    help: str
    type: Literal["string", "args", "linelist", "bool"] = "string"
    default: Any = None


_INI_OPTIONS = (
    _Ini("groq_record_mode", "The record mode without --groq-record.", default="none"),
    _Ini("groq_pace", "The pace without --groq-pace.", default="instant"),
    _Ini("groq_cassette_dir", "The folder of the cassettes, from rootdir.", default="cassettes"),
    _Ini("groq_hosts", "Hosts that are Groq's, beside its own and GROQ_BASE_URL's.", "args", []),
    _Ini("groq_unplayed", f"What unplayed interactions do: {', '.join(UNPLAYED)}.", default="error"),
    _Ini("groq_keep_headers", "Headers to keep, beside those that replaying needs.", "args", []),
    _Ini(
        "groq_secrets",
        "Regular expressions, a line each, for what else must never be written.",
        "linelist",
        [],
    ),
    _Ini("groq_auto", "Give every test that calls Groq a cassette.", "bool", default=False),
)


def add_options(parser: pytest.Parser) -> None:
    """Declare the options and the ini options."""
    group = parser.getgroup("groqtape", "recorded Groq streams")
    group.addoption(
        "--groq-record",
        choices=RECORD_MODES,
        default=None,
        help="none: replay only (the default); once: record cassettes that do not exist; "
        "new_episodes: record what cassettes lack; all: record everything, from scratch. "
        "Recording needs GROQ_API_KEY.",
    )
    group.addoption(
        "--groq-pace",
        metavar="{instant,recorded,<factor>}",
        default=None,
        help="how fast to replay: instant (the default), recorded, or a factor on the recorded waiting "
        "times.",
    )
    for option in _INI_OPTIONS:
        parser.addini(*option)


class MarkerSettings(NamedTuple):
    """The arguments of `@pytest.mark.groq_cassette`; the first may be positional."""

    name: str | None = None
    record_mode: str | None = None
    pace: str | float | None = None
    match_on: Iterable[Any] | None = None
    allow_unplayed: bool = False
    allow_repeats: bool = False

    @classmethod
    def of(cls, item: pytest.Item) -> MarkerSettings:
        """The settings of a test: its closest marker's, or the defaults without one.

        Raises:
            GroqtapeError: An argument of the marker is wrong.
        """
        marker = item.get_closest_marker("groq_cassette")
        if marker is None or not (marker.args or marker.kwargs):
            return cls()
        try:
            arguments = _SIGNATURE.bind(*marker.args, **marker.kwargs).arguments
            for name, value in arguments.items():
                _check(name, value)
        except TypeError as error:
            raise GroqtapeError(
                f"expected @pytest.mark.groq_cassette{_SIGNATURE}\ngot arguments that don't fit: {error}"
            ) from None
        return cls(**arguments)


_SIGNATURE = inspect.Signature(
    [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY if number else inspect.Parameter.POSITIONAL_OR_KEYWORD,
            default=default,
        )
        for number, (name, default) in enumerate(MarkerSettings._field_defaults.items())
    ]
)
MARKER = f"groq_cassette{_SIGNATURE}: answer this test's calls to Groq from a cassette (see --groq-record)"


def _check(name: str, value: object) -> None:
    """Check an argument that is checked nowhere else.

    Raises:
        TypeError: It is of the wrong type.
    """
    if name == "name" and (not isinstance(value, str | None) or value == ""):
        raise TypeError(f"name is a text, not {value!r}")
    if name == "match_on" and not (value is None or hasattr(value, "__iter__")):
        raise TypeError(f"match_on is a list of names or functions, not {value!r}")
    if name.startswith("allow_") and not isinstance(value, bool):
        raise TypeError(f"{name} is True or False, not {value!r}")


class SessionSettings:
    """The settings of a session, from the command line and the ini file.

    Args:
        config: The session's configuration.
        options: The options as they are known so far: an early configuration has them elsewhere.

    Raises:
        pytest.UsageError: An option has a wrong value.
    """

    def __init__(self, config: pytest.Config, options: argparse.Namespace) -> None:
        self._command_line: str | None = options.groq_record
        self._ini = _choice(config, "groq_record_mode", RECORD_MODES)
        self.unplayed = _choice(config, "groq_unplayed", UNPLAYED)
        self.auto: bool = config.getini("groq_auto")
        self.hosts: list[str] = config.getini("groq_hosts")
        self.keep_headers: list[str] = config.getini("groq_keep_headers")
        self.secrets: list[str] = config.getini("groq_secrets")
        self.folder: Path = config.rootpath / config.getini("groq_cassette_dir")
        pace: str | None = options.groq_pace
        self.pace: str = config.getini("groq_pace") if pace is None else pace
        try:
            parse_pace(self.pace)
            GroqHosts(self.hosts)
        except GroqtapeError as error:
            raise pytest.UsageError(str(error)) from None

    @property
    def record_mode(self) -> str:
        """The mode of tests whose marker has none."""
        return self._command_line or self._ini

    def cassette_settings(self, marker: MarkerSettings) -> CassetteSettings:
        """How the cassette of a test is used."""
        return CassetteSettings(
            record_mode=self.record_mode_of(marker),
            pace=self.pace if marker.pace is None else marker.pace,
            match_on=marker.match_on,
            allow_unplayed=marker.allow_unplayed,
            allow_repeats=marker.allow_repeats,
            hosts=self.hosts,
            keep_headers=self.keep_headers,
            secrets=self.secrets,
        )

    def record_mode_of(self, marker: MarkerSettings) -> str:
        """The mode of a test: its marker's, unless `--groq-record=none` forbids recording."""
        if self._command_line == "none":
            return "none"
        return marker.record_mode or self.record_mode


def _choice(config: pytest.Config, name: str, choices: tuple[str, ...]) -> str:
    value: str = config.getini(name)
    if value not in choices:
        raise pytest.UsageError(f"ini option {name}: expected one of {', '.join(choices)}, got {value!r}")
    return value
