"""The settings of a session, from the command line and the ini file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from groqtape.errors import GroqtapeError
from groqtape.pytest_plugin.ini_options import IniValues, add_ini_options, check_pace
from groqtape.recorder.record_modes import RECORD_MODES

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from groqtape.pytest_plugin.marker import MarkerSettings
    from groqtape.recorder.settings import CassetteSettings

__all__ = ["SessionSettings", "add_options"]


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
    group.addoption(
        "--groq-unused",
        choices=("report", "delete"),
        default=None,
        help="after a run of the whole suite: list the cassettes that belong to no test, or delete them.",
    )
    group.addoption(
        "--groq-report",
        metavar="FILE.html",
        default=None,
        help="write a page of the tests' cassettes: a picture of each stream, its text, what changed.",
    )
    group.addoption(
        "--groq-summary",
        action="store_true",
        default=False,
        help="add a table of the tests' cassettes to the step summary of GitHub Actions.",
    )
    group.addoption(
        "--groq-kept",
        action="store_true",
        help="replay what tests recorded that then failed, in place of calling Groq again; when such a test "
        "passes, its recording becomes the cassette.",
    )
    add_ini_options(parser)


class SessionSettings:
    """The settings of a session.

    Args:
        config: The session's configuration.
        options: The options as they are known so far: an early configuration has them elsewhere.

    Raises:
        pytest.UsageError: An option has a wrong value.
    """

    def __init__(self, config: pytest.Config, options: argparse.Namespace) -> None:
        self._command_line: str | None = options.groq_record
        self.kept: bool = options.groq_kept
        self.ini = IniValues(config)
        self._ini_mode: str = self.ini["groq_record_mode"]
        self.unplayed: str = self.ini["groq_unplayed"]
        self.placeholder_key: str = self.ini["groq_placeholder_key"]
        self.auto: bool = self.ini["groq_auto"]
        self.serves_vcr: bool = self.ini["groq_serve_vcr"]
        self.hosts: list[str] = self.ini["groq_hosts"]
        self.names: str = self.ini["groq_cassette_names"]
        self.folder: Path = config.rootpath / self.ini["groq_cassette_dir"]
        self.pace = self.ini["groq_pace"] if options.groq_pace is None else options.groq_pace
        try:
            check_pace(self.pace)
        except GroqtapeError as error:
            raise pytest.UsageError(str(error)) from None

    @property
    def is_mode_given(self) -> bool:
        """Whether the command line has a record mode."""
        return self._command_line is not None

    @property
    def record_mode(self) -> str:
        """The mode of tests whose marker has none."""
        return self._command_line or self._ini_mode

    def cassette_settings(self, marker: MarkerSettings) -> CassetteSettings:
        """How the cassette of a test is used."""
        from groqtape.recorder.settings import CassetteSettings, as_list

        return CassetteSettings(
            record_mode=self.record_mode_of(marker),
            pace=self.pace if marker.pace is None else marker.pace,
            match_on=marker.match_on if marker.match_on is not None else self.ini["groq_match_on"] or None,
            allow_unplayed=marker.allow_unplayed,
            allow_repeats=marker.allow_repeats,
            hosts=self.hosts,
            keep_headers=self.ini["groq_keep_headers"],
            secrets=self.ini["groq_secrets"],
            allow_secrets=self.ini["groq_allow_secrets"],
            volatile=[*self.ini["groq_volatile"], *as_list(marker.volatile)],
            ignore=[*self.ini["groq_ignore"], *as_list(marker.ignore)],
        )

    def record_mode_of(self, marker: MarkerSettings) -> str:
        """The mode of a test: its marker's, unless `--groq-record=none` forbids recording."""
        if self._command_line == "none":
            return "none"
        return marker.record_mode or self.record_mode
