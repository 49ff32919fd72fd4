"""Which of a cassette's interactions a command is about: `--interaction`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groqtape.cli.usage_errors import UsageError

if TYPE_CHECKING:
    from groqtape.reports.cassette_files import CassetteFile
    from groqtape.reports.interaction import Interaction

__all__ = ["chosen", "one_stream"]


def chosen(cassette: CassetteFile, number: int | None) -> list[Interaction]:
    """The interactions that a command is about: the one with this number, or all.

    Raises:
        UsageError: There is none with this number.
    """
    if number is None:
        return cassette.interactions
    if number > len(cassette.interactions):
        raise UsageError(
            f"expected an interaction of {cassette.name}, which has {len(cassette.interactions)}, "
            f"got number {number}\n"
            f"See them: groqtape show {cassette.name}"
        )
    return [cassette.interactions[number - 1]]


def one_stream(cassette: CassetteFile, number: int | None) -> Interaction:
    """The one stream that a command is about.

    Raises:
        UsageError: There is none, or there are several to choose from.
    """
    streams = [each for each in chosen(cassette, number) if each.is_stream]
    if not streams:
        raise UsageError(
            f"expected a stream in {cassette.name}, but there is none\n"
            f"See what is in it: groqtape show {cassette.name}"
        )
    if len(streams) > 1:
        numbers = ", ".join(str(each.number) for each in streams)
        raise UsageError(
            f"expected one stream, but {cassette.name} has several: {numbers}\n"
            f"Choose one: --interaction {streams[0].number}"
        )
    return streams[0]
