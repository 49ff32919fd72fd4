"""How pytest-recording would open the cassette of a test that is marked `vcr`, in groqtape's terms."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groqtape.errors import GroqtapeError
from groqtape.pytest_plugin.marker import MarkerSettings
from groqtape.pytest_plugin.session import SESSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

__all__ = ["VcrConfig"]

_REMOVING = (
    "before_record",
    "before_record_request",
    "before_record_response",
    "filter_query_parameters",
    "filter_post_data_parameters",
)
"""Settings that take something out of what vcrpy writes."""
_LOCALHOST = ("localhost", "127.0.0.1", "0.0.0.0")  # noqa: S104
"""What vcrpy's `ignore_localhost` stands for."""


_PATH = "/openai/v1/"
"""What the paths of Groq's own API begin with, also behind a gateway. OpenAI's do not."""


class VcrConfig:
    """The settings of a test: its fixture `vcr_config`, and its markers.

    Args:
        request: A request of the test, which has the project's fixtures.
        markers: Its `vcr` markers, the closest first.
    """

    def __init__(self, request: pytest.FixtureRequest, markers: Sequence[pytest.Mark]) -> None:
        self._request = request
        self._session_settings = request.config.stash[SESSION].settings
        self._further = [path for marker in markers for path in marker.args]
        self._config: dict[str, Any] = dict(request.getfixturevalue("vcr_config"))
        for marker in reversed(markers):
            self._config.update(marker.kwargs)

    @functools.cached_property
    def path(self) -> Path:
        """The test's cassette; where pytest-recording has none, that of pytest-vcr, if there is one."""
        folder, name = self._folder, self._request.getfixturevalue("default_cassette_name")
        path = self._transformed(folder / name)
        flat = self._transformed(folder.parent / name)
        has_folder_of_its_own = folder.name == self._request.path.stem
        return flat if has_folder_of_its_own and flat.is_file() and not path.is_file() else path

    def is_for_pytest_recording(self) -> bool:
        """Whether pytest-recording is there to answer the test, whose cassette has no call to Groq."""
        config = self._request.config
        if not config.pluginmanager.has_plugin("recording"):
            return False
        files = [path for path in (self.path, *self._also_read) if path.is_file()]
        if not files:
            return config.getoption("--record-mode", default=None) not in (None, "none")
        from groqtape.cassettes.file_text import text_of
        from groqtape.recorder.hosts import GROQ_HOST

        named = (host.removeprefix("*.") for host in self._session_settings.hosts)
        of_groq = (GROQ_HOST, _PATH, *named)
        texts = (text_of(path.read_bytes(), str(path)) for path in files)
        return not any(each in text for text in texts for each in of_groq)

    def marker(self) -> MarkerSettings:
        """What a marker of groqtape's would say.

        Raises:
            GroqtapeError: The test may record, with a setting that takes out what groqtape would write.
        """
        marker = MarkerSettings(
            match_on=self._match_on(),
            allow_unplayed=self._is_shared,
            allow_repeats=bool(self._config.get("allow_playback_repeats")),
            ignore=[
                *(f"query.{name}" for name in self._names("filter_query_parameters")),
                *self._names("filter_post_data_parameters"),
            ],
        )
        removing = [name for name in _REMOVING if self._config.get(name)]
        if removing and self._record_mode() != "none":
            raise GroqtapeError(
                f"expected a vcr_config that takes nothing out of a cassette, got {', '.join(removing)}\n"
                "groqtape does not apply that while it records. Name what must not be written in "
                "groq_secrets, and remove it from vcr_config."
            )
        return marker

    def settings(self) -> dict[str, Any]:
        """What a marker does not say: see `CassetteOpener.prepare_with`."""
        localhost = _LOCALHOST if self._config.get("ignore_localhost") else ()
        return {
            "record_mode": self._record_mode(),
            "is_shared": self._is_shared,
            "also_read": self._also_read,
            "other_hosts_but": {*self._config.get("ignore_hosts", ()), *localhost},
        }

    @property
    def _is_shared(self) -> bool:
        """Whether a marker names a cassette, which other tests may name, too."""
        return bool(self._further or self._request.node.get_closest_marker("default_cassette"))

    @property
    def _folder(self) -> Path:
        return Path(self._request.getfixturevalue("vcr_cassette_dir"))

    @property
    def _also_read(self) -> list[Path]:
        """The further cassettes that markers name, each once."""
        paths = dict.fromkeys(self._folder / path for path in self._further)
        return [path for path in paths if path != self.path]

    def _transformed(self, path: Path) -> Path:
        from vcr import VCR

        suffix = f".{self._config.get('serializer', 'yaml')}"
        return Path((self._config.get("path_transformer") or VCR.ensure_suffix(suffix))(str(path)))

    def _record_mode(self) -> str:
        """The mode: of `--groq-record`, `vcr_config`, `--record-mode`, or the ini file."""
        if self._session_settings.is_mode_given:
            return self._session_settings.record_mode
        mode = self._config.get("record_mode") or self._request.config.getoption(
            "--record-mode", default=None
        )
        mode = getattr(mode, "value", mode)
        return "all" if mode == "rewrite" else mode or self._session_settings.record_mode

    def _match_on(self) -> list[Any] | None:
        from groqtape.recorder.matching import DEFAULT_MATCH_ON, known_matchers

        more = list(self._config.get("additional_matchers", ()))
        names = [*(self._config.get("match_on") or (DEFAULT_MATCH_ON if more else ())), *more]
        if not names:
            return None
        registered = {} if known_matchers().keys() >= set(names) else self._registered_matchers()
        return [registered.get(name, name) for name in names]

    def _registered_matchers(self) -> dict[str, Any]:
        """The matchers of the project, which a hook registers."""
        from vcr import VCR

        vcr, config = VCR(), self._request.config
        own = set(vcr.matchers)
        config.hook.pytest_recording_configure(config=config, vcr=vcr)
        return {name: matcher for name, matcher in vcr.matchers.items() if name not in own}

    def _names(self, setting: str) -> list[str]:
        """The names in a filter, which may have a replacement beside each."""
        return [each if isinstance(each, str) else each[0] for each in self._config.get(setting) or ()]
