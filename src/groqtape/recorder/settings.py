"""How a cassette is used, and by what: two value objects that travel whole to where each value is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from groqtape.errors import GroqtapeError, RefusedError
from groqtape.recorder.record_modes import RECORD_MODES

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Container, Iterable, Sequence

    from groqtape.recorder.flow import Flow
    from groqtape.recorder.kept_recordings import Aside

__all__ = ["CassetteSettings", "Owner", "arguments", "as_list", "with_checked_mode"]


def arguments(volatile: Sequence[str], ignore: Sequence[str]) -> str:
    """What to pass to `use_cassette`, or a marker, for these not to count."""
    given = {"volatile": volatile, "ignore": ignore}
    return ", ".join(f"{name}={list(values)!r}" for name, values in given.items() if values)


def as_list(values: Iterable[str] | str) -> list[str]:
    """A list of texts, of which one may stand alone."""
    return [values] if isinstance(values, str) else list(values)


def _argument_lines(volatile: Sequence[str], ignore: Sequence[str]) -> list[str]:
    return [f"  {arguments(volatile, ignore)}"]


class CassetteSettings(NamedTuple):
    """What `use_cassette`, a marker, the command line or an ini file can set of a cassette.

    Attributes:
        record_mode: `none` (only replay), `once` (record if there is no file yet), `new_episodes`
            (record what the file lacks) or `all` (record everything, from scratch).
        pace: See `groqtape.recorder.pace.parse_pace`.
        match_on: Names of vcrpy matchers, or matchers; None for method, path, query and body.
        allow_unplayed: Whether interactions may stay unplayed.
        allow_repeats: Whether an interaction may be played more than once.
        hosts: Hosts that count as Groq's: see `groqtape.recorder.hosts.GroqHosts`.
        keep_headers: Names of headers to keep, beside the few that replaying needs.
        secrets: Regular expressions for text that must never be written.
        allow_secrets: Regular expressions for text that looks like a secret and is harmless.
        volatile: Regular expressions for text that does not count when requests are compared.
        ignore: Fields that do not count when requests are compared.
        also_read: Further files to answer from. What is recorded is not written to these.
        other_hosts_but: None to handle calls to Groq only; otherwise calls to all hosts but these.
    """

    record_mode: str = "none"
    pace: str | float = "instant"
    match_on: Iterable[Any] | None = None
    allow_unplayed: bool = False
    allow_repeats: bool = False
    hosts: Iterable[str] = ()
    keep_headers: Iterable[str] = ()
    secrets: Iterable[str] = ()
    allow_secrets: Iterable[str] = ()
    volatile: Iterable[str] | str = ()
    ignore: Iterable[str] | str = ()
    also_read: Iterable[str | os.PathLike[str]] = ()
    other_hosts_but: Container[str] | None = None


def with_checked_mode(settings: CassetteSettings) -> CassetteSettings:
    """The settings, with the record mode as text (it may be a `vcr.RecordMode`).

    Raises:
        GroqtapeError: It is none.
    """
    record_mode = getattr(settings.record_mode, "value", settings.record_mode)
    if record_mode not in RECORD_MODES:
        raise GroqtapeError(f"expected a record mode ({', '.join(RECORD_MODES)}), got {record_mode!r}")
    return settings if record_mode is settings.record_mode else settings._replace(record_mode=record_mode)


class Owner(NamedTuple):
    """What opens a cassette: `use_cassette`, or a test of a session.

    Attributes:
        run: The name of the test run, the same in all its processes; None outside pytest. A recording
            that one test of a run began is continued by the others.
        spare_others: Whether `all` replaces only what it records anew, because others use the cassette too.
        refusal: Makes the exception that is raised in place of an answer, from its text.
        command: Gives the command that records in a mode, for messages.
        here: The folder that messages show paths from; None for absolute paths. It is looked up when the
            cassette is opened: a message may be written in an event loop, where nothing may block.
        flow: The flow of the test: see flow.py. None for the thread that opens the cassette.
        aside: Where recordings that are not kept are put aside; None to drop them.
        setting: Gives the lines that set more `volatile` expressions and `ignore` fields, for messages.
    """

    run: str | None = None
    spare_others: bool = False
    refusal: Callable[[str], BaseException] = RefusedError
    command: Callable[[str], str] = "pytest --groq-record={}".format
    here: str | os.PathLike[str] | None = None
    flow: Flow | None = None
    aside: Aside | None = None
    setting: Callable[[Sequence[str], Sequence[str]], Sequence[str]] = _argument_lines
