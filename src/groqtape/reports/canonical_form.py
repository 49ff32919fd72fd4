"""The form in which groqtape writes a cassette: what a file would be, and writing it so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from groqtape.reports.cassette_files import read_file

if TYPE_CHECKING:
    from pathlib import Path

    from groqtape.redaction.redactor import Redactor
    from groqtape.reports.cassette_files import CassetteFile
    from groqtape.reports.interaction import Interaction

__all__ = ["canonical_text", "learn_from", "write_canonical"]


def canonical_text(cassette: CassetteFile, redactor: Redactor) -> str:
    """The text that groqtape would write."""
    from groqtape.cassettes.store import Store

    return Store(redactor).text(_as_dict(cassette, redactor))


def write_canonical(path: Path, redactor: Redactor) -> None:
    """Write a cassette file anew, whole or not at all.

    Raises:
        CassetteError: It can't be read or written; the old file is as it was.
    """
    from groqtape.cassettes.store import Store

    cassette = read_file(path)
    for each in cassette.interactions:
        learn_from(redactor, each)
    Store(redactor).save_cassette(path, _as_dict(cassette, redactor))


def learn_from(redactor: Redactor, interaction: Interaction) -> None:
    """Have a redactor learn the credentials that stand in an interaction's headers."""
    sent = [(name, str(value)) for name, value in interaction.request.headers.items()]
    received = [(name, value) for name, values in interaction.response["headers"].items() for value in values]
    redactor.learn_from([*sent, *received])


def _as_dict(cassette: CassetteFile, redactor: Redactor) -> dict[str, Any]:
    """As vcrpy hands a cassette to its persister."""
    return {
        "requests": [redactor.request(each.request) for each in cassette.interactions],
        "responses": [each.response for each in cassette.interactions],
        "metadata": cassette.metadata,
    }
