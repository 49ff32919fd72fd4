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


def canonical_text(redacted: CassetteFile) -> str:
    """The text that groqtape would write of a cassette from which the secrets have been taken."""
    from groqtape.cassettes.store import text_of_redacted

    return text_of_redacted(_as_dict(redacted, [each.request for each in redacted.interactions]))


def write_canonical(path: Path, redactor: Redactor) -> None:
    """Write a cassette file anew, whole or not at all.

    Raises:
        CassetteError: It can't be read or written; the old file is as it was.
    """
    from groqtape.cassettes.store import Store

    cassette = read_file(path)
    for each in cassette.interactions:
        learn_from(redactor, each)
    requests = [redactor.request(each.request) for each in cassette.interactions]
    Store(redactor).save_cassette(path, _as_dict(cassette, requests))


def learn_from(redactor: Redactor, interaction: Interaction) -> None:
    """Have a redactor learn the credentials that stand in an interaction's headers."""
    sent = [(name, str(value)) for name, value in interaction.request.headers.items()]
    received = [(name, value) for name, values in interaction.response["headers"].items() for value in values]
    redactor.learn_from([*sent, *received])


def _as_dict(cassette: CassetteFile, requests: list[Any]) -> dict[str, Any]:
    """As vcrpy hands a cassette to its persister."""
    responses = [each.response for each in cassette.interactions]
    return {"requests": requests, "responses": responses, "metadata": cassette.metadata}
