"""Opens the cassette of a test."""

from __future__ import annotations

import functools
import threading
from typing import TYPE_CHECKING, Any

from groqtape.cassettes.gc_pause import gc_paused
from groqtape.errors import CassetteError, GroqtapeError
from groqtape.pytest_plugin.marker import MarkerSettings
from groqtape.pytest_plugin.running_test import failure
from groqtape.pytest_plugin.xdist import run_id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import pytest

    from groqtape.pytest_plugin.cassette_paths import CassettePaths
    from groqtape.pytest_plugin.commands import Commands
    from groqtape.pytest_plugin.fixture_owner import FixtureOwner
    from groqtape.pytest_plugin.running_test import RunningTest
    from groqtape.pytest_plugin.settings import SessionSettings
    from groqtape.pytest_plugin.shared_cassettes import SharedCassettes
    from groqtape.recorder.cassette import Cassette

__all__ = ["CassetteOpener"]


class CassetteOpener:
    """Opens the cassettes of a session's tests.

    Args:
        settings: The session's settings.
        paths: Where cassettes lie.
        shared: The cassettes that several tests use.
        config: The session's configuration.
    """

    def __init__(
        self,
        settings: SessionSettings,
        paths: CassettePaths,
        shared: SharedCassettes,
        config: pytest.Config,
    ) -> None:
        self._settings = settings
        self._paths = paths
        self._shared = shared
        self._config = config
        self._lock = threading.RLock()

    @functools.cached_property
    def commands(self) -> Commands:
        """Makes the commands for messages."""
        from groqtape.pytest_plugin.commands import Commands

        return Commands(self._config, self._shared)

    def open(self, test: RunningTest) -> Cassette:
        """The cassette of a test; it is opened the first time.

        Raises:
            pytest.fail.Exception: The cassette can't be opened.
        """
        with self._lock:  # with groq_auto, several threads may make the first calls of a test
            if test.cassette is None:
                test.cassette = self._open(test)
            return test.cassette

    def prepare(self, test: RunningTest) -> Cassette | GroqtapeError:
        """Read the cassette of a test before the test begins: its first call may be in an event loop."""
        if test.prepared is None:
            try:
                test.marker = marker = MarkerSettings.of(test.item)
                test.prepared = self._make(test, marker, self._paths.of_test(test.item, marker.name))
            except GroqtapeError as error:
                test.prepared = error
        return test.prepared

    def prepare_with(
        self, test: RunningTest, marker: MarkerSettings, path: Path, *, is_shared: bool, **settings: Any
    ) -> None:
        """Read a cassette for a test that has none open, in place of the one that its marker names.

        Args:
            test: The test.
            marker: The settings that a marker may have.
            path: The file.
            is_shared: Whether other tests use it too.
            settings: Others: see `groqtape.recorder.settings.CassetteSettings`.
        """
        if is_shared:
            self._shared.note(path)
        if test.cassette is None:
            test.marker = marker
            try:
                test.prepared = self._make(test, marker, path, **settings)
            except GroqtapeError as error:
                test.prepared = error

    def path_for(self, owner: FixtureOwner, test: RunningTest) -> Path | GroqtapeError:
        """Where the cassette of a fixture is, or why that can't be said: for `prepare_for`."""
        try:
            return self._paths.of_fixture(owner.node, owner.name, owner.file, test.item.path)
        except GroqtapeError as error:
            return error

    def prepare_for(
        self, owner: FixtureOwner, test: RunningTest, path: Path | GroqtapeError
    ) -> Cassette | GroqtapeError:
        """Read the cassette of a fixture.

        Args:
            owner: The fixture.
            test: The test that sets it up, or tears it down.
            path: What `path_for` gives.
        """
        if isinstance(path, GroqtapeError):
            return path

        def refusal(text: str) -> BaseException:
            return failure(f"{text}\n\nThe call was made in the {owner.text}. It has a cassette of its own.")

        try:
            return self._make(test, MarkerSettings(), path, refusal)
        except GroqtapeError as error:
            return error

    def _open(self, test: RunningTest) -> Cassette:
        return self.opened(test, self.prepare(test))

    def opened(self, test: RunningTest, cassette: Cassette | GroqtapeError) -> Cassette:
        """Open a cassette that has been read.

        Raises:
            pytest.fail.Exception: It could not be read.
        """
        item = test.item
        if isinstance(cassette, GroqtapeError):
            text = f"{item.nodeid}: {cassette}"
            test.refused.append(text)
            raise failure(text)
        cassette.open()
        return cassette

    def _make(
        self,
        test: RunningTest,
        marker: MarkerSettings,
        path: Path,
        refusal: Callable[[str], BaseException] = failure,
        **settings: Any,
    ) -> Cassette:
        # Imported here: a suite that has no cassette does not import groq, vcrpy and httpx. The first is for
        # reports: when one is due, a test may have patched the functions that read files.
        with gc_paused():
            import groqtape.pytest_plugin.cassette_use  # noqa: F401
            from groqtape.recorder.cassette import Cassette
            from groqtape.recorder.settings import Owner

        item, cassette_settings = test.item, self._settings.cassette_settings(marker)
        if settings:
            cassette_settings = cassette_settings._replace(**settings)
        # The cassette refers to the item, not to the `RunningTest`, which refers to the cassette: a circle
        # would be kept until Python next collects garbage.
        owner = Owner(
            run=run_id(self._config) or self._shared.run,
            spare_others=self._shared.is_shared(path),
            refusal=refusal,
            command=lambda mode: self.commands.record_cassette(item, mode, marker, path),
            here=self._config.invocation_params.dir,
            flow=test.flow,
            # A fixture, or a test marked vcr, has no marker of ours.
            setting=functools.partial(
                _setting_lines, self._config, item if refusal is failure and not settings else None
            ),
        )
        if cassette_settings.record_mode != "none" or self._settings.kept:
            from groqtape.pytest_plugin.kept_aside import aside_of

            owner = owner._replace(aside=aside_of(item, path, marker, replay=self._settings.kept))
        try:
            return Cassette(path, cassette_settings, owner)
        except CassetteError as error:
            error.record_anew_with(owner.command("all"))
            raise


def _setting_lines(
    config: pytest.Config, item: pytest.Item | None, volatile: Sequence[str], ignore: Sequence[str]
) -> list[str]:
    from groqtape.pytest_plugin.setting_lines import setting_lines  # only a miss needs them

    return setting_lines(config, item, volatile, ignore)
