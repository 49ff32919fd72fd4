"""The recorder outside pytest: a cassette as a context manager."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

from groqtape.recorder.cassette import Cassette
from groqtape.recorder.key import KeylessClients, PlaceholderKey
from groqtape.recorder.settings import CassetteSettings, Owner

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["use_cassette"]


@contextlib.contextmanager
def use_cassette(
    path: str | os.PathLike[str],
    record_mode: str = "none",
    *,
    pace: str | float = "instant",
    match_on: Iterable[Any] | None = None,
    allow_unplayed: bool = False,
    allow_repeats: bool = False,
    hosts: Iterable[str] = (),
    keep_headers: Iterable[str] = (),
    secrets: Iterable[str] = (),
    allow_secrets: Iterable[str] = (),
) -> Iterator[Cassette]:
    """Answer calls to Groq from a cassette, and record what the record mode allows.

    It works in synchronous and asynchronous code alike. If the block raises, its recordings are dropped
    and the file stays as it was.

    Args:
        path: The file.
        record_mode: `none` (only replay), `once` (record if there is no file yet), `new_episodes`
            (record what the file lacks) or `all` (record everything, from scratch).
        pace: `instant`, `recorded`, or a factor on the recorded waiting times (0.5: half as long).
        match_on: Names of vcrpy matchers, or matchers; by default method, path, query and body.
        allow_unplayed: Whether interactions may stay unplayed.
        allow_repeats: Whether an interaction may be played more than once.
        hosts: Hosts that count as Groq's, beside its own and that of `GROQ_BASE_URL`.
        keep_headers: Names of headers to keep, beside the few that replaying needs.
        secrets: Regular expressions for text that must never be written, beside keys, tokens and cookies.
        allow_secrets: Regular expressions for text that looks like a secret, and as a whole is harmless.

    Yields:
        The cassette in use.

    Raises:
        CassetteError: The file is no valid cassette, or can't be written.
        RefusedError: A call is not recorded, and the record mode adds none. It is no `Exception`.
        UnplayedError: Interactions stayed unplayed.
        GroqtapeError: An argument is invalid.
    """
    recording = {"keep_headers": keep_headers, "secrets": secrets, "allow_secrets": allow_secrets}
    settings = CassetteSettings(
        record_mode, pace, match_on, allow_unplayed, allow_repeats, hosts, **recording
    )
    owner = Owner(
        command=lambda mode: f'groqtape.use_cassette({str(path)!r}, record_mode="{mode}")',
        here=_current_folder(),
    )
    cassette = Cassette(path, settings, owner)
    keep = False
    # A client can be made without a key, as under pytest; a call that carries the placeholder is never sent.
    # While something may be recorded, the environment stays as it is: a key may yet come from a `.env`.
    clients = KeylessClients()
    placeholder = PlaceholderKey() if cassette.record_mode == "none" else None
    cassette.open()
    try:
        yield cassette
        cassette.check()
        keep = True
    finally:
        clients.remove()
        if placeholder is not None:
            placeholder.remove()
        cassette.close(keep=keep)


def _current_folder() -> str | None:
    try:
        return os.getcwd()  # noqa: PTH109  # a text will do
    except OSError:  # it was removed
        return None
